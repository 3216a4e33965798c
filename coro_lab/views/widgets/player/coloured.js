// Lines of Python in colours.

import { el } from "../element.js";

/**
 * The columns of a line from one to before another, each token in its colour; an empty line keeps its height. Code that
 * must be wrapped is wrapped after the dot or the parenthesis behind a name rather than within one.
 * @param {string} text
 * @param {Token[]} tokens
 * @param {number} from
 * @param {number} to
 * @returns {(Node | string)[]}
 */
export function coloured(text, tokens, from, to) {
  if (!text) return [" "];
  const breaks = Array.from(text.matchAll(/(?<=[\w\])][.(])(?=[\w"'([])/g), ({ index }) => index);
  /** @type {(begin: number, stop: number) => (Node | string)[]} */
  const plain = (begin, stop) => {
    const cuts = [begin, ...breaks.filter((at) => at > begin && at < stop), stop];
    const parts = cuts.slice(1).flatMap((cut, at) => [el("wbr"), text.slice(cuts[at], cut)]);
    return breaks.includes(begin) ? parts : parts.slice(1);
  };
  /** @type {(Node | string)[]} */
  const parts = [];
  let at = from;
  for (const { start, end, sort } of tokens) {
    const [begin, stop] = [Math.max(start, from), Math.min(end, to)];
    if (begin >= stop || sort === "operator" || sort === "name") continue;
    parts.push(...plain(at, begin), ...(breaks.includes(begin) ? [el("wbr")] : []));
    parts.push(el("span", `coro-py-${sort}`, text.slice(begin, stop)));
    at = stop;
  }
  return [...parts, ...plain(at, to)];
}
