// Where in a line of code a crossing leaves and where it lands: the expression whose value goes out, the name that gets it.

const OPEN = "([{";
const CLOSE = ")]}";

/**
 * The part of a line where the crossing leaves (`leaves`) or lands, in columns; null where the line does not say it.
 * `inside` is the end in the lane that the event belongs to; the other end is in the line that called, sent or iterates.
 * @param {string} line
 * @param {Token[]} tokens
 * @param {{ kind: Kind, leaves: boolean, inside: boolean, callee: string }} end
 * @returns {Maybe<Columns>}
 */
export function endIn(line, tokens, { kind, leaves, inside, callee }) {
  const code = tokens.filter(({ sort }) => sort !== "comment");
  const words = code.map(({ start, end }) => line.slice(start, end));
  /** @type {(from: number, to: number) => Maybe<Columns>} */
  const range = (from, to) => (from < to ? [code[from].start, code[to - 1].end] : null);
  /** @param {string[]} wanted */
  const word = (...wanted) => words.findIndex((one, at) => code[at].sort === "keyword" && wanted.includes(one));

  if (inside && leaves) return handedOut() ?? range(0, code.length);
  if (inside) return kind === "start" ? named() : (kind === "resume" && target()) || suspension();
  return leaves ? (handedIn() ?? call() ?? iterated()) : (target() ?? call() ?? iterated() ?? suspension());

  /** What stands after `yield` or `return`, or the word where nothing does. */
  function handedOut() {
    const at = word("yield", "return", "raise", "await");
    if (at < 0) return null;
    const from = words[at + 1] === "from" ? at : at + 1;
    return range(from, endOf(from)) ?? range(at, at + 1);
  }

  /** `yield`, or `yield from` or `await` with what it delegates to. */
  function suspension() {
    const at = word("yield", "await");
    return at < 0 ? null : range(at, words[at] === "yield" && words[at + 1] !== "from" ? at + 1 : endOf(at));
  }

  /** The names that an assignment or a loop binds. */
  function target() {
    const loop = word("for");
    if (loop >= 0) return range(loop + 1, word("in"));
    const walrus = words.indexOf(":=");
    if (walrus > 0) return range(walrus - 1, walrus);
    let depth = 0;
    const equals = words.findIndex((one, at) => {
      depth += (OPEN.includes(one) ? 1 : 0) - (CLOSE.includes(one) ? 1 : 0);
      return !depth && code[at].sort === "operator" && /^([-+*/%@&|^]|\*\*|\/\/|<<|>>)?=$/.test(one);
    });
    const annotated = words.indexOf(":");
    return equals > 0 ? range(0, annotated > 0 && annotated < equals ? annotated : equals) : null;
  }

  /** The argument of `send` or `throw`. */
  function handedIn() {
    const verb = kind === "throw" ? "throw" : "send";
    const at = words.findIndex((one, place) => one === verb && words[place - 1] === "." && words[place + 1] === "(");
    return at < 0 || kind === "start" || kind === "close" ? null : range(at + 2, endOf(at + 2));
  }

  /** The call by which another lane is entered: by its name, or by a verb of generators. */
  function call() {
    const called = words.findIndex((one, at) => words[at + 1] === "(" && one === callee);
    const verbs = ["send", "throw", "close", "asend", "athrow", "aclose", "next", "anext", "cancel"];
    const verb = words.findIndex((one, at) => words[at + 1] === "(" && verbs.includes(one));
    const at = called >= 0 ? called : verb;
    if (at < 0) return null;
    let from = at;
    while (words[from - 1] === "." && from > 1 && code[from - 2].sort === "name") from -= 2;
    return range(from, endOf(at + 2) + 1);
  }

  /** What a loop goes through. */
  function iterated() {
    const [loop, within] = [word("for"), word("in")];
    return loop < 0 || within < 0 ? null : range(within + 1, endOf(within + 1));
  }

  /** The name of a function at its `def`. */
  function named() {
    const at = word("def");
    return at < 0 ? null : range(at + 1, at + 2);
  }

  /** Where an expression that begins at a token ends: at a bracket that it did not open, at a colon, or with the line. */
  function endOf(/** @type {number} */ from) {
    let depth = 0;
    for (let at = from; at < words.length; at += 1) {
      if (OPEN.includes(words[at])) depth += 1;
      if (CLOSE.includes(words[at])) depth -= 1;
      if (depth < 0 || (!depth && words[at] === ":" && !words.slice(from, at).includes("lambda"))) return at;
    }
    return words.length;
  }
}
