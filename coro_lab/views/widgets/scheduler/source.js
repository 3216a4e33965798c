// One coroutine of the learner's scheduler: its source with the line it stands at, and its colour.

import { el } from "../element.js";

/**
 * The colour of lines and bars of a coroutine in a theme.
 * @param {Style} look
 * @param {Theme} theme
 */
export const colourOf = (look, theme) => ({ light: look.colour, dark: look.dark, contrast: "CanvasText" })[theme];

/**
 * The source of a coroutine. `show` marks the line at which a schedule has brought it.
 * @param {Program} program
 * @param {Style} look
 * @param {number} task
 */
export function makeSource(program, look, task) {
  const [first, text] = program.sources[task];
  const title = el("h4");
  const rows = (text ? text.split("\n") : []).map((line, at) => {
    const row = el("span");
    row.style.setProperty("--indent", `${line.search(/\S|$/) + 7}ch`); // of a line that is wrapped
    return { row, words: `${String(first + at).padStart(3)} ${line}` };
  });
  const code = el(
    "pre",
    "",
    rows.map(({ row }) => row),
  );
  code.tabIndex = 0;
  code.setAttribute("role", "group");
  code.setAttribute("aria-label", `source of ${program.names[task]}`);
  code.hidden = !text;
  const isCallback = !text && program.states[""].tasks[task].state === "";
  const element = el("div", "coro-sched-source", [title, code]);
  element.hidden = isCallback;

  /** @param {string} schedule @param {Theme} theme */
  function show(schedule, theme) {
    const { state, line, waits } = program.states[schedule].tasks[task];
    const where = line === null ? "" : ` at line ${line}`;
    const colour = colourOf(look, theme);
    element.style.setProperty("--lane", colour);
    element.style.setProperty("--lane-text", theme === "light" ? look.text : colour);
    title.textContent = `${look.symbol} ${program.names[task]}: ${state}${where}${waits ? `, ${waits}` : ""}`;
    rows.forEach(({ row, words }, at) => {
      const here = first + at === line;
      row.textContent = `${here ? "▶" : " "}${words}`;
      row.toggleAttribute("data-here", here);
    });
  }
  return { element, show };
}
