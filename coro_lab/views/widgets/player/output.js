// What the program printed so far: one row a line, the new one marked, a click goes to where it was printed.
// Only the rows in view are on the page, so a hundred thousand lines are no more work than ten.

import { el, makeButton, setText } from "../element.js";
import { after } from "./picture.js";

const ROW = 22; // pixels
const MOST_ROWS = 5; // rows at once
const LONGEST = 400; // parts of one line that are joined; a longer line shows its end

/**
 * The output in an element that calls `jump(index)`. `load` gives it a trace; `show` draws what was printed up to an event.
 * @param {(index: number) => void} jump
 */
export function makeOutput(jump) {
  const rows = el("div", "coro-printed");
  const tall = el("div", "coro-tall", [rows]);
  const box = el("div", "coro-output", [tall]);
  const count = el("span", "coro-dim");
  const element = el("div", "coro-out", [el("p", "coro-heading", [el("span", "", "Output so far "), count]), box]);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "output so far; up and down go to the previous and next printed line");
  /** @type {{ lines: Trace["output"], starts: Uint32Array, index: number, shown: number }} */
  const view = { lines: [], starts: new Uint32Array(), index: -1, shown: 0 };
  /** @type {ReturnType<typeof makePrint>[]} */
  const drawn = [];

  /** @param {Trace} trace */
  function load(trace) {
    view.lines = trace.output;
    view.starts = Uint32Array.from(view.lines, (parts) => parts[0][0]);
    element.hidden = !view.lines.length;
    box.style.height = `${Math.min(view.lines.length, MOST_ROWS) * ROW + 10}px`;
  }

  /** @param {number} index */
  function show(index) {
    Object.assign(view, { index, shown: after(view.starts, index) });
    setText(count, `${view.shown} of ${view.lines.length} lines`);
    tall.style.height = `${view.shown * ROW}px`;
    box.scrollTop = view.shown * ROW;
    draw();
  }

  function draw() {
    const first = Math.max(Math.floor(box.scrollTop / ROW) - 1, 0);
    const last = Math.min(first + 9, view.shown);
    rows.style.transform = `translateY(${first * ROW}px)`;
    while (drawn.length < last - first) drawn.push(makePrint(jump));
    while (rows.children.length > last - first) rows.lastElementChild?.remove();
    while (rows.children.length < last - first) rows.append(drawn[rows.children.length].element);
    for (let at = first; at < last; at += 1) drawn[at - first].show(view.lines[at], view.index);
  }

  box.addEventListener("scroll", draw);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const here = view.starts[view.shown - 1] === view.index ? view.shown - 1 : view.shown;
    const target = view.starts[event.key === "ArrowDown" ? view.shown : here - 1];
    if (target !== undefined) jump(target);
  });
  return { element, load, show };
}

/**
 * One printed line.
 * @param {(index: number) => void} jump
 */
function makePrint(jump) {
  const [mark, words] = [el("span", "coro-new"), el("span", "coro-text")];
  const element = makeButton("", "coro-print", () => jump(Number(element.dataset.index)));
  element.append(mark, words);
  element.tabIndex = -1;

  /** @param {Trace["output"][number]} parts @param {number} now */
  function show(parts, now) {
    const past = parts.filter(([index]) => index <= now);
    const text = past
      .slice(-LONGEST)
      .map(([, piece]) => piece)
      .join("");
    const fresh = past.at(-1)?.[0] === now;
    setText(mark, fresh ? "▶" : "");
    setText(words, text.length > 2000 ? `…${text.slice(-2000)}` : text);
    element.classList.toggle("coro-fresh", fresh);
    element.dataset.index = String(parts[0][0]);
  }
  return { element, show };
}
