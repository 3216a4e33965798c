// The words of the course, to be searched by typing. Works without a kernel.

import { el } from "../../views/widgets/element.js";
import { uniqueId } from "../../views/widgets/page.js";
import { frame, live, prose } from "./learning.js";
import { place } from "./place.js";

/** @param {Given<GlossaryTraits>} given */
function render({ model, el: host }) {
  const { root, close } = frame(host, "Glossary");
  const box = Object.assign(el("input", "coro-learn-search"), { type: "search", id: uniqueId(), autocomplete: "off" });
  const label = Object.assign(el("label", "", "Find a word: "), { htmlFor: box.id });
  const count = live("coro-learn-note");
  const list = el("ul", "coro-learn-terms");
  const terms = model.get("terms");
  const rows = terms.map(entry);
  list.tabIndex = 0;
  list.setAttribute("role", "list");
  list.setAttribute("aria-label", "Words");
  list.append(...rows);
  root.append(el("div", "coro-learn-find", [label, box, count]), list);

  function find() {
    const shown = matches(terms, box.value);
    rows.forEach((row, at) => {
      row.hidden = !shown.includes(at);
    });
    const one = shown.length === 1 ? "word" : "words";
    count.textContent = box.value.trim() ? `${shown.length} of ${terms.length} words` : `${terms.length} ${one}`;
  }
  box.addEventListener("input", find);
  find();
  return close;
}

/** @param {GlossaryTerm} term */
function entry(term) {
  const row = el("li", "", [el("strong", "", term.name), prose("span", "", `: ${term.says} `)]);
  if (term.notebook) row.append(place(term));
  return row;
}

/**
 * The places in the list of the terms that have these letters in their name, or, if none has, in their sentence.
 * @param {GlossaryTerm[]} terms
 * @param {string} typed
 */
export function matches(terms, typed) {
  const wanted = typed.trim().toLowerCase();
  /** @param {(term: GlossaryTerm) => string} part */
  const having = (part) => terms.flatMap((term, at) => (part(term).toLowerCase().includes(wanted) ? [at] : []));
  const named = having((term) => term.name);
  return named.length ? named : having((term) => term.says);
}

export default { render };
