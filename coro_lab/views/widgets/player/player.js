// The player: what moves it, and the views side by side. `mount` puts it on any page.

import { readTrace, Unreadable } from "./trace.js";
import { after, picture } from "./picture.js";
import { el, setText } from "../element.js";
import { makeCards } from "./cards.js";
import { makeTimeline } from "./timeline.js";
import { makeOutput } from "./output.js";
import { makeFork } from "./fork.js";
import { makeControls } from "./controls.js";

// A player in `host`. `load(given)` shows a trace: {trace, looks, index, follow, hide_lines, title, can_fork}.
export function mount(host, ask = null) {
  const root = el("div", "coro");
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
  const fault = el("p", "coro-fault");
  fault.setAttribute("role", "alert");
  const view = { trace: null, given: null, index: -1, timer: null, looks: [] };
  const controls = makeControls();
  const cards = makeCards();
  const timeline = makeTimeline((index) => go(index));
  const output = makeOutput((index) => go(index));
  const fork = makeFork(ask);
  const sentence = el("p", "coro-sentence");
  sentence.setAttribute("aria-live", "polite");
  sentence.setAttribute("aria-atomic", "true");
  const where = el("p", "coro-where");
  const cut = el("p", "coro-fault");
  const body = el("div", "coro-body", [controls.element, el("div", "coro-tell", [where, sentence]), cards.element, timeline.element, output.element, cut, fork.element]);
  root.append(fault, body);
  root.setAttribute("role", "group");
  host.append(root);

  function load(given) {
    stop();
    try {
      view.trace = readTrace(given.trace);
      setText(fault, "");
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      setText(fault, error.message);
      view.trace = null;
    }
    body.hidden = !view.trace;
    fault.hidden = Boolean(view.trace);
    if (!view.trace) return;
    const first = !view.given;
    view.given = given;
    if (first) controls.hideLines.checked = given.hide_lines;
    root.setAttribute("aria-label", given.title || "Player of a recorded run");
    setText(controls.title, given.title || "");
    setText(cut, [view.trace.cut, view.trace.count ? view.trace.note : null].filter(Boolean).join(" "));
    cut.hidden = !cut.textContent;
    view.picture = null; // an index of the trace before may not exist in this one
    const last = view.trace.count - 1;
    Object.assign(view, { picture: null, index: Math.min(view.index, last) });
    dress();
    go(given.follow ? last : first ? (given.index < 0 ? last + 1 + given.index : given.index) : view.index);
  }

  // Colours for the theme of the page, and everything that is drawn with them.
  function dress() {
    if (!view.trace) return;
    const dark = isDark();
    root.dataset.theme = dark ? "dark" : "light";
    view.looks = view.given.looks.map(([colour, text, darkHue, symbol, hatch]) => ({ hue: dark ? darkHue : colour, word: dark ? darkHue : text, symbol, hatch }));
    cards.load(view.trace, view.looks);
    timeline.load(view.trace, view.looks);
    output.load(view.trace);
    fork.dress(view.given.can_fork, view.looks);
    if (view.picture) show();
  }

  function go(index) {
    const [last, list] = [view.trace.count - 1, stops()];
    const snapped = list?.[Math.max(after(list, index) - 1, 0)] ?? index; // the stop that this place belongs to
    view.index = Math.max(Math.min(snapped, last), Math.min(0, last));
    show();
  }

  function show() {
    const { trace, index } = view;
    view.picture = picture(trace, Math.min(index, trace.count - 1));
    root.dataset.place = index < trace.count - 1 ? "within" : "end";
    setText(sentence, view.picture.sentence + ".");
    setText(where, trace.count ? `step ${view.picture.step} of ${trace.steps - 1} · event ${index + 1} of ${trace.count}` : view.trace.note ? "no events" : "no events yet");
    cards.show(view.picture);
    timeline.show(index);
    output.show(index);
    fork.show(view.picture, trace);
    controls.show(trace, index);
  }

  // ---- moving: `list` holds the events that are stops; without lines only switches and outputs are.

  const stops = () => (controls.hideLines.checked ? view.trace.stops : null);

  function step(way, list = stops()) {
    if (!list) return go(view.index + way);
    const at = way > 0 ? after(list, view.index) : after(list, view.index - 1) - 1;
    return list[at] === undefined ? undefined : go(list[at]);
  }

  function play() {
    if (view.timer) return stop();
    if (atEnd()) go(0);
    view.timer = setInterval(() => {
      step(1);
      if (atEnd()) stop();
    }, 1000 / Number(controls.speed.value));
    return controls.playing(true);
  }

  const atEnd = () => view.index >= (stops() ? stops().at(-1) : view.trace.count - 1);

  function stop() {
    clearInterval(view.timer);
    view.timer = null;
    controls.playing(false);
  }

  const moves = {
    first: () => go(0), last: () => go(view.trace.count - 1), back: () => step(-1), forward: () => step(1), play,
    "next switch": () => step(1, view.trace.switches), "previous switch": () => step(-1, view.trace.switches),
    help: () => controls.help(), "hide lines": () => controls.hideLines.click(),
  };
  for (const [name, button] of controls.buttons) {
    button.addEventListener("click", () => {
      if (name !== "play") stop();
      if (button.getAttribute("aria-disabled") !== "true") moves[name]();
    });
  }
  controls.slider.addEventListener("input", () => stop() ?? go(controls.indexAt(view.trace, Number(controls.slider.value))));
  controls.hideLines.addEventListener("change", () => {
    stop();
    go(view.index);
  });
  controls.speed.addEventListener("change", () => view.timer && (stop(), play()));
  root.addEventListener("keydown", (event) => {
    if (!view.trace) return;
    const move = moveOf(event);
    event.stopPropagation();
    if (!move) return;
    event.preventDefault();
    if (move !== "play") stop();
    moves[move]();
  });

  // ---- the page around it

  const layout = () => view.trace && (timeline.layout(), cards.redraw());
  const seen = new IntersectionObserver(layout); // what was drawn while it was out of view had no size
  const watch = [new ResizeObserver(layout), seen, new MutationObserver(dressAgain)];
  watch[0].observe(root);
  seen.observe(root);
  watch[2].observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", dressAgain);
  // In the next frame, for JupyterLab hides the page while it changes the theme.
  function dressAgain() {
    requestAnimationFrame(() => (root.dataset.theme === "dark") !== isDark() && dress());
  }

  function unmount() {
    stop();
    watch.forEach((one) => one.disconnect());
    media.removeEventListener("change", dressAgain);
    root.remove();
  }

  const goTo = (index) => view.trace && go(index < 0 ? view.trace.count + index : index);
  return { load, unmount, go: goTo, at: () => view.index, hear: (message) => fork.hear(message) };
}

function isDark() {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "false";
  if (document.body.classList.contains("vscode-dark")) return true;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

// Which move a key asks for. Keys that a focused control needs itself are left to it.
function moveOf({ key, ctrlKey, altKey, metaKey, target }) {
  if (altKey || metaKey) return null;
  if (target.matches("input:not([type=range]):not([type=checkbox]), select, textarea")) return null;
  if (key === " " && target.matches("button, input")) return null;
  if (ctrlKey) return { ArrowLeft: "previous switch", ArrowRight: "next switch" }[key] ?? null;
  return {
    ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play", n: "next switch", p: "previous switch",
    h: "hide lines", "?": "help",
  }[key] ?? null;
}
