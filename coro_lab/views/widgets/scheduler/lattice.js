// The lattice of two coroutines: a point for each state, a line for each step, and the path that the schedule takes.

import { colourOf } from "./colours.js";

const SVG = "http://www.w3.org/2000/svg";
const UNIT = 56; // pixels between two points
const [LEFT, TOP] = [46, 44]; // pixels of the margins

/**
 * @template {"svg" | "pattern" | "path" | "circle" | "defs" | "rect" | "line" | "text" | "g"} Name
 * @param {Name} name
 * @param {Record<string, string | number>} attributes
 * @param {string | Node[]} content
 */
export function svg(name, attributes, content = []) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...(typeof content === "string" ? [content] : content));
  return made;
}

/**
 * The lattice, if there are two coroutines; `show` draws the path of a schedule and, if it may be `told`, where every order
 * is broken.
 * @param {Program} program
 * @param {Style[]} looks
 * @param {string} id
 */
export function makeLattice(program, looks, id) {
  if (program.names.length !== 2) return null;
  const [wide, high] = program.sizes;
  /** @param {number[]} point */
  const at = ([x, y]) => ({ x: LEFT + x * UNIT, y: TOP + (high - y) * UNIT });
  const path = svg("g", {});
  const regions = svg("g", {}, [
    ...program.forbidden.flatMap((point) => region(at(point), `${id}-hatch`)),
    ...program.unreached.flatMap((point) => region(at(point), `${id}-dots`)),
  ]);
  const size = { width: LEFT + wide * UNIT + 40, height: TOP + high * UNIT + 52 };
  const element = svg("svg", { ...size, "aria-hidden": "true" }, [
    svg("defs", {}, [
      pattern(`${id}-hatch`, svg("path", { d: "M0 0L8 8M8 0L0 8", class: "coro-sched-hatch" })),
      pattern(`${id}-dots`, svg("circle", { cx: 4, cy: 4, r: 1.2, class: "coro-sched-hatch" })),
    ]),
    regions,
    ...grid(program, at),
    ...axes(program, looks, at),
    path,
  ]);
  /** @param {string} schedule @param {Theme} theme @param {boolean} told */
  function show(schedule, theme, told) {
    path.replaceChildren(...route(program, looks, schedule, at, theme));
    regions.style.display = told ? "" : "none";
    element.toggleAttribute("data-told", told);
  }
  return { element, show };
}

/** @param {string} id @param {Node} content */
function pattern(id, content) {
  return svg("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" }, [content]);
}

/** @param {Point} middle @param {string} fill */
function region({ x, y }, fill) {
  const box = { x: x - UNIT / 2, y: y - UNIT / 2, width: UNIT, height: UNIT };
  return [svg("rect", { ...box, class: "coro-sched-region" }), svg("rect", { ...box, fill: `url(#${fill})` })];
}

/**
 * The steps and the points; a step that only broken orders take is dashed.
 * @param {Program} program
 * @param {(point: number[]) => Point} at
 */
function grid(program, at) {
  /** @type {Map<string, boolean>} */
  const steps = new Map(); // whether some good order takes it
  const points = new Set();
  for (const [key, state] of Object.entries(program.states)) {
    const to = pointAfter(key);
    points.add(String(to));
    if (!key) continue;
    const name = `${pointAfter(key.slice(0, -1))} ${to}`;
    steps.set(name, steps.get(name) || state.broken < state.orders);
  }
  /** @param {string} text */
  const read = (text) => at(text.split(",").map(Number));
  const lines = Array.from(steps, ([name, good]) => {
    const [from, to] = name.split(" ").map(read);
    return between(from, to, { class: "coro-sched-grid", ...(good ? {} : { "data-broken": "" }) });
  });
  const dots = Array.from(points, (text) => {
    const { x: cx, y: cy } = read(text);
    return svg("circle", { cx, cy, r: 3.5, class: "coro-sched-dot" });
  });
  return [...lines, ...dots];
}

/**
 * The numbers and names along the edges; `away` is how far from the lines the numbers are, beyond the usual.
 * @param {Program} program
 * @param {Style[]} looks
 * @param {(point: number[]) => Point} at
 */
export function axes(program, looks, at, away = 0) {
  const [wide, high] = program.sizes;
  /** @param {Point} place @param {string} words */
  const middle = (place, words) => svg("text", { ...place, "text-anchor": "middle" }, words);
  const columns = Array.from({ length: wide + 1 }, (_, x) =>
    middle({ x: at([x, 0]).x, y: at([x, 0]).y + 22 + away }, `${x}`),
  );
  const rows = Array.from({ length: high + 1 }, (_, y) =>
    middle({ x: at([0, y]).x - 16 - away, y: at([0, y]).y + 4 }, `${y}`),
  );
  const [right, up] = program.names.map((name, task) => `${looks[task].symbol} steps of ${name}`);
  const below = { x: at([wide / 2, 0]).x, y: at([0, 0]).y + 42 + away };
  return [...columns, ...rows, middle(below, `${right} →`), svg("text", { x: 4, y: 14 }, `↑ ${up}`)];
}

/**
 * How many turns each of the two has taken.
 * @param {string} schedule
 */
export function pointAfter(schedule) {
  const count = [0, 0];
  for (const step of schedule) count[Number(step)] += 1;
  return count;
}

/** @param {Point} from @param {Point} to @param {Record<string, string>} attributes */
export function between(from, to, attributes) {
  return svg("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, ...attributes });
}

/**
 * The path of a schedule: its steps with the names of those who take them, and where it stands.
 * @param {Program} program
 * @param {Style[]} looks
 * @param {string} schedule
 * @param {(point: number[]) => Point} at
 * @param {Theme} theme
 */
function route(program, looks, schedule, at, theme) {
  const steps = [...schedule].flatMap((step, place) => {
    const task = Number(step);
    const [from, to] = [place, place + 1].map((length) => at(pointAfter(schedule.slice(0, length))));
    const [dx, dy, anchor] = task === 0 ? [0, -8, "middle"] : [9, 4, "start"];
    const words = { x: (from.x + to.x) / 2 + dx, y: (from.y + to.y) / 2 + dy, "text-anchor": anchor };
    return [
      between(from, to, { class: "coro-sched-step", stroke: colourOf(looks[task], theme) }),
      svg("text", words, program.names[task]),
    ];
  });
  return [...steps, endMark(at(pointAfter(schedule)), program.states[schedule])];
}

/**
 * A cross for a broken order, a square for a good one, a circle for one that goes on.
 * @param {Point} here
 * @param {ProgramState} state
 */
export function endMark({ x, y }, { finding }) {
  const look = { class: "coro-sched-end" };
  if (finding) {
    return svg("path", { ...look, d: `M${x - 7} ${y - 7}L${x + 7} ${y + 7}M${x + 7} ${y - 7}L${x - 7} ${y + 7}` });
  }
  if (finding === null) return svg("rect", { ...look, x: x - 6, y: y - 6, width: 12, height: 12 });
  return svg("circle", { ...look, cx: x, cy: y, r: 6 });
}
