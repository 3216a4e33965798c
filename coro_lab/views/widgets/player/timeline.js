// The timeline: one row a lane, a cursor, and for a long run an overview of the whole below the part in view.
// With more lanes than rows, each lane near the cursor has its own row; the others share the last row, in grey.

import { el } from "../element.js";
import { drawDetail } from "./canvas.js";
import { FEWER, MOST_LANES, NAMES, STEP_WIDTH } from "./measures.js";
import { drawOverview } from "./overview.js";
import { after } from "./picture.js";
import { place } from "./spans.js";

/**
 * A timeline that calls `jump(index)` where it is clicked. `load` gives it a trace, `show` moves its cursor.
 * @param {(index: number) => void} jump
 */
export function makeTimeline(jump) {
  const detail = el("canvas", "coro-detail");
  const overview = el("canvas", "coro-overview");
  const cursor = el("div", "coro-cursor");
  const viewport = el("div", "coro-viewport");
  const rows = el("div", "coro-rows", [detail, cursor]);
  const whole = el("div", "coro-whole", [overview, viewport]);
  const element = el("div", "coro-timeline", [rows, whole]);
  element.setAttribute("aria-hidden", "true"); // the slider and the sentence say the same
  /** @type {Trace} */
  let trace;
  /** @type {{ looks: Look[], mark: Maybe<number>, shown: number[], until: number }} */
  const view = { looks: [], mark: null, shown: [], until: 0 };
  const axis = { start: 0, steps: 1, width: 0, least: 1, paged: false };
  let now = -1;

  rows.addEventListener("click", (event) => choose(event, axis.start, axis.steps));
  whole.addEventListener("click", (event) => choose(event, 0, trace.steps));

  /** @param {MouseEvent} event @param {number} start @param {number} steps */
  function choose(event, start, steps) {
    const box = element.getBoundingClientRect();
    const part = (event.clientX - box.left - NAMES) / (box.width - NAMES);
    if (trace?.count) jump(indexAt(trace, start + Math.min(Math.max(part, 0), 1) * steps));
  }

  /**
   * `mark` is an event to point at; `least` the number of steps to leave room for, where two timelines are compared.
   * @param {Trace} given
   * @param {Look[]} looks
   * @param {{ mark: Maybe<number>, least: number }} [compared]
   */
  function load(given, looks, { mark, least } = { mark: null, least: 1 }) {
    trace = given;
    Object.assign(view, { looks, mark });
    axis.least = least;
    layout();
  }

  function layout() {
    const width = element.clientWidth;
    if (!trace || !width) return;
    const room = Math.max(Math.floor((width - NAMES) / STEP_WIDTH), 8);
    const all = Math.max(trace.steps, axis.least);
    axis.width = width;
    axis.paged = all > room;
    axis.steps = axis.paged ? room : all;
    axis.start = axis.paged ? pageOf(now) : 0;
    whole.hidden = !axis.paged && trace.lanes.length <= MOST_LANES;
    draw();
    move();
  }

  function draw() {
    const { start, steps, width } = axis;
    const { looks, until } = view;
    const end = start + steps >= trace.steps ? trace.count : trace.stepStarts[start + steps];
    const to = Math.min(end, until);
    const from = Math.min(trace.stepStarts[start] ?? 0, to);
    view.shown = lanesInView(trace, {
      from,
      to,
      index: now,
      most: trace.lanes.length > MOST_LANES ? FEWER : MOST_LANES,
    });
    drawDetail(detail, { ...view, trace, start, steps, width, from, to });
    if (!whole.hidden) drawOverview(overview, { trace, looks, width, until });
  }

  /** @param {number} index */
  function pageOf(index) {
    const middle = Math.floor(place(trace, index) - axis.steps / 2);
    return Math.max(Math.min(middle, Math.max(trace.steps, axis.least) - axis.steps), 0);
  }

  /**
   * The cursor goes to an event; what happens from event `until` on is not drawn.
   * @param {number} index
   */
  function show(index, until = trace.count) {
    const same = until === view.until;
    now = index;
    view.until = until;
    if (!axis.width) return layout();
    const at = place(trace, index);
    const away = axis.paged && (at < axis.start || at >= axis.start + axis.steps - 0.5);
    const page = away ? pageOf(index) : axis.start;
    if (!same || page !== axis.start || !atWork(trace, index).every((lane) => view.shown.includes(lane))) {
      axis.start = page;
      draw();
    }
    move();
  }

  function move() {
    const scale = (axis.width - NAMES) / axis.steps;
    /** @param {number} at */
    const left = (at) => NAMES + (at - axis.start) * scale;
    const here = place(trace, now);
    const sameStep = trace.rows[now + 1]?.[0] === trace.rows[now]?.[0];
    const next = sameStep ? place(trace, now + 1) : Math.ceil(here + 0.001);
    cursor.hidden = now < 0;
    cursor.style.left = `${left(here)}px`;
    cursor.style.width = `${Math.max(left(next) - left(here), 2)}px`;
    const share = (axis.width - NAMES) / Math.max(trace.steps, 1);
    viewport.style.left = `${NAMES + axis.start * share}px`;
    viewport.style.width = `${Math.max(axis.steps * share, 3)}px`;
  }

  return { element, load, layout, show };
}

/**
 * The last event that stands at or before a place on the axis of steps.
 * @param {Trace} trace
 * @param {number} at
 */
function indexAt(trace, at) {
  const step = Math.min(Math.max(Math.floor(at), 0), trace.steps - 1);
  const [first, next] = [trace.stepStarts[step], trace.stepStarts[step + 1]];
  return Math.min(first + Math.floor((at - step) * (next - first)), trace.count - 1);
}

/**
 * The lanes that have their own row, in order, where `most` of them fit: those at work at event `index`, the first,
 * which is the program itself, then those whose turns are nearest among the events from `from` to before `to`, then the
 * first ones.
 * @param {Trace} trace
 * @param {{ from: number, to: number, index: number, most: number }} part
 */
export function lanesInView(trace, { from, to, index, most }) {
  if (trace.lanes.length <= most) return trace.lanes.map((_, lane) => lane);
  const { turns } = trace;
  const chosen = new Set([...atWork(trace, index), 0]);
  let [back, forth] = [after(turns, index) - 1, after(turns, index)];
  while (chosen.size < most && (turns[back] >= from || turns[forth] < to)) {
    const earlier = turns[back] >= from && !(turns[forth] < to && turns[forth] - index <= index - turns[back]);
    for (const lane of endsAt(trace, earlier ? turns[back--] : turns[forth++])) {
      if (chosen.size < most) chosen.add(lane);
    }
  }
  for (let lane = 0; chosen.size < most; lane += 1) chosen.add(lane);
  return [...chosen].sort((one, other) => one - other);
}

/**
 * The lanes of event `index` and of the last switch up to it, at both ends: who runs, and who made it run.
 * @param {Trace} trace
 * @param {number} index
 */
function atWork(trace, index) {
  const last = Math.min(index, trace.count - 1);
  return last < 0 ? [] : [...endsAt(trace, last), ...endsAt(trace, trace.turns[after(trace.turns, last) - 1])];
}

/** @param {Trace} trace @param {number} index */
function endsAt(trace, index) {
  const { 1: lane, 5: peer } = trace.rows[index];
  return peer == null ? [lane] : [lane, peer];
}
