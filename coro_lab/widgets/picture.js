// Trace and index in, picture out: everything the player shows, decided without a page to draw on.
//
// The rules are those of Python: states.py for what each lane is doing, sentences.py and crossings.py for the words, whose
// templates come with the trace. tests/test_picture.py holds the two sides against each other.

export const VERSION = 1;
const ENTERS = new Set(["start", "resume", "throw", "close"]);
const LEAVES = new Set(["suspend", "delegate", "return", "raise"]);
const INSIDE = new Set(["line", "output", "await", "preempt"]);

// A text that is no trace this front end can show; its message is the one sentence shown in place of the view.
export class Unreadable extends Error {}

// The trace that `Trace.to_json` wrote, with what every picture of it needs computed once.
export function readTrace(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    throw new Unreadable("This is not a trace: it is not JSON. Record the program again.");
  }
  const version = document?.coro_lab_trace;
  if (version === undefined) throw new Unreadable("This is JSON, but not a trace of Coro Lab. Record the program again.");
  if (version !== VERSION) {
    throw new Unreadable(`This trace has format ${version}; this player reads format ${VERSION}. Update Coro Lab, or record again.`);
  }
  try {
    return prepare(document);
  } catch (error) {
    throw new Unreadable(`This trace is damaged: ${error.message}. Record the program again.`);
  }
}

function prepare({ driver, cut, kinds, sources, lanes: written, events: rows, texts }) {
  const lanes = written.map(([name, kind, source, thread, task]) => ({
    name: String(name), kind: String(kind), thread, task, source: source === null ? null : sourceOf(sources[source]),
  }));
  if (!texts.every((text) => typeof text === "string")) throw new Error("not every text is a text");
  const trace = { driver, cut, kinds, texts, lanes, rows, count: rows.length };
  rows.forEach((row, index) => check(trace, row, index));
  trace.stops = indices(trace, (kind) => kind !== "line" && kind !== "await");
  trace.switches = indices(trace, (kind) => ENTERS.has(kind) || LEAVES.has(kind));
  trace.steps = rows.length ? rows.at(-1)[0] + 1 : 0;
  trace.stepStarts = stepStarts(trace);
  trace.turns = turns(trace);
  trace.room = mostLocals(trace);
  trace.outside = outside(trace);
  trace.output = outputLines(trace);
  trace.every = Math.max(256, lanes.length);
  trace.checkpoints = [{ states: lanes.map(() => CREATED), inner: null }];
  return trace;
}

function sourceOf([first, text]) {
  return { first, lines: text.replace(/\n$/, "").split("\n") };
}

function check({ kinds, texts, lanes, rows }, [step, lane, kind, line, value, peer, peerLine, changed], index) {
  const within = (number, list) => Number.isInteger(number) && number >= 0 && number < list.length;
  const earliest = index ? rows[index - 1][0] : 0;
  if (!Number.isInteger(step) || step < earliest || step > earliest + 1000) throw new Error(`step ${step} is out of order`);
  if (!within(lane, lanes)) throw new Error(`there is no lane ${lane}`);
  for (const number of [line, peerLine]) if (number != null && !Number.isInteger(number)) throw new Error(`there is no line ${number}`);
  if (!within(kind, kinds)) throw new Error(`there is no kind ${kind}`);
  if (peer != null && !within(peer, lanes)) throw new Error(`there is no lane ${peer}`);
  if (value != null && !within(value, texts)) throw new Error(`there is no text ${value}`);
  for (const part of changed ?? []) if (part !== null && !within(part, texts)) throw new Error(`there is no text ${part}`);
}

function indices(trace, wanted) {
  const found = [];
  trace.rows.forEach((row, index) => wanted(trace.kinds[row[2]]) && found.push(index));
  return Uint32Array.from(found);
}

// For each step the index of its first event; one more at the end.
function stepStarts({ rows, steps }) {
  const starts = new Uint32Array(steps + 1).fill(rows.length);
  let next = 0;
  rows.forEach(([step], index) => {
    while (next <= step) starts[next++] = index;
  });
  return starts;
}

// The events that can change what a lane is doing: the switches, and the first that is heard of a lane.
function turns({ kinds, lanes, rows }) {
  const heard = new Uint8Array(lanes.length);
  const found = [];
  rows.forEach(([, lane, kind], index) => {
    if (!heard[lane] || !INSIDE.has(kinds[kind])) found.push(index);
    heard[lane] = 1;
  });
  return Uint32Array.from(found);
}

// For each lane how many names it ever binds, so that its card can keep its size.
function mostLocals({ lanes, rows }) {
  const names = lanes.map(() => new Set());
  for (const [, lane, , , , , , changed] of rows) for (let at = 0; changed && at < changed.length; at += 2) names[lane].add(changed[at]);
  return names.map((set) => set.size);
}

