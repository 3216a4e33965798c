// Lines in disorder, to be put in order with buttons or keys.

import { el } from "../../views/widgets/element.js";
import { asker, button, frame, live, outcome } from "./learning.js";

function render({ model, el: host }) {
  const { root, close } = frame(host, `Parsons problem ${model.get("name")}`);
  const said = live("coro-learn-move");
  const asking = asker(model, said);
  const parts = outcome(model, asking);
  const pool = el("ul", "coro-learn-lines");
  const program = el("ol", "coro-learn-lines");
  pool.setAttribute("aria-label", "Lines to use");
  program.setAttribute("aria-label", "Your program");
  const check = button("Check", () => asking.ask({ ask: "check", order: model.get("order") }));
  const help = el("p", "coro-learn-note", "Click on a line, or press Enter on it, to add it to your program. There ↑ and ↓ move it, and ✕ takes it out; so do the arrow keys and Delete.");
  root.append(
    el("div", "coro-learn-parsons", [
      el("div", "", [el("p", "coro-learn-head", "Lines to use"), pool]), el("div", "", [el("p", "coro-learn-head", "Your program"), program]),
    ]), help, said, el("div", "coro-learn-buttons", [check]), ...parts.elements,
  );

  const lines = () => model.get("lines");
  const text = (line) => lines()[line].trim();

  function put(order, words, focus) {
    model.set("order", order);
    model.save_changes();
    draw();
    said.replaceChildren(el("p", "", words));
    focus?.();
  }
  const focusOn = (list, place) => () => (list.children[Math.min(place, list.children.length - 1)]?.querySelector(".coro-learn-line") ?? check).focus();

  function add(line, place) {
    const order = [...model.get("order"), line];
    put(order, `Added as line ${order.length}: ${text(line)}`, pool.children.length > 1 ? focusOn(pool, place) : focusOn(program, order.length - 1));
  }
  function move(from, way) {
    const order = [...model.get("order")];
    const to = from + way;
    if (to < 0 || to >= order.length) return;
    [order[from], order[to]] = [order[to], order[from]];
    put(order, `Now line ${to + 1} of ${order.length}: ${text(order[to])}`, focusOn(program, to));
  }
  function remove(place) {
    const order = [...model.get("order")];
    const [line] = order.splice(place, 1);
    put(order, `Taken out: ${text(line)}`, order.length ? focusOn(program, place) : focusOn(pool, 0));
  }

  function tool(sign, words, act, off = false) {
    const made = button(sign, act);
    made.setAttribute("aria-label", words);
    made.title = words;
    made.setAttribute("aria-disabled", String(off));
    return made;
  }

  function draw() {
    const order = model.get("order");
    const left = lines().map((_, line) => line).filter((line) => !order.includes(line));
    pool.replaceChildren(...left.map((line, place) => {
      const row = button(lines()[line], () => add(line, place));
      row.classList.add("coro-learn-line");
      return el("li", "", [row]);
    }));
    if (!order.length) return program.replaceChildren(el("li", "coro-learn-note", "No line yet."));
    return program.replaceChildren(...order.map((line, place) => {
      const row = el("span", "coro-learn-line", lines()[line]);
      row.tabIndex = 0;
      row.addEventListener("keydown", (event) => {
        const act = { ArrowUp: () => move(place, -1), ArrowDown: () => move(place, 1), Delete: () => remove(place), Backspace: () => remove(place) }[event.key];
        if (act) event.preventDefault(), act();
      });
      return el("li", "", [
        row, tool("↑", `Move up: ${text(line)}`, () => move(place, -1), place === 0),
        tool("↓", `Move down: ${text(line)}`, () => move(place, 1), place === order.length - 1), tool("✕", `Take out: ${text(line)}`, () => remove(place)),
      ]);
    }));
  }

  const show = () => (said.replaceChildren(), parts.show());
  model.on("change:answered", show);
  draw();
  parts.show();
  return () => (model.off("change:answered", show), asking.close(), close());
}

export default { render };
