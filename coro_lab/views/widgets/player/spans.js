// What the timeline draws: how long each lane does what, where it ends, what crosses meanwhile; `runs` in Python.

import { after } from "./picture.js";
import { apply, statesAt } from "./states.js";
import { eventAt, LEAVES } from "./trace.js";
import { crossing } from "./words.js";

// How much of a step, at either end, belongs to whoever resumes lanes from outside, if there is anybody; `runs.ROOM`.
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

// What happens from one event to before another: the spans of each lane, how it ended, what crossed; `runs.read` in Python.
/** @type {(trace: Trace, from: number, to: number, labels: Templates) => Drawn} */
export function spans(trace, from, to, labels) {
  const now = statesAt(trace, from - 1).slice();
  /** @type {Map<number, Pick<Span, "doing" | "from">>} */
  const open = new Map();
  /** @type {Drawn} */
  const drawn = { spans: [], ends: [], crossings: [] };
  const room = roomOf(trace);
  const [start, end] = [from, to].map((index) => (index < trace.count ? trace.rows[index][0] : trace.steps - room));
  /** @type {(lane: number, at: number) => void} */
  const turn = (lane, at) => {
    const doing = now[lane].waitingFor !== null && now[lane].state === "running" ? "waiting" : now[lane].state;
    const before = open.get(lane);
    if (before?.doing === doing) return;
    if (before && at > before.from) drawn.spans.push({ ...before, lane, to: at });
    if (doing === "running" || doing === "waiting" || doing === "suspended") open.set(lane, { doing, from: at });
    else open.delete(lane);
  };
  for (const lane of now.keys()) turn(lane, start);
  for (let at = from ? after(trace.turns, from - 1) : 0; at < trace.turns.length && trace.turns[at] < to; at += 1) {
    const index = trace.turns[at];
    const event = eventAt(trace, index);
    const here = event.step + (LEAVES.has(event.kind) ? 1 - room : room);
    apply(now, event, null, index);
    turn(event.lane, here);
    if (event.peer !== null) turn(event.peer, here);
    if (now[event.lane].state === "closed")
      drawn.ends.push({ lane: event.lane, at: here, ending: now[event.lane].ending });
    const crossed = crossing(trace, event, now[event.lane], labels);
    if (crossed) drawn.crossings.push({ ...crossed, value: event.value, at: here, index });
  }
  for (const [lane, span] of open) if (end > span.from) drawn.spans.push({ ...span, lane, to: end });
  return drawn;
}
