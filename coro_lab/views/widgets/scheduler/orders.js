// The pure part of the learner's scheduler: a program and a schedule in, the state out. All states were worked out in Python
// (`lattice_counts.py`); a schedule is a string of places, "0110", and the state after it is looked up.

/** @param {string} text */
export const words = (text) => text.trim().split(/\s+/).filter(Boolean).join(" ");

/**
 * The names of those who take the turns of a schedule.
 * @param {Program} program
 * @param {string} schedule
 */
export const namesOf = (program, schedule) => [...schedule].map((turn) => program.names[Number.parseInt(turn, 36)]);

/**
 * The ends of all orders that begin like this, the shortest first.
 * @param {Program} program
 */
export function endings(program, beginning = "") {
  const ends = Object.entries(program.states).filter(([key, state]) => "finding" in state && key.startsWith(beginning));
  return ends.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)); // an object puts keys like "10" before "01"
}

/**
 * How many of the orders that begin like this print these words.
 * @param {Program} program
 * @param {string} beginning
 * @param {string} wanted
 */
export function printing(program, beginning, wanted) {
  return endings(program, beginning).filter(([, state]) => words(state.output) === words(wanted)).length;
}

/**
 * The first broken order that begins like this; if there is none, the first of all; null if nothing can break.
 * @param {Program} program
 * @param {string} beginning
 */
export function breaking(program, beginning) {
  /** @param {string} from */
  const first = (from) => endings(program, from).find(([, state]) => state.finding)?.[0];
  return first(beginning) ?? first("") ?? null;
}

/** @param {Program} program @param {string} schedule @param {string} goal */
export function isSolved(program, schedule, goal) {
  const { finding, output } = program.states[schedule];
  if (!goal || finding === undefined) return false;
  if (goal === "broken") return finding !== null;
  return goal === "deadlock" ? finding?.kind === "deadlock" : words(output) === words(goal);
}

/** @type {Record<string, string>} */
export const KINDS = {
  invariant: "the invariant is broken",
  error: "an error",
  deadlock: "a deadlock",
  "lost wake-up": "a lost wake-up",
  "left behind": "a task is left behind",
  "unseen error": "an error that nobody sees",
};

/** @param {number} number @param {string} one @param {string} many */
const plural = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/**
 * What a schedule has come to, in a sentence.
 * @param {Program} program
 * @param {string} schedule
 */
export function sentence(program, schedule) {
  const { finding, broken, orders } = program.states[schedule];
  const names = namesOf(program, schedule);
  const spelled = names.join(" ");
  if (finding) return `${spelled}: ${KINDS[finding.kind]}.${finding.kind === "invariant" ? "" : ` ${finding.text}.`}`;
  if (finding === null) return `${spelled}: the end, and nothing is broken.`;
  const faulty = !broken
    ? ""
    : broken === 1 && orders === 1
      ? ", and it is broken"
      : `, ${broken.toLocaleString("en")} of them broken`;
  const left = `${plural(orders, "order is", "orders are")} left${faulty}.`;
  if (!schedule) return `Nobody has started. ${left}`;
  return `Turn ${schedule.length}: ${names.at(-1)} went on. ${left}`; // a step is the trace's; a turn with calls in it takes several
}

/**
 * Whether there is anything to choose or to say of a task; of a callback, only where it can go on.
 * @param {Program} program
 * @param {string} schedule
 * @param {number} task
 */
export function isThere(program, schedule, task) {
  const { ready, tasks } = program.states[schedule];
  return tasks[task].state !== "" || ready.includes(task);
}

/** @param {Program} program @param {string} schedule @param {number} task */
export function whyNot(program, schedule, task) {
  const { state, waits } = program.states[schedule].tasks[task];
  return waits || `${program.names[task]} is ${state}`;
}
