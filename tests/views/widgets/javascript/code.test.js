// The tokens of a source, and the ends of a crossing in a line of it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tokensOf, tokensOfLines } from "../../../../coro_lab/views/widgets/player/code.js";
import { endIn } from "../../../../coro_lab/views/widgets/player/ends.js";
import { frames } from "../../../../coro_lab/views/widgets/player/traveller.js";

const cut = (line, list) => list.map(({ start, end, sort }) => [sort, line.slice(start, end)]);

test("a text of several lines is cut into its lines, and what follows is where it stands", () => {
  const lines = ["def f():", '    """two', "", '    lines""" # done', "    yield 1"];
  const found = tokensOfLines(lines).map((tokens, at) => cut(lines[at], tokens));
  assert.deepEqual(found[1], [["string", '"""two']]);
  assert.deepEqual(found[2], []);
  assert.deepEqual(found[3], [
    ["string", '    lines"""'],
    ["comment", "# done"],
  ]);
  assert.deepEqual(found[4], [
    ["keyword", "yield"],
    ["number", "1"],
  ]);
});

test("the name of a function or a class is told from the names that are used", () => {
  assert.deepEqual(cut("def f(a):", tokensOf("def f(a):")).slice(0, 4), [
    ["keyword", "def"],
    ["defined", "f"],
    ["operator", "("],
    ["name", "a"],
  ]);
});

test("no text is refused, and no letter is in two tokens", () => {
  const pieces = [
    "f'",
    "'",
    '"""',
    "{",
    "}",
    "\\",
    "\n",
    ":",
    "!",
    "#",
    "0x",
    "1e",
    "yield",
    "é",
    "\u{1F600}",
    "\r\n",
    "\\N{",
  ];
  let seed = 1;
  const random = (most) => {
    seed = (seed * 48271) % 2147483647;
    return seed % most;
  };
  for (let turn = 0; turn < 3000; turn += 1) {
    const text = Array.from({ length: random(12) }, () => pieces[random(pieces.length)]).join("");
    let last = 0;
    for (const { start, end } of tokensOf(text)) {
      assert.ok(start >= last && end > start && end <= text.length, JSON.stringify(text));
      last = end;
    }
  }
});

// [line, kind, where the end is, what is marked]
const OUT = { leaves: true, inside: true }; // leaves the lane of the event
const IN = { leaves: false, inside: true }; // lands in it
const FROM = { leaves: true, inside: false }; // leaves the line that entered it
const BACK = { leaves: false, inside: false }; // lands in that line
const ENDS = [
  ["    n = yield r", "suspend", OUT, "r"],
  ["    n = yield r", "resume", IN, "n"],
  ["    n = yield r", "throw", IN, "yield"],
  ["    n = yield r", "close", IN, "yield"],
  ["    yield", "suspend", OUT, "yield"],
  ["    yield", "resume", IN, "yield"],
  ["    total += yield average  # so far", "suspend", OUT, "average"],
  ["    total += yield average", "resume", IN, "total"],
  ["    x: int = (yield a) + 1", "suspend", OUT, "a"],
  ["    x: int = (yield a) + 1", "resume", IN, "x"],
  ["    y = yield from inner()", "delegate", OUT, "yield from inner()"],
  ["    y = await sleep(3)", "suspend", OUT, "sleep(3)"],
  ["    return a + b", "return", OUT, "a + b"],
  ["    return", "return", OUT, "return"],
  ["    print('last')", "return", OUT, "print('last')"],
  ["    r = c.send(n)", "resume", FROM, "n"],
  ["    r = c.send(n)", "suspend", BACK, "r"],
  ["    c.send(None)", "start", FROM, "c.send(None)"],
  ["    c.send(None)", "suspend", BACK, "c.send(None)"],
  ["    c.throw(ValueError('no'))", "throw", FROM, "ValueError('no')"],
  ["    c.close()", "close", FROM, "c.close()"],
  ["    print(next(c))", "suspend", BACK, "next(c)"],
  ["    if (n := next(c)) > 3:", "suspend", BACK, "n"],
  ["    for n in countdown(3):", "start", FROM, "countdown(3)"],
  ["    for n in countdown(3):", "suspend", BACK, "n"],
  ["    for n in numbers:", "resume", FROM, "numbers"],
  ["    for i, n in pairs(numbers[1:]):", "resume", FROM, "pairs(numbers[1:])"],
  ["    f'{c.send(n)}'", "resume", FROM, "n"],
  ["    total = sum(countdown(3))", "start", FROM, "countdown(3)"],
  ["    total = sum(countdown(3))", "return", BACK, "total"],
  ["def countdown(n):", "start", IN, "countdown"],
  ["    x == y", "suspend", BACK, null],
  ["", "suspend", BACK, null],
];

for (const [line, kind, where, marked] of ENDS) {
  const [end, side] = [where.leaves ? "leaves" : "lands in", where.inside ? "the lane" : "the line that entered it"];
  test(`${kind} ${end} ${side}, ${line.trim() || "an empty line"}: ${marked ?? "nothing is marked"}`, () => {
    const found = endIn(line, tokensOfLines([line])[0], { kind, ...where, line: 1, callee: "countdown" });
    assert.equal(found && line.slice(...found), marked);
  });
}

test("what travels has one speed all the way", () => {
  const [a, b, c] = [
    [0, 0],
    [0, 30],
    [90, 30],
  ].map(([x, y]) => ({ x, y }));
  assert.deepEqual(
    frames([a, b, c]).map(({ offset }) => offset),
    [0, 0.25, 1],
  );
  assert.deepEqual(
    frames([a, a]).map(({ offset }) => offset),
    [0, 0],
  );
});
