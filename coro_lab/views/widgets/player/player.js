// The player: what moves it, and the views side by side. `mount` puts it on any page.

import { el, setText } from "../element.js";
import { followTheme, keepKeys } from "../page.js";
import { makeCards } from "./cards.js";
import { makeControls } from "./controls.js";
import { makeFork } from "./fork.js";
import { SPEEDS } from "./keys.js";
import { makeOutput } from "./output.js";
import { after, picture } from "./picture.js";
import { makeShare } from "./share.js";
import { makeTimeline } from "./timeline.js";
import { readTrace, Unreadable } from "./trace.js";
import { familiesAt } from "./words.js";

/**
 * A player in `host`. `load` shows a trace, `ask` sends the kernel what a fork needs.
 * @param {Element} host
 * @param {Ask} ask
 */
export function mount(host, ask = null) {
  const root = el("div", "coro");
  keepKeys(root);
  const fault = el("p", "coro-fault");
  fault.setAttribute("role", "alert");
  /** @type {Maybe<Trace>} */
  let trace = null;
  /** @type {Maybe<PlayerTraits>} */
  let given = null;
  /** @type {Theme} */
  let theme = "light";
  let now = -1;
  let begun = -1; // the event at which it began to play by itself
  let furthest = -1; // the last event that the reader has seen; the timeline hides what comes after it
  let timer = 0;
  /** @type {"to come" | "on" | "over"} */
  let opening = "over"; // a player that is to play by itself does so once, until its reader does something
  const share = makeShare();
  const controls = makeControls((name, off) => {
    if (name !== "play") stop();
    if (!off) moves[name]();
  }, share.element);
  const cards = makeCards();
  const timeline = makeTimeline(go);
  const output = makeOutput(go);
  const fork = makeFork(ask);
  const sentence = el("p", "coro-sentence");
  sentence.setAttribute("aria-live", "polite");
  sentence.setAttribute("aria-atomic", "true");
  const where = el("p", "coro-where");
  const cut = el("p", "coro-fault");
  const below = el("div", "coro-below", [timeline.element, output.element]);
  const tell = el("div", "coro-tell", [sentence, where]);
  const body = el("div", "coro-body", [controls.element, tell, cards.element, below, cut, fork.element]);
  root.append(fault, body);
  root.setAttribute("role", "group");
  root.tabIndex = 0; // a click anywhere in the player gives it the keys
  host.append(root);

  /** @param {PlayerTraits} traits */
  function load(traits) {
    stop();
    const before = trace;
    trace = read(traits.trace);
    if (before && trace && before.count !== trace.count) furthest = -1;
    body.hidden = !trace;
    fault.hidden = Boolean(trace);
    if (!trace) return;
    const first = !given;
    given = traits;
    if (first) controls.hideLines.checked = given.hide_lines;
    if (first && given.play) opening = "to come";
    root.setAttribute("aria-label", given.title || "Player of a recorded run");
    setText(controls.title, given.title || "");
    setText(cut, [trace.cut, trace.count ? trace.note : null].filter(Boolean).join(" "));
    cut.hidden = !cut.textContent;
    share.load(given);
    dress();
    if (given.follow) go(trace.count - 1);
    else if (first) goTo(given.index);
    else go(now);
  }

  /** @param {string} text */
  function read(text) {
    try {
      return readTrace(text);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      setText(fault, error.message);
      return null;
    }
  }

  // Colours for the theme of the page, for everything that is drawn with them.
  function dress() {
    if (!trace || !given) return;
    const looks = given.looks.map((look) => inTheme(look, theme));
    cards.load(trace, looks);
    timeline.load(trace, looks);
    output.load(trace);
    fork.dress(given, (ofRun) => ofRun.map((look) => inTheme(look, theme)));
  }

  /**
   * To an event, or to the stop that it belongs to.
   * @param {number} index
   */
  function go(index) {
    if (!trace) return;
    const [last, list] = [trace.count - 1, stops()];
    const snapped = list?.[Math.max(after(list, index) - 1, 0)] ?? index;
    now = Math.max(Math.min(snapped, last), Math.min(0, last));
    show();
  }

  /**
   * To an event that is counted from the end where its number is negative.
   * @param {number} index
   */
  function goTo(index) {
    if (trace) go(index < 0 ? trace.count + index : index);
  }

  function show() {
    if (!trace || !given) return;
    const { count, note } = trace;
    const shown = picture(trace, now);
    root.dataset.place = now < count - 1 ? "within" : "end";
    setText(sentence, `${shown.sentence}.`);
    const nothing = note ? "no events" : "no events yet";
    const place = [`step ${shown.step}`, `event ${now + 1} of ${count}`, ...familiesAt(trace, shown.step)].join(" · ");
    setText(where, count ? place : nothing);
    furthest = Math.max(furthest, now);
    const ends = furthest >= count - 1;
    cards.show(shown, timer ? 1000 / Number(controls.speed.value) : 1000);
    timeline.show(now, ends || controls.ahead.checked ? count : furthest + 1);
    output.show(now);
    fork.show(shown, trace);
    controls.show(trace, now, ends);
  }

  // ---- moving: `list` holds the events that are stops; without lines only switches and outputs are.

  const stops = () => (trace && controls.hideLines.checked ? trace.stops : null);

  /**
   * @param {number} way 1 or -1
   * @param {Maybe<Uint32Array> | undefined} list
   */
  function step(way, list = stops()) {
    if (!list) return go(now + way);
    const at = way > 0 ? after(list, now) : after(list, now - 1) - 1;
    if (list[at] !== undefined) go(list[at]);
  }

  function play() {
    if (timer) return stop();
    if (atEnd()) go(0);
    timer = setInterval(tick, 1000 / Number(controls.speed.value));
    controls.playing(true);
  }

  function tick() {
    const back = opening === "on";
    if (!atEnd()) step(1);
    else if (back) goTo(given?.index ?? 0);
    if (back ? now === begun : atEnd()) stop();
  }

  /** A player that plays by itself: slowly to the end of the run, and then it stands where it stood. */
  function open() {
    if (opening !== "to come" || !trace || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    opening = "on";
    begun = now;
    controls.speed.value = String(SPEEDS[0][1]);
    sentence.setAttribute("aria-live", "off"); // nobody asked for it to be read aloud
    play();
  }

  const atEnd = () => now >= (stops()?.at(-1) ?? (trace?.count ?? 0) - 1);

  function stop() {
    clearInterval(timer);
    timer = 0;
    opening = "over";
    sentence.setAttribute("aria-live", "polite");
    controls.playing(false);
  }

  /** @type {Record<Move, () => void>} */
  const moves = {
    first: () => go(0),
    last: () => goTo(-1),
    back: () => step(-1),
    forward: () => step(1),
    play,
    "next switch": () => step(1, trace?.switches),
    "previous switch": () => step(-1, trace?.switches),
    more: controls.more,
    "hide lines": () => controls.hideLines.click(),
  };
  controls.slider.addEventListener("input", () => {
    stop();
    if (trace) go(controls.indexAt(trace));
  });
  controls.hideLines.addEventListener("change", () => {
    stop();
    go(now);
  });
  controls.ahead.addEventListener("change", show);
  controls.speed.addEventListener("change", () => {
    if (!timer) return;
    stop();
    play();
  });
  root.addEventListener("pointerdown", ({ target }) => {
    if (opening !== "over" && !(target instanceof Element && target.closest("button"))) stop();
  });
  root.addEventListener("keydown", (event) => {
    if (!trace) return;
    const move = moveOf(event);
    if (!move) return;
    event.preventDefault();
    if (move !== "play") stop();
    moves[move]();
  });

  // ---- the page around it

  function layout() {
    if (!trace) return;
    timeline.layout();
    cards.redraw();
  }
  const leaveTheme = followTheme(root, (next) => {
    theme = next;
    dress();
    show();
  });
  /** @param {IntersectionObserverEntry[]} entries */
  function seen(entries) {
    layout(); // out of view it was drawn without a size
    if (entries.some((entry) => entry.isIntersecting)) open();
  }
  const watch = [new ResizeObserver(layout), new IntersectionObserver(seen)];
  for (const observer of watch) observer.observe(root);

  function unmount() {
    stop();
    leaveTheme();
    for (const observer of watch) observer.disconnect();
    root.remove();
  }

  return {
    root,
    body,
    controls: controls.element,
    fork: fork.element,
    load,
    unmount,
    go: goTo,
    at: () => now,
    ends: cards.ends,
    hear: fork.hear,
  };
}

/**
 * @param {LaneLook} look
 * @param {Theme} theme
 * @returns {Look}
 */
function inTheme([colour, text, dark, symbol], theme) {
  if (theme === "contrast") return { hue: "CanvasText", word: "CanvasText", symbol };
  return theme === "dark" ? { hue: dark, word: dark, symbol } : { hue: colour, word: text, symbol };
}

/** @type {Record<string, Move>} */
const KEYED = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "first",
  End: "last",
  " ": "play",
  n: "next switch",
  p: "previous switch",
  h: "hide lines",
  "?": "more",
};

/**
 * Which move a key asks for. Keys that a focused control needs itself are left to it.
 * @param {KeyboardEvent} event
 */
function moveOf({ key, ctrlKey, altKey, metaKey, target }) {
  if (altKey || metaKey || !(target instanceof Element)) return null;
  if (target.matches("input:not([type=range]):not([type=checkbox]), select, textarea")) return null;
  if (key === " " && target.matches("button, input")) return null;
  if (ctrlKey) return key === "ArrowLeft" ? "previous switch" : key === "ArrowRight" ? "next switch" : null;
  return KEYED[key] ?? null;
}
