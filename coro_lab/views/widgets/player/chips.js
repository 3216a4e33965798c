// The lanes that have no card: folded into one line, each a button that gives it one.

import { el, makeButton, setText } from "../element.js";
import { BATCH, CHIPS } from "./measures.js";
import { inWords } from "./picture.js";

/**
 * @param {HTMLElement} chips
 * @param {CardsView} view
 * @param {Picture} picture
 * @param {{ unfold: (limit: number) => void, pin: (lane: number) => void }} acts
 */
export function drawChips(chips, view, picture, { unfold, pin }) {
  const { trace, seats: seated, limit, looks } = view;
  const total = trace.lanes.length;
  const folded = picture.states.flatMap((_, lane) => (seated.includes(lane) ? [] : [lane]));
  const named = limit ? [] : folded.slice(0, CHIPS);
  chips.hidden = !folded.length && !limit;
  const key = JSON.stringify([named, folded.length, limit]);
  if (chips.dataset.key !== key) {
    chips.dataset.key = key;
    const parts = [el("span", "coro-count"), ...named.map((lane) => makeButton("", "coro-chip", () => pin(lane)))];
    const more = limit ? `show ${Math.min(BATCH, folded.length)} more` : `show all ${total}`;
    if (folded.length) parts.push(makeButton(more, "coro-chip", () => unfold(limit + BATCH)));
    if (limit) parts.push(makeButton("fold", "coro-chip", () => unfold(0)));
    chips.replaceChildren(...parts);
  }
  if (chips.hidden) return;
  const unnamed = limit ? 0 : folded.length - named.length;
  const rest = unnamed ? `, ${unnamed} of them unnamed here` : "";
  setText(
    chips.children[0],
    folded.length ? `${folded.length} of ${total} lanes folded${rest}:` : `all ${total} lanes`,
  );
  named.forEach((lane, at) => {
    const words = `${looks[lane]?.symbol ?? "●"} ${trace.lanes[lane].name}: ${inShort(trace, picture, lane)}`;
    setText(chips.children[at + 1], words);
  });
}

/** @param {Trace} trace @param {Picture} picture @param {number} lane */
function inShort(trace, picture, lane) {
  const [word, more] = inWords(trace, picture.states, lane);
  const { line, state } = picture.states[lane];
  const { source } = trace.lanes[lane];
  const code = source && line !== null ? source.lines[line - source.first]?.trim() : "";
  if (state === "suspended" && code) return `${word}, ${code}`;
  return state === "suspended" || word === "created" || !more ? word : `${word}, ${more}`;
}
