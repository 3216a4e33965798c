// A trace as Python wrote it, read once: what every picture of it needs is computed here, and events are looked up by number.
//
// The modules from here to `picture.js` decide everything the player shows without a page to draw on. The rules are those of
// Python: states.py for what each lane is doing, sentences.py and crossings.py for the words, whose templates come with the
// trace. tests/views/widgets/test_picture.py holds the two sides against each other.

const VERSION = 1;
const MOST_STEPS = 1000; // from one event to the next: each step has a place in `stepStarts`
export const ENTERS = new Set(["start", "resume", "throw", "close"]);
export const LEAVES = new Set(["suspend", "delegate", "return", "raise"]);
export const INSIDE = new Set(["line", "output", "await", "preempt"]);
const KINDS = new Set([...ENTERS, ...LEAVES, ...INSIDE]);

// A text that is no trace this front end can show; its message is the one sentence shown in place of the view.
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
    throw new Unreadable(
      `This trace has format ${version}; this player reads format ${VERSION}. Update Coro Lab, or record again.`,
    );
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
  const { driver, cut, note = null, kinds, sources, lanes: written, events: rows, texts } = document;
  const lanes = written.map(([name, kind, source, thread, task]) => ({
    name,
    kind,
    thread,
    task,
    source: source === null ? null : sourceOf(sources[source]),
  }));
  const trace = /** @type {Trace} */ ({ driver, cut, note, kinds, texts, lanes, rows, count: rows.length });
  trace.stops = indices(trace, (kind) => kind !== "line" && kind !== "await");
  trace.switches = indices(trace, (kind) => ENTERS.has(kind) || LEAVES.has(kind));
  trace.steps = (rows.at(-1)?.[0] ?? -1) + 1;
  trace.stepStarts = stepStarts(trace);
  trace.turns = turns(trace);
  trace.room = mostLocals(trace);
  trace.outside = outside(trace);
  trace.output = outputLines(trace);
  trace.every = Math.max(256, lanes.length);
  trace.checkpoints = [{ states: lanes.map(() => CREATED), inner: null }];
  return trace;
}

/** @type {(source: [first: number, text: string]) => Source} */
function sourceOf([first, text]) {
  return { first, lines: text.replace(/\n$/, "").split("\n") };
}

// What `load` in trace/codec.py accepts is accepted here, and nothing else: tests/trace/test_codec.py.
/** @type {(document: any) => void} */
function check(document) {
  for (const name of ["texts", "kinds", "sources", "lanes", "events"])
    need(Array.isArray(document[name]), `there are no ${name}`);
  for (const name of ["driver", "cut", "result", "error"]) need(maybe(document[name], isText), `there is no ${name}`);
  need(maybe(document.note ?? null, isText), "note is no text");
  const { kinds, sources, lanes, events, texts } = document;
  need(texts.every(isText), "not every text is a text");
  for (const kind of kinds) need(KINDS.has(kind), `there is no kind ${show(kind)}`);
  for (const row of sources) need(isRow(row, 2) && isWhole(row[0]) && isText(row[1]), "a source is damaged");
  for (const row of lanes) need(isRow(row, 5) && isLane(row, sources), "a lane is damaged");
  let before = 0;
  for (const row of events) {
    need(isRow(row, 3, 8), "an event is damaged");
    checkEvent(row, { kinds, lanes, texts, before });
    before = row[0];
  }
}

