// Which words of the glossary are found by what is typed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { matches } from "../../../../coro_lab/lessons/widgets/glossary.js";

const TERMS = [
  { name: "Amdahl's law", says: "Cores speed up only a share." },
  { name: "lane", says: "One call of a function." },
  { name: "suspended", says: "It stands at a yield, in its lane." },
  { name: "yield from", says: "Hands the channel on." },
].map((term) => ({ notebook: "", heading: "", cell: "", ...term }));

test("nothing typed finds every word", () => {
  assert.deepEqual(matches(TERMS, ""), [0, 1, 2, 3]);
  assert.deepEqual(matches(TERMS, "  "), [0, 1, 2, 3]);
});

test("letters are found anywhere in a name, small or capital", () => {
  assert.deepEqual(matches(TERMS, "LAW"), [0]);
  assert.deepEqual(matches(TERMS, " pend "), [2]);
});

test("the sentences are searched only if no name has the letters", () => {
  assert.deepEqual(matches(TERMS, "lane"), [1]);
  assert.deepEqual(matches(TERMS, "function"), [1]);
  assert.deepEqual(matches(TERMS, "xyz"), []);
});
