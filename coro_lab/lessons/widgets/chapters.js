// The map of the chapters: what there is to do in each, and what has been done.

import { el } from "../../views/widgets/element.js";
import { frame, note } from "./learning.js";
import { place } from "./place.js";

const HEADS = ["Notebook", "Exercises", "Predictions", "State"];

/**
 * A cell at the head of a column or of a row.
 * @param {"col" | "row"} scope
 * @param {string | Node[]} content
 */
const headOf = (scope, content) => Object.assign(el("th", "", content), { scope });

/** @param {ProgressTraits["chapters"][number]} chapter */
function row({ title, notebook, exercises, predictions, state }) {
  const link = place({ notebook, heading: "" });
  link.textContent = title;
  return el("tr", "", [headOf("row", [link]), ...[exercises, predictions, state].map((words) => el("td", "", words))]);
}

/** @param {Given<ProgressTraits>} given */
function render({ model, el: host }) {
  const { root, close } = frame(host, "Your progress");
  const table = el("table", "coro-learn-map");
  const remark = note("");
  remark.setAttribute("role", "status");
  root.append(table, remark);

  function show() {
    const heads = HEADS.map((words) => headOf("col", words));
    table.replaceChildren(
      el("caption", "", "What you have done so far"),
      el("thead", "", [el("tr", "", heads)]),
      el("tbody", "", model.get("chapters").map(row)),
    );
    remark.textContent = model.get("note");
    remark.hidden = !model.get("note");
  }
  model.on("change:chapters", show);
  show();
  return () => {
    model.off("change:chapters", show);
    close();
  };
}

export default { render };
