// Trace and index in, picture out: what there is to draw after one event, and which lanes get a card.

import { statesAt } from "./states.js";
import { eventAt, INSIDE, LEAVES, REQUESTS } from "./trace.js";
import { crossing, sentence } from "./words.js";

// Everything to draw after event `index`: the crossing, the lane that has the processor, and which lanes are tied.
/** @type {(trace: Trace, index: number) => Picture} */
export function picture(trace, index) {
  const states = statesAt(trace, index);
  const nothing = (trace.note ?? "Nothing has run yet").replace(/\.$/, "");
  if (index < 0)
    return {
      index,
      event: null,
      states,
      sentence: nothing,
      crossing: null,
      active: null,
      links: [],
      next: nextEnds(trace, index),
      step: 0,
    };
  const event = eventAt(trace, index);
  const active = activeAfter(event, states);
  return {
    index,
    event,
    states,
    active,
    step: event.step,
    sentence: sentence(trace, index),
    crossing: crossing(event),
    links: links(states, event),
    next: nextEnds(trace, index),
  };
}

// The lane that has the processor; where a task is asked to end, it is the one that asks, if that runs.
/** @type {(event: TraceEvent, states: LaneState[]) => Maybe<number>} */
function activeAfter({ kind, lane, peer }, states) {
  if (!REQUESTS.has(kind)) return LEAVES.has(kind) ? peer : lane;
  const asks = peer ?? lane;
  return states[asks].doing === "running" ? asks : null;
}

// The lanes at both ends of the next switch.
/** @type {(trace: Trace, index: number) => number[]} */
function nextEnds(trace, index) {
  const row = trace.rows[trace.switches[after(trace.switches, index)]];
  return row ? [row[1], row[5]].filter((lane) => lane != null) : [];
}

// Who is tied to whom: a running lane to the one that resumed it, a delegating one to the inner one.
/** @type {(states: LaneState[], event: TraceEvent) => Link[]} */
function links(states, event) {
  /** @type {Link[]} */
  const found = [];
  states.forEach((lane, number) => {
    if (lane.state === "running" && lane.resumedBy !== null)
      found.push({ from: lane.resumedBy, to: number, kind: "resumed" });
    if (lane.delegatingTo !== null) found.push({ from: number, to: lane.delegatingTo, kind: "delegates" });
  });
  const drawn = INSIDE.has(event.kind) ? [] : [event.lane, event.peer];
  return found.filter(({ from, to }) => !(drawn.includes(from) && drawn.includes(to)));
}

// One lane in words: [state, what there is to say about it].
/** @type {(trace: Trace, states: LaneState[], number: number) => [word: string, more: string]} */
export function inWords(trace, states, number) {
  const lane = states[number];
  /** @type {(other: number) => string} */
  const name = (other) => trace.lanes[other].name;
  const subroutine = trace.lanes[number].kind === "function";
  if (lane.state === "created" && trace.ready[number]) return ["created", "not started yet"];
  if (lane.state === "created") return [subroutine ? "not called yet" : "not started yet", ""];
  if (lane.state === "closed") return ["closed", ended(lane)];
  if (lane.state === "suspended") {
    const outer = states.findIndex((other) => other.delegatingTo === number);
    const chain =
      lane.delegatingTo !== null ? `delegates to ${name(lane.delegatingTo)}` : outer >= 0 ? "innermost" : "no caller";
    return [`suspended at line ${lane.line ?? "?"}`, `${chain}; its frame is kept`];
  }
  if (lane.waitingFor !== null) return ["running", `waiting for ${name(lane.waitingFor)}`];
  if (lane.resumedBy !== null) return ["running", `${subroutine ? "called" : "resumed"} by ${name(lane.resumedBy)}`];
  const from = trace.driver && `${subroutine ? "started" : "resumed"} by ${trace.driver}`;
  return ["running", from || `at line ${lane.line ?? "?"}`];
}

/** @type {(lane: LaneState) => string} */
function ended({ ending, value }) {
  if (ending === "close") return "by close()";
  if (ending === "drop") return "nothing refers to it";
  if (ending === "raise") return `raised ${value}`;
  return value === null || value === "None" ? "returned" : `returned ${value}`;
}

// Which lanes get a card when only `room` fit: those of the event, and those of the next switch, because a reader is asked
// what comes next. A lane keeps its slot; a needed one takes that of the lane longest unseen.
/** @type {(previous: number[], states: LaneState[], picture: Pick<Picture, "event" | "active" | "next">, room: number) => number[]} */
export function seats(previous, states, picture, room) {
  if (states.length <= room) return states.map((_, number) => number);
  const needed = [
    ...new Set(
      [picture.event?.lane, picture.event?.peer, picture.active, ...picture.next].filter((lane) => lane != null),
    ),
  ];
  const recent = states.map((_, number) => number).sort((a, b) => states[b].seen - states[a].seen || a - b);
  const order = [...new Set([...needed, ...previous.filter((lane) => lane < states.length), ...recent])].slice(0, room);
  const free = order.filter((lane) => !previous.includes(lane));
  const kept = previous.slice(0, room).map((lane) => (order.includes(lane) ? lane : free.shift()));
  return [...new Set([...kept, ...order])].filter((lane) => lane !== undefined).slice(0, room);
}

// The first place in a sorted list whose number is greater than `value`.
/** @type {(sorted: ArrayLike<number>, value: number) => number} */
export function after(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
