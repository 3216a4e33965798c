// The timeline: one row a lane, a cursor, and for a long run an overview of the whole below the part in view.
// Of more lanes than there are rows, those nearest to the cursor have one of their own; the others share the last, in grey.

import { after } from "./picture.js";
import { place } from "./spans.js";
import { el } from "../element.js";
import { FEWER, MOST_LANES, NAMES, STEP_WIDTH } from "./measures.js";
import { drawDetail } from "./canvas.js";
import { drawOverview } from "./overview.js";

// A timeline in `host` that calls `jump(index)` where it is clicked. `load` gives it a trace, `show` moves its cursor.
export function makeTimeline(jump) {
  const detail = el("canvas", "coro-detail");
  const overview = el("canvas", "coro-overview");
  const cursor = el("div", "coro-cursor");
  const viewport = el("div", "coro-viewport");
  const frame = el("div", "coro-rows", [detail, cursor]);
  const whole = el("div", "coro-whole", [overview, viewport]);
  const element = el("div", "coro-timeline", [frame, whole]);
  element.setAttribute("aria-hidden", "true"); // the slider and the sentence say the same
  const view = { trace: null, looks: [], index: -1, start: 0, steps: 1, least: 1, width: 0, paged: false, mark: null, shown: [] };

  frame.addEventListener("click", (event) => choose(event, detail, view.start, view.steps));
  whole.addEventListener("click", (event) => choose(event, overview, 0, view.trace.steps));

  function choose(event, canvas, start, steps) {
    const box = canvas.getBoundingClientRect();
    const part = (event.clientX - box.left - NAMES) / (box.width - NAMES);
    if (view.trace?.count) jump(indexAt(view.trace, start + Math.min(Math.max(part, 0), 1) * steps));
  }

  // `mark` is an event to point at; `least` the number of steps to leave room for, where two timelines are compared.
  function load(trace, looks, { mark = null, least = 1 } = {}) {
    Object.assign(view, { trace, looks, mark, least });
    layout();
  }

  function layout() {
    const width = element.clientWidth;
    if (!view.trace || !width) return;
    const room = Math.max(Math.floor((width - NAMES) / STEP_WIDTH), 8);
    view.width = width;
    view.paged = Math.max(view.trace.steps, view.least) > room;
    view.steps = view.paged ? room : Math.max(view.trace.steps, view.least);
    view.start = view.paged ? pageOf(view.index) : 0;
    whole.hidden = !view.paged && view.trace.lanes.length <= MOST_LANES;
    draw();
    if (!whole.hidden) drawOverview(overview, view);
    move();
  }

  function draw() {
    const { trace, start, steps, index } = view;
    const [from, to] = [trace.stepStarts[start] ?? 0, start + steps >= trace.steps ? trace.count : trace.stepStarts[start + steps]];
    view.shown = lanesInView(trace, { from, to, index, most: trace.lanes.length > MOST_LANES ? FEWER : MOST_LANES });
    drawDetail(detail, { ...view, from, to });
  }

  function pageOf(index) {
    const middle = Math.floor(place(view.trace, index) - view.steps / 2);
    return Math.max(Math.min(middle, Math.max(view.trace.steps, view.least) - view.steps), 0);
  }

  function show(index) {
    view.index = index;
    if (!view.width) return layout();
    const at = place(view.trace, index);
    const away = view.paged && (at < view.start || at >= view.start + view.steps - 0.5);
    const page = away ? pageOf(index) : view.start;
    if (page !== view.start || !atWork(view.trace, index).every((lane) => view.shown.includes(lane))) {
      view.start = page;
      draw();
    }
    return move();
  }

  function move() {
    const scale = (view.width - NAMES) / view.steps;
    const left = (at) => NAMES + (at - view.start) * scale;
    const here = place(view.trace, view.index);
    cursor.hidden = view.index < 0;
    cursor.style.left = `${left(here)}px`;
    const next = view.trace.rows[view.index + 1]?.[0] === view.trace.rows[view.index]?.[0] ? place(view.trace, view.index + 1) : Math.ceil(here + 0.001);
    cursor.style.width = `${Math.max(left(next) - left(here), 2)}px`;
    const share = (view.width - NAMES) / Math.max(view.trace.steps, 1);
    viewport.style.left = `${NAMES + view.start * share}px`;
    viewport.style.width = `${Math.max(view.steps * share, 3)}px`;
  }

  return { element, load, layout, show };
}

// The last event that stands at or before a place on the axis of steps.
function indexAt(trace, at) {
  const step = Math.min(Math.max(Math.floor(at), 0), trace.steps - 1);
  const [first, next] = [trace.stepStarts[step], trace.stepStarts[step + 1]];
  return Math.min(first + Math.floor((at - step) * (next - first)), trace.count - 1);
}

// The lanes that have a row of their own, in order, where `most` of them fit: those at work at event `index`, the first, which
// is the program itself, then those whose turns are nearest among the events from `from` to before `to`, then the first ones.
export function lanesInView(trace, { from, to, index, most }) {
  if (trace.lanes.length <= most) return trace.lanes.map((_, lane) => lane);
  const { turns } = trace;
  const chosen = new Set([...atWork(trace, index), 0]);
  let [back, forth] = [after(turns, index) - 1, after(turns, index)];
  while (chosen.size < most && (turns[back] >= from || turns[forth] < to)) {
    const earlier = turns[back] >= from && !(turns[forth] < to && turns[forth] - index <= index - turns[back]);
    for (const lane of endsAt(trace, earlier ? turns[back--] : turns[forth++])) if (chosen.size < most) chosen.add(lane);
  }
  for (let lane = 0; chosen.size < most; lane += 1) chosen.add(lane);
  return [...chosen].sort((one, other) => one - other);
}

// The lanes of event `index` and of the last switch up to it, at both ends: who runs, and whoever made it run.
function atWork(trace, index) {
  const last = Math.min(index, trace.count - 1);
  return last < 0 ? [] : [...endsAt(trace, last), ...endsAt(trace, trace.turns[after(trace.turns, last) - 1])];
}

const endsAt = (trace, index) => [trace.rows[index][1], trace.rows[index][5]].filter((lane) => lane != null);
