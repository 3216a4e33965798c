// The learner is the scheduler.

import { el, makeButton, makeRoot } from "../element.js";
import { makeField } from "../field.js";
import { followTheme, keepKeys, uniqueId } from "../page.js";
import { colourOf } from "./colours.js";
import { makeLattice } from "./lattice.js";
import { breaking, endings, isSolved, isThere, namesOf, printing, sentence, whyNot, words } from "./orders.js";
import { makeSource } from "./source.js";

/**
 * The question which of some outputs no order prints. A wrong answer makes `jump` go to an order that prints it.
 * @param {Program} program
 * @param {string[]} outputs
 * @param {(schedule: string) => void} jump
 * @param {() => void} solve
 */
function makeQuestion(program, outputs, jump, solve) {
  const name = uniqueId();
  const answer = status();
  const options = outputs.map((output) => {
    const radio = Object.assign(el("input"), { type: "radio", name, value: output });
    radio.addEventListener("change", () => {
      const printed = endings(program).find(([, state]) => words(state.output) === words(output));
      answer.dataset.status = printed ? "bad" : "good";
      answer.textContent = "Solved: no order prints this one.";
      if (!printed) return solve();
      const spelled = namesOf(program, printed[0]).join(" ");
      answer.textContent = `Not this one: ${spelled} prints it. Its path is drawn below.`;
      jump(printed[0]);
    });
    return el("label", "coro-sched-choice", [radio, el("span", "", words(output))]);
  });
  return el("fieldset", "", [el("legend", "", "Which of these can no order print?"), ...options, answer]);
}

/** A line whose new text a screen reader says. */
function status() {
  const line = el("p", "coro-sched-status");
  line.setAttribute("role", "status");
  return line;
}

/** @param {string} goal */
function goalText(goal) {
  if (goal === "broken") return "Puzzle: choose an order that goes wrong.";
  if (goal === "deadlock") return "Puzzle: bring them into a deadlock.";
  return goal ? `Puzzle: make them print ${words(goal)}` : "You are the scheduler: who goes on?";
}

/**
 * A button that does nothing while `enable` has switched it off; it keeps the focus meanwhile.
 * @param {string} text
 * @param {string} className
 * @param {() => void} run
 */
function makeChoice(text, className, run) {
  const button = makeButton(text, className, () => {
    if (button.getAttribute("aria-disabled") !== "true") run();
  });
  return button;
}

/** @param {HTMLElement} button @param {boolean} can @param {string} why */
function enable(button, can, why) {
  button.setAttribute("aria-disabled", String(!can));
  button.title = can ? "" : why;
}

/**
 * How many orders still print the words in a box. `show` counts them for a schedule.
 * @param {Program} program
 * @param {string} goal
 * @param {() => void} count
 */
function makeCounter(program, goal, count) {
  const box = makeField("", 20, "");
  box.id = uniqueId();
  box.value = goal === "broken" || goal === "deadlock" ? "" : words(goal);
  box.addEventListener("input", count);
  const found = el("span");
  found.setAttribute("role", "status");
  const label = Object.assign(el("label", "", "How many are left that print"), { htmlFor: box.id });
  const element = el("div", "coro-sched-ask", [label, box, found]);
  element.hidden = !endings(program).some(([, state]) => state.output);

  /** @param {string} schedule */
  function show(schedule) {
    const { finding, orders } = program.states[schedule];
    const left = printing(program, schedule, box.value);
    const astray = left === 0 && words(box.value) === words(goal) && finding === undefined;
    const counted = `${left.toLocaleString("en")} of ${orders.toLocaleString("en")}${astray ? ": go back" : ""}`;
    found.textContent = box.value.trim() ? counted : "";
  }
  return { element, show };
}

/** @param {string} title @param {HTMLElement} value */
const makeFact = (title, value) => el("div", "", [el("p", "coro-heading", title), value]);

/** @param {Program} program */
function makeLegend(program) {
  const hatched = program.forbidden.length ? ["Hatched: every order through here is broken."] : [];
  const dotted = program.unreached.length ? ["Dotted: no order comes here."] : [];
  return el("p", "coro-sched-why", [...hatched, ...dotted].join(" "));
}

/**
 * The scheduler in `root`. Returns a function that ends it.
 * @param {Model<SchedulerTraits>} model
 * @param {HTMLElement} root
 */
