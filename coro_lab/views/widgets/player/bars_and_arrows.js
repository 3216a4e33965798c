// What stands in a row of the timeline, and between two of them.
// The table in marks.js, which matplotlib's timeline has as well, says how it looks.

import { BARS, ENDS } from "../marks.js";
import { FONT, SMALL } from "./measures.js";

const BAR = 0.56; // the height of the bar of a lane that runs, compared with its row

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
 * @param {Paint} paint
 */
export function drawSpan(pen, doing, { from, to, y, row }, hue, paint) {
  const { height, filled, hatched } = BARS[doing];
  const width = Math.max(to - from, 1);
  const thick = Math.max(row * BAR * height, 2);
  const top = y - thick / 2;
  dip(pen, filled ? hue : paint.paper, 1);
  pen.fillRect(from, top, width, thick);
  if (filled) return;
  pen.strokeStyle = hue;
  pen.strokeRect(from + 0.5, top, Math.max(width - 1, 0.5), thick);
  if (hatched) drawHatch(pen, { left: from, right: from + width, top }, thick);
}

/** @param {Pen} pen @param {Box} box @param {number} height */
function drawHatch(pen, { left, right, top }, height) {
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, height);
  pen.clip();
  pen.beginPath();
  for (let at = left - height; at < right; at += 6) trail(pen, [at, top + height], [at + height, top]);
  pen.stroke();
  pen.restore();
}

/** @param {Pen} pen @param {Ending} ending @param {Point} place @param {string} hue @param {Paint} paint */
export function drawEnd(pen, ending, { x, y }, hue, paint) {
  const { shape, filled } = ENDS[ending];
  dip(pen, hue, 2);
  pen.beginPath();
  if (shape === "cross") {
    trail(pen, [x - 5, y - 5], [x + 5, y + 5]);
    trail(pen, [x + 5, y - 5], [x - 5, y + 5]);
  } else if (shape === "circle") pen.arc(x, y, 4.5, 0, 2 * Math.PI);
  else pen.rect(x - 5, y - 5, 10, 10);
  if (shape !== "cross") {
    pen.fillStyle = filled ? hue : paint.paper;
    pen.fill();
  }
  pen.stroke();
}

/** @param {Pen} pen @param {DrawnCrossing[]} crossings @param {Grid} grid @param {Colours} colours */
export function drawCrossings(pen, crossings, { x, y, row, above, edge }, { hue, word, paper }) {
  /** @type {Map<number, Label[]>} */
  const labels = new Map(); // between two rows, from left to right
  for (const { at, from, to, label, value, dashed } of crossings) {
    if ((from.lane === null || to.lane === null) && !above) continue;
    const [top, bottom, here] = [y(from.lane), y(to.lane), x(at)];
    const leaves = from.lane ?? undefined;
    pen.setLineDash(dashed ? [3, 2] : []);
    drawArrow(pen, here, top, bottom, row, hue(leaves));
    const between = Math.max(top, bottom) - row / 2;
    labels.set(between, [...(labels.get(between) ?? []), { here, label, value, ink: word(leaves) }]);
  }
  pen.setLineDash([]);
  pen.font = SMALL;
  if (row >= 24) for (const [between, list] of labels) drawLabels(pen, between, list, edge, paper);
  pen.font = FONT;
}

/**
 * @param {Pen} pen
 * @param {number} x
 * @param {number} top
 * @param {number} bottom
 * @param {number} row
 * @param {string} hue
 */
function drawArrow(pen, x, top, bottom, row, hue) {
  const way = Math.sign(bottom - top);
  const [start, end] = [top + (way * row * BAR) / 2, bottom - (way * row * BAR) / 2];
  dip(pen, hue, 1.5);
  pen.beginPath();
  trail(pen, [x, start], [x, end - way * 5]);
  pen.stroke();
  pen.beginPath();
  trail(pen, [x - 3.5, end - way * 6], [x, end], [x + 3.5, end - way * 6]);
  pen.fill();
}

/**
 * Each label stands right of its arrow; the last one on the left, where that keeps it whole at the edge of the picture.
 * @param {Pen} pen
 * @param {number} y
 * @param {Label[]} list
 * @param {number} edge
 * @param {string} paper
 */
function drawLabels(pen, y, list, edge, paper) {
  let end = 0;
  list.forEach(({ here, label, value, ink }, at) => {
    const wide = pen.measureText(label).width;
    const next = list[at + 1]?.here ?? edge;
    const turned = at === list.length - 1 && wide > next - here - 8 && wide < here - end - 8;
    const room = turned ? wide : next - here - 8;
    const words = shortened(label, value, (part) => pen.measureText(part).width <= room);
    drawLabel(pen, turned ? here - wide - 8 : here, y, words, { ink, paper });
    end = here + 4 + wide;
  });
}

/**
 * What has room: the whole label, or the value alone, because the arrow says where it goes, or as much of the value as
 * fits; fewer than three letters of it say nothing.
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

/** @param {Pen} pen @param {number} x @param {number} y @param {string} words @param {Omit<Paint, "dim">} paint */
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
