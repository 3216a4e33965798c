// The controls of the player. What is needed at each step stands in one row: back, forward, play and the slider; what is
// needed seldom, and the help for the keys, is behind "more".

import { el, makeButton, setText } from "../element.js";
import { KEYS, SPEEDS } from "./keys.js";
import { after } from "./picture.js";
import { eventAt } from "./trace.js";

/** @type {[name: Move, words: string, keys: string][]} */
const FIRST = [
  ["back", "← back", "←"],
  ["forward", "forward →", "→"],
  ["play", "▶ play", "Space"],
];
/** @type {[name: Move, words: string, keys: string][]} */
const SELDOM = [
  ["first", "first", "Home"],
  ["previous switch", "previous switch", "p"],
  ["next switch", "next switch", "n"],
  ["last", "last", "End"],
];

/**
 * The controls. `move` is called for what a button asks for, also where it is switched off; `share` stands among what is
 * needed seldom.
 * @param {(name: Move, off: boolean) => void} move
 * @param {HTMLElement} share
 */
export function makeControls(move, share) {
  /** @type {Map<Move, HTMLButtonElement>} */
  const buttons = new Map();
  /** @type {(control: [name: Move, words: string, keys: string]) => HTMLButtonElement} */
  const makeControl = ([name, words, keys]) => {
    const button = makeButton(words, "coro-button", () => move(name, button.getAttribute("aria-disabled") === "true"));
    button.title = `${name} (${keys})`;
    button.setAttribute("aria-label", name);
    buttons.set(name, button);
    return button;
  };
  /** @type {(words: string) => [HTMLInputElement, HTMLElement]} */
  const makeChoice = (words) => {
    const box = Object.assign(el("input"), { type: "checkbox" });
    return [box, el("label", "coro-hide", [box, el("span", "", words)])];
  };
  const [hideLines, hide] = makeChoice("hide lines");
  const [ahead, look] = makeChoice("show what comes");
  const speed = el(
    "select",
    "coro-speed",
    SPEEDS.map(([words, rate]) => new Option(words, String(rate), rate === 2.5, rate === 2.5)),
  );
  const pace = el("label", "coro-hide", [el("span", "", "speed"), speed]);
  const slider = Object.assign(el("input", "coro-slider"), { type: "range", min: "0", step: "1" });
  slider.setAttribute("aria-label", "event");
  const keys = el(
    "dl",
    "coro-keys",
    KEYS.flatMap(([key, words]) => [el("dt", "", key), el("dd", "", words)]),
  );
  const seldom = el("div", "coro-seldom", [
    el("div", "coro-buttons", SELDOM.map(makeControl)),
    pace,
    hide,
    look,
    share,
    keys,
  ]);
  seldom.hidden = true;
  const title = el("div", "coro-title");
  const ask = makeControl(["more", "more", "?"]);
  ask.setAttribute("aria-expanded", "false");
  const row = el("div", "coro-transport", [el("div", "coro-buttons", FIRST.map(makeControl)), slider, ask]);
  const element = el("div", "coro-controls", [title, row, seldom]);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "controls of the player");

  function more() {
    seldom.hidden = !seldom.hidden;
    ask.setAttribute("aria-expanded", String(!seldom.hidden));
    setText(ask, seldom.hidden ? "more" : "less");
  }

  /**
   * Places on the slider are stops while lines are hidden, so every place of it is one that can be seen.
   * @param {Trace} trace
   * @param {number} index
   * @param {boolean} ends whether the reader has been at the end
   */
  function show(trace, index, ends) {
    look.style.visibility = ends ? "hidden" : ""; // and it keeps its place
    const list = hideLines.checked ? trace.stops : null;
    const [begin, end] = [index <= 0, index >= trace.count - 1];
    const words = trace.count
      ? `event ${index + 1} of ${trace.count}, step ${eventAt(trace, index).step}`
      : "no events";
    slider.max = String(Math.max((list ?? trace.rows).length - 1, 0));
    slider.value = String(list ? Math.max(after(list, index) - 1, 0) : Math.max(index, 0));
    slider.setAttribute("aria-valuetext", words);
    switchOff("first", begin);
    switchOff("back", begin);
    switchOff("last", end);
    switchOff("forward", end);
    switchOff("previous switch", after(trace.switches, index - 1) === 0);
    switchOff("next switch", after(trace.switches, index) === trace.switches.length);
  }

  /** @param {Move} name @param {boolean} off */
  function switchOff(name, off) {
    buttons.get(name)?.setAttribute("aria-disabled", String(off));
  }

  /** @param {boolean} on */
  function playing(on) {
    const play = /** @type {HTMLButtonElement} */ (buttons.get("play"));
    setText(play, on ? "■ stop" : "▶ play");
    play.setAttribute("aria-label", on ? "stop" : "play");
  }

  /**
   * The event at a place of the slider.
   * @param {Trace} trace
   */
  const indexAt = (trace) => {
    const value = Number(slider.value);
    return hideLines.checked ? (trace.stops[value] ?? 0) : value;
  };
  return { element, speed, hideLines, ahead, slider, title, show, playing, more, indexAt };
}
