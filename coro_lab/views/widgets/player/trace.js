// A trace as Python wrote it, read once: what every picture of it needs is computed here, and events are looked up by number.
//
// The modules from here to `picture.js` find everything that the player shows, without a page to draw on. Python has chosen
// the words of each event and the states of its lanes: they come with the type of the event (trace/event_types.py).
// tests/views/widgets/test_picture.py compares the two sides.

const VERSION = 3;
const MOST_STEPS = 1000; // from one event to the next: each step has a place in `stepStarts`
export const ENTERS = new Set(["start", "resume", "throw", "close"]);
export const LEAVES = new Set(["suspend", "delegate", "return", "raise"]);
export const INSIDE = new Set(["line", "output", "await", "preempt"]);
export const REQUESTS = new Set(["cancel", "uncancel", "lost", "abandon"]); // control stays where it is
const KINDS = new Set([...ENTERS, ...LEAVES, ...INSIDE, ...REQUESTS]);
const STATES = new Set(["created", "running", "suspended", "waiting", "closed"]);
const ENDINGS = new Set(["return", "raise", "close", "drop"]);

// A text that this front end cannot show as a trace; its message is the one sentence shown in place of the view.
export class Unreadable extends Error {}

// The trace that `Trace.to_json` wrote, with what every picture of it needs computed once.
/** @type {(text: string) => Trace} */
export function readTrace(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Unreadable("This is not a trace: it is not JSON. Record the program again.");
  }
  const version = document?.coro_lab_trace;
  if (version === undefined)
    throw new Unreadable("This is JSON, but not a trace of Coro Lab. Record the program again.");
  if (version !== VERSION) {
    const way = version < VERSION ? "Open it in Python: Trace.from_json(text)" : "Update Coro Lab, or record again";
    throw new Unreadable(`This trace has format ${version}; this player reads format ${VERSION}. ${way}.`);
  }
  try {
    return prepare(document);
  } catch (error) {
    throw new Unreadable(`This trace is damaged: ${/** @type {Error} */ (error).message}. Record the program again.`);
  }
}

/** @type {(document: TraceDocument) => Trace} */
function prepare(document) {
  check(document);
  const { driver, cut, note = null, outside, sources, lanes: written, events: rows, texts } = document;
  const types = document.types.map(typeOf);
  const lanes = written.map(([name, kind, source, thread, task]) => ({
    name,
    kind,
    thread,
    task,
    source: source === null ? null : sourceOf(sources[source]),
  }));
  const families = (document.families ?? []).map(familyOf);
  const count = rows.length;
  const trace = /** @type {Trace} */ ({ driver, cut, note, outside, types, texts, lanes, rows, families, count });
  trace.stops = indices(trace, (kind) => kind !== "line" && kind !== "await");
  trace.switches = indices(trace, (kind) => ENTERS.has(kind) || LEAVES.has(kind));
  trace.steps = (rows.at(-1)?.[0] ?? -1) + 1;
  trace.stepStarts = stepStarts(trace);
  trace.turns = turns(trace);
  trace.ready = ready(trace);
  trace.room = mostLocals(trace);
  trace.output = outputLines(trace);
  trace.every = Math.max(256, lanes.length);
  trace.checkpoints = [{ states: lanes.map(() => CREATED), inner: null }];
  return trace;
}

/** @type {(row: EventTypeRow) => EventType} */
function typeOf([kind, sentence, doing, label = null, peerDoing = null, ending = null]) {
  return { kind, sentence, doing, label, peerDoing, ending };
}

/** @type {(source: [first: number, text: string]) => Source} */
function sourceOf([first, text]) {
  return { first, lines: text.replace(/\n$/, "").split("\n") };
}

/** @type {(row: FamilyRow) => Family} */
function familyOf([name, owner, , opened, waits, ended, outcome, , , members]) {
  return { name, owner, opened, waits, ended, outcome, members: members.flatMap(([, lane]) => lane ?? []) };
}

