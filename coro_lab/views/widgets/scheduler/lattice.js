// The lattice of two coroutines: a point for each state, a line for each step, and the path that the schedule takes.

const SVG = "http://www.w3.org/2000/svg";
const UNIT = 56;

function svg(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

export function makeLattice(program, looks, id) {
  if (program.names.length !== 2) return null;
  const [wide, high] = program.sizes;
  const [left, top] = [46, 44];
  const at = (x, y) => [left + x * UNIT, top + (high - y) * UNIT];
  const root = svg("svg", { width: left + wide * UNIT + 40, height: top + high * UNIT + 52, "aria-hidden": "true" });
  const hatch = svg("pattern", { id: `${id}-hatch`, width: 8, height: 8, patternUnits: "userSpaceOnUse" });
  hatch.append(svg("path", { d: "M0 0L8 8M8 0L0 8", class: "coro-sched-hatch" }));
  const dots = svg("pattern", { id: `${id}-dots`, width: 8, height: 8, patternUnits: "userSpaceOnUse" });
  dots.append(svg("circle", { cx: 4, cy: 4, r: 1.2, class: "coro-sched-hatch" }));
  const defs = svg("defs", {});
  defs.append(hatch, dots);
  root.append(defs);
  const region = ([x, y], pattern) => {
    const [cx, cy] = at(x, y);
    const box = { x: cx - UNIT / 2, y: cy - UNIT / 2, width: UNIT, height: UNIT };
    root.append(svg("rect", { ...box, class: "coro-sched-region" }), svg("rect", { ...box, fill: `url(#${id}-${pattern})` }));
  };
  program.forbidden.forEach((point) => region(point, "hatch"));
  program.unreached.forEach((point) => region(point, "dots"));
  const seen = new Map(); // each step of the grid: whether some good order takes it
  for (const [key, state] of Object.entries(program.states)) {
    if (!key) continue;
    const name = `${place(key.slice(0, -1))} ${place(key)}`;
    seen.set(name, (seen.get(name) ?? false) || state.broken < state.orders);
  }
  for (const [name, good] of seen) {
    const [from, to] = name.split(" ").map((text) => at(...text.split(",").map(Number)));
    const line = svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: "coro-sched-grid" });
    if (!good) line.setAttribute("data-broken", "");
    root.append(line);
  }
  new Set(Object.keys(program.states).map(place)).forEach((text) => {
    const [cx, cy] = at(...text.split(",").map(Number));
    root.append(svg("circle", { cx, cy, r: 3.5, class: "coro-sched-dot" }));
  });
  for (let x = 0; x <= wide; x += 1) root.append(svg("text", { x: at(x, 0)[0], y: at(x, 0)[1] + 22, "text-anchor": "middle" }, String(x)));
  for (let y = 0; y <= high; y += 1) root.append(svg("text", { x: left - 16, y: at(0, y)[1] + 4, "text-anchor": "middle" }, String(y)));
  const right = svg("text", { x: at(wide / 2, 0)[0], y: at(0, 0)[1] + 42, "text-anchor": "middle" }, `${looks[0].symbol} steps of ${program.names[0]} →`);
  const up = svg("text", { x: 4, y: 14 }, `↑ ${looks[1].symbol} steps of ${program.names[1]}`);
  const path = svg("g", {});
  root.append(right, up, path);
  return { element: root, show: (schedule, dark) => drawPath(path, program, looks, schedule, at, dark) };
}

function place(schedule) {
  const count = [0, 0];
  for (const step of schedule) count[Number(step)] += 1;
  return count.join(",");
}

function drawPath(path, program, looks, schedule, at, dark) {
  path.replaceChildren();
  let here = [0, 0];
  [...schedule].forEach((step) => {
    const task = Number(step);
    const then = task === 0 ? [here[0] + 1, here[1]] : [here[0], here[1] + 1];
    const [from, to] = [at(...here), at(...then)];
    const colour = dark ? looks[task].dark : looks[task].colour;
    path.append(svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: "coro-sched-step", stroke: colour }));
    const middle = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    const shift = task === 0 ? [0, -8] : [9, 4];
    const anchor = task === 0 ? "middle" : "start";
    path.append(svg("text", { x: middle[0] + shift[0], y: middle[1] + shift[1], "text-anchor": anchor }, program.names[task]));
    here = then;
  });
  const [x, y] = at(...here);
  const state = program.states[schedule];
  if (state.finding) path.append(svg("path", { d: `M${x - 7} ${y - 7}L${x + 7} ${y + 7}M${x + 7} ${y - 7}L${x - 7} ${y + 7}`, class: "coro-sched-end" }));
  else if ("finding" in state) path.append(svg("rect", { x: x - 6, y: y - 6, width: 12, height: 12, class: "coro-sched-end" }));
  else path.append(svg("circle", { cx: x, cy: y, r: 6, class: "coro-sched-end" }));
}
