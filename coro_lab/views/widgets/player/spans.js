// What the timeline draws: how long each lane does what, where it ends, what crosses meanwhile; `plots/spans.py` in Python.

import { after } from "./picture.js";
import { statesAt } from "./states.js";
import { eventAt, LEAVES, REQUESTS } from "./trace.js";
import { crossing } from "./words.js";

// How much of a step, at either end, is left to an outside that resumes lanes; ROOM in `plots/model.py`.
/** @type {(trace: Trace) => number} */
const roomOf = (trace) => (trace.outside ? 0.22 : 0);

// Where event `index` stands on the axis of steps: events of one step share the length of that step.
/** @type {(trace: Trace, index: number) => number} */
export function place(trace, index) {
  const room = roomOf(trace);
  if (index < 0) return 0;
  if (index >= trace.count) return trace.steps - room;
  const step = trace.rows[index][0];
  const [first, next] = [trace.stepStarts[step], trace.stepStarts[step + 1]];
  return step + room + (1 - 2 * room) * ((index - first) / (next - first));
}

// Where a task is asked to end: at the event if the lane that asks runs, else at the end of the step.
/** @type {(trace: Trace, index: number, open: Map<number, Pick<Span, "doing">>) => number} */
function askedAt(trace, index, open) {
  const [step, , , , , peer] = trace.rows[index];
  return open.get(peer ?? -1)?.doing === "running" ? place(trace, index) : step + 1;
}

// What happens from one event to before another: the spans of each lane, how it ended, what crossed.
/** @type {(trace: Trace, from: number, to: number) => Drawn} */
export function spans(trace, from, to) {
  /** @type {Map<number, Pick<Span, "doing" | "from">>} */
  const open = new Map();
  /** @type {Drawn} */
  const drawn = { spans: [], ends: [], crossings: [] };
  const room = roomOf(trace);
  const [start, end] = [from, to].map((index) => {
    if (index >= trace.count) return trace.steps - room;
    const step = trace.rows[index][0];
    return index === trace.stepStarts[step] ? step : place(trace, index);
  });
  /** @type {(lane: number, doing: LaneState["doing"], at: number) => void} */
  const turn = (lane, doing, at) => {
    const before = open.get(lane);
    if (before?.doing === doing) return;
    if (before && at > before.from) drawn.spans.push({ ...before, lane, to: at });
    if (doing === "created" || doing === "closed") open.delete(lane);
    else open.set(lane, { doing, from: at });
  };
  for (const [lane, { doing }] of statesAt(trace, from - 1).entries()) turn(lane, doing, start);
  for (let at = from ? after(trace.turns, from - 1) : 0; at < trace.turns.length && trace.turns[at] < to; at += 1) {
    const index = trace.turns[at];
    const event = eventAt(trace, index);
    const here = REQUESTS.has(event.kind)
      ? askedAt(trace, index, open)
      : event.step + (LEAVES.has(event.kind) ? 1 - room : room);
    turn(event.lane, event.doing, here);
    if (event.peer !== null && event.peerDoing) turn(event.peer, event.peerDoing, here);
    if (event.ending) drawn.ends.push({ lane: event.lane, at: here, ending: event.ending });
    const crossed = crossing(event);
    if (crossed && crossed.from.lane !== crossed.to.lane)
      drawn.crossings.push({ ...crossed, value: event.value, at: here, index });
  }
  for (const [lane, span] of open) if (end > span.from) drawn.spans.push({ ...span, lane, to: end });
  return drawn;
}