// What `load` in trace/codec.py accepts is accepted here, and nothing else: tests/trace/test_codec_and_player.py.
/** @type {(document: any) => void} */
function check(document) {
  for (const name of ["texts", "types", "sources", "lanes", "events"])
    need(Array.isArray(document[name]), `there are no ${name}`);
  for (const name of ["driver", "cut", "result", "error", "outside"])
    need(maybe(document[name], isText), `there is no ${name}`);
  need(maybe(document.note ?? null, isText), "note is not a text");
  const { types, sources, lanes, events, texts } = document;
  need(texts.every(isText), "not every text is a text");
  for (const row of types) need(isRow(row, 3, 6) && isType(row), `there is no type of event ${show(row)}`);
  for (const row of sources) need(isRow(row, 2) && isWhole(row[0]) && isText(row[1]), "a source is damaged");
  for (const row of lanes) need(isRow(row, 5) && isLane(row, sources), "a lane is damaged");
  need(Array.isArray(document.families ?? []), "families is not a list");
  for (const row of document.families ?? []) need(isRow(row, 10) && isFamily(row, lanes), "a family is damaged");
  let before = 0;
  for (const row of events) {
    need(isRow(row, 3, 8), "an event is damaged");
    checkEvent(row, { types, lanes, texts, before });
    before = row[0];
  }
}

/** @type {(row: any[], tables: Record<string, any>) => void} */
function checkEvent(
  [step, lane, type, line = null, value = null, peer = null, peerLine = null, changed = null],
  { types, lanes, texts, before },
) {
  need(isWhole(step) && step >= before && step <= before + MOST_STEPS, `step ${show(step)} is out of order`);
  need(isIn(lanes, lane), `there is no lane ${show(lane)}`);
  need(isIn(types, type), `there is no type ${show(type)}`);
  need(
    maybe(peer, (number) => isIn(lanes, number)),
    `there is no lane ${show(peer)}`,
  );
  for (const number of [line, peerLine]) need(maybe(number, isWhole), `there is no line ${show(number)}`);
  need(
    maybe(value, (number) => isIn(texts, number)),
    `there is no text ${show(value)}`,
  );
  if (changed === null) return;
  need(Array.isArray(changed) && changed.length % 2 === 0, "a change is damaged");
  for (const [at, number] of changed.entries()) {
    need(isIn(texts, number) || (at % 2 === 1 && number === null), `there is no text ${show(number)}`);
  }
}

/** @type {(row: any[]) => boolean} */
function isType([kind, sentence, doing, label = null, peerDoing = null, ending = null]) {
  const isDone = STATES.has(doing) && (peerDoing === null || STATES.has(peerDoing));
  const isSaid = isText(sentence) && maybe(label, isText);
  return KINDS.has(kind) && isSaid && isDone && (ending === null || ENDINGS.has(ending));
}

/** @type {(row: any[], sources: unknown[]) => boolean} */
function isLane([name, kind, source, thread, task], sources) {
  return [name, kind, thread].every(isText) && maybe(source, (number) => isIn(sources, number)) && maybe(task, isText);
}

/** @type {(row: any[], lanes: unknown[]) => boolean} */
function isFamily([name, owner, line, opened, waits, ended, outcome, block, errors, members], lanes) {
  /** @type {(number: unknown) => boolean} */
  const isLaneOrNone = (number) => maybe(number, (lane) => isIn(lanes, lane));
  /** @type {(row: any) => boolean} */
  const isMember = (row) =>
    isRow(row, 5) &&
    isText(row[0]) &&
    isLaneOrNone(row[1]) &&
    isLaneOrNone(row[2]) &&
    maybe(row[3], isWhole) &&
    maybe(row[4], isText);
  /** @type {(row: any) => boolean} */
  const isNode = (row) => isRow(row, 2) && isWhole(row[0]) && isText(row[1]);
  const numbers = isWhole(opened) && [line, waits, ended].every((number) => maybe(number, isWhole));
  const lists = [errors, members].every(Array.isArray) && errors.every(isNode) && members.every(isMember);
  return (
    isText(name) && isLaneOrNone(owner) && numbers && [outcome, block].every((text) => maybe(text, isText)) && lists
  );
}

/** @type {(right: boolean, otherwise: string) => void} */
function need(right, otherwise) {
  if (!right) throw new Error(otherwise);
}

/** @type {(value: unknown) => boolean} */
const isText = (value) => typeof value === "string";
/** @type {(value: any) => boolean} */
const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
/** @type {(list: unknown[], number: any) => boolean} */
const isIn = (list, number) => isWhole(number) && number < list.length;
/** @type {(row: any, least: number, most?: number) => boolean} */
const isRow = (row, least, most = least) => Array.isArray(row) && row.length >= least && row.length <= most;
/** @type {(value: unknown, is: (value: unknown) => boolean) => boolean} */
const maybe = (value, is) => value === null || is(value);
/** @type {(value: unknown) => string} */
const show = (value) => String(JSON.stringify(value)).slice(0, 40);

