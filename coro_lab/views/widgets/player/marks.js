// What stands in a row of the timeline, and between two of them.
// Solid bar = running, framed = waiting for the one it called, thin and hatched = suspended, square = returned, cross = raised.

import { FONT } from "./measures.js";

export function drawSpan(pen, { doing }, from, to, y, row, hue, hatch) {
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

export function drawEnd(pen, { ending }, x, y, hue, paint) {
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

export function drawCrossings(pen, crossings, { x, y, row, above, edge, paint }) {
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

export function drawMark(pen, x, bottom, paint) {
  pen.fillStyle = paint.ink;
  pen.fillRect(x - 1, 0, 2, bottom);
  pen.beginPath();
  pen.moveTo(x - 6, 0), pen.lineTo(x + 6, 0), pen.lineTo(x, 8);
  pen.fill();
}
