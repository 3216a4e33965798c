// The pages a second over processes and coroutines, a table that fills while it is measured: the more, the darker.

import { el, setText } from "../element.js";
import { followTheme } from "../page.js";

/**
 * How dark a cell is, from 0 to 1: in proportion to the logarithm of its pages a second.
 * @param {HeatCell[]} cells
 */
export function shades(cells) {
  const logs = cells.map(({ throughput }) => Math.log(throughput));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  return logs.map((log) => (high > low ? (log - low) / (high - low) : 0));
}

/** @param {HeatTraits} traits */
export function tellMeasured({ cells, planned, over }) {
  if (!cells.length) return over ? "Nothing was measured." : "Measuring the first cell …";
  const [first, last] = [cells[0], cells[cells.length - 1]];
  const best = cells.reduce((most, cell) => (cell.throughput > most.throughput ? cell : most));
  if (!over) return `${cells.length} of ${planned} measured: ${last.processes} × ${last.coroutines} now`;
  const times = Math.round(best.throughput / first.throughput);
  const left = planned > cells.length ? ` ${planned - cells.length} of ${planned} found no time.` : "";
  return `${best.processes} × ${best.coroutines} does ${times} times the pages of ${first.processes} × ${first.coroutines}.${left}`;
}

/** @param {Given<HeatTraits>} given */
function render({ model, el: host }) {
  const root = el("div", "coro-heat");
  host.append(root);
  const said = el("p", "coro-heat-said");
  said.setAttribute("role", "status");
  const table = el("table");
  table.setAttribute("aria-label", "pages a second");
  root.append(said, table);

  function show() {
    const traits = {
      cells: model.get("cells"),
      processes: model.get("processes"),
      coroutines: model.get("coroutines"),
      planned: model.get("planned"),
      over: model.get("over"),
    };
    setText(said, tellMeasured(traits));
    const dark = shades(traits.cells);
    const [corner, above] = [header("processes", "col"), header("coroutines in each process", "colgroup")];
    corner.rowSpan = 2;
    above.colSpan = traits.coroutines.length;
    const heads = traits.coroutines.map((n) => header(`${n}`, "col"));
    const head = [el("tr", "", [corner, above]), el("tr", "", heads)];
    const rows = traits.processes.map((p) => {
      const fields = traits.coroutines.map((n) => {
        const at = traits.cells.findIndex((cell) => cell.processes === p && cell.coroutines === n);
        const field = el("td", "", at < 0 ? "" : Math.round(traits.cells[at].throughput).toLocaleString("en"));
        if (at >= 0) field.style.setProperty("--share", `${Math.round(dark[at] * 100)}%`);
        field.toggleAttribute("data-new", at >= 0 && at === traits.cells.length - 1 && !traits.over);
        return field;
      });
      return el("tr", "", [header(`${p}`, "row"), ...fields]);
    });
    table.replaceChildren(el("thead", "", head), el("tbody", "", rows));
  }

  for (const name of /** @type {const} */ (["cells", "over"])) model.on(`change:${name}`, show);
  const unfollow = followTheme(root, show);
  return () => {
    for (const name of ["cells", "over"]) model.off(`change:${name}`, show);
    unfollow();
  };
}

/** @param {string} words @param {string} scope */
function header(words, scope) {
  const made = el("th", "", words);
  made.scope = scope;
  return made;
}

export default { render };
