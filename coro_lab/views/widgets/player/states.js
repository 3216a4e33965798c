// What each lane is doing after any event: the same rules as states.py.

import { ENTERS, eventAt, LEAVES } from "./trace.js";

// The state of every lane right after event `index`; -1 is before the first. Checkpoints make any jump cheap.
/** @type {(trace: Trace, index: number) => LaneState[]} */
export function statesAt(trace, index) {
  const { checkpoints, every } = trace;
  for (let last = checkpoints.length - 1; index + 1 >= (last + 1) * every; last += 1) {
    checkpoints.push(walk(trace, checkpoints[last], last * every, (last + 1) * every));
  }
  const start = Math.floor((index + 1) / every);
  return walk(trace, checkpoints[start], start * every, index + 1).states;
}

/** @type {(trace: Trace, start: Checkpoint, from: number, to: number) => Checkpoint} */
function walk(trace, { states, inner }, from, to) {
  const now = states.slice();
  for (let index = from; index < to; index += 1) {
    const event = eventAt(trace, index);
    apply(now, event, inner, index);
    inner = event.kind === "suspend" || event.kind === "delegate" ? event.lane : null;
  }
  return { states: now, inner };
}

/** @type {(now: LaneState[], event: TraceEvent, inner: Maybe<number>, index: number) => void} */
export function apply(now, event, inner, index) {
  const before = now[event.lane];
  const lane = {
    ...before,
    seen: index,
    line: event.line ?? before.line,
    changed: event.changed.map(([name]) => name),
  };
  if (event.changed.length) lane.locals = bind(before.locals, event.changed);
  if (ENTERS.has(event.kind)) {
    Object.assign(lane, { state: "running", resumedBy: event.peer, delegatingTo: null });
    if (event.kind === "close") Object.assign(lane, { ending: "close", dropped: event.value === "dropped" });
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

/** @type {(locals: Map<string, string>, changed: TraceEvent["changed"]) => Map<string, string>} */
function bind(locals, changed) {
  const bound = new Map(locals);
  for (const [name, value] of changed) if (value !== null) bound.set(name, value);
  for (const [name, value] of changed) if (value === null) bound.delete(name);
  return bound;
}
