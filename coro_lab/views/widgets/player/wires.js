// The wires between the cards, and what crosses along them.
//
// Every card has two ports on its top edge: at the left the one to whoever resumed it, at the right the one to whomever it
// resumed. A wire runs from a right port to a left one, in the strip above the cards; what crosses goes along it either way.
// A card that sleeps has no wire, only a stub that ends in the air.

import { setText } from "../element.js";
import { SVG } from "./measures.js";

const LEVEL = 22; // pixels above a card at which the crossing runs; other wires run lower

export function drawWires({ wires, pill, stage, deck }, view) {
  const { picture, seats: seated, cards } = view;
  const base = stage.getBoundingClientRect();
  const boxes = new Map(seated.map((lane) => [lane, boxOf(cards.get(lane).element, base)]));
  wires.setAttribute("viewBox", `0 0 ${base.width} ${base.height}`);
  const drawn = [];
  const inside = new Set(picture.states.map((lane) => lane.delegatingTo));
  for (const lane of seated) {
    if (picture.states[lane].state === "suspended" && !inside.has(lane)) drawn.push(stub(boxes.get(lane), picture.crossing?.from.lane === lane));
  }
  picture.links.forEach(({ from, to, kind }, level) => {
    const path = route(boxes.get(from), boxes.get(to), 8 + (level % 3) * 4);
    if (path) drawn.push(line(path, `coro-wire coro-${kind}`));
  });
  const arrow = picture.crossing && arrowOf(picture.crossing, boxes);
  if (arrow) drawn.push(line(arrow.path, "coro-arrow"), head(arrow.tip));
  wires.replaceChildren(...drawn);
  pill.hidden = !arrow;
  if (arrow) placePill(pill, picture.crossing, arrow, base, picture, view);
}

function boxOf(card, base) {
  const box = card.getBoundingClientRect();
  return { left: box.left - base.left, right: box.right - base.left, top: box.top - base.top };
}

const caller = (box) => ({ x: box.left + (box.right - box.left) * 0.36, y: box.top });
const callee = (box) => ({ x: box.left + (box.right - box.left) * 0.64, y: box.top });

function route(from, to, height) {
  if (!from || !to) return null;
  return between(callee(from), caller(to), height);
}

function between(a, b, height) {
  if (Math.abs(a.y - b.y) < 12) return [a, { x: a.x, y: a.y - height }, { x: b.x, y: a.y - height }, b];
  return [a, { x: a.x, y: a.y - height }, { x: 4, y: a.y - height }, { x: 4, y: b.y - height }, { x: b.x, y: b.y - height }, b];
}

// The crossing as a path with its tip and the middle of its level part; its outer end is the left edge where nobody is known.
function arrowOf({ from, to, entering }, boxes) {
  const [outer, inner] = (entering ? [from.lane, to.lane] : [to.lane, from.lane]).map((lane) => (lane === null ? null : boxes.get(lane)));
  if (!inner) return null;
  const end = caller(inner);
  const start = outer ? callee(outer) : { x: 0, y: end.y };
  const path = outer ? between(start, end, LEVEL) : [{ x: 0, y: end.y - LEVEL }, { x: end.x, y: end.y - LEVEL }, end];
  if (!entering) path.reverse();
  const level = path.slice(1).map((point, at) => [path[at], point]).filter(([a, b]) => a.y === b.y);
  const [a, b] = level.reduce((best, one) => (Math.abs(one[1].x - one[0].x) > Math.abs(best[1].x - best[0].x) ? one : best));
  return { path, tip: [path.at(-2), path.at(-1)], middle: { x: (a.x + b.x) / 2, y: a.y }, outside: !outer };
}

function line(points, className) {
  const path = document.createElementNS(SVG, "polyline");
  path.setAttribute("points", points.map(({ x, y }) => `${x},${y}`).join(" "));
  path.setAttribute("class", className);
  return path;
}

function head([before, tip]) {
  const [dx, dy] = [Math.sign(tip.x - before.x), Math.sign(tip.y - before.y)];
  const arrow = document.createElementNS(SVG, "polygon");
  const side = (way) => `${tip.x - dx * 11 + way * dy * 6},${tip.y - dy * 11 + way * dx * 6}`;
  arrow.setAttribute("points", `${tip.x},${tip.y} ${side(1)} ${side(-1)}`);
  arrow.setAttribute("class", "coro-tip");
  return arrow;
}

// The loose end of a suspended lane; words beside it, unless the crossing has just left along it.
function stub(box, leaving) {
  const group = document.createElementNS(SVG, "g");
  const { x, y } = leaving ? { x: box.left + 20, y: box.top } : caller(box);
  group.append(line([{ x, y }, { x, y: y - 8 }], "coro-wire"), line([{ x: x - 6, y: y - 7 }, { x: x + 6, y: y - 11 }], "coro-wire"));
  group.append(line([{ x: x - 6, y: y - 11 }, { x: x + 6, y: y - 15 }], "coro-wire"));
  const words = document.createElementNS(SVG, "text");
  words.textContent = "cut off";
  words.setAttribute("x", x + 11);
  words.setAttribute("y", y - 6);
  words.setAttribute("class", "coro-loose");
  group.append(words);
  return group;
}

function placePill(pill, crossing, { path: [start], middle, outside }, base, picture, view) {
  const name = outside ? view.trace.driver : null;
  const words = name ? (crossing.entering ? `${name}: ${crossing.label}` : `${crossing.label} → ${name}`) : crossing.label;
  setText(pill, words);
  pill.title = words;
  pill.dataset.kind = crossing.kind;
  pill.dataset.index = picture.index;
  const half = Math.min(pill.offsetWidth, base.width) / 2;
  pill.style.left = `${Math.min(Math.max(middle.x, half), base.width - half)}px`;
  pill.style.top = `${middle.y - 3}px`;
  if (view.arrived === picture.index) return;
  view.arrived = picture.index;
  pill.style.setProperty("--coro-from", `${Math.round((start.x - middle.x) * 0.6)}px`);
  pill.style.animation = "none"; // what comes on the heels of another crossing sets out anew
  void pill.offsetWidth;
  pill.style.animation = ""; // the style sheet's, which has none for those who asked for less motion
}
