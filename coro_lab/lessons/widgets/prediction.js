// One question: choose, commit, and be told why.

import { el } from "../../views/widgets/element.js";
import { uniqueId } from "../../views/widgets/page.js";
import { asker, button, frame, live, note, prose } from "./learning.js";
import { place } from "./place.js";

/** @type {Sureness[]} */
const LEVELS = ["guessing", "fairly sure", "sure"];
const SIGNS = { right: "✓", wrong: "✗", skipped: "○" };

/** @param {Given<PredictionTraits, PredictionMessage>} given */
function render({ model, el: host }) {
  const { root, close } = frame(host, "Prediction");
  const said = live();
  const fields = el("fieldset");
  /** @param {string} which */
  const radio = (which) => /** @type {Maybe<HTMLInputElement>} */ (fields.querySelector(`input${which}`));
  const doubts = el("fieldset", "coro-learn-sure");
  const answer = () => {
    const chosen = radio(":checked");
    if (model.get("state") !== "unanswered") return;
    const sure = /** @type {Maybe<HTMLInputElement>} */ (doubts.querySelector(":checked"))?.value ?? "";
    if (chosen) asking.ask({ ask: "answer", choice: Number(chosen.value), sure });
    else silence.replaceChildren(note("Choose one of the answers first."));
  };
  const commit = button("Commit", answer);
  for (const set of [fields, doubts]) {
    set.addEventListener("keydown", (event) => {
      if (event.key === "Enter") answer();
    });
  }
  const skip = button("Skip", () => {
    if (model.get("state") === "unanswered") asking.ask({ ask: "skip" });
  });
  const next = button("Next question", () => asking.ask({ ask: "next" }));
  const look = button("", () => asking.ask({ ask: "show" }));
  const silence = live();
  said.tabIndex = -1;
  root.append(fields, doubts, el("div", "coro-learn-buttons", [commit, skip]), said);
  root.append(el("div", "coro-learn-buttons", [look, next]), silence);

  function pose() {
    const name = uniqueId();
    const choices = model.get("choices").map((words, value) => {
      const choice = Object.assign(el("input"), { type: "radio", name, value });
      return el("label", "coro-learn-choice", [choice, el("span", "", words)]);
    });
    const legend = el("legend", "", [el("strong", "", `${model.get("title")} `), model.get("question")]);
    fields.replaceChildren(legend, ...choices);
    const group = uniqueId();
    const levels = LEVELS.map((value) => {
      const level = Object.assign(el("input"), { type: "radio", name: group, value });
      return el("label", "", [level, value]);
    });
    doubts.replaceChildren(el("legend", "", "How sure are you? (if you like)"), ...levels);
  }

  function tell() {
    const [state, remark, belief] = [model.get("state"), model.get("note"), model.get("belief")];
    const over = state !== "unanswered";
    const held = root.contains(document.activeElement); // the buttons come and go, and must not take the focus along
    fields.disabled = over;
    commit.hidden = over;
    skip.hidden = over;
    doubts.hidden = over;
    look.hidden = !(over && model.get("can_show"));
    look.textContent = model.get("shown") ? "Hide the player" : "Show me in the player";
    next.hidden = !(over && model.get("more"));
    const chosen = radio(`[value="${model.get("chosen")}"]`);
    if (chosen) chosen.checked = true;
    if (over) chosen?.parentElement?.append(el("em", "", "← your answer"));
    said.replaceChildren();
    silence.replaceChildren();
    if (over) said.append(verdict(state), ...reasons());
    if (belief.belief) said.append(cure(belief));
    if (remark) said.append(note(remark));
    const goOn = next.hidden ? said : next;
    if (held && document.activeElement !== look) (over ? goOn : radio(""))?.focus({ preventScroll: true });
  }

  /** @param {keyof SIGNS} state */
  function verdict(state) {
    const words = `${SIGNS[state]} ${state === "wrong" ? "Not so. " : ""}${model.get("says")}`;
    const status = el("p", "coro-learn-status", words);
    status.dataset.status = state;
    return status;
  }

  /** Why, from the run. */
  function reasons() {
    const [sure, because] = [model.get("sure"), model.get("because")];
    const told = because.split("\n").filter(Boolean);
    if (sure) told.push(`You were ${sure}.`);
    return told.map((words) => el("p", "coro-learn-why", words));
  }

  function show() {
    pose();
    tell();
  }

  const asking = asker(model, silence, show);
  show();
  return () => {
    asking.close();
    close();
  };
}

/**
 * The belief behind an answer, and what is true.
 * @param {Belief} belief
 */
function cure(belief) {
  const program = el("details", "", [
    el("summary", "", "A program that tests it"),
    el("pre", "", belief.program),
    el("p", "", "If the belief were right, it would print"),
    el("pre", "", belief.believed),
    el("p", "", "It prints"),
    el("pre", "", belief.happens),
  ]);
  return el("div", "coro-learn-cure", [
    prose("p", "", `That answer goes with a belief: “${belief.belief}”`),
    prose("p", "coro-learn-truth", `What is so: ${belief.truth}`),
    program,
    el("p", "", ["More about it: ", place(belief)]),
  ]);
}

export default { render };
