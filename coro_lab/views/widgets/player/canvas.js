// The part of the timeline that is in view, on a canvas: rows with their names, the axis of steps, and the marks upon them.

import { drawCrossings, drawEnd, drawMark, drawSpan } from "./bars_and_arrows.js";
import { FONT, NAMES } from "./measures.js";
import { place, spans } from "./spans.js";

/**
 * A pen for a canvas of this size in pixels of the page.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const pen = /** @type {Pen} */ (canvas.getContext("2d"));
  pen.scale(ratio, ratio);
  pen.font = FONT;
  pen.textBaseline = "middle";
  return pen;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Paint}
 */
export function colours(canvas) {
  const style = getComputedStyle(canvas);
  const paper = style.getPropertyValue("--coro-paper") || "#fff";
  return { ink: style.color, dim: style.getPropertyValue("--coro-dim"), paper };
}

/** @param {HTMLCanvasElement} canvas @param {Part} part */
export function drawDetail(canvas, { trace, looks, start, steps, width, mark, shown, from, to, until }) {
  const above = trace.outside ? 1 : 0; // a row for you, the scheduler or the event loop: they resume lanes and are not lanes
  const others = trace.lanes.length - shown.length;
  const rows = shown.length + above + (others ? 1 : 0);
  const row = Math.min(260 / rows, 30);
  const bottom = rows * row;
  const rowOf = new Map(shown.map((lane, number) => [lane, number]));
  /** @type {Grid} */
  const grid = {
    x: (at) => NAMES + ((at - start) / steps) * (width - NAMES),
    y: (lane) => ((lane === null ? -1 : (rowOf.get(lane ?? -1) ?? shown.length)) + above) * row + row / 2,
    row,
    above,
    edge: width,
    bottom,
  };
  const { x, y } = grid;
  const pen = sized(canvas, width, bottom + 18);
  const paint = colours(canvas);
  /** @param {number | undefined} lane */
  const isShown = (lane) => lane !== undefined && rowOf.has(lane);
  /** @param {number | undefined} lane */
  const hue = (lane) => (isShown(lane) ? (looks[lane ?? -1]?.hue ?? paint.ink) : paint.dim);
  /** @param {number | undefined} lane */
  const word = (lane) => (isShown(lane) ? (looks[lane ?? -1]?.word ?? paint.ink) : paint.dim);
  for (const lane of shown) drawName(pen, trace.lanes[lane].name, looks[lane], y(lane), paint);
  if (others) drawName(pen, `${others} more`, { symbol: "≡", word: paint.dim }, y(undefined), paint);
  if (trace.outside) drawName(pen, trace.outside, { symbol: "⬢", word: paint.dim }, y(null), paint);
  drawAxis(pen, start, steps, grid, paint);
  pen.save();
  pen.beginPath();
  pen.rect(NAMES - 6, 0, width - NAMES + 6, bottom);
  pen.clip();
  const end = until < trace.count ? place(trace, until) : trace.steps;
  const names = drawFamilies(pen, trace, isShown, grid, end, paint);
  const drawn = spans(trace, from, to);
  for (const span of together(drawn.spans, isShown)) {
    const box = { from: x(span.from), to: x(span.to), y: y(span.lane), row };
    drawSpan(pen, span.doing, box, hue(span.lane), paint);
  }
  const crossings = drawn.crossings.filter((crossing) =>
    [crossing.from.lane, crossing.to.lane].some((lane) => isShown(lane ?? undefined)),
  );
  drawCrossings(pen, crossings, grid, { hue, word, paper: paint.paper });
  names();
  for (const { lane, at, ending } of drawn.ends) {
    drawEnd(pen, ending, { x: Math.min(x(at), width - 6), y: y(lane) }, hue(lane), paint);
  }
  if (until < trace.count) drawVeil(pen, x(place(trace, until)), grid, paint);
  if (mark !== null) drawMark(pen, x(place(trace, mark)), bottom, paint);
  pen.restore();
}

