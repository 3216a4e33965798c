// What the program printed so far: one row a line, the new one marked, a click goes to where it was printed.
// Only the rows in view are on the page, so a hundred thousand lines are no more work than ten.

import { after } from "./picture.js";
import { el, setText } from "../element.js";

const ROW = 22; // pixels
const LONGEST = 400; // parts of one line that are joined; a longer line shows its end

// The output in an element that calls `jump(index)`. `load` gives it a trace; `show` draws what was printed up to an event.
export function makeOutput(jump) {
  const rows = el("div", "coro-printed");
  const tall = el("div", "coro-tall", [rows]);
  const box = el("div", "coro-output", [tall]);
  const count = el("span", "coro-dim");
  const element = el("section", "coro-out", [el("h4", "", [el("span", "", "Output so far "), count]), box]);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "output so far; up and down go to the previous and next printed line");
  const view = { lines: [], starts: [], index: -1, shown: 0 };

  function load(trace) {
    view.lines = trace.output;
    view.starts = Uint32Array.from(view.lines, (parts) => parts[0][0]);
    element.hidden = !view.lines.length;
    box.style.height = `${Math.min(view.lines.length, 6) * ROW + 10}px`;
  }

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
    while (rows.children.length > last - first) rows.lastChild.remove();
    while (rows.children.length < last - first) rows.append(makeRow());
    for (let at = first; at < last; at += 1) fill(rows.children[at - first], view.lines[at]);
  }

  function makeRow() {
    const row = Object.assign(el("button", "coro-print", [el("span", "coro-new"), el("span", "coro-text")]), { type: "button", tabIndex: -1 });
    row.addEventListener("click", () => jump(Number(row.dataset.index)));
    return row;
  }

  function fill(row, parts) {
    const past = parts.length > LONGEST ? parts.filter(([index]) => index <= view.index) : parts.slice(0, after(parts.map(([index]) => index), view.index));
    const text = past.slice(-LONGEST).map(([, piece]) => piece).join("");
    const fresh = past.at(-1)?.[0] === view.index;
    setText(row.children[0], fresh ? "▶ new" : "");
    setText(row.children[1], text.length > 2000 ? `…${text.slice(-2000)}` : text);
    row.classList.toggle("coro-fresh", fresh);
    row.dataset.index = parts[0][0];
  }

  box.addEventListener("scroll", draw);
  box.addEventListener("keydown", (event) => {
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const target = view.starts[way > 0 ? view.shown : view.starts[view.shown - 1] === view.index ? view.shown - 2 : view.shown - 1];
    if (target !== undefined) jump(target);
  });
  return { element, load, show };
}
