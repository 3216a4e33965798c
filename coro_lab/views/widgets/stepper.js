// The stepper: the language's verbs as buttons, and what went in and came out, above a player that follows the run.
// Python decides everything, in words; a click asks it, and its answer is shown. Focus stays where it is.

import { el, makeButton, setText } from "./element.js";
import { makeField } from "./field.js";
import { makeLine, uniqueId } from "./page.js";
import { traitsOf } from "./player/anywidget.js";
import { mount } from "./player/player.js";
import { makeFlight } from "./player/traveller.js";
import { svg } from "./player/wires.js";

/** @type {Record<Verb, string>} */
const VERBS = {
  next: "next(): run to the next yield",
  send: "send(value): resume, and the value comes out of the yield",
  throw: "throw(exception): resume, and the exception is raised at the yield",
  close: "close(): end it where it is suspended",
  back: "back: take the last operation back",
};
const FLIGHT = 500; // milliseconds in which a value goes in, and comes out
const HELP = "Write a value into the box as Python writes it; Enter sends it. To throw, write an exception: ";

/**
 * The panel. `press(verb, written)` asks Python; `show(now)` takes its answer.
 * @param {(verb: Verb, written: string) => void} press
 */
export function makePanel(press) {
  const id = uniqueId();
  const verbs = /** @type {Verb[]} */ (Object.keys(VERBS));
  const buttons = Object.fromEntries(verbs.map((verb) => [verb, makeVerb(verb, () => ask(verb))]));
  const box = makeField("coro-value", 18, "3, 'text', [1, 2]");
  box.setAttribute("aria-describedby", `${id}-help`);
  const help = el("p", "", [HELP, el("code", "", "ValueError('no')"), "."]);
  help.id = `${id}-help`;
  const label = el("label", "coro-ask", [el("span", "", "value"), box]);
  const withValue = el("span", "coro-joined", [label, buttons.send, buttons.throw]);
  const row = el("div", "coro-verbs", [buttons.next, withValue, buttons.close, buttons.back]);
  const why = el("div");
  const problem = live("coro-problem", "alert");
  const told = live("coro-unseen", "status");
  const [into, state, out] = [makeSide("in"), makeSide("state"), makeSide("out")];
  const flow = el("div", "coro-flow", [into.element, wayOn(), state.element, wayOn(), out.element]);
  const element = el("div", "coro-panel", [row, el("div", "coro-notes", [problem, why, help]), flow, told]);
  const line = makeLine(element, /** @param {Verb} verb */ (verb) => press(verb, box.value), say);
  /** @type {StepperNow} */
  let shown;

  box.addEventListener("input", refuse);
  element.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the player's own keys stay with the player
    if (event.key !== "Enter" || event.target !== box) return;
    event.preventDefault();
    ask("send");
    box.select();
  });

  /** @param {Verb} verb */
  function ask(verb) {
    const reason = refusal(verb);
    if (reason) say(`${verb} is not possible now. ${reason}`);
    else line.ask(verb);
  }

  /** @param {string} words */
  function say(words) {
    line.heard();
    setText(problem, words);
    problem.hidden = !words;
    roomForHelp();
  }

  /**
   * Whether a created generator takes the send depends on what is in the box: None starts it.
   * @param {Verb} verb
   */
  function refusal(verb) {
    const starts = verb === "send" && shown.none_starts && box.value.trim() === "None";
    return starts ? undefined : shown.refusals[verb];
  }

  function refuse() {
    /** @type {Map<string, Verb[]>} */
    const groups = new Map();
    for (const verb of verbs) {
      const reason = refusal(verb);
      buttons[verb].setAttribute("aria-disabled", String(Boolean(reason)));
      buttons[verb].title = reason ?? VERBS[verb];
      buttons[verb].removeAttribute("aria-describedby");
      if (reason) groups.set(reason, [...(groups.get(reason) ?? []), verb]);
    }
    const lines = Array.from(groups, ([reason, refused], at) => {
      const words = el("span", "", `: ${reason}`);
      words.id = `${id}-${at}`;
      for (const verb of refused) buttons[verb].setAttribute("aria-describedby", words.id);
      return el("p", "", [el("b", "", refused.join(", ")), words]);
    });
    why.replaceChildren(...lines);
    roomForHelp();
  }

  // The notes keep their height: the help gives way to reasons and to what went wrong.
  function roomForHelp() {
    help.hidden = !problem.hidden || why.children.length > 1;
  }

  /** @param {StepperNow} now */
  function show(now) {
    shown = now;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `Stepper of ${now.name}`);
    element.dataset.answer = String(now.answer);
    element.dataset.state = now.state;
    into.set("went in", now.in);
    out.set("came out", now.out);
    state.set(`${now.name} is`, now.line === null ? now.state : `${now.state} at line ${now.line}`);
    say(now.problem);
    refuse();
    setText(told, now.told);
  }

  return { element, show, into: into.value, out: out.value };
}

