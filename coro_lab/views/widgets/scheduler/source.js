// One coroutine of the learner's scheduler: its source, with the line it stands at.

import { el } from "../element.js";
import { tokensOfLines } from "../player/code.js";
import { coloured } from "../player/coloured.js";
import { colourOf } from "./colours.js";

/**
 * The source of a coroutine. `show` marks the line at which a schedule has brought it.
 * @param {Program} program
 * @param {Style} look
 * @param {number} task
 */
export function makeSource(program, look, task) {
  const [first, text] = program.sources[task];
  const title = el("p", "coro-heading");
  const lines = text ? text.split("\n") : [];
  const tokens = tokensOfLines(lines);
  const rows = lines.map((line, at) => {
    const marker = document.createTextNode(" ");
    const number = `${String(first + at).padStart(3)} `;
    const row = el("span", "", [marker, number, ...coloured(line, tokens[at], 0, line.length)]);
    row.style.setProperty("--indent", `${line.search(/\S|$/) + 7}ch`); // of a line that is wrapped
    return { row, marker };
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
    rows.forEach(({ row, marker }, at) => {
      const here = first + at === line;
      marker.data = here ? "▶" : " ";
      row.toggleAttribute("data-here", here);
    });
  }
  return { element, show };
}
