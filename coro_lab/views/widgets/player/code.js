// Python's tokens, as far as a reader sees them: words of the language, names, texts, numbers and comments. They are found
// here and not in Python, because a trace holds its sources as plain text, and so a trace that was saved, stored or cut
// out of a file gets its colours too. tests/views/widgets/test_code.py compares them with Python's own tokenizer.

const WORDS =
  "False None True and as assert async await break class continue def del elif else except finally for from global if " +
  "import in is lambda nonlocal not or pass raise return try while with yield";
const KEYWORDS = new Set(WORDS.split(" "));
const SPACE = /(?:[ \t\f\r\n]|\\\r?\n)+/y;
const COMMENT = /#[^\r\n]*/y;
const QUOTE = /(?:[rR][bBfFtT]?|[bBfFtT][rR]?|[uU])?("""|'''|"|')/y;
const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?[jJ]?/y;
const NAME = /[\p{XID_Start}_]\p{XID_Continue}*/uy;
const OPERATOR = /\*\*=?|\/\/=?|>>=?|<<=?|->|:=|\.\.\.|[-+*/%@&|^=<>!]=?|./suy;

/**
 * The tokens of a text in order. No text is refused: a quote that is not closed ends with its line, or with the text.
 * @param {string} text
 * @returns {Token[]}
 */
export function tokensOf(text) {
  /** @type {Token[]} */
  const found = [];
  let at = 0;

  /** @param {RegExp} pattern */
  function match(pattern) {
    pattern.lastIndex = at;
    return pattern.exec(text);
  }

  /** @param {TokenSort} sort @param {number} end */
  function take(sort, end) {
    const before = found.at(-1);
    const defined = sort === "name" && before && /^(def|class)$/.test(text.slice(before.start, before.end));
    if (end > at) found.push({ start: at, end, sort: defined ? "defined" : sort });
    at = end;
  }

  /** Code up to the end of the text, or of the braces that it stands in. @param {boolean} braced */
  function code(braced) {
    let depth = 0;
    while (at < text.length) {
      at += match(SPACE)?.[0].length ?? 0;
      if (at >= text.length || (braced && !depth && /[:}]/.test(text[at]))) return;
      const quote = match(QUOTE);
      const other = match(COMMENT) ?? match(NUMBER) ?? match(NAME) ?? match(OPERATOR);
      if (quote) string(quote[0].length, quote[1], quote[0]);
      else if (other) {
        depth += "([{".includes(other[0]) ? 1 : ")]}".includes(other[0]) ? -1 : 0;
        take(sortOf(other[0]), at + other[0].length);
      }
    }
  }

  /** @param {number} opening @param {string} quote @param {string} prefix */
  function string(opening, quote, prefix) {
    const templated = /[fFtT]/.test(prefix);
    let end = at + opening;
    while (end < text.length && !text.startsWith(quote, end)) {
      if (quote.length === 1 && text[end] === "\n") return take(templated ? "text" : "string", end);
      if (templated && /^[{}]/.test(text[end])) {
        end = braces(end, prefix);
      } else if (text[end] === "\\" && !(templated && /[{}]/.test(text[end + 1]))) {
        const named = templated && !/[rR]/.test(prefix) && /^\\N\{[^}\n]*\}/.exec(text.slice(end, end + 99));
        end += named ? named[0].length : text.startsWith("\r\n", end + 1) ? 3 : 2;
      } else end += 1;
    }
    take(templated ? "text" : "string", Math.min(end + quote.length, text.length));
  }

  /** A value in a template, from its brace on; returns where the text goes on. @param {number} end @param {string} prefix */
  function braces(end, prefix) {
    if (text[end] === "}" || text[end + 1] === "{") return end + (text[end + 1] === text[end] ? 2 : 1);
    take("text", end + 1);
    code(true);
    let after = at;
    if (text[at] === ":") {
      for (after += 1; after < text.length && text[after] !== "}" && text[after] !== "\n"; ) {
        after = text[after] === "{" ? braces(after, prefix) : after + 1;
      }
    }
    return Math.min(after + (text[after] === "}" ? 1 : 0), text.length);
  }

  code(false);
  return found;
}

/** @param {string} word @returns {TokenSort} */
function sortOf(word) {
  if (KEYWORDS.has(word)) return "keyword";
  if (word[0] === "#") return "comment";
  if (/^\.?\d/.test(word)) return "number";
  return /^[\p{XID_Start}_]/u.test(word) ? "name" : "operator";
}

/**
 * The tokens of each line, by their places in it; a text of several lines is cut into its lines.
 * @param {string[]} lines
 * @returns {Token[][]}
 */
export function tokensOfLines(lines) {
  const all = tokensOf(lines.join("\n"));
  let [offset, next] = [0, 0];
  return lines.map((line) => {
    const [from, to] = [offset, offset + line.length];
    offset = to + 1;
    while (next < all.length && all[next].end <= from) next += 1;
    /** @type {Token[]} */
    const here = [];
    for (let at = next; at < all.length && all[at].start < to; at += 1) {
      const { start, end, sort } = all[at];
      if (to > from) here.push({ start: Math.max(start, from) - from, end: Math.min(end, to) - from, sort });
    }
    return here;
  });
}