/** @type {(trace: Pick<Trace, "rows" | "types">, wanted: (kind: Kind) => boolean) => Uint32Array} */
function indices(trace, wanted) {
  return Uint32Array.from(trace.rows.keys()).filter((index) => wanted(trace.types[trace.rows[index][2]].kind));
}

// For each step the index of its first event; one more at the end.
/** @type {(trace: Pick<Trace, "rows" | "steps">) => Uint32Array} */
function stepStarts({ rows, steps }) {
  const starts = new Uint32Array(steps + 1).fill(rows.length);
  let next = 0;
  rows.forEach(([step], index) => {
    while (next <= step) starts[next++] = index;
  });
  return starts;
}

// The events at which something is to be drawn: the switches, requests, and the first event of a lane.
/** @type {(trace: Pick<Trace, "types" | "lanes" | "rows">) => Uint32Array} */
function turns({ types, lanes, rows }) {
  const heard = new Uint8Array(lanes.length);
  /** @type {number[]} */
  const found = [];
  rows.forEach(([, lane, type], index) => {
    if (!heard[lane] || !INSIDE.has(types[type].kind)) found.push(index);
    heard[lane] = 1;
  });
  return Uint32Array.from(found);
}

// For each lane whether it is there before its first event: its stepper or scheduler was given it.
/** @type {(trace: Pick<Trace, "driver" | "lanes" | "rows">) => boolean[]} */
function ready({ driver, lanes, rows }) {
  const peers = new Map();
  for (const [, lane, , , , peer] of rows) if (!peers.has(lane)) peers.set(lane, peer ?? null);
  const given = driver === "you" || driver === "scheduler";
  return lanes.map(({ kind }, lane) => given && kind !== "function" && !Number.isInteger(peers.get(lane)));
}

// For each lane how many names it ever binds, so that its card can keep its size.
/** @type {(trace: Pick<Trace, "lanes" | "rows">) => number[]} */
function mostLocals({ lanes, rows }) {
  const names = lanes.map(() => new Set());
  for (const [, lane, , , , , , changed] of rows)
    for (let at = 0; changed && at < changed.length; at += 2) names[lane].add(changed[at]);
  return names.map((set) => set.size);
}

// The printed lines; each is made of parts [index of the event that printed it, text].
/** @type {(trace: Pick<Trace, "types" | "rows" | "texts">) => Trace["output"]} */
function outputLines(trace) {
  /** @type {Trace["output"]} */
  const lines = [[]];
  trace.rows.forEach((row, index) => {
    if (trace.types[row[2]].kind !== "output") return;
    const pieces = (trace.texts[row[4] ?? -1] ?? "").split("\n");
    pieces.forEach((piece, number) => {
      if (number) lines.push([]);
      if (piece || number < pieces.length - 1) lines[lines.length - 1].push([index, piece]);
    });
  });
  return lines.filter((parts) => parts.length);
}

// Event number `index` (from 0) with its type and its texts looked up.
/** @type {(trace: Trace, index: number) => TraceEvent} */
export function eventAt(trace, index) {
  const [step, lane, type, line = null, value = null, peer = null, peerLine = null, pairs = null] = trace.rows[index];
  const { kind, sentence, label, doing, peerDoing, ending } = trace.types[type]; // to spread it would be slow
  /** @type {TraceEvent["changed"]} */
  const changed = [];
  for (let at = 0; pairs && at < pairs.length; at += 2)
    changed.push([trace.texts[pairs[at] ?? -1], textAt(trace, pairs[at + 1])]);
  const text = textAt(trace, value);
  return { kind, sentence, label, doing, peerDoing, ending, step, lane, line, value: text, peer, peerLine, changed };
}

/** @type {(trace: Trace, number: Maybe<number>) => Maybe<string>} */
const textAt = (trace, number) => (number === null ? null : trace.texts[number]);

// What a lane is doing before its first event. To Python a lane that waits is running: that is its `state`.
/** @type {LaneState} */
const CREATED = Object.freeze({
  doing: "created",
  state: "created",
  line: null,
  locals: new Map(),
  changed: [],
  resumedBy: null,
  waitingFor: null,
  delegatingTo: null,
  ending: null,
  value: null,
  seen: -1, // `seen`: the index of its last event
});
