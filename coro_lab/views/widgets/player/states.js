// What each lane is doing after any event. Python has written the states into the types of events; what is added here is
// what a card shows besides: the line, the locals, and the other lane that this one is tied to.

import { ENTERS, eventAt, INSIDE } from "./trace.js";

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

function apply(now, event, inner, seen) {
  const before = now[event.lane];
  const lane = { ...before, seen, line: event.line ?? before.line, changed: event.changed.map(([name]) => name) };
  does(lane, event.doing);
  if (event.changed.length) lane.locals = bind(before.locals, event.changed);
  if (!INSIDE.has(event.kind)) tie(now, lane, event, inner);
  now[event.lane] = lane;
}

// A switch ends what the lane was tied to, and ties it anew.
function tie(now, lane, { kind, ending, value, lane: number, peer, peerDoing }, inner) {
  const entered = ENTERS.has(kind);
  lane.resumedBy = entered ? peer : null;
  lane.waitingFor = null;
  lane.delegatingTo = kind === "delegate" ? inner : null;
  lane.ending = ending;
  lane.value = ending === "return" || ending === "raise" ? value : null;
  if (peer === null) return;
  now[peer] = { ...now[peer], waitingFor: entered ? number : null };
  does(now[peer], peerDoing);
}

function does(lane, doing) {
  lane.doing = doing;
  lane.state = doing === "waiting" ? "running" : doing;
}

function bind(locals, changed) {
  const bound = new Map(locals);
  for (const [name, value] of changed) if (value !== null) bound.set(name, value);
  for (const [name, value] of changed) if (value === null) bound.delete(name);
  return bound;
}
