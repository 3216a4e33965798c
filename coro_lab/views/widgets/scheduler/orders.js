// The pure part of the learner's scheduler: a program and a schedule in, what is so out. All states were worked out in Python
// (`choosing.py`); a schedule is a string of places, "0110", and the state after it is looked up.

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
