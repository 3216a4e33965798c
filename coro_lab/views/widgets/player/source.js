// The source of a lane on its card: the line where it stands, and the line that a crossing leaves or reaches.

import { el, setText } from "../element.js";

/**
 * `show` marks the line of a state and an end of a crossing.
 * @param {Lane} lane
 * @returns {{ element: HTMLElement, show(now: LaneState, end: Maybe<{ label: string, line: Maybe<number> }>): void }}
 */
export function makeSource({ source, name }) {
  if (!source) return { element: el("p", "coro-nosource", "source not known"), show: () => {} };
  const rows = source.lines.map((text, at) => makeRow(source.first + at, text));
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
      if (ended) setText(ended.end, "");
      ended = end ? rowAt(end.line ?? now.line) : undefined;
      if (ended) setText(ended.end, end?.label ?? "");
      keepInView(element, (current ?? ended)?.row);
    },
  };
}

/** @param {number} number @param {string} text */
function makeRow(number, text) {
  const end = el("span", "coro-end");
  const code = el("span", "coro-code", breakable(text.trimStart() || " "));
  const indent = text.length - text.trimStart().length;
  code.style.setProperty("--coro-indent", `${indent}ch`); // a wrapped line keeps its indent
  return { end, row: el("div", "coro-line", [el("span", "coro-number", String(number)), code, end]) };
}

/**
 * A line of code that is wrapped, if it must be, after the dot or the parenthesis behind a name rather than within one.
 * @param {string} text
 */
function breakable(text) {
  return text.split(/(?<=[\w\])][.(])(?=[\w"'([])/).flatMap((part, at) => (at ? [el("wbr"), part] : [part]));
}

/** @param {HTMLElement} box @param {HTMLElement} [row] */
function keepInView(box, row) {
  if (!row || box.scrollHeight <= box.clientHeight) return;
  const [top, bottom] = [row.offsetTop - box.offsetTop, row.offsetTop - box.offsetTop + row.offsetHeight];
  if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
}
