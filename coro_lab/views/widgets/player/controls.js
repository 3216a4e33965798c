// The controls of the player: buttons, speed, slider and the help for the keyboard.

import { el, makeButton, setText } from "../element.js";
import { KEYS, SPEEDS } from "./keys.js";
import { after } from "./picture.js";
import { eventAt } from "./trace.js";

/** @type {[name: Move, sign: string, keys: string][]} */
const BUTTONS = [
  ["first", "|◀ first", "Home"],
  ["previous switch", "◀◀ switch", "p"],
  ["back", "◀ back", "←"],
  ["play", "▶ play", "Space"],
  ["forward", "forward ▶", "→"],
  ["next switch", "switch ▶▶", "n"],
  ["last", "last ▶|", "End"],
];

/**
 * The controls. `move` is called for what a button asks for, also where it is switched off.
 * @param {(name: Move, off: boolean) => void} move
 */
export function makeControls(move) {
  /** @type {Map<Move, HTMLButtonElement>} */
  const buttons = new Map();
  /** @type {(name: Move, sign: string, words: string, keys: string) => HTMLButtonElement} */
  const makeControl = (name, sign, words, keys) => {
    const button = makeButton(sign, "coro-button", () => move(name, button.getAttribute("aria-disabled") === "true"));
    button.title = `${words} (${keys})`;
    button.setAttribute("aria-label", words);
    buttons.set(name, button);
    return button;
  };
  const row = BUTTONS.map(([name, sign, keyed]) => makeControl(name, sign, name, keyed));
  const group = el("div", "coro-buttons", row);
  const speed = el(
    "select",
    "coro-speed",
    SPEEDS.map(([words, rate]) => new Option(words, String(rate), rate === 2.5, rate === 2.5)),
  );
  speed.setAttribute("aria-label", "speed");
  const hideLines = Object.assign(el("input"), { type: "checkbox" });
  const hide = el("label", "coro-hide", [hideLines, el("span", "", "hide lines")]);
  const ahead = Object.assign(el("input"), { type: "checkbox" });
  const look = el("label", "coro-hide", [ahead, el("span", "", "show what comes")]);
  const slider = Object.assign(el("input", "coro-slider"), { type: "range", min: "0", step: "1" });
  slider.setAttribute("aria-label", "event");
  const keys = el(
    "dl",
    "coro-keys",
    KEYS.flatMap(([key, words]) => [el("dt", "", key), el("dd", "", words)]),
  );
  keys.hidden = true;
  const title = el("div", "coro-title");
  const ask = makeControl("help", "? keys", "keyboard help", "?");
  ask.setAttribute("aria-expanded", "false");
  const element = el("div", "coro-controls", [title, group, speed, hide, ask, slider, keys]);

  function help() {
    keys.hidden = !keys.hidden;
    ask.setAttribute("aria-expanded", String(!keys.hidden));
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
    slider.style.setProperty("--coro-part", `${trace.count > 1 ? (100 * Math.max(index, 0)) / (trace.count - 1) : 0}%`);
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
    const play = row[3];
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
  return { element, speed, hideLines, ahead, look, slider, title, show, playing, help, indexAt };
}
