// The wires between the cards, and what crosses along them.
//
// Every card has two ports on its top edge: the left one leads to the lane that resumed it, the right one to the lane it
// resumed. A wire runs from a right port to a left one, in the strip above the cards; what crosses goes along it either way.
// A card that sleeps has no wire, only a stub that ends in the air.

import { setText } from "../element.js";

const LEVEL = 22; // pixels above a card at which the crossing runs; other wires run lower

/**
 * @template {"svg" | "g" | "polygon" | "polyline" | "text"} Name
 * @param {Name} name
 * @param {string} className
 * @param {Record<string, string | number>} attributes
 */
export function svg(name, className, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  made.setAttribute("class", className);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/**
 * Draws them, and returns the way of the crossing: from port to port, above the cards.
 * @param {Stage} parts
 * @param {CardsView} view
 * @param {Picture} picture
 * @returns {Point[]}
 */
export function drawWires({ wires, pill, stage }, view, picture) {
  const base = stage.getBoundingClientRect();
  const boxes = new Map(view.seats.map((lane) => [lane, boxOf(view, lane, base)]));
  wires.setAttribute("viewBox", `0 0 ${base.width} ${base.height}`);
  const inside = new Set(picture.states.map((lane) => lane.delegatingTo));
  const cutOff = [...boxes].filter(([lane]) => picture.states[lane].state === "suspended" && !inside.has(lane));
  const stubs = cutOff.map(([lane, box]) => stub(box, picture.crossing?.from.lane === lane));
  const lines = picture.links.flatMap(({ from, to, kind }, level) => {
    const path = route(boxes.get(from), boxes.get(to), 8 + (level % 3) * 4);
    return path ? [line(path, `coro-wire coro-${kind}`)] : [];
  });
  const arrow = picture.crossing && arrowOf(picture.crossing, boxes);
  const drawn = arrow ? [line(arrow.path, "coro-arrow"), tip(arrow.path)] : [];
  wires.replaceChildren(...stubs, ...lines, ...drawn);
  pill.hidden = !arrow;
  if (arrow && picture.crossing) placePill(pill, picture.crossing, arrow, base.width, view.trace.driver);
  return arrow?.path ?? [];
}

/**
 * Where the card of a lane stands on the stage.
 * @param {CardsView} view
 * @param {number} lane
 * @param {DOMRect} base
 */
function boxOf(view, lane, base) {
  const box = view.cards.get(lane)?.element.getBoundingClientRect() ?? base;
  return { left: box.left - base.left, right: box.right - base.left, top: box.top - base.top };
}

/** @type {(box: Box) => Point} */
const caller = (box) => ({ x: box.left + (box.right - box.left) * 0.36, y: box.top });
/** @type {(box: Box) => Point} */
const callee = (box) => ({ x: box.left + (box.right - box.left) * 0.64, y: box.top });

/** @param {Box | undefined} from @param {Box | undefined} to @param {number} height */
function route(from, to, height) {
  return from && to ? between(callee(from), caller(to), height) : null;
}

/** @param {Point} a @param {Point} b @param {number} height */
function between(a, b, height) {
  const [above, over] = [a.y - height, b.y - height];
  if (Math.abs(a.y - b.y) < 12) return [a, { x: a.x, y: above }, { x: b.x, y: above }, b];
  return [a, { x: a.x, y: above }, { x: 4, y: above }, { x: 4, y: over }, { x: b.x, y: over }, b];
}

/**
 * The crossing as a path and the middle of its longest level part; its outer end is the left edge where nobody is known.
 * @param {Crossing} crossing
 * @param {Map<Maybe<number>, Box>} boxes
 */
function arrowOf({ from, to, entering }, boxes) {
  const [outer, inner] = (entering ? [from, to] : [to, from]).map(({ lane }) => boxes.get(lane));
  if (!inner) return null;
  const end = caller(inner);
  const edge = [{ x: 0, y: end.y - LEVEL }, { x: end.x, y: end.y - LEVEL }, end];
  const path = outer ? between(callee(outer), end, LEVEL) : edge;
  if (!entering) path.reverse();
  /** @param {Point[]} part */
  const length = ([a, b]) => Math.abs(b.x - a.x);
  const level = path.slice(1).map((point, at) => [path[at], point]);
  const [a, b] = level.filter(([a, b]) => a.y === b.y).reduce((best, one) => (length(one) > length(best) ? one : best));
  return { path, middle: { x: (a.x + b.x) / 2, y: a.y }, outside: !outer };
}

/** @param {Point[]} points @param {string} className */
function line(points, className) {
  return svg("polyline", className, { points: points.map(({ x, y }) => `${x},${y}`).join(" ") });
}

/**
 * The head of an arrow along this path.
 * @param {Point[]} path
 */
function tip(path) {
  const [before, { x, y }] = path.slice(-2);
  const [dx, dy] = [Math.sign(x - before.x), Math.sign(y - before.y)];
  /** @param {number} way */
  const side = (way) => `${x - dx * 11 + way * dy * 6},${y - dy * 11 + way * dx * 6}`;
  return svg("polygon", "coro-tip", { points: `${x},${y} ${side(1)} ${side(-1)}` });
}

/**
 * The loose end of a suspended lane; words beside it, unless the crossing has just left along it.
 * @param {Box} box
 * @param {boolean} leaving
 */
function stub(box, leaving) {
  const { x, y } = leaving ? { x: box.left + 20, y: box.top } : caller(box);
  /** @type {(dx: number, dy: number) => Point} */
  const at = (dx, dy) => ({ x: x + dx, y: y + dy });
  const [stem, lower, upper] = [
    [at(0, 0), at(0, -8)],
    [at(-6, -7), at(6, -11)],
    [at(-6, -11), at(6, -15)],
  ].map((points) => line(points, "coro-wire"));
  const words = svg("text", "coro-loose", { ...at(11, -6) });
  words.textContent = "cut off";
  const group = svg("g", "");
  group.append(stem, lower, upper, words);
  return group;
}

/**
 * @param {HTMLElement} pill
 * @param {Crossing} crossing
 * @param {NonNullable<ReturnType<typeof arrowOf>>} arrow
 * @param {number} width
 * @param {Maybe<string>} driver
 */
function placePill(pill, { entering, kind, label }, { middle, outside }, width, driver) {
  const named = entering ? `${driver}: ${label}` : `${label} → ${driver}`;
  const words = outside && driver ? named : label;
  setText(pill, words);
  pill.title = words;
  pill.dataset.kind = kind;
  const half = Math.min(pill.offsetWidth, width) / 2;
  pill.style.left = `${Math.min(Math.max(middle.x, half), width - half)}px`;
  pill.style.top = `${middle.y - 3}px`;
}
