// The part of the timeline that is in view, on a canvas: rows with their names, the axis of steps, and the marks upon them.

import { place, spans } from "./spans.js";
import { FONT, NAMES } from "./measures.js";
import { drawCrossings, drawEnd, drawMark, drawSpan } from "./marks.js";

export function sized(canvas, width, height) {
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

export const colours = (canvas) => {
  const style = getComputedStyle(canvas);
  return { ink: style.color, dim: style.getPropertyValue("--coro-dim"), paper: style.getPropertyValue("--coro-paper") || "#fff" };
};

export function drawDetail(canvas, { trace, looks, start, steps, width, mark, shown, from, to }) {
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
  const drawn = spans(trace, from, to);
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
