// The learner is the scheduler.

import { el } from "../element.js";
import { breaking, endings, isSolved, printing, sentence, whyNot, words } from "./orders.js";
import { makeLattice } from "./lattice.js";

function isDark(element) {
  const page = element.closest("[data-jp-theme-light]") ?? document.body;
  if (page.dataset.jpThemeLight !== undefined) return page.dataset.jpThemeLight === "false";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function makeSource(program, look, task) {
  const [first, text] = program.sources[task];
  const title = el("h4");
  const lines = text ? text.split("\n").map((line) => el("span", "", line)) : [];
  lines.forEach((span) => span.style.setProperty("--indent", `${span.textContent.search(/\S|$/) + 7}ch`)); // of a line that is wrapped
  const code = el("pre", "", lines);
  code.tabIndex = 0;
  code.setAttribute("role", "group");
  code.setAttribute("aria-label", `source of ${program.names[task]}`);
  code.hidden = !text;
  const element = el("div", "coro-sched-source", [title, code]);
  const numbers = text ? text.split("\n").map((line, at) => `${String(first + at).padStart(3)} `) : [];
  function show(schedule, dark) {
    const { state, line, waits } = program.states[schedule].tasks[task];
    element.style.setProperty("--lane", dark ? look.dark : look.colour);
    element.style.setProperty("--lane-text", dark ? look.dark : look.text);
    title.textContent = `${look.symbol} ${program.names[task]}: ${state}${line === null ? "" : ` at line ${line}`}${waits ? `, ${waits}` : ""}`;
    lines.forEach((span, at) => {
      const here = first + at === line;
      span.textContent = `${here ? "▶" : " "}${numbers[at]}${text.split("\n")[at]}`;
      span.toggleAttribute("data-here", here);
    });
  }
  return { element, show };
}

function makeQuestion(program, outputs, jump, solve) {
  const name = `coro-${Math.random().toString(36).slice(2)}`;
  const answer = el("p", "coro-sched-status");
  answer.setAttribute("role", "status");
  const options = outputs.map((output) => {
    const radio = Object.assign(el("input"), { type: "radio", name, value: output });
    radio.addEventListener("change", () => {
      const orders = endings(program).filter(([, state]) => words(state.output) === words(output));
      answer.dataset.status = orders.length ? "bad" : "good";
      const spelled = orders.length ? [...orders[0][0]].map((step) => program.names[parseInt(step, 36)]).join(" ") : "";
      answer.textContent = orders.length ? `Not this one: ${spelled} prints it. Its path is drawn below.` : "Solved: no order prints this one.";
      if (orders.length) jump(orders[0][0]);
      else solve();
    });
    return el("label", "coro-sched-choice", [radio, el("span", "", words(output))]);
  });
  return el("fieldset", "", [el("legend", "", "Which of these can no order print?"), ...options, answer]);
}

function goalText(goal) {
  if (goal === "broken") return "Puzzle: choose an order that goes wrong.";
  if (goal === "deadlock") return "Puzzle: bring them into a deadlock.";
  return goal ? `Puzzle: make them print ${words(goal)}` : "You are the scheduler: who goes on?";
}

function act(button, run) {
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") run();
  });
}

function enable(button, can, why = "") {
  button.setAttribute("aria-disabled", String(!can));
  button.title = can ? "" : why;
}

