// The learner is the scheduler. All states were worked out in Python (`choosing.py`); a schedule is a string of places, "0110",
// and the state after it is looked up. Whatever came from a program is text and stays text: textContent, never markup.

const SVG = "http://www.w3.org/2000/svg";
const UNIT = 56;

// -- the pure part: a program and a schedule in, what is so out ------------------------------------------------------

export const words = (text) => text.trim().split(/\s+/).filter(Boolean).join(" ");

export function endings(program, beginning = "") {
  const ends = Object.entries(program.states).filter(([key, state]) => "finding" in state && key.startsWith(beginning));
  return ends.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)); // an object puts keys like "10" before "01"
}

// How many of the orders that begin like this print these words.
export function printing(program, beginning, wanted) {
  return endings(program, beginning).filter(([, state]) => words(state.output) === words(wanted)).length;
}

// The first broken order that begins like this; if there is none, the first of all; null if nothing can break.
export function breaking(program, beginning) {
  const first = (from) => endings(program, from).find(([, state]) => state.finding)?.[0];
  return first(beginning) ?? first("") ?? null;
}

export function isSolved(program, schedule, goal) {
  const state = program.states[schedule];
  if (!goal || !("finding" in state)) return false;
  if (goal === "broken") return state.finding !== null;
  return goal === "deadlock" ? state.finding?.kind === "deadlock" : words(state.output) === words(goal);
}

export const KINDS = {
  invariant: "the invariant is broken", error: "an error", deadlock: "a deadlock", "lost wake-up": "a lost wake-up",
  "left behind": "a task is left behind",
};

const plural = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

export function sentence(program, schedule) {
  const state = program.states[schedule];
  const spelled = [...schedule].map((place) => program.names[parseInt(place, 36)]).join(" ");
  const more = state.finding?.kind === "invariant" ? "" : ` ${state.finding?.text}.`;
  if (state.finding) return `${spelled}: ${KINDS[state.finding.kind]}.${more}`;
  if ("finding" in state) return `${spelled}: the end, and all is well.`;
  const broken = state.broken ? `, ${state.broken.toLocaleString("en")} of them broken` : "";
  const left = `${plural(state.orders, "order is", "orders are")} left${broken}.`;
  if (!schedule) return `Nobody has started. ${left}`;
  const last = program.names[parseInt(schedule.at(-1), 36)];
  return `Turn ${schedule.length}: ${last} went on. ${left}`; // a step is the trace's; a turn with calls in it takes several
}

export function whyNot(program, schedule, task) {
  const { state, waits } = program.states[schedule].tasks[task];
  return waits || `${program.names[task]} is ${state}`;
}

// -- drawing ---------------------------------------------------------------------------------------------------------

function el(name, className = "", children = []) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (typeof children === "string") made.textContent = children;
  else made.append(...children);
  return made;
}

function svg(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function isDark(element) {
  const page = element.closest("[data-jp-theme-light]") ?? document.body;
  if (page.dataset.jpThemeLight !== undefined) return page.dataset.jpThemeLight === "false";
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

function makeLattice(program, looks, id) {
  if (program.names.length !== 2) return null;
  const [wide, high] = program.sizes;
  const [left, top] = [46, 44];
  const at = (x, y) => [left + x * UNIT, top + (high - y) * UNIT];
  const root = svg("svg", { width: left + wide * UNIT + 40, height: top + high * UNIT + 52, "aria-hidden": "true" });
  const hatch = svg("pattern", { id: `${id}-hatch`, width: 8, height: 8, patternUnits: "userSpaceOnUse" });
  hatch.append(svg("path", { d: "M0 0L8 8M8 0L0 8", class: "coro-sched-hatch" }));
  const dots = svg("pattern", { id: `${id}-dots`, width: 8, height: 8, patternUnits: "userSpaceOnUse" });
  dots.append(svg("circle", { cx: 4, cy: 4, r: 1.2, class: "coro-sched-hatch" }));
  const defs = svg("defs", {});
  defs.append(hatch, dots);
  root.append(defs);
  const region = ([x, y], pattern) => {
    const [cx, cy] = at(x, y);
    const box = { x: cx - UNIT / 2, y: cy - UNIT / 2, width: UNIT, height: UNIT };
    root.append(svg("rect", { ...box, class: "coro-sched-region" }), svg("rect", { ...box, fill: `url(#${id}-${pattern})` }));
  };
  program.forbidden.forEach((point) => region(point, "hatch"));
  program.unreached.forEach((point) => region(point, "dots"));
  const seen = new Map(); // each step of the grid: whether some good order takes it
  for (const [key, state] of Object.entries(program.states)) {
    if (!key) continue;
    const name = `${place(key.slice(0, -1))} ${place(key)}`;
    seen.set(name, (seen.get(name) ?? false) || state.broken < state.orders);
  }
  for (const [name, good] of seen) {
    const [from, to] = name.split(" ").map((text) => at(...text.split(",").map(Number)));
    const line = svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: "coro-sched-grid" });
    if (!good) line.setAttribute("data-broken", "");
    root.append(line);
  }
  new Set(Object.keys(program.states).map(place)).forEach((text) => {
    const [cx, cy] = at(...text.split(",").map(Number));
    root.append(svg("circle", { cx, cy, r: 3.5, class: "coro-sched-dot" }));
  });
  for (let x = 0; x <= wide; x += 1) root.append(svg("text", { x: at(x, 0)[0], y: at(x, 0)[1] + 22, "text-anchor": "middle" }, String(x)));
  for (let y = 0; y <= high; y += 1) root.append(svg("text", { x: left - 16, y: at(0, y)[1] + 4, "text-anchor": "middle" }, String(y)));
  const right = svg("text", { x: at(wide / 2, 0)[0], y: at(0, 0)[1] + 42, "text-anchor": "middle" }, `${looks[0].symbol} steps of ${program.names[0]} →`);
  const up = svg("text", { x: 4, y: 14 }, `↑ ${looks[1].symbol} steps of ${program.names[1]}`);
  const path = svg("g", {});
  root.append(right, up, path);
  return { element: root, show: (schedule, dark) => drawPath(path, program, looks, schedule, at, dark) };
}

function place(schedule) {
  const count = [0, 0];
  for (const step of schedule) count[Number(step)] += 1;
  return count.join(",");
}

function drawPath(path, program, looks, schedule, at, dark) {
  path.replaceChildren();
  let here = [0, 0];
  [...schedule].forEach((step) => {
    const task = Number(step);
    const then = task === 0 ? [here[0] + 1, here[1]] : [here[0], here[1] + 1];
    const [from, to] = [at(...here), at(...then)];
    const colour = dark ? looks[task].dark : looks[task].colour;
    path.append(svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: "coro-sched-step", stroke: colour }));
    const middle = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    const shift = task === 0 ? [0, -8] : [9, 4];
    const anchor = task === 0 ? "middle" : "start";
    path.append(svg("text", { x: middle[0] + shift[0], y: middle[1] + shift[1], "text-anchor": anchor }, program.names[task]));
    here = then;
  });
  const [x, y] = at(...here);
  const state = program.states[schedule];
  if (state.finding) path.append(svg("path", { d: `M${x - 7} ${y - 7}L${x + 7} ${y + 7}M${x + 7} ${y - 7}L${x - 7} ${y + 7}`, class: "coro-sched-end" }));
  else if ("finding" in state) path.append(svg("rect", { x: x - 6, y: y - 6, width: 12, height: 12, class: "coro-sched-end" }));
  else path.append(svg("circle", { cx: x, cy: y, r: 6, class: "coro-sched-end" }));
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
