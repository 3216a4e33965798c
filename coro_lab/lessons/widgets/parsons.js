// Lines in disorder, to be put in order with buttons or keys.

import { el } from "../../views/widgets/element.js";
import { asker, button, enable, frame, live, note } from "./learning.js";
import { outcome } from "./outcome.js";

const HELP =
  "Click on a line, or press Enter on it, to add it to your program. There ↑ and ↓ move it, and ✕ takes it out; " +
  "so do the arrow keys and Delete.";

/** @param {Given<ParsonsTraits, ParsonsMessage>} given */
function render({ model, el: host }) {
  const { root, close } = frame(host, `Parsons problem ${model.get("name")}`);
  const said = live("coro-learn-move");
  const parts = outcome(model, (message) => asking.ask(message));
  const asking = asker(model, said, () => {
    said.replaceChildren();
    parts.show();
  });
  const pool = el("ul", "coro-learn-lines");
  const program = el("ol", "coro-learn-lines");
  const check = button("Check", () => asking.ask({ ask: "check", order: model.get("order") }));
  const columns = [column("Lines to use", pool), column("Your program", program)];
  const buttons = el("div", "coro-learn-buttons", [check]);
  root.append(el("div", "coro-learn-parsons", columns), note(HELP), said, buttons, ...parts.elements);

  const lines = () => model.get("lines");
  /** @param {number} line */
  const text = (line) => lines()[line].trim();

  /**
   * @param {number[]} order
   * @param {string} words
   * @param {HTMLElement} list
   * @param {number} place whose line gets the focus
   */
  function put(order, words, list, place) {
    model.set("order", order);
    model.save_changes();
    draw();
    said.replaceChildren(el("p", "", words));
    const item = list.children[Math.min(place, list.children.length - 1)];
    /** @type {HTMLElement} */ (item?.querySelector(".coro-learn-line") ?? check).focus();
  }

  /** @param {number} line @param {number} place */
  function add(line, place) {
    const order = [...model.get("order"), line];
    const words = `Added as line ${order.length}: ${text(line)}`;
    if (pool.children.length > 1) put(order, words, pool, place);
    else put(order, words, program, order.length - 1);
  }

  /** @param {number} from @param {number} way */
  function move(from, way) {
    const order = [...model.get("order")];
    const to = from + way;
    if (to < 0 || to >= order.length) return;
    [order[from], order[to]] = [order[to], order[from]];
    put(order, `Now line ${to + 1} of ${order.length}: ${text(order[to])}`, program, to);
  }

  /** @param {number} place */
  function remove(place) {
    const order = [...model.get("order")];
    const [line] = order.splice(place, 1);
    put(order, `Taken out: ${text(line)}`, order.length ? program : pool, order.length ? place : 0);
  }

  /** @param {number} line @param {number} place */
  function unused(line, place) {
    const row = button(text(line), () => add(line, place));
    return el("li", "", [indented(row, lines()[line])]);
  }

  /** @param {number} line @param {number} place @param {number[]} order */
  function used(line, place, order) {
    const row = indented(el("span", "", text(line)), lines()[line]);
    const [up, down, out] = [() => move(place, -1), () => move(place, 1), () => remove(place)];
    /** @type {Record<string, () => void>} */
    const keys = { ArrowUp: up, ArrowDown: down, Delete: out, Backspace: out };
    row.tabIndex = 0;
    row.addEventListener("keydown", (event) => {
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
    return el("li", "", [
      row,
      tool("↑", `Move up: ${text(line)}`, up, place > 0),
      tool("↓", `Move down: ${text(line)}`, down, place < order.length - 1),
      tool("✕", `Take out: ${text(line)}`, out, true),
    ]);
  }

  function draw() {
    const order = model.get("order");
    const left = lines().flatMap((_, line) => (order.includes(line) ? [] : [line]));
    pool.replaceChildren(...left.map(unused));
    if (order.length) program.replaceChildren(...order.map(used));
    else program.replaceChildren(el("li", "coro-learn-note", "No line yet."));
  }

  draw();
  parts.show();
  return () => {
    asking.close();
    close();
  };
}

/**
 * A line of code without its spaces, which it would lose where it is wrapped, and the room that they take.
 * @param {HTMLElement} row
 * @param {string} line
 */
function indented(row, line) {
  row.classList.add("coro-learn-line");
  row.style.setProperty("--coro-indent", `${line.search(/\S|$/)}ch`);
  return row;
}

/** @param {string} title @param {HTMLElement} list */
function column(title, list) {
  list.setAttribute("aria-label", title);
  return el("div", "", [el("p", "coro-learn-head", title), list]);
}

/** @param {string} sign @param {string} words @param {() => void} press @param {boolean} can */
function tool(sign, words, press, can) {
  const made = button(sign, press);
  made.setAttribute("aria-label", words);
  made.title = words;
  enable(made, can);
  return made;
}

export default { render };
