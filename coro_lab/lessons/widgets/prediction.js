// One question: choose, commit, and be told why.

import { el } from "../../views/widgets/element.js";
import { asker, button, cure, frame, live } from "./learning.js";

const SIGNS = { right: "✓", wrong: "✗", skipped: "○" };

function render({ model, el: host }) {
  const { root, close } = frame(host, "Prediction");
  const said = live();
  const asking = asker(model, said);
  const fields = el("fieldset");
  const commit = button("Commit", () => {
    const chosen = fields.querySelector("input:checked");
    if (model.get("state") !== "unanswered") return;
    if (chosen) asking.ask({ ask: "answer", choice: Number(chosen.value) });
    else said.replaceChildren(el("p", "coro-learn-note", "Choose one of the answers first."));
  });
  const skip = button("Skip", () => model.get("state") === "unanswered" && asking.ask({ ask: "skip" }));
  const next = button("Next question", () => asking.ask({ ask: "next" }));
  said.tabIndex = -1;
  root.append(fields, el("div", "coro-learn-buttons", [commit, skip, next]), said);

  function pose() {
    const name = `coro-${Math.random().toString(36).slice(2)}`;
    const choices = model.get("choices").map((words, value) => {
      const radio = Object.assign(el("input"), { type: "radio", name, value });
      return el("label", "coro-learn-choice", [radio, el("span", "", words)]);
    });
    fields.replaceChildren(el("legend", "", [el("strong", "", `${model.get("title")} `), model.get("question")]), ...choices);
  }

  function tell() {
    const [state, note, belief] = [model.get("state"), model.get("note"), model.get("belief")];
    const over = state !== "unanswered";
    const held = root.contains(document.activeElement); // the buttons come and go, and must not take the focus along
    fields.disabled = over;
    commit.hidden = skip.hidden = over;
    next.hidden = !(over && model.get("more"));
    const chosen = fields.querySelector(`input[value="${model.get("chosen")}"]`);
    if (chosen) chosen.checked = true;
    if (chosen && over) chosen.parentElement.append(el("em", "", "← your answer"));
    said.replaceChildren();
    if (over) said.append(el("p", "coro-learn-status", `${SIGNS[state]} ${state === "wrong" ? "Not so. " : ""}${model.get("says")}`));
    if (over) said.firstChild.dataset.status = state;
    if (belief.belief) said.append(cure(belief));
    if (note) said.append(el("p", "coro-learn-note", note));
    const goOn = next.hidden ? said : next;
    if (held) (over ? goOn : fields.querySelector("input")).focus({ preventScroll: true });
  }

  const show = () => (pose(), tell());
  model.on("change:answered", show);
  show();
  return () => (model.off("change:answered", show), asking.close(), close());
}

export default { render };
