// All orders of two coroutines as paths on one lattice. The path that is pointed at, or chosen in the list, is described.

import { el, makeRoot } from "../element.js";
import { followTheme, keepKeys, uniqueId } from "../page.js";
import { colourOf } from "./colours.js";
import { axes, between, endMark, pointAfter, svg } from "./lattice.js";
import { endings, KINDS, namesOf, words } from "./orders.js";

const APART = 3.6; // pixels between two paths that take the same step
const AISLE = 34; // pixels between the outermost paths of two points

/**
 * The orders from the upper left to the lower right of the lattice: those in which the second one goes on first come first.
 * @param {Program} program
 */
export function pathsOf(program) {
  /** @param {string} key */
  const area = (key) =>
    [...key].reduce((sum, step, at) => sum + (step === "1" ? pointAfter(key.slice(0, at))[0] : 0), 0);
  const keys = endings(program).map(([key]) => key);
  return keys.sort((one, other) => area(one) - area(other) || (one < other ? 1 : -1));
}

/**
 * What each step of an order prints.
 * @param {Program} program
 * @param {string} key
 */
export function printedBy(program, key) {
  return [...key].map((_, at) => {
    const before = program.states[key.slice(0, at)].output;
    return words(program.states[key.slice(0, at + 1)].output.slice(before.length));
  });
}

/**
 * An order in a sentence.
 * @param {Program} program
 * @param {string} key
 */
export function tell(program, key) {
  const { finding, output } = program.states[key];
  const printed = words(output) ? ` prints ${words(output)}` : "";
  const said = finding ? `: ${KINDS[finding.kind]}` : printed ? "" : ": nothing is broken";
  return `${namesOf(program, key).join(" ")}${printed}${said}.`;
}

/**
 * The picture in `root`. Returns a function that ends it.
 * @param {Model<PathsTraits>} model
 * @param {HTMLElement} root
 */