// The name of whoever resumes lanes without being one, if there is anybody; `runs.outside` in Python.
function outside({ driver, kinds, rows }) {
  const comesBack = new Set(["resume", "suspend", "delegate", "throw"]);
  const alone = ([, , kind, , , peer]) => peer == null && comesBack.has(kinds[kind]);
  return driver ?? (rows.some(alone) ? "outside" : null);
}

// The printed lines; each is made of parts [index of the event that printed it, text].
function outputLines(trace) {
  const lines = [[]];
  trace.rows.forEach((row, index) => {
    if (trace.kinds[row[2]] !== "output") return;
    const pieces = (trace.texts[row[4]] ?? "").split("\n");
    pieces.forEach((piece, number) => {
      if (number) lines.push([]);
      if (piece || number < pieces.length - 1) lines.at(-1).push([index, piece]);
    });
  });
  return lines.filter((parts) => parts.length);
}

// Event number `index` (from 0) with its texts looked up.
export function eventAt(trace, index) {
  const [step, lane, kind, line = null, value = null, peer = null, peerLine = null, pairs = null] = trace.rows[index];
  const changed = [];
  for (let at = 0; pairs && at < pairs.length; at += 2) changed.push([trace.texts[pairs[at]], told(trace, pairs[at + 1])]);
  return { step, lane, kind: trace.kinds[kind], line, value: told(trace, value), peer, peerLine, changed };
}

const told = (trace, number) => (number === null ? null : trace.texts[number]);

// ---- states: the same rules as states.py ---------------------------------------------------------------------------

const CREATED = Object.freeze({
  state: "created", line: null, locals: new Map(), changed: [], resumedBy: null, waitingFor: null, delegatingTo: null,
  ending: null, value: null, seen: -1, // `seen`: the index of its last event, which Python does not need
});

// The state of every lane right after event `index`; -1 is before the first. Checkpoints make any jump cheap.
export function statesAt(trace, index) {
  const { checkpoints, every } = trace;
  for (let last = checkpoints.length - 1; index + 1 >= (last + 1) * every; last += 1) {
    checkpoints.push(walk(trace, checkpoints[last], last * every, (last + 1) * every));
  }
  const start = Math.floor((index + 1) / every);
  return walk(trace, checkpoints[start], start * every, index + 1).states;
}

function walk(trace, { states, inner }, from, to) {
  const now = states.slice();
  for (let index = from; index < to; index += 1) {
    const event = eventAt(trace, index);
    apply(now, event, inner, index);
    inner = event.kind === "suspend" || event.kind === "delegate" ? event.lane : null;
  }
  return { states: now, inner };
}

function apply(now, event, inner, index) {
  const before = now[event.lane];
  const lane = { ...before, seen: index, line: event.line ?? before.line, changed: event.changed.map(([name]) => name) };
  if (event.changed.length) lane.locals = bind(before.locals, event.changed);
  if (ENTERS.has(event.kind)) {
    Object.assign(lane, { state: "running", resumedBy: event.peer, delegatingTo: null });
    if (event.kind === "close") lane.ending = "close";
    if (event.peer !== null) now[event.peer] = { ...now[event.peer], waitingFor: event.lane };
  } else if (event.kind === "suspend" || event.kind === "delegate") {
    const delegatingTo = event.kind === "delegate" ? inner : null;
    Object.assign(lane, { state: "suspended", resumedBy: null, ending: null, delegatingTo });
  } else if (event.kind === "return" || event.kind === "raise") {
    const closing = lane.ending === "close" && (event.value === "GeneratorExit()" || event.value === "None");
    Object.assign(lane, { state: "closed", resumedBy: null, ending: closing ? "close" : event.kind });
    lane.value = closing ? null : event.value;
  } else {
    now[event.lane] = Object.assign(lane, { state: "running" });
    return;
  }
  now[event.lane] = Object.assign(lane, { waitingFor: null });
  if (LEAVES.has(event.kind) && event.peer !== null) now[event.peer] = { ...now[event.peer], waitingFor: null };
}

function bind(locals, changed) {
  const bound = new Map(locals);
  for (const [name, value] of changed) if (value !== null) bound.set(name, value);
  for (const [name, value] of changed) if (value === null) bound.delete(name);
  return bound;
}

// ---- spans: what the timeline draws ---------------------------------------------------------------------------------

// How much of a step, at either end, belongs to whoever resumes lanes from outside, if there is anybody; `runs.ROOM`.
const roomOf = (trace) => (trace.outside ? 0.22 : 0);

