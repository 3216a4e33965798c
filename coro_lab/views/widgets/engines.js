// One program on four engines: a toggle above the player that changes nothing but the engine. Everything is here already,
// so no kernel is asked. The reader's place is kept: the same step, and the same event in it.

import { el, setText } from "./element.js";
import { uniqueId } from "./page.js";
import { traitsOf } from "./player/anywidget.js";
import { tokensOfLines } from "./player/code.js";
import { coloured } from "./player/coloured.js";
import { mount } from "./player/player.js";
import { eventAt, readTrace } from "./player/trace.js";

/**
 * Where in `to` the reader of `from` goes on: at the same step, after as many stops of it; from the end, at the end.
 * @param {Trace} from
 * @param {number} index
 * @param {Trace} to
 */
export function sameMoment(from, index, to) {
  if (index >= from.count - 1) return to.count - 1;
  const { step } = eventAt(from, index);
  /** @type {(trace: Trace, wanted: number) => number[]} */
  const within = (trace, wanted) => [...trace.stops].filter((stop) => eventAt(trace, stop).step === wanted);
  const [here, there] = [within(from, step), within(to, Math.min(step, to.steps - 1))];
  const passed = Math.max(here.filter((stop) => stop <= index).length, 1);
  return there[Math.min(passed, there.length) - 1] ?? 0;
}

/**
 * The toggle and the program. `choose(name)` is called for the engine that the reader picks.
 * @param {string[]} names
 * @param {(name: string) => void} choose
 */
export function makeEngines(names, choose) {
  const group = uniqueId();
  const radios = names.map((value) => Object.assign(el("input"), { type: "radio", name: group, value }));
  const labels = radios.map((radio) => el("label", "coro-engine", [radio, el("span", "", radio.value)]));
  const toggle = el("fieldset", "coro-engines", [el("legend", "", "engine"), ...labels]);
  const told = el("p", "coro-dim coro-told");
  told.setAttribute("role", "status");
  const program = el("div", "coro-program");
  program.setAttribute("role", "group");
  for (const radio of radios) radio.addEventListener("change", () => choose(radio.value));

  /** @param {string} name @param {EngineRun} run */
  function show(name, run) {
    for (const radio of radios) radio.checked = radio.value === name;
    setText(told, `${name}: ${run.told}.`);
    program.setAttribute("aria-label", `the program for ${name}`);
    program.replaceChildren(...functions(run.lines).map(makeFunction));
  }

  return { element: el("div", "coro-choice", [toggle, told, program]), show };
}

/** A function in colours, with the parts that differ marked. @param {EngineRun["lines"]} lines */
function makeFunction(lines) {
  const texts = lines.map((line) => line.map(([text]) => text).join(""));
  const tokens = tokensOfLines(texts);
  /** @type {(line: EngineRun["lines"][number], at: number) => (Node | string)[]} */
  const lineOf = (line, at) => {
    let column = 0;
    const parts = line.flatMap(([text, differs]) => {
      const from = column;
      column += text.length;
      const part = coloured(texts[at], tokens[at], from, column);
      return differs ? [el("mark", "", part)] : part;
    });
    return [...parts, "\n"];
  };
  return el("pre", "", lines.flatMap(lineOf));
}

/**
 * The functions of a program, which stand behind one another with an empty line between them.
 * @param {EngineRun["lines"]} lines
 */
function functions(lines) {
  /** @type {EngineRun["lines"][]} */
  const parts = [[]];
  for (const line of lines) {
    if (line.length) parts[parts.length - 1].push(line);
    else parts.push([]);
  }
  return parts.filter((part) => part.length);
}

// ---- anywidget -------------------------------------------------------------------------------------------------------

/** @param {Given<EnginesTraits>} given */
function renderEngines({ model, el: host }) {
  const player = mount(host);
  const runs = model.get("runs");
  /** @type {Record<string, Trace>} */
  const traces = Object.fromEntries(Object.entries(runs).map(([name, { trace }]) => [name, readTrace(trace)]));
  const choice = makeEngines(Object.keys(traces), (name) => {
    model.set("engine", name);
    model.save_changes();
  });
  player.root.prepend(choice.element);
  let shown = "";

  function show() {
    const name = model.get("engine");
    if (name === shown) return;
    const { trace, looks } = runs[name];
    const index = shown && sameMoment(traces[shown], player.at(), traces[name]);
    player.load({ ...traitsOf(model), trace, looks, follow: false, can_fork: false });
    if (index !== "") player.go(index);
    choice.show(name, runs[name]);
    shown = name;
  }

  const move = () => player.go(model.get("index"));
  model.on("change:engine", show);
  model.on("change:index", move);
  show();
  return () => {
    model.off("change:engine", show);
    model.off("change:index", move);
    player.unmount();
  };
}

export default { render: renderEngines };