export function mount(model, root) {
  const id = `coro-${Math.random().toString(36).slice(2)}`;
  const [program, looks, goal] = [model.get("program"), model.get("looks"), model.get("goal")];
  const place = (name) => program.names.indexOf(name).toString(36);
  const view = { schedule: (model.get("schedule") ?? []).map(place).join(""), solved: model.get("solved") };
  if (!(view.schedule in program.states)) view.schedule = "";
  const goes = program.names.map((name, task) => {
    const button = el("button", "coro-sched-go", `${looks[task].symbol} ${name}`);
    button.type = "button";
    button.setAttribute("aria-label", `let ${name} go on`);
    act(button, () => choose(view.schedule + task.toString(36)));
    return button;
  });
  const [back, restart, breaks] = ["back", "restart", "show me one that breaks it"].map((text) => Object.assign(el("button", "", text), { type: "button" }));
  act(back, () => choose(view.schedule.slice(0, -1)));
  act(restart, () => choose(""));
  act(breaks, () => choose(breaking(program, view.schedule)));
  breaks.hidden = breaking(program, "") === null;
  const why = el("p", "coro-sched-why");
  const status = el("p", "coro-sched-status");
  status.setAttribute("role", "status");
  const lattice = makeLattice(program, looks, id);
  const [path, output, shared] = [el("p", "coro-sched-text"), el("pre"), el("pre")];
  const sources = program.names.map((_, task) => makeSource(program, looks[task], task));
  const box = Object.assign(el("input"), { type: "text", id: `${id}-box`, spellcheck: false, value: goal in { broken: 1, deadlock: 1 } ? "" : words(goal) });
  const found = el("span");
  found.setAttribute("role", "status");
  box.addEventListener("input", count);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // the notebook's own keys stay with the notebook
  const label = Object.assign(el("label", "", "How many are left that print"), { htmlFor: box.id });
  const asking = el("div", "coro-sched-ask", [label, box, found]);
  asking.hidden = !endings(program).some(([, state]) => state.output);
  const facts = [el("div", "", [el("h4", "", "schedule so far"), path])];
  if (!asking.hidden) facts.push(el("div", "", [el("h4", "", "printed so far"), output]));
  if (program.states[""].shared) facts.push(el("div", "", [el("h4", "", "shared by all"), shared]));
  const legend = el("p", "coro-sched-why");
  const drawn = [program.forbidden.length && "Hatched: every order through here is broken.", program.unreached.length && "Dotted: no order comes here."];
  legend.textContent = lattice ? drawn.filter(Boolean).join(" ") : "";
  legend.hidden = !legend.textContent;
  const question = model.get("impossible").length ? [makeQuestion(program, model.get("impossible"), choose, solve)] : [];
  root.replaceChildren(
    ...question,
    ...(question.length ? [] : [el("p", "coro-sched-goal", goalText(goal))]),
    el("div", "coro-sched-row", [...goes, back, restart, breaks]), why, status,
    el("div", "coro-sched-body", [...(lattice ? [lattice.element] : []), el("div", "coro-sched-facts", [...facts, asking, legend])]),
    el("div", "coro-sched-body coro-sched-sources", sources.map((source) => source.element)),
  );

  function choose(schedule) {
    view.schedule = schedule;
    model.set("schedule", [...schedule].map((step) => program.names[parseInt(step, 36)]));
    if (isSolved(program, schedule, goal)) solve();
    model.save_changes();
    show();
  }

  function solve() {
    view.solved = true;
    model.set("solved", true);
    model.save_changes();
  }

  function count() {
    const left = printing(program, view.schedule, box.value);
    const astray = left === 0 && words(box.value) === words(goal) && !("finding" in program.states[view.schedule]);
    found.textContent = box.value.trim() ? `${left.toLocaleString("en")} of ${program.states[view.schedule].orders.toLocaleString("en")}${astray ? ": go back" : ""}` : "";
  }

  function show() {
    const dark = isDark(root);
    root.dataset.theme = dark ? "dark" : "light";
    const state = program.states[view.schedule];
    const refused = [];
    goes.forEach((button, task) => {
      const can = state.ready.includes(task);
      const reason = can ? "" : whyNot(program, view.schedule, task);
      button.style.setProperty("--lane", dark ? looks[task].dark : looks[task].colour);
      enable(button, can, reason);
      if (!can) refused.push(reason);
    });
    enable(back, view.schedule !== "", "nothing was chosen yet");
    enable(restart, view.schedule !== "", "nothing was chosen yet");
    why.textContent = refused.length ? `${refused.join("; ")}.` : "";
    const done = isSolved(program, view.schedule, goal);
    const missed = goal && !done && "finding" in state ? " Not yet: go back, or restart." : "";
    status.textContent = `${done ? "Solved! " : ""}${sentence(program, view.schedule)}${missed}`;
    status.dataset.status = done ? "good" : state.finding ? "bad" : "";
    path.textContent = [...view.schedule].map((step) => program.names[parseInt(step, 36)]).join(" ") || "nobody yet";
    output.textContent = state.output;
    shared.textContent = state.shared;
    lattice?.show(view.schedule, dark);
    sources.forEach((source) => source.show(view.schedule, dark));
    count();
  }

  show();
  return show;
}

export default {
  render({ model, el: host }) {
    const root = el("div", "coro-sched");
    host.append(root);
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "you are the scheduler");
    const show = mount(model, root);
    const watch = new MutationObserver(show);
    watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    requestAnimationFrame(show);
    return () => watch.disconnect();
  },
};