/** @param {Verb} verb @param {() => void} press */
function makeVerb(verb, press) {
  const button = makeButton(verb, "coro-button coro-verb", press);
  button.dataset.verb = verb;
  return button;
}

/** @param {string} side */
function makeSide(side) {
  const [heading, value] = [el("div", "coro-dim"), el("div", "coro-crossed")];
  const element = el("div", "coro-side", [heading, value]);
  element.dataset.side = side;
  /** @param {string} title @param {string} words */
  const set = (title, words) => {
    setText(heading, title);
    setText(value, words || "nothing yet");
    value.title = words;
    value.dataset.empty = String(!words);
  };
  return { element, value, set };
}

/** An arrow as between the cards. */
function wayOn() {
  const made = svg("svg", "coro-way", { viewBox: "0 0 30 12", "aria-hidden": "true" });
  made.append(
    svg("polyline", "coro-arrow", { points: "0,6 22,6" }),
    svg("polygon", "coro-tip", { points: "30,6 19,0 19,12" }),
  );
  return made;
}

/** @param {string} className @param {string} role */
function live(className, role) {
  const made = el("p", className);
  made.setAttribute("role", role);
  return made;
}

// ---- anywidget -------------------------------------------------------------------------------------------------------

/** @param {Given<StepperTraits, PressMessage | ForkMessage>} given */
function renderStepper({ model, el: host }) {
  const player = mount(host, (message) => model.send(message));
  const panel = makePanel((verb, written) => model.send({ ask: "press", verb, written }));
  player.root.classList.add("coro-stepper");
  player.root.prepend(panel.element);
  const look = el("summary", "", "look back over the run: what if I had sent something else?");
  player.body.append(el("details", "coro-look", [look, player.controls, player.fork]));
  const [going, coming] = [makeFlight(), makeFlight()];
  player.root.append(going.element, coming.element);
  let last = -1; // the event up to which the run was shown
  let stored = true; // the run that it is opened with was stepped through before

  // What went in flies to where it landed, and then what came out, to where the panel shows it.
  function load() {
    player.load(traitsOf(model));
    const [before, end] = [last, player.at()];
    last = end;
    if (!stored && end > before) {
      player.go(before + 1);
      const went = player.ends();
      const way = [...going.middle(panel.into), ...going.middle(went.lands)];
      player.go(-1);
      const came = player.ends();
      going.fly(went.words, way, { duration: FLIGHT });
      const back = [...coming.middle(came.leaves), ...coming.middle(panel.out)];
      coming.fly(came.words, back, { duration: FLIGHT, delay: FLIGHT });
    }
    stored = false;
  }
  const answer = () => panel.show(model.get("now"));
  model.on("change:trace", load);
  model.on("change:now", answer);
  model.on("msg:custom", player.hear);
  answer();
  load();
  return () => {
    model.off("change:trace", load);
    model.off("change:now", answer);
    model.off("msg:custom", player.hear);
    player.unmount();
  };
}

export default { render: renderStepper };
