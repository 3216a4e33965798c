// The map of the chapters: what there is to do in each, and what has been done.

import { el } from "../../views/widgets/element.js";
import { frame, place } from "./learning.js";

function render({ model, el: host }) {
  const { root, close } = frame(host, "Your progress");
  const table = el("table", "coro-learn-map");
  const note = el("p", "coro-learn-note");
  note.setAttribute("role", "status");
  root.append(table, note);

  function show() {
    const head = el("tr", "", ["Notebook", "Exercises", "Predictions", "State"].map((words) => Object.assign(el("th", "", words), { scope: "col" })));
    const rows = model.get("chapters").map(({ title, notebook, exercises, predictions, state }) => {
      const name = el("th", "", [place({ notebook, heading: "" })]);
      name.scope = "row";
      name.firstChild.textContent = title;
      return el("tr", "", [name, el("td", "", exercises), el("td", "", predictions), el("td", "", state)]);
    });
    table.replaceChildren(el("caption", "", "What you have done so far"), el("thead", "", [head]), el("tbody", "", rows));
    note.textContent = model.get("note");
    note.hidden = !model.get("note");
  }
  model.on("change:chapters", show);
  show();
  return () => (model.off("change:chapters", show), close());
}

export default { render };
