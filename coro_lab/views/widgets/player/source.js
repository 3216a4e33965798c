// The source of a lane on its card: coloured, with the line where it stands, and the part of a line that a crossing
// leaves or reaches.

import { el } from "../element.js";
import { tokensOfLines } from "./code.js";
import { coloured } from "./coloured.js";
import { endIn } from "./ends.js";

/**
 * `show` marks the line of a state and an end of a crossing; it returns the element that it has marked as this end.
 * @param {Lane} lane
 * @returns {{ element: HTMLElement, show(now: LaneState, end: Maybe<SourceEnd>): Maybe<HTMLElement> }}
 */
export function makeSource({ source, name }) {
  if (!source) return { element: el("p", "coro-nosource", "source not known"), show: () => null };
  const tokens = tokensOfLines(source.lines);
  const rows = source.lines.map((text, at) => makeRow(source.first + at, text, tokens[at]));
  const element = el(
    "div",
    "coro-source",
    rows.map(({ row }) => row),
  );
  // What scrolls takes the focus, so that the keys can scroll it; long lines wrap, so a short source may scroll as well.
  new ResizeObserver(() => {
    if (element.scrollHeight > element.clientHeight) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }).observe(element);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `source of ${name}`);
  /** @param {Maybe<number>} line */
  const rowAt = (line) => (line === null ? undefined : rows[line - source.first]);
  /** @type {ReturnType<typeof rowAt>} */
  let current;
  /** @type {ReturnType<typeof rowAt>} */
  let ended;

  return {
    element,
    show(now, end) {
      current?.row.classList.remove("coro-here");
      current?.row.removeAttribute("aria-current");
      current = now.state === "created" || now.state === "closed" ? undefined : rowAt(now.line);
      current?.row.classList.add("coro-here");
      current?.row.setAttribute("aria-current", "step");
      ended?.mark(null);
      ended = end ? rowAt(end.line ?? now.line) : undefined;
      keepInView(element, (current ?? ended)?.row);
      return ended && end ? ended.mark(end) : null;
    },
  };
}

/**
 * @param {number} number
 * @param {string} text
 * @param {Token[]} tokens
 */
function makeRow(number, text, tokens) {
  const code = el("span", "coro-code");
  const indent = text.length - text.trimStart().length;
  code.style.setProperty("--coro-indent", `${indent}ch`); // a wrapped line keeps its indent

  /** @param {Maybe<SourceEnd>} end */
  function mark(end) {
    const range = end && endIn(text, tokens, end);
    /** @type {(part: Columns) => (Node | string)[]} */
    const part = ([from, to]) => coloured(text, tokens, from, to);
    if (!range) code.replaceChildren(...part([indent, text.length]));
    else {
      const marked = el("span", end.leaves ? "coro-leaves" : "coro-lands", part(range));
      code.replaceChildren(...part([indent, range[0]]), marked, ...part([range[1], text.length]));
      return marked;
    }
    return end ? code : null;
  }
  mark(null);
  return { row: el("div", "coro-line", [el("span", "coro-number", String(number)), code]), mark };
}

/** @param {HTMLElement} box @param {HTMLElement} [row] */
function keepInView(box, row) {
  if (!row || box.scrollHeight <= box.clientHeight) return;
  const [top, bottom] = [row.offsetTop - box.offsetTop, row.offsetTop - box.offsetTop + row.offsetHeight];
  if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
}
