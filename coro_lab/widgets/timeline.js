// The timeline on a canvas: one row a lane, a cursor, and for a long run an overview of the whole below the part in view.
// Solid bar = running, framed = waiting for the one it called, thin and hatched = suspended, square = returned, cross = raised.
// Of more lanes than there are rows, those nearest to the cursor have one of their own; the others share the last, in grey.

import { after, place, spans } from "./picture.js";
import { el } from "./cards.js";

const STEP_WIDTH = 18; // pixels of a step where there are more steps than fit
const NAMES = 116; // pixels for the names at the left
const [MOST_LANES, FEWER] = [20, 14]; // more would leave no room for their names; where not all fit, so many have a row
const FONT = "12px system-ui, sans-serif";

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
  const view = { trace: null, looks: [], labels: {}, index: -1, start: 0, steps: 1, least: 1, width: 0, paged: false, mark: null, shown: [] };

  frame.addEventListener("click", (event) => choose(event, detail, view.start, view.steps));
  whole.addEventListener("click", (event) => choose(event, overview, 0, view.trace.steps));

  function choose(event, canvas, start, steps) {
    const box = canvas.getBoundingClientRect();
    const part = (event.clientX - box.left - NAMES) / (box.width - NAMES);
    if (view.trace?.count) jump(indexAt(view.trace, start + Math.min(Math.max(part, 0), 1) * steps));
  }

  // `mark` is an event to point at; `least` the number of steps to leave room for, where two timelines are compared.
  function load(trace, looks, labels, { mark = null, least = 1 } = {}) {
    Object.assign(view, { trace, looks, labels, mark, least });
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

function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = FONT;
  pen.textBaseline = "middle";
  return pen;
}

const colours = (canvas) => {
  const style = getComputedStyle(canvas);
  return { ink: style.color, dim: style.getPropertyValue("--coro-dim"), paper: style.getPropertyValue("--coro-paper") || "#fff" };
};

function drawDetail(canvas, { trace, looks, labels, start, steps, width, mark, shown, from, to }) {
  const above = trace.outside ? 1 : 0; // a row for whoever resumes lanes without being one
  const others = trace.lanes.length - shown.length;
  const rows = shown.length + above + (others ? 1 : 0);
  const row = Math.min(260 / rows, 30);
  const rowOf = new Map(shown.map((lane, number) => [lane, number]));
  const bottom = rows * row;
  const pen = sized(canvas, width, bottom + 18);
  const paint = colours(canvas);
  const x = (at) => NAMES + ((at - start) / steps) * (width - NAMES);
  const y = (lane) => ((lane === null ? -1 : (rowOf.get(lane) ?? shown.length)) + above) * row + row / 2;
  const hue = (lane) => (rowOf.has(lane) ? looks[lane]?.hue ?? paint.ink : paint.dim);
  for (const lane of shown) drawName(pen, trace.lanes[lane].name, looks[lane], y(lane), paint);
  if (others) drawName(pen, `${others} more`, { symbol: "≡", word: paint.dim }, y(), paint);
  if (above) drawName(pen, trace.outside, { symbol: "⬢", word: paint.dim }, y(null), paint);
  drawAxis(pen, { start, steps, x, bottom, paint, edge: width });
  pen.save();
  pen.beginPath();
  pen.rect(NAMES - 6, 0, width - NAMES + 6, bottom);
  pen.clip();
  const drawn = spans(trace, from, to, labels);
  for (const span of together(drawn.spans, rowOf)) drawSpan(pen, span, x(span.from), x(span.to), y(span.lane), row, hue(span.lane), looks[span.lane]?.hatch);
  const told = drawn.crossings.filter((crossing) => rowOf.has(crossing.from.lane) || rowOf.has(crossing.to.lane));
  drawCrossings(pen, told, { x, y, row, above, edge: width, paint });
  for (const end of drawn.ends) drawEnd(pen, end, Math.min(x(end.at), width - 6), y(end.lane), hue(end.lane), paint);
  if (mark !== null) drawMark(pen, x(place(trace, mark)), bottom, paint);
  pen.restore();
}

