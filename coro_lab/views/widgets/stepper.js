// The stepper: the language's verbs as buttons, and what went in and came out, above a player that follows the run.
// Python decides everything, in words; a click asks it, and its answer is shown. Focus stays where it is.

import { el, setText } from "./element.js";
import { mount } from "./player/player.js";

const VERBS = {
  next: "next(): run to the next yield", send: "send(value): resume, and the value comes out of the yield",
  throw: "throw(exception): resume, and the exception is raised at the yield", close: "close(): end it where it is suspended",
  back: "back: take the last operation back",
};
const LATE = 8000; // milliseconds until a silent kernel is called silent
const UNRUN = "Nothing can run yet: run this cell first. Click into its code and press Shift + Enter.";
const UNHEARD = "The kernel does not answer: it is busy or gone. If it is gone, run the cell again.";

// The panel. `press(verb, written)` asks Python; `show(now)` takes its answer.
export function makePanel(press) {
  const id = `coro-${Math.random().toString(36).slice(2)}`;
  const buttons = new Map(Object.keys(VERBS).map((verb) => [verb, makeButton(verb)]));
  const box = Object.assign(el("input", "coro-value"), { type: "text", size: 18, spellcheck: false, autocomplete: "off", placeholder: "3, 'text', [1, 2]" });
  box.setAttribute("aria-describedby", `${id}-help`);
  const help = el("p", "", [
    el("span", "", "Write a value into the box as Python writes it; Enter sends it. To throw, write an exception: "), el("code", "", "ValueError('no')"), el("span", "", "."),
  ]);
  help.id = `${id}-help`;
  const withValue = el("span", "coro-joined", [el("label", "coro-ask", [el("span", "", "value"), box]), buttons.get("send"), buttons.get("throw")]);
  const verbs = el("div", "coro-verbs", [buttons.get("next"), withValue, buttons.get("close"), buttons.get("back")]);
  const why = el("div");
  const problem = live("p", "coro-problem", "alert");
  const told = live("p", "coro-unseen", "status");
  const [into, state, out] = [makeSide("went in", "in"), makeSide("", "state"), makeSide("came out", "out")];
  const flow = el("div", "coro-flow", [into.element, wayOn(), state.element, wayOn(), out.element]);
  const element = el("div", "coro-panel", [verbs, el("div", "coro-notes", [problem, why, help]), flow, told]);
  const view = { now: null, timer: null, stored: true };

  for (const [verb, button] of buttons) button.addEventListener("click", () => ask(verb));
  box.addEventListener("input", refuse);
  element.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the player's own keys stay with the player
    if (event.key !== "Enter" || event.target !== box) return;
    event.preventDefault();
    ask("send");
    box.select();
  });

  function makeButton(verb) {
    const button = Object.assign(el("button", "coro-button coro-verb", verb), { type: "button" });
    button.dataset.verb = verb;
    return button;
  }

  function ask(verb) {
    const reason = refusal(verb);
    if (reason) return say(`${verb} is not possible now. ${reason}`);
    if (element.closest(".jupyter-widgets-disconnected")) return say(view.stored ? UNRUN : UNHEARD);
    view.stored = false;
    clearTimeout(view.timer);
    view.timer = setTimeout(() => say(UNHEARD), LATE);
    try {
      press(verb, box.value);
    } catch {
      say(UNHEARD);
    }
    return undefined;
  }

  function say(words) {
    clearTimeout(view.timer);
    setText(problem, words);
    problem.hidden = !words;
    roomForHelp();
  }

  // Whether a created generator takes the send depends on what is in the box: None starts it.
  function refusal(verb) {
    const { refusals, none_starts: noneStarts } = view.now;
    return verb === "send" && noneStarts && box.value.trim() === "None" ? undefined : refusals[verb];
  }

  function refuse() {
    const groups = new Map();
    for (const [verb, button] of buttons) {
      const reason = refusal(verb);
      button.setAttribute("aria-disabled", String(Boolean(reason)));
      button.title = reason ?? VERBS[verb];
      button.removeAttribute("aria-describedby");
      if (reason) groups.set(reason, [...(groups.get(reason) ?? []), verb]);
    }
    const lines = Array.from(groups, ([reason, verbs], at) => {
      const line = el("p", "", [el("b", "", verbs.join(", ")), el("span", "", `: ${reason}`)]);
      line.lastChild.id = `${id}-${at}`;
      for (const verb of verbs) buttons.get(verb).setAttribute("aria-describedby", `${id}-${at}`);
      return line;
    });
    why.replaceChildren(...lines);
    roomForHelp();
  }

  // The notes keep their height: the help gives way to reasons and to what went wrong.
  function roomForHelp() {
    help.hidden = !problem.hidden || why.children.length > 1;
  }

  function show(now) {
    view.now = now;
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `Stepper of ${now.name}`);
    element.dataset.answer = now.answer;
    element.dataset.state = now.state;
    into.set("went in", now.in);
    out.set("came out", now.out);
    state.set(`${now.name} is`, now.line === null ? now.state : `${now.state} at line ${now.line}`);
    say(now.problem);
    refuse();
    setText(told, now.told);
  }

  return { element, show };
}

function makeSide(title, side) {
  const [heading, value] = [el("div", "coro-dim", title), el("div", "coro-crossed")];
  const element = el("div", "coro-side", [heading, value]);
  element.dataset.side = side;
  const set = (title, words) => {
    setText(heading, title);
    setText(value, words || "nothing yet");
    value.title = words;
    value.dataset.empty = String(!words);
  };
  return { element, set };
}

function wayOn() {
  const made = el("div", "coro-way", "→");
  made.setAttribute("aria-hidden", "true");
  return made;
}

function live(name, className, role) {
  const made = el(name, className);
  made.setAttribute("role", role);
  return made;
}


// ---- anywidget -------------------------------------------------------------------------------------------------------

const FOLLOWED = ["trace", "looks", "index", "follow", "hide_lines", "title", "can_fork"];

function renderStepper({ model, el: host }) {
  const player = mount(host);
  const panel = makePanel((verb, written) => model.send({ ask: "press", verb, written }));
  const root = host.querySelector(".coro");
  root.classList.add("coro-stepper");
  root.prepend(panel.element);
  const look = el("details", "coro-look", [el("summary", "", "look back over the run"), root.querySelector(".coro-controls")]);
  root.querySelector(".coro-body").append(look);
  const load = () => player.load(Object.fromEntries(FOLLOWED.map((name) => [name, model.get(name)])));
  const answer = () => panel.show(model.get("now"));
  model.on("change:trace", load);
  model.on("change:now", answer);
  answer();
  load();
  return () => {
    model.off("change:trace", load);
    model.off("change:now", answer);
    player.unmount();
  };
}

export default { render: renderStepper };