/** @type {(row: any[], tables: Record<string, any>) => void} */
function checkEvent(
  [step, lane, kind, line = null, value = null, peer = null, peerLine = null, changed = null],
  { kinds, lanes, texts, before },
) {
  need(isWhole(step) && step >= before && step <= before + MOST_STEPS, `step ${show(step)} is out of order`);
  need(isIn(lanes, lane), `there is no lane ${show(lane)}`);
  need(isIn(kinds, kind), `there is no kind ${show(kind)}`);
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

/** @type {(row: any[], sources: unknown[]) => boolean} */
function isLane([name, kind, source, thread, task], sources) {
  return [name, kind, thread].every(isText) && maybe(source, (number) => isIn(sources, number)) && maybe(task, isText);
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

/** @type {(trace: Pick<Trace, "rows" | "kinds">, wanted: (kind: Kind) => boolean) => Uint32Array} */
function indices(trace, wanted) {
  return Uint32Array.from(trace.rows.keys()).filter((index) => wanted(trace.kinds[trace.rows[index][2]]));
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

// The events that can change what a lane is doing: the switches, and the first that is heard of a lane.
/** @type {(trace: Pick<Trace, "kinds" | "lanes" | "rows">) => Uint32Array} */
function turns({ kinds, lanes, rows }) {
  const heard = new Uint8Array(lanes.length);
  /** @type {number[]} */
  const found = [];
  rows.forEach(([, lane, kind], index) => {
    if (!heard[lane] || !INSIDE.has(kinds[kind])) found.push(index);
    heard[lane] = 1;
  });
  return Uint32Array.from(found);
}

// For each lane how many names it ever binds, so that its card can keep its size.
/** @type {(trace: Pick<Trace, "lanes" | "rows">) => number[]} */
function mostLocals({ lanes, rows }) {
  const names = lanes.map(() => new Set());
  for (const [, lane, , , , , , changed] of rows)
    for (let at = 0; changed && at < changed.length; at += 2) names[lane].add(changed[at]);
  return names.map((set) => set.size);
}

// The name of whoever resumes lanes without being one, if there is anybody; `runs.outside` in Python.
/** @type {(trace: Pick<Trace, "driver" | "kinds" | "rows">) => Maybe<string>} */
function outside({ driver, kinds, rows }) {
  const comesBack = new Set(["resume", "suspend", "delegate", "throw"]);
  return driver ?? (rows.some(({ 2: kind, 5: peer }) => peer == null && comesBack.has(kinds[kind])) ? "outside" : null);
}

// The printed lines; each is made of parts [index of the event that printed it, text].
/** @type {(trace: Pick<Trace, "kinds" | "rows" | "texts">) => Trace["output"]} */
function outputLines(trace) {
  /** @type {Trace["output"]} */
  const lines = [[]];
  trace.rows.forEach((row, index) => {
    if (trace.kinds[row[2]] !== "output") return;
    const pieces = (trace.texts[row[4] ?? -1] ?? "").split("\n");
    pieces.forEach((piece, number) => {
      if (number) lines.push([]);
      if (piece || number < pieces.length - 1) lines[lines.length - 1].push([index, piece]);
    });
  });
  return lines.filter((parts) => parts.length);
}

// Event number `index` (from 0) with its texts looked up.
/** @type {(trace: Trace, index: number) => TraceEvent} */
export function eventAt(trace, index) {
  const [step, lane, kind, line = null, value = null, peer = null, peerLine = null, pairs = null] = trace.rows[index];
  /** @type {TraceEvent["changed"]} */
  const changed = [];
  for (let at = 0; pairs && at < pairs.length; at += 2)
    changed.push([trace.texts[pairs[at] ?? -1], told(trace, pairs[at + 1])]);
  return { step, lane, kind: trace.kinds[kind], line, value: told(trace, value), peer, peerLine, changed };
}

/** @type {(trace: Trace, number: Maybe<number>) => Maybe<string>} */
const told = (trace, number) => (number === null ? null : trace.texts[number]);

// What a lane is doing before anything is heard of it.
/** @type {LaneState} */
const CREATED = Object.freeze({
  state: "created",
  line: null,
  locals: new Map(),
  changed: [],
  resumedBy: null,
  waitingFor: null,
  delegatingTo: null,
  ending: null,
  value: null,
  dropped: false,
  seen: -1, // `seen`: the index of its last event, which Python does not need
});
