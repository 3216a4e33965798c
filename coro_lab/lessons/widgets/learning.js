// What the widgets of the learning layer share.

import { el } from "../../views/widgets/element.js";

const PATIENCE = 8000; // milliseconds until a kernel that does not answer is told about
const UNRUN = "Nobody can answer yet: run this cell first. Click into its code and press Shift + Enter.";

// Text in which `this` is code.
function prose(name, className, text) {
  return el(name, className, text.split("`").map((part, at) => (at % 2 ? el("code", "", part) : part)));
}

export function button(words, act) {
  const made = el("button", "coro-learn-button", words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// The frame of a widget: a labelled group that keeps its keys for itself and follows the theme of the page.
export function frame(host, label) {
  const root = el("section", "coro-learn");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", label);
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the keys
  root.addEventListener("keydown", (event) => event.stopPropagation());
  const dress = () => (root.dataset.theme = isDark() ? "dark" : "light");
  const watch = new MutationObserver(dress);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  dress();
  // JupyterLab shows the first line of a folded output, and here that line may be the answer to a question.
  const hush = new ResizeObserver(() => root.closest(".jp-Notebook")?.classList.add("coro-hushed"));
  hush.observe(root);
  host.append(root);
  return { root, close: () => (watch.disconnect(), hush.disconnect(), root.remove()) };
}

function isDark() {
  const { jpThemeLight } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "false";
  return document.body.classList.contains("vscode-dark") || matchMedia("(prefers-color-scheme: dark)").matches;
}

// A place whose new text a screen reader says.
export function live(className = "") {
  const place = el("div", `coro-learn-live ${className}`);
  place.setAttribute("aria-live", "polite");
  return place;
}

// Asks the kernel; where none answers, `place` says so: at once for a widget that is only stored, else after a while.
export function asker(model, place) {
  let timer = null;
  const heard = () => clearTimeout(timer);
  model.on("change:answered", heard);
  const ask = (message) => {
    clearTimeout(timer);
    if (place.closest(".jupyter-widgets-disconnected")) {
      place.replaceChildren(el("p", "coro-learn-note", UNRUN));
      return;
    }
    timer = setTimeout(() => {
      place.replaceChildren(el("p", "coro-learn-note", "No answer yet: the kernel is busy, or this cell has not been run in this session. Run it, then try again."));
    }, PATIENCE);
    model.send(message);
  };
  return { ask, close: () => (clearTimeout(timer), model.off("change:answered", heard)) };
}

// A link to a section of a notebook, followed by Jupyter itself; plain words where the page is no notebook of Jupyter's.
export function place({ notebook, heading }) {
  const words = `${notebook}${heading ? `, “${heading}”` : ""}`;
  const [, path] = /\/(?:tree|notebooks)\/(.+\.ipynb)$/.exec(decodeURIComponent(location.pathname)) ?? [];
  if (!path) return el("span", "", words);
  const here = `/${path}`.endsWith(`/${notebook}.ipynb`);
  const anchor = heading ? `#${heading.replaceAll(" ", "-")}` : "";
  const link = el("a", "", here && heading ? `“${heading}” in this notebook` : words);
  link.href = `${notebook}.ipynb${anchor}`;
  const to = { path: path.replace(/[^/]+$/, `${notebook}.ipynb`), id: anchor };
  link.setAttribute("data-commandlinker-command", "rendermime:handle-local-link");
  link.setAttribute("data-commandlinker-args", JSON.stringify(to));
  return link;
}

// What a belief that showed in an answer is, and what is so.
export function cure(belief) {
  const program = el("details", "", [
    el("summary", "", "A program that tests it"), el("pre", "", belief.program),
    el("p", "", "If the belief were right, it would print"), el("pre", "", belief.believed),
    el("p", "", "It prints"), el("pre", "", belief.happens),
  ]);
  const where = el("p", "", ["More about it: ", place(belief)]);
  return el("div", "coro-learn-cure", [
    prose("p", "", `That answer goes with a belief: “${belief.belief}”`),
    prose("p", "coro-learn-truth", `What is so: ${belief.truth}`), program, where,
  ]);
}

// The outcome of an exercise, its hints and its solution; `asking` is told what the learner wants.
export function outcome(model, asking) {
  const SIGNS = { "not attempted": "○", "not yet": "△", correct: "✓" };
  const status = el("p", "coro-learn-status");
  const reason = el("div", "coro-learn-reason");
  const said = live();
  const hints = el("ol", "coro-learn-hints");
  const solution = el("pre", "coro-learn-solution");
  const shown = live();
  shown.append(hints, solution);
  const hint = button("", () => asking.ask({ ask: "hint" }));
  const solve = button("Show a solution", () => asking.ask({ ask: "solution" }));
  const note = el("p", "coro-learn-note");
  said.append(status, reason);

  function show() {
    const [now, told, count] = [model.get("status"), model.get("hints"), model.get("hint_count")];
    status.textContent = `${SIGNS[now] ?? ""} ${model.get("name")}: ${now}`;
    status.dataset.status = now;
    reason.replaceChildren(...model.get("reason").split("\n").map((part) => prose("p", "", part)));
    hints.replaceChildren(...told.map((text) => prose("li", "", text)));
    hints.hidden = !told.length;
    hint.textContent = told.length < count ? `Hint ${told.length + 1} of ${count}` : "No more hints";
    hint.setAttribute("aria-disabled", String(told.length >= count));
    solution.textContent = model.get("solution");
    solution.hidden = !model.get("solution");
    note.textContent = model.get("note");
    note.hidden = !model.get("note");
  }
  return { show, elements: [said, el("div", "coro-learn-buttons", [hint, solve]), shown, note], said };
}