/**
 * A box around the span of each family in view, and a mark where the row of a member enters it. Returns what draws the
 * names, on top of everything: in the lower left corner, because the last member seldom runs from the beginning.
 * @param {Pen} pen
 * @param {Trace} trace
 * @param {(lane: number | undefined) => boolean} isShown
 * @param {Grid} grid
 * @param {number} until
 * @param {Paint} paint
 */
function drawFamilies(pen, { families, steps }, isShown, { x, y, row }, until, paint) {
  /** @type {Map<string, number>} */
  const used = new Map(); // by corner: how far right the next name begins
  /** @type {[name: string, x: number, y: number][]} */
  const labels = [];
  for (const { name, owner, opened, ended, members } of families) {
    const inside = members.filter(isShown);
    if (!inside.length || opened >= until) continue;
    const rows = [...inside, ...(owner !== null && isShown(owner) ? [owner] : [])].map(y);
    const [top, bottom] = [Math.min(...rows) - row / 2 + 1.5, Math.max(...rows) + row / 2 - 1.5];
    const [left, right] = [x(opened), x(Math.min((ended ?? steps) + 1, until))];
    pen.strokeStyle = paint.dim;
    pen.fillStyle = paint.dim;
    pen.lineWidth = 1;
    pen.strokeRect(left, top, right - left, bottom - top);
    for (const lane of inside) pen.fillRect(left - 2, y(lane) - 2.5, 5, 5);
    const corner = `${left} ${bottom}`;
    const aside = used.get(corner) ?? 0;
    labels.push([name, left + 4 + aside, bottom - 6]);
    used.set(corner, aside + pen.measureText(name).width + 8);
  }
  return () => {
    if (row < 24) return;
    for (const [name, x, y] of labels) {
      pen.fillStyle = paint.paper;
      pen.fillRect(x - 1, y - 5, pen.measureText(name).width + 2, 10);
      pen.fillStyle = paint.dim;
      pen.fillText(name, x, y);
    }
  };
}

/**
 * The spans as they are drawn: of the lanes that share a row each one that runs, upon one span in which any of them is there.
 * @param {Span[]} all
 * @param {(lane: number | undefined) => boolean} isShown
 * @returns {Span[]}
 */
function together(all, isShown) {
  const [alone, shared] = [all.filter((span) => isShown(span.lane)), all.filter((span) => !isShown(span.lane))];
  const still = shared.filter((span) => span.doing !== "running");
  if (!still.length) return all;
  const doing = still.some((span) => span.doing === "suspended") ? "suspended" : "waiting";
  const from = still.reduce((least, span) => Math.min(least, span.from), Number.POSITIVE_INFINITY);
  const to = still.reduce((most, span) => Math.max(most, span.to), 0);
  return [...alone, { doing, from, to, lane: undefined }, ...shared.filter((span) => span.doing === "running")];
}

/**
 * @param {Pen} pen
 * @param {string} name
 * @param {Pick<Look, "symbol" | "word"> | undefined} look
 * @param {number} y
 * @param {Paint} paint
 */
function drawName(pen, name, look, y, paint) {
  const words = `${look?.symbol ?? "●"} ${name}`;
  pen.fillStyle = look?.word ?? paint.ink;
  pen.fillText(words.length > 17 ? `${words.slice(0, 16)}…` : words, 2, y);
}

/**
 * A veil over what is still to come.
 * @param {Pen} pen
 * @param {number} from
 * @param {Grid} grid
 * @param {Paint} paint
 */
function drawVeil(pen, from, { edge, bottom }, paint) {
  pen.fillStyle = paint.dim;
  pen.globalAlpha = 0.1;
  pen.fillRect(from, 0, Math.max(edge - from, 0), bottom);
  pen.globalAlpha = 1;
}

/** @param {Pen} pen @param {number} start @param {number} steps @param {Grid} grid @param {Paint} paint */
function drawAxis(pen, start, steps, { x, bottom, edge }, paint) {
  pen.fillStyle = paint.dim;
  pen.fillText("step", 2, bottom + 9);
  const widest = Math.max(pen.measureText(String(start + steps)).width + 8, 26);
  const sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500];
  const every = sizes.find((size) => x(start + size) - x(start) >= widest) ?? 1000;
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
