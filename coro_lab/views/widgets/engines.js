// One program on four engines: a toggle above the player that changes nothing but the engine. Everything is here already,
// so no kernel is asked. The reader's place is kept: the same step, and the same event in it.

import { eventAt, readTrace } from "./player/trace.js";
import { el, setText } from "./element.js";
import { mount } from "./player/player.js";

// Where in `to` the reader of `from` goes on: at the same step, after as many stops of it; from the end, at the end.
export function sameMoment(from, index, to) {
  if (index >= from.count - 1) return to.count - 1;
  const { step } = eventAt(from, index);
  const within = (trace, wanted) => [...trace.stops].filter((stop) => eventAt(trace, stop).step === wanted);
  const [here, there] = [within(from, step), within(to, Math.min(step, to.steps - 1))];
  const passed = Math.max(here.filter((stop) => stop <= index).length, 1);
  return there[Math.min(passed, there.length) - 1] ?? 0;
}

// The toggle and the program. `choose(name)` is called for the engine that the reader picks.
export function makeEngines(names, choose) {
  const group = `coro-${Math.random().toString(36).slice(2)}`;
  const radios = new Map(names.map((name) => [name, Object.assign(el("input"), { type: "radio", name: group, value: name })]));
  const labels = names.map((name) => el("label", "coro-engine", [radios.get(name), el("span", "", name)]));
  const toggle = el("fieldset", "coro-engines", [el("legend", "", "engine"), ...labels]);
  const told = el("p", "coro-dim coro-told");
  told.setAttribute("role", "status");
  const program = el("div", "coro-program");
  program.setAttribute("role", "group");
  for (const [name, radio] of radios) radio.addEventListener("change", () => choose(name));

  function show(name, run) {
    radios.get(name).checked = true;
    setText(told, `${name}: ${run.told}.`);
    program.setAttribute("aria-label", `the program for ${name}`);
    program.replaceChildren(...functions(run.lines).map((lines) => el("pre", "", lines.flatMap((line) => [...line.map(piece), "\n"]))));
  }

  return { element: el("div", "coro-choice", [toggle, told, program]), show };
}

function piece([text, differs]) {
  return differs ? el("mark", "", text) : text;
}

// The functions of a program, which stand behind one another with an empty line between them.
function functions(lines) {
  const parts = [[]];
  for (const line of lines) line.length ? parts.at(-1).push(line) : parts.push([]);
  return parts.filter((part) => part.length);
}

// ---- anywidget -------------------------------------------------------------------------------------------------------

const SHARED = ["index", "hide_lines", "title"];

function renderEngines({ model, el: host }) {
  const player = mount(host);
  const runs = model.get("runs");
  const traces = new Map(Object.entries(runs).map(([name, { trace }]) => [name, readTrace(trace)]));
  const choice = makeEngines([...traces.keys()], (name) => {
    model.set("engine", name);
    model.save_changes();
  });
  host.querySelector(".coro").prepend(choice.element);
  let shown = null;

  function show() {
    const name = model.get("engine");
    if (name === shown) return;
    const index = shown === null ? model.get("index") : sameMoment(traces.get(shown), player.at(), traces.get(name));
    const { trace, looks } = runs[name];
    player.load({ ...Object.fromEntries(SHARED.map((trait) => [trait, model.get(trait)])), trace, looks, follow: false, can_fork: false });
    if (shown !== null) player.go(index);
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