export function mountScheduler(model, root) {
  const [program, looks, goal] = [model.get("program"), model.get("looks"), model.get("goal")];
  /** @param {string} name */
  const place = (name) => program.names.indexOf(name).toString(36);
  let schedule = model.get("schedule").map(place).join("");
  if (!(schedule in program.states)) schedule = "";
  /** @type {Theme} */
  let theme = "light";
  let helped = false; // whether the puzzle was solved for the learner, who has not begun anew since
  const goes = program.names.map((name, task) => {
    const go = () => choose(schedule + task.toString(36));
    const button = makeChoice(`${looks[task].symbol} ${name}`, "coro-sched-go", go);
    button.setAttribute("aria-label", `let ${name} go on`);
    return button;
  });
  const back = makeChoice("back", "", () => choose(schedule.slice(0, -1)));
  const restart = makeChoice("restart", "", () => {
    helped = false;
    choose("");
  });
  const breaks = makeChoice("show me one that breaks it", "", () => {
    helped = true;
    choose(breaking(program, schedule) ?? schedule);
  });
  breaks.hidden = breaking(program, "") === null;
  const [why, result] = [el("p", "coro-sched-why"), status()];
  const lattice = makeLattice(program, looks, uniqueId());
  const sources = program.names.map((_, task) => makeSource(program, looks[task], task));
  const counter = makeCounter(program, goal, () => counter.show(schedule));
  const [path, output, shared] = [el("p", "coro-sched-text"), el("pre"), el("pre")];
  const facts = [makeFact("schedule so far, as replay takes it", path)];
  if (!counter.element.hidden) facts.push(makeFact("printed so far", output));
  if (program.states[""].shared) facts.push(makeFact("shared by all", shared));
  const impossible = model.get("impossible");
  const title = el("p", "coro-sched-goal", model.get("title") || goalText(goal));
  const puzzle = impossible.length ? [makeQuestion(program, impossible, choose, solve)] : [];
  title.hidden = impossible.length > 0 && !model.get("title");
  const legend = makeLegend(program);
  const shown = el("div", "coro-sched-facts", [...facts, counter.element, legend]);
  const codes = sources.map((source) => source.element);
  keepKeys(root);
  root.replaceChildren(
    title,
    ...puzzle,
    el("div", "coro-sched-row", [...goes, back, restart, breaks]),
    why,
    result,
    el("div", "coro-sched-body", lattice ? [lattice.element, shown] : [shown]),
    el("div", "coro-sched-body coro-sched-sources", codes),
  );

  /** @param {string} next */
  function choose(next) {
    schedule = next;
    model.set("schedule", namesOf(program, schedule));
    if (isSolved(program, schedule, goal) && !helped) solve();
    model.save_changes();
    show();
  }

  function solve() {
    model.set("solved", true);
    model.save_changes();
  }

  function show() {
    const state = program.states[schedule];
    goes.forEach((button, task) => {
      button.style.setProperty("--lane", colourOf(looks[task], theme));
      button.hidden = !isThere(program, schedule, task);
      enable(button, state.ready.includes(task), whyNot(program, schedule, task));
    });
    enable(back, schedule !== "", "nothing was chosen yet");
    enable(restart, schedule !== "", "nothing was chosen yet");
    const refused = goes.filter((button) => !button.hidden && button.title).map((button) => button.title);
    why.textContent = refused.length ? `${refused.join("; ")}.` : "";
    const done = isSolved(program, schedule, goal);
    const missed = goal && !done && state.finding !== undefined ? " Not solved yet: go back, or restart." : "";
    result.textContent = `${done && !helped ? "Solved! " : ""}${sentence(program, schedule)}${missed}`;
    result.dataset.status = done ? "good" : state.finding ? "bad" : "";
    path.textContent = namesOf(program, schedule).join(" ") || "nobody yet";
    output.textContent = state.output;
    shared.textContent = state.shared;
    const told = !["broken", "deadlock"].includes(goal) || helped || model.get("solved"); // else it would give the solution away
    lattice?.show(schedule, theme, told);
    legend.hidden = !lattice || !told || !legend.textContent;
    for (const source of sources) source.show(schedule, theme);
    counter.show(schedule);
  }

  return followTheme(root, (now) => {
    theme = now;
    show();
  });
}

/** @param {Given<SchedulerTraits>} given */
function render({ model, el: host }) {
  return mountScheduler(model, makeRoot(host, "coro-sched", "you are the scheduler"));
}

export default { render };