// The spans as they are drawn: of the lanes that share a row each one that runs, upon one span in which any of them is there.
function together(all, rowOf) {
  const [alone, shared] = [all.filter((span) => rowOf.has(span.lane)), all.filter((span) => !rowOf.has(span.lane))];
  const still = shared.filter((span) => span.doing !== "running");
  if (!still.length) return all;
  const doing = still.some((span) => span.doing === "suspended") ? "suspended" : "waiting";
  const [from, to] = [still.reduce((least, span) => Math.min(least, span.from), Infinity), still.reduce((most, span) => Math.max(most, span.to), 0)];
  return [...alone, { doing, from, to, lane: undefined }, ...shared.filter((span) => span.doing === "running")];
}

function drawName(pen, name, look, y, paint) {
  const words = `${look?.symbol ?? "●"} ${name}`;
  pen.fillStyle = look?.word ?? paint.ink;
  pen.fillText(words.length > 17 ? `${words.slice(0, 16)}…` : words, 2, y);
}

function drawAxis(pen, { start, steps, x, bottom, paint, edge }) {
  pen.fillStyle = paint.dim;
  pen.fillText("step", 2, bottom + 9);
  const widest = Math.max(pen.measureText(String(start + steps)).width + 8, 26);
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => (x(start + size) - x(start)) >= widest) ?? 1000;
  pen.textAlign = "center";
  for (let step = Math.ceil(start / every) * every; step < start + steps; step += every) {
    const middle = (x(step) + x(step + 1)) / 2;
    if (middle + pen.measureText(String(step)).width / 2 <= edge) pen.fillText(String(step), middle, bottom + 9);
    pen.globalAlpha = 0.12;
    pen.fillRect(x(step), 0, 1, bottom);
    pen.globalAlpha = 1;
  }
  pen.textAlign = "left";
}

function drawSpan(pen, { doing }, from, to, y, row, hue, hatch) {
  const width = Math.max(to - from, 1);
  pen.fillStyle = pen.strokeStyle = hue;
  const thick = Math.max(row * (doing === "suspended" ? 0.26 : 0.56), 2);
  if (doing === "running") return pen.fillRect(from, y - thick / 2, width, thick);
  pen.globalAlpha = doing === "suspended" ? 0.3 : 0.16;
  pen.fillRect(from, y - thick / 2, width, thick);
  pen.globalAlpha = 1;
  pen.lineWidth = 1;
  pen.strokeRect(from + 0.5, y - thick / 2, Math.max(width - 1, 0.5), thick);
  return doing === "suspended" ? drawHatch(pen, from, width, y, thick, hatch) : undefined;
}

function drawHatch(pen, from, width, y, thick, hatch = "////") {
  const [up, down] = [hatch.includes("\\") || hatch.includes("x"), hatch.includes("/") || hatch.includes("x")];
  pen.save();
  pen.beginPath();
  pen.rect(from, y - thick / 2, width, thick);
  pen.clip();
  pen.beginPath();
  for (let at = from - thick; at < from + width; at += 6) {
    const [top, bottom] = [y - thick / 2, y + thick / 2];
    if (down || !up) pen.moveTo(at, bottom), pen.lineTo(at + thick, top);
    if (up) pen.moveTo(at, top), pen.lineTo(at + thick, bottom);
  }
  pen.stroke();
  pen.restore();
}

function drawEnd(pen, { ending }, x, y, hue, paint) {
  pen.fillStyle = pen.strokeStyle = hue;
  pen.lineWidth = 2;
  if (ending !== "raise") {
    pen.fillRect(x - 5, y - 5, 10, 10);
    pen.strokeStyle = paint.paper;
    pen.lineWidth = 1;
    return pen.strokeRect(x - 5.5, y - 5.5, 11, 11);
  }
  pen.beginPath();
  pen.moveTo(x - 5, y - 5), pen.lineTo(x + 5, y + 5), pen.moveTo(x + 5, y - 5), pen.lineTo(x - 5, y + 5);
  return pen.stroke();
}

