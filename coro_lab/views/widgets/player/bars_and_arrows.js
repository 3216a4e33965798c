// What stands in a row of the timeline, and between two of them.
// Solid bar = running, framed = waiting for the one it called, thin and hatched = suspended, square = returned, cross = raised.

import { FONT } from "./measures.js";

/**
 * The path through these points, from each to the next.
 * @param {Pen} pen
 * @param {[x: number, y: number][]} points
 */
function trail(pen, ...points) {
  points.forEach(([x, y], at) => {
    if (at) pen.lineTo(x, y);
    else pen.moveTo(x, y);
  });
}

/** @param {Pen} pen @param {string} colour @param {number} width */
function dip(pen, colour, width) {
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.lineWidth = width;
}

/**
 * @param {Pen} pen
 * @param {Doing} doing
 * @param {{ from: number, to: number, y: number, row: number }} place
 * @param {string} hue
 * @param {string} [hatch]
 */
export function drawSpan(pen, doing, { from, to, y, row }, hue, hatch) {
  const width = Math.max(to - from, 1);
  const thick = Math.max(row * (doing === "suspended" ? 0.26 : 0.56), 2);
  dip(pen, hue, 1);
  if (doing === "running") return pen.fillRect(from, y - thick / 2, width, thick);
  pen.globalAlpha = doing === "suspended" ? 0.3 : 0.16;
  pen.fillRect(from, y - thick / 2, width, thick);
  pen.globalAlpha = 1;
  pen.strokeRect(from + 0.5, y - thick / 2, Math.max(width - 1, 0.5), thick);
  if (doing === "suspended") drawHatch(pen, { left: from, right: from + width, top: y - thick / 2 }, thick, hatch);
}

/** @param {Pen} pen @param {Box} box @param {number} height */
function drawHatch(pen, { left, right, top }, height, hatch = "////") {
  const up = /[\\x]/.test(hatch);
  const down = /[/x]/.test(hatch) || !up;
  const bottom = top + height;
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, height);
  pen.clip();
  pen.beginPath();
  for (let at = left - height; at < right; at += 6) {
    if (down) trail(pen, [at, bottom], [at + height, top]);
    if (up) trail(pen, [at, top], [at + height, bottom]);
  }
  pen.stroke();
  pen.restore();
}

/** @param {Pen} pen @param {Maybe<Ending>} ending @param {Point} place @param {string} hue @param {Paint} paint */
export function drawEnd(pen, ending, { x, y }, hue, paint) {
  dip(pen, hue, 2);
  if (ending === "raise") {
    pen.beginPath();
    trail(pen, [x - 5, y - 5], [x + 5, y + 5]);
    trail(pen, [x + 5, y - 5], [x - 5, y + 5]);
    pen.stroke();
  } else {
    pen.fillRect(x - 5, y - 5, 10, 10);
    dip(pen, paint.paper, 1);
    pen.strokeRect(x - 5.5, y - 5.5, 11, 11);
  }
}

/** @param {Pen} pen @param {DrawnCrossing[]} crossings @param {Grid} grid @param {Paint} paint */
export function drawCrossings(pen, crossings, { x, y, row, above, edge }, paint) {
  /** @type {Map<number, Label[]>} */
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

/**
 * @param {Pen} pen
 * @param {number} x
 * @param {number} top
 * @param {number} bottom
 * @param {number} row
 * @param {Paint} paint
 */
function drawArrow(pen, x, top, bottom, row, paint) {
  const way = Math.sign(bottom - top);
  const [start, end] = [top + way * row * 0.28, bottom - way * row * 0.28];
  dip(pen, paint.ink, 1);
  pen.beginPath();
  trail(pen, [x, start], [x, end]);
  trail(pen, [x - 3, end - way * 4], [x, end], [x + 3, end - way * 4]);
  pen.stroke();
}

/**
 * Each label stands right of its arrow; the last one on the left, where that keeps it whole at the edge of the picture.
 * @param {Pen} pen
 * @param {number} y
 * @param {Label[]} list
 * @param {number} edge
 * @param {Paint} paint
 */
function drawLabels(pen, y, list, edge, paint) {
  let end = 0;
  list.forEach(({ here, label, value }, at) => {
    const wide = pen.measureText(label).width;
    const next = list[at + 1]?.here ?? edge;
    const turned = at === list.length - 1 && wide > next - here - 8 && wide < here - end - 8;
    const room = turned ? wide : next - here - 8;
    const words = shortened(label, value, (part) => pen.measureText(part).width <= room);
    drawLabel(pen, turned ? here - wide - 8 : here, y, words, paint);
    end = here + 4 + wide;
  });
}

/**
 * What there is room for: the whole label, or the value alone, for the arrow says where it goes, or as much of that as
 * fits; less than three letters of it say nothing.
 * @param {string} label
 * @param {Maybe<string>} value
 * @param {(words: string) => boolean} fits
 */
export function shortened(label, value, fits) {
  const part = value !== null && label.includes(value) ? value : label;
  const most = Math.max(part.length - 4, 0);
  const cut = Array.from({ length: most }, (_, left) => `${part.slice(0, part.length - 2 - left)}…`);
  return [label, part, ...cut].find(fits) ?? "";
}

/** @param {Pen} pen @param {number} x @param {number} y @param {string} words @param {Paint} paint */
function drawLabel(pen, x, y, words, paint) {
  if (!words) return;
  pen.fillStyle = paint.paper;
  pen.fillRect(x + 3, y - 6, pen.measureText(words).width + 2, 12);
  pen.fillStyle = paint.ink;
  pen.fillText(words, x + 4, y);
}

/** @param {Pen} pen @param {number} x @param {number} bottom @param {Paint} paint */
export function drawMark(pen, x, bottom, paint) {
  pen.fillStyle = paint.ink;
  pen.fillRect(x - 1, 0, 2, bottom);
  pen.beginPath();
  trail(pen, [x - 6, 0], [x + 6, 0], [x, 8]);
  pen.fill();
}