export function mountPaths(model, root) {
  const [program, looks] = [model.get("program"), model.get("looks")];
  const keys = pathsOf(program);
  /** @param {string} name */
  const place = (name) => program.names.indexOf(name).toString(36);
  let chosen = keys.indexOf(model.get("schedule").map(place).join(""));
  let pointed = -1;
  /** @type {Theme} */
  let theme = "light";

  const unit = keys.length * APART + AISLE;
  const [wide, high] = program.sizes;
  const margin = unit / 2;
  /** @param {number[]} point */
  const at = ([x, y]) => ({ x: margin + 20 + x * unit, y: margin + (high - y) * unit });
  /** @param {number} number @param {number[]} point */
  const on = (number, point) => {
    const shift = (number - (keys.length - 1) / 2) * APART;
    return { x: at(point).x + shift, y: at(point).y + shift };
  };
  const size = { width: 2 * margin + 20 + wide * unit, height: 2 * margin + high * unit + 40 };
  const paths = keys.map((key, number) => makePath(key, number));
  const marks = svg("g", {});
  const picture = svg("svg", { ...size, viewBox: `0 0 ${size.width} ${size.height}`, "aria-hidden": "true" }, [
    ...stations(),
    ...axes(program, looks, at, keys.length * APART * 0.5),
    ...paths.map((path) => path.element),
    marks,
  ]);
  picture.classList.add("coro-paths-picture");
  picture.addEventListener("pointerleave", () => point(-1));

  const said = el("p", "coro-sched-status");
  said.setAttribute("role", "status");
  const id = uniqueId();
  const rows = keys.map((key, number) => makeRow(key, number));
  const list = el("div", "coro-paths-list", rows);
  list.tabIndex = 0;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", `all orders of ${program.names.join(" and ")}`);
  list.addEventListener("pointerleave", () => point(-1));
  list.addEventListener("keydown", (event) => {
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: keys.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(Math.min(Math.max(to, 0), keys.length - 1));
  });
  list.addEventListener("focus", () => {
    if (chosen < 0) choose(0);
  });
  const head = el("p", "coro-sched-goal", `All ${keys.length} orders: each is one path from corner to corner.`);
  root.replaceChildren(head, said, el("div", "coro-sched-body", [picture, list]));
  keepKeys(root);

  /** @param {string} key @param {number} number */
  function makePath(key, number) {
    const steps = [...key].map((step, turn) => {
      const [from, to] = [turn, turn + 1].map((length) => on(number, pointAfter(key.slice(0, length))));
      const line = between(from, to, { class: "coro-paths-step" });
      if (program.states[key].finding) line.setAttribute("stroke-dasharray", "6 4");
      return { task: Number(step), line };
    });
    const corners = [...key, ""].map((_, length) => on(number, pointAfter(key.slice(0, length))));
    const d = `M${corners.map(({ x, y }) => `${x} ${y}`).join("L")}`;
    const hit = svg("path", { d, class: "coro-paths-hit" });
    const element = svg("g", { class: "coro-paths-path" }, [...steps.map(({ line }) => line), hit]);
    element.addEventListener("pointerenter", () => point(number));
    element.addEventListener("click", () => choose(number));
    return { element, steps };
  }

  /** @param {string} key @param {number} number */
  function makeRow(key, number) {
    const { finding, output } = program.states[key];
    const mark = finding ? "✕ " : "";
    const row = el("div", "coro-paths-row", [
      el("b", "", namesOf(program, key).join(" ")),
      el("span", "", `${mark}${words(output)}`),
    ]);
    row.id = `${id}-${number}`;
    row.setAttribute("role", "option");
    row.addEventListener("pointerenter", () => point(number));
    row.addEventListener("click", () => choose(number));
    return row;
  }

  /** A bar behind each point of the lattice, as long as all paths through it are wide. */
  function stations() {
    const points = new Set(
      keys.flatMap((key) => [...key, ""].map((_, length) => String(pointAfter(key.slice(0, length))))),
    );
    return Array.from(points, (text) => {
      const point = text.split(",").map(Number);
      return between(on(0, point), on(keys.length - 1, point), { class: "coro-paths-station" });
    });
  }

  /** @param {number} number */
  function point(number) {
    pointed = number;
    show();
  }

  /** @param {number} number */
  function choose(number) {
    chosen = number;
    pointed = -1;
    model.set("schedule", namesOf(program, keys[number]));
    model.save_changes();
    rows[number].scrollIntoView?.({ block: "nearest" });
    show();
  }

  function show() {
    const now = pointed < 0 ? chosen : pointed;
    root.toggleAttribute("data-shown", now >= 0);
    paths.forEach(({ element, steps }, number) => {
      element.toggleAttribute("data-shown", number === now);
      for (const { task, line } of steps) line.setAttribute("stroke", colourOf(looks[task], theme));
    });
    rows.forEach((row, number) => {
      row.toggleAttribute("data-shown", number === now);
      row.setAttribute("aria-selected", String(number === chosen));
    });
    if (chosen >= 0) list.setAttribute("aria-activedescendant", rows[chosen].id);
    said.textContent =
      now < 0 ? "Point at a path, or go through the list with the arrow keys." : tell(program, keys[now]);
    marks.replaceChildren(...(now < 0 ? [] : labels(now)));
  }

  /** @param {number} number */
  function labels(number) {
    const key = keys[number];
    const printed = printedBy(program, key).map((text, turn) => {
      const [from, to] = [turn, turn + 1].map((length) => on(number, pointAfter(key.slice(0, length))));
      const [dx, dy, anchor] = key[turn] === "0" ? [0, -8, "middle"] : [9, 4, "start"];
      const middle = { x: (from.x + to.x) / 2 + dx, y: (from.y + to.y) / 2 + dy };
      return svg(
        "text",
        { ...middle, "text-anchor": anchor, class: "coro-paths-word" },
        text || program.names[Number(key[turn])],
      );
    });
    return [...printed, endMark(on(number, pointAfter(key)), program.states[key])];
  }

  return followTheme(root, (now) => {
    theme = now;
    show();
  });
}

/** @param {Given<PathsTraits>} given */
function render({ model, el: host }) {
  return mountPaths(model, makeRoot(host, "coro-sched coro-paths", "all orders as paths"));
}

export default { render };