// Where event `index` stands on the axis of steps: events of one step share the length of that step.
export function place(trace, index) {
  const room = roomOf(trace);
  if (index < 0) return 0;
  if (index >= trace.count) return trace.steps - room;
  const step = trace.rows[index][0];
  const [first, next] = [trace.stepStarts[step], trace.stepStarts[step + 1]];
  return step + room + (1 - 2 * room) * ((index - first) / (next - first));
}

// What happens from one event to before another: the spans of each lane, how it ended, what crossed; `runs.read` in Python.
export function spans(trace, from, to, labels) {
  const now = statesAt(trace, from - 1).slice();
  const open = new Map();
  const drawn = { spans: [], ends: [], crossings: [] };
  const room = roomOf(trace);
  const [start, end] = [from, to].map((index) => (index < trace.count ? trace.rows[index][0] : trace.steps - room));
  const turn = (lane, at) => {
    const doing = now[lane].waitingFor !== null && now[lane].state === "running" ? "waiting" : now[lane].state;
    const before = open.get(lane);
    if (before?.doing === doing) return;
    if (before && at > before.from) drawn.spans.push({ ...before, lane, to: at });
    if (doing === "running" || doing === "waiting" || doing === "suspended") open.set(lane, { doing, from: at });
    else open.delete(lane);
  };
  now.forEach((_, lane) => turn(lane, start));
  for (let at = from ? after(trace.turns, from - 1) : 0; at < trace.turns.length && trace.turns[at] < to; at += 1) {
    const index = trace.turns[at];
    const event = eventAt(trace, index);
    const here = event.step + (LEAVES.has(event.kind) ? 1 - room : room);
    apply(now, event, null, index);
    turn(event.lane, here);
    if (event.peer !== null) turn(event.peer, here);
    if (now[event.lane].state === "closed") drawn.ends.push({ lane: event.lane, at: here, ending: now[event.lane].ending });
    const crossed = crossing(trace, event, now[event.lane], labels);
    if (crossed) drawn.crossings.push({ ...crossed, value: event.value, at: here, index });
  }
  for (const [lane, span] of open) if (end > span.from) drawn.spans.push({ ...span, lane, to: end });
  return drawn;
}

// ---- words: the templates of sentences.py and crossings.py ----------------------------------------------------------

// The name of the template that tells this event; `sentences.key` in Python.
export function key(event, lane) {
  if (INSIDE.has(event.kind)) return event.kind;
  if (event.kind === "raise" && event.value === "GeneratorExit()" && lane.kind !== "function") return "raise closing";
  const peer = event.peer === null ? "" : " peer";
  if (event.kind === "resume") return `resume${peer}${received(event, lane)}`;
  if (event.kind === "suspend" && ["function", "thread"].includes(lane.kind)) return nothing(event) ? "hand over nothing" : "hand over";
  return (event.kind === "start" && lane.kind === "function" ? "call" : event.kind) + peer;
}

const nothing = (event) => event.value === null || event.value === "None";

// Its author sees nothing of the None by which an event loop resumes a coroutine, or a system a thread.
function received(event, lane) {
  if (lane.kind !== "generator" && nothing(event)) return " awaiting";
  return event.value === null ? "" : " value";
}

// What event `index` did, in one sentence without a full stop; `sentences.sentence` in Python.
export function sentence(trace, index, templates) {
  const event = eventAt(trace, index);
  const lane = trace.lanes[event.lane];
  const value = event.kind === "output" && event.value !== null ? quoted(event.value) : event.value;
  const peer = event.peer === null ? "" : trace.lanes[event.peer].name;
  const words = fill(templates[key(event, lane)], { lane: lane.name, peer, line: event.line, value });
  if (!event.changed.length) return words;
  const change = ([name, bound]) => fill(templates[bound === null ? "unbound" : "bound"], { name, value: bound });
  return words + fill(templates.changed, { changes: event.changed.map(change).join(", ") });
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? "None"));
}