function drawCrossings(pen, crossings, { x, y, row, above, edge, paint }) {
  const labels = new Map(); // between two rows, from left to right
  for (const { at, from, to, label, value } of crossings) {
    if ((from.lane === null || to.lane === null) && !above) continue;
    const [top, bottom, here] = [y(from.lane), y(to.lane), x(at)];
    drawArrow(pen, here, top, bottom, row, paint);
    const between = Math.max(top, bottom) - row / 2;
    labels.set(between, [...(labels.get(between) ?? []), { here, label, value }]);
  }
  pen.font = "11px system-ui, sans-serif";
  if (row >= 24) for (const [between, list] of labels) drawLabels(pen, between, list, edge, paint);
  pen.font = FONT;
}

function drawArrow(pen, here, top, bottom, row, paint) {
  const way = Math.sign(bottom - top);
  const [start, end] = [top + way * row * 0.28, bottom - way * row * 0.28];
  pen.strokeStyle = paint.ink;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(here, start), pen.lineTo(here, end);
  pen.moveTo(here - 3, end - way * 4), pen.lineTo(here, end), pen.lineTo(here + 3, end - way * 4);
  pen.stroke();
}

// Each label stands right of its arrow; the last one on the left, where that keeps it whole at the edge of the picture.
function drawLabels(pen, y, list, edge, paint) {
  let end = 0;
  list.forEach(({ here, label, value }, at) => {
    const wide = pen.measureText(label).width;
    const next = list[at + 1]?.here ?? edge;
    const turned = at === list.length - 1 && wide > next - here - 8 && wide < here - end - 8;
    const room = turned ? wide : next - here - 8;
    drawLabel(pen, turned ? here - wide - 8 : here, y, shortened(label, value, (words) => pen.measureText(words).width <= room), paint);
    end = here + 4 + wide;
  });
}

// What there is room for: the whole label, or the value alone, for the arrow says where it goes, or as much of that as
// fits; less than three letters of it say nothing.
export function shortened(label, value, fits) {
  const part = value !== null && label.includes(value) ? value : label;
  const cut = Array.from({ length: Math.max(part.length - 4, 0) }, (_, left) => `${part.slice(0, part.length - 2 - left)}…`);
  return [label, part, ...cut].find(fits) ?? "";
}

function drawLabel(pen, here, y, words, paint) {
  if (!words) return;
  pen.fillStyle = paint.paper;
  pen.fillRect(here + 3, y - 6, pen.measureText(words).width + 2, 12);
  pen.fillStyle = paint.ink;
  pen.fillText(words, here + 4, y);
}

function drawMark(pen, x, bottom, paint) {
  pen.fillStyle = paint.ink;
  pen.fillRect(x - 1, 0, 2, bottom);
  pen.beginPath();
  pen.moveTo(x - 6, 0), pen.lineTo(x + 6, 0), pen.lineTo(x, 8);
  pen.fill();
}

// Where lanes are thinner than a pixel, several share one, so that none is drawn in the colour of a single lane.
function drawOverview(canvas, { trace, looks, width }) {
  const row = Math.min(48 / trace.lanes.length, 8);
  const pen = sized(canvas, width, Math.max(trace.lanes.length * row, 14));
  const paint = colours(canvas);
  pen.fillStyle = paint.dim;
  pen.fillText("whole run", 2, Math.max(trace.lanes.length * row, 14) / 2);
  const share = (width - NAMES) / trace.steps;
  let last = -1;
  for (const index of trace.turns) {
    const [step, lane] = trace.rows[index];
    const [column, top] = [Math.floor(step * share), row < 1 ? Math.floor(lane * row) : lane * row];
    if (column * 100 + top === last) continue;
    last = column * 100 + top;
    if (row >= 1) pen.fillStyle = looks[lane]?.hue ?? paint.ink;
    pen.fillRect(NAMES + column, top, Math.max(share, 1), Math.max(row - 1, 1));
  }
}
