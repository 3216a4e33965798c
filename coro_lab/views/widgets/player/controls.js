// The controls of the player: buttons, speed, slider and the help for the keyboard.

import { eventAt } from "./trace.js";
import { after } from "./picture.js";
import { el, setText } from "../element.js";
import { KEYS, SPEEDS } from "./keys.js";

export function makeControls() {
  const buttons = new Map();
  const button = (name, sign, words, keys) => {
    const made = el("button", "coro-button", sign);
    made.type = "button";
    made.title = `${words} (${keys})`;
    made.setAttribute("aria-label", words);
    buttons.set(name, made);
    return made;
  };
  const group = el("div", "coro-buttons", [
    button("first", "|◀ first", "first", "Home"), button("previous switch", "◀◀ switch", "previous switch", "p"), button("back", "◀ back", "back", "←"),
    button("play", "▶ play", "play", "Space"), button("forward", "forward ▶", "forward", "→"),
    button("next switch", "switch ▶▶", "next switch", "n"), button("last", "last ▶|", "last", "End"),
  ]);
  const speed = el("select", "coro-speed", SPEEDS.map(([words, rate]) => Object.assign(el("option", "", words), { value: rate, selected: rate === 2.5 })));
  speed.setAttribute("aria-label", "speed");
  const hideLines = Object.assign(el("input"), { type: "checkbox" });
  const hide = el("label", "coro-hide", [hideLines, el("span", "", "hide lines")]);
  const slider = Object.assign(el("input", "coro-slider"), { type: "range", min: 0, step: 1 });
  slider.setAttribute("aria-label", "event");
  const keys = el("dl", "coro-keys", KEYS.flatMap(([key, words]) => [el("dt", "", key), el("dd", "", words)]));
  keys.hidden = true;
  const title = el("div", "coro-title");
  const ask = button("help", "? keys", "keyboard help", "?");
  ask.setAttribute("aria-expanded", "false");
  const element = el("div", "coro-controls", [title, group, speed, hide, ask, slider, keys]);

  function help() {
    keys.hidden = !keys.hidden;
    ask.setAttribute("aria-expanded", String(!keys.hidden));
  }

  // Places on the slider are stops while lines are hidden, so every place of it is one that can be seen.
  function show(trace, index) {
    const list = hideLines.checked ? trace.stops : null;
    slider.max = Math.max((list ? list.length : trace.count) - 1, 0);
    slider.value = list ? Math.max(after(list, index) - 1, 0) : Math.max(index, 0);
    slider.setAttribute("aria-valuetext", trace.count ? `event ${index + 1} of ${trace.count}, step ${eventAt(trace, index).step}` : "no events");
    slider.style.setProperty("--coro-part", `${trace.count > 1 ? (100 * Math.max(index, 0)) / (trace.count - 1) : 0}%`);
    const [begin, end] = [index <= 0, index >= trace.count - 1];
    const stuck = {
      first: begin, back: begin, last: end, forward: end,
      "previous switch": after(trace.switches, index - 1) === 0, "next switch": after(trace.switches, index) === trace.switches.length,
    };
    for (const [name, off] of Object.entries(stuck)) buttons.get(name).setAttribute("aria-disabled", String(off));
  }

  function playing(on) {
    setText(buttons.get("play"), on ? "■ stop" : "▶ play");
    buttons.get("play").setAttribute("aria-label", on ? "stop" : "play");
  }

  const indexAt = (trace, value) => (hideLines.checked ? trace.stops[value] ?? 0 : value);
  return { element, buttons, speed, hideLines, slider, title, show, playing, help, indexAt };
}
