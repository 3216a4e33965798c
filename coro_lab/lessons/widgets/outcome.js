// What came of an attempt at an exercise; its hints and its solution.

import { el } from "../../views/widgets/element.js";
import { button, enable, live, note, prose } from "./learning.js";
import { place } from "./place.js";

/**
 * The outcome of an exercise, its hints and its solution; `ask` sends what the learner wants.
 * @param {Pick<Model<ExerciseTraits>, "get">} model
 * @param {(message: ExerciseMessage) => void} ask
 */
export function outcome(model, ask) {
  const signs = { "not attempted": "○", "not yet": "△", correct: "✓" };
  const status = el("p", "coro-learn-status");
  const reason = el("div", "coro-learn-reason");
  const said = live();
  const hints = el("ol", "coro-learn-hints");
  const solution = el("pre", "coro-learn-solution");
  const another = el("summary", "", "Another way to write it");
  const folded = el("details", "", [another, solution]);
  const next = el("p", "coro-learn-onward");
  const shown = live();
  const hint = button("", () => ask({ ask: "hint" }));
  const solve = button("Show a solution", () => ask({ ask: "solution" }));
  const remark = note("");
  shown.append(hints, folded, next);
  said.append(status, reason);

  function show() {
    const [now, given, count] = [model.get("status"), model.get("hints"), model.get("hint_count")];
    status.textContent = `${signs[now] ?? ""} ${model.get("name")}: ${now}`;
    status.dataset.status = now;
    const reasons = model.get("reason").split("\n");
    reason.replaceChildren(...reasons.map((part) => prose("p", "", part)));
    hints.replaceChildren(...given.map((text) => prose("li", "", text)));
    hints.hidden = !given.length;
    hint.textContent = given.length < count ? `Hint ${given.length + 1} of ${count}` : "No more hints";
    enable(hint, given.length < count);
    solution.textContent = model.get("solution");
    folded.hidden = !model.get("solution");
    another.textContent = now === "correct" ? "Another way to write it" : "A solution";
    folded.open = now !== "correct";
    hint.hidden = now === "correct";
    solve.hidden = hint.hidden || (now === "not attempted" && !given.length);
    const following = model.get("next");
    next.replaceChildren(...(following.words ? [place(following, following.words)] : []));
    next.hidden = !following.words;
    remark.textContent = model.get("note");
    remark.hidden = !model.get("note");
  }
  return { show, elements: [said, el("div", "coro-learn-buttons", [hint, solve]), shown, remark] };
}
