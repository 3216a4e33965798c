// What each lane is doing after any event. Python has written the states into the types of events; what is added here is
// what a card shows besides: the line, the locals, and the other lanes that this one is tied to.

import { ENTERS, eventAt, INSIDE, REQUESTS } from "./trace.js";

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

/** @type {(now: LaneState[], event: TraceEvent, inner: Maybe<number>, seen: number) => void} */
function apply(now, event, inner, seen) {
  const before = now[event.lane];
  const lane = { ...before, seen, line: event.line ?? before.line, changed: event.changed.map(([name]) => name) };
  does(lane, event.doing);
  if (event.changed.length) lane.locals = bind(before.locals, event.changed);
  if (!INSIDE.has(event.kind) && !REQUESTS.has(event.kind)) tie(now, lane, event, inner);
  now[event.lane] = lane;
}

// A switch ends what the lane was tied to, and ties it anew.
/** @type {(now: LaneState[], lane: LaneState, event: TraceEvent, inner: Maybe<number>) => void} */
function tie(now, lane, event, inner) {
  const entered = ENTERS.has(event.kind);
  lane.resumedBy = entered ? event.peer : null;
  lane.waitingFor = null;
  lane.delegatingTo = event.kind === "delegate" ? inner : null;
  lane.ending = event.ending;
  lane.value = event.ending === "return" || event.ending === "raise" ? event.value : null;
  if (event.peer === null) return;
  const peer = { ...now[event.peer], waitingFor: entered ? event.lane : null };
  if (event.peerDoing) does(peer, event.peerDoing);
  now[event.peer] = peer;
}

/** @type {(lane: LaneState, doing: LaneState["doing"]) => void} */
function does(lane, doing) {
  lane.doing = doing;
  lane.state = doing === "waiting" ? "running" : doing;
}

/** @type {(locals: Map<string, string>, changed: TraceEvent["changed"]) => Map<string, string>} */
function bind(locals, changed) {
  const bound = new Map(locals);
  for (const [name, value] of changed) if (value !== null) bound.set(name, value);
  for (const [name, value] of changed) if (value === null) bound.delete(name);
  return bound;
}
