// The whole of a long run below the part that the timeline has in view.

import { colours, sized } from "./canvas.js";
import { NAMES } from "./measures.js";

/**
 * Where lanes are thinner than a pixel, several share one, so that none is drawn in the colour of a single lane.
 * @param {HTMLCanvasElement} canvas
 * @param {Pick<Part, "trace" | "looks" | "width" | "until">} part
 */
export function drawOverview(canvas, { trace, looks, width, until }) {
  const row = Math.min(48 / trace.lanes.length, 8);
  const height = Math.max(trace.lanes.length * row, 14);
  const pen = sized(canvas, width, height);
  const paint = colours(canvas);
  pen.fillStyle = paint.dim;
  pen.fillText("whole run", 2, height / 2);
  const share = (width - NAMES) / trace.steps;
  let last = -1;
  for (const index of trace.turns) {
    if (index >= until) break;
    const [step, lane] = trace.rows[index];
    const [column, top] = [Math.floor(step * share), row < 1 ? Math.floor(lane * row) : lane * row];
    if (column * 100 + top === last) continue;
    last = column * 100 + top;
    if (row >= 1) pen.fillStyle = looks[lane]?.hue ?? paint.ink;
    pen.fillRect(NAMES + column, top, Math.max(share, 1), Math.max(row - 1, 1));
  }
}
