// The lanes that have no card: folded into one line, each a button that gives it one.

import { inWords } from "./picture.js";
import { el, setText } from "../element.js";
import { BATCH, CHIPS } from "./measures.js";

export function drawChips(chips, view, { unfold, pin }) {
  const { trace, picture, seats: seated, limit, looks } = view;
  const total = trace.lanes.length;
  const folded = picture.states.map((_, lane) => lane).filter((lane) => !seated.includes(lane));
  chips.hidden = !folded.length && !limit;
  const key = JSON.stringify([folded.slice(0, CHIPS), folded.length, limit]);
  if (chips.dataset.key !== key) {
    chips.dataset.key = key;
    const button = (words, act) => Object.assign(el("button", "coro-chip", words), { type: "button", onclick: act });
    const parts = [el("span", "coro-count")];
    for (const lane of limit ? [] : folded.slice(0, CHIPS)) parts.push(button("", () => pin(lane)));
    if (folded.length) parts.push(button(limit ? `show ${Math.min(BATCH, folded.length)} more` : `show all ${total}`, () => unfold(limit + BATCH)));
    if (limit) parts.push(button("fold", () => unfold(0)));
    chips.replaceChildren(...parts);
  }
  if (chips.hidden) return;
  const unnamed = folded.length - (limit ? 0 : CHIPS);
  setText(chips.firstChild, folded.length ? `${folded.length} of ${total} lanes folded${unnamed > 0 && !limit ? `, ${unnamed} of them unnamed here` : ""}:` : `all ${total} lanes`);
  if (!limit) folded.slice(0, CHIPS).forEach((lane, at) => setText(chips.children[at + 1], `${looks[lane]?.symbol ?? "●"} ${trace.lanes[lane].name}: ${inShort(trace, picture, lane)}`));
}

function inShort(trace, picture, lane) {
  const [word, more] = inWords(trace, picture.states, lane);
  return word.startsWith("suspended") || word === "created" ? word : `${word}, ${more}`;
}