// A printed text as Python's repr writes it.
export function quoted(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escape = (letter) => {
    const named = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" }[letter];
    if (named || letter === quote) return named ?? `\\${quote}`;
    if (letter === " " || !/[\p{C}\p{Z}]/u.test(letter)) return letter;
    const code = letter.codePointAt(0);
    const [mark, width] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${mark}${code.toString(16).padStart(width, "0")}`;
  };
  return quote + Array.from(text, escape).join("") + quote;
}

// What crosses in this event, from whom to whom (null: the world outside the recording); null for a line and an output.
// `now` is the state of its lane right after it.
export function crossing(trace, event, now, labels) {
  const entering = ENTERS.has(event.kind);
  if (!entering && !LEAVES.has(event.kind)) return null;
  const lane = trace.lanes[event.lane];
  const here = { lane: event.lane, line: event.line };
  const there = { lane: event.peer, line: event.peerLine };
  const label = fill(labels[labelKey(event, lane, now.ending)], { value: event.value });
  return { from: entering ? there : here, to: entering ? here : there, label, entering, kind: event.kind };
}

// The name of the label template; `crossings.label_key` in Python.
export function labelKey(event, lane, ending) {
  const name = key(event, lane).replace(" peer", "");
  const left = event.kind === "return" || event.kind === "raise";
  if (name === "raise closing" || (left && ending === "close")) return "closed";
  if (event.kind === "resume" && (event.value === "None" || name === "resume awaiting")) return "resume nothing";
  if (name === "hand over nothing") return name;
  const yielding = event.kind === "suspend" || event.kind === "delegate";
  const full = yielding && lane.kind === "coroutine" ? `${name} await` : name;
  return event.value === "None" && (yielding || event.kind === "return") ? `${full} nothing` : full;
}

// ---- the picture ---------------------------------------------------------------------------------------------------

// Everything to draw after event `index`: the crossing, the lane that has the processor, the links and the sleeping chains.
export function picture(trace, index, { templates, labels }) {
  const states = statesAt(trace, index);
  if (index < 0) return { index, event: null, states, sentence: "Nothing has run yet", crossing: null, active: null, links: [], step: 0 };
  const event = eventAt(trace, index);
  const active = LEAVES.has(event.kind) ? event.peer : event.lane;
  return {
    index, event, states, active, step: event.step,
    sentence: sentence(trace, index, templates),
    crossing: crossing(trace, event, states[event.lane], labels),
    links: links(states, event),
  };
}

// Who is tied to whom: a running lane to the one that resumed it, a delegating one to the inner one.
function links(states, event) {
  const found = [];
  states.forEach((lane, number) => {
    if (lane.state === "running" && lane.resumedBy !== null) found.push({ from: lane.resumedBy, to: number, kind: "resumed" });
    if (lane.delegatingTo !== null) found.push({ from: number, to: lane.delegatingTo, kind: "delegates" });
  });
  const drawn = INSIDE.has(event.kind) ? [] : [event.lane, event.peer];
  return found.filter(({ from, to }) => !(drawn.includes(from) && drawn.includes(to)));
}

// One lane in words: [state, what there is to say about it].
export function inWords(trace, states, number) {
  const lane = states[number];
  const name = (other) => trace.lanes[other].name;
  const subroutine = trace.lanes[number].kind === "function";
  if (lane.state === "created") return ["created", subroutine ? "not called yet" : "not started yet"];
  if (lane.state === "closed") return ["closed", ended(lane)];
  if (lane.state === "suspended") {
    const outer = states.findIndex((other) => other.delegatingTo === number);
    const chain = lane.delegatingTo !== null ? `delegates to ${name(lane.delegatingTo)}` : outer >= 0 ? "innermost" : "no caller";
    return [`suspended at line ${lane.line ?? "?"}`, `${chain}; its frame is kept`];
  }
  if (lane.waitingFor !== null) return ["running", `waiting for ${name(lane.waitingFor)}`];
  const by = lane.resumedBy === null ? trace.driver : name(lane.resumedBy);
  return ["running", by ? `${subroutine ? "called" : "resumed"} by ${by}` : `at line ${lane.line ?? "?"}`];
}

function ended({ ending, value }) {
  if (ending === "close") return "by close()";
  if (ending === "raise") return `raised ${value}`;
  return value === null || value === "None" ? "returned" : `returned ${value}`;
}

// Which lanes get a card when only `room` fit. A lane keeps its slot; a needed one takes that of the lane longest unseen.
export function seats(previous, states, picture, room) {
  if (states.length <= room) return states.map((_, number) => number);
  const needed = [...new Set([picture.event?.lane, picture.event?.peer, picture.active].filter((lane) => lane != null))];
  const recent = states.map((_, number) => number).sort((a, b) => states[b].seen - states[a].seen || a - b);
  const order = [...new Set([...needed, ...previous.filter((lane) => lane < states.length), ...recent])].slice(0, room);
  const free = order.filter((lane) => !previous.includes(lane));
  const kept = previous.slice(0, room).map((lane) => (order.includes(lane) ? lane : free.shift()));
  return [...new Set([...kept, ...order])].filter((lane) => lane !== undefined).slice(0, room);
}

// The first place in a sorted list whose number is greater than `value`.
export function after(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

// The step of two traces at which they first differ, as an event index; null where they are equal.
export function firstDifference(one, other) {
  const told = (trace, index) => (index < trace.count ? JSON.stringify([trace.lanes[trace.rows[index][1]].name, eventAt(trace, index)]) : null);
  for (let index = 0; index < Math.max(one.count, other.count); index += 1) {
    if (told(one, index) !== told(other, index)) return index;
  }
  return null;
}
