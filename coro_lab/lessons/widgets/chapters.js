// The map of the chapters: what there is to do in each, and what has been done.

import { el } from "../../views/widgets/element.js";
import { frame, note } from "./learning.js";
import { place } from "./place.js";

const HEADS = ["Notebook", "Exercises correct", "Questions and puzzles", "Answers right", "State"];

/**
 * A cell at the head of a column or of a row.
 * @param {"col" | "row"} scope
 * @param {string | Node[]} content
 */
const headOf = (scope, content) => Object.assign(el("th", "", content), { scope });

/** @param {ProgressTraits["chapters"][number]} chapter */
function row({ title, notebook, exercises, predictions, answers, state }) {
  const link = place({ notebook, heading: "" }, title);
  const cells = [exercises, predictions, answers, state].map((words) => el("td", "", words));
  return el("tr", "", [headOf("row", [link]), ...cells]);
}

/** @param {Given<ProgressTraits>} given */
function render({ model, el: host }) {
  const { root, close } = frame(host, "Your progress");
  const table = el("table", "coro-learn-map");
  const remark = note("");
  remark.setAttribute("role", "status");
  const onward = el("p", "coro-learn-onward");
  const again = el("div", "coro-learn-again");
  root.append(onward, table, again, remark);

  function show() {
    const heads = HEADS.map((words) => headOf("col", words));
    table.replaceChildren(
      el("caption", "", "What you have done so far"),
      el("thead", "", [el("tr", "", heads)]),
      el("tbody", "", model.get("chapters").map(row)),
    );
    const last = model.get("last");
    onward.replaceChildren(...(last.words ? ["Continue where you stopped: ", place(last, last.words)] : []));
    onward.hidden = !last.words;
    const doubts = model.get("doubts");
    const links = doubts.map((doubt) => el("li", "", [place(doubt, doubt.words)]));
    again.replaceChildren(el("p", "", "You were sure, and it was not so. Worth another look:"), el("ul", "", links));
    again.hidden = !doubts.length;
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
