// The pure part of the player: a trace and an index in, a picture out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { after, inWords, picture, seats } from "../../../../coro_lab/views/widgets/player/picture.js";
import { place } from "../../../../coro_lab/views/widgets/player/spans.js";
import { statesAt } from "../../../../coro_lab/views/widgets/player/states.js";
import { eventAt, readTrace, Unreadable } from "../../../../coro_lab/views/widgets/player/trace.js";
import { quoted, sentence } from "../../../../coro_lab/views/widgets/player/words.js";

const TYPES = [
  ["start", "{lane} is called", "running", "call"],
  ["start", "{peer} starts {lane}", "running", "start", "waiting"],
  ["resume", "{peer} sends {value} to {lane}", "running", "send({value})", "waiting"],
  ["suspend", "{lane} yields {value} to {peer}", "suspended", "yield {value}", "running"],
  ["delegate", "{lane} delegates and passes {value} on", "suspended", "yield from: {value}"],
  ["close", "{peer} closes {lane}", "running", "close()", "waiting"],
  ["raise", "{lane} is closed for good", "closed", "closed", "running", "close"],
  ["line", "{lane} is at line {line}", "running"],
  ["output", "{lane} prints {value}", "running"],
];
const [CALL, START, RESUME, SUSPEND, DELEGATE, CLOSE, RAISE, LINE, OUTPUT] = TYPES.keys();

// main starts consumer, which yields; main sends 1; consumer prints, yields and is closed.
const TEXTS = ["''", "1", "'200 OK'", "hello\nworld\n", "n", "GeneratorExit()"];
const ROWS = [
  [0, 0, CALL, 9],
  [0, 0, LINE, 10],
  [1, 1, START, 1, null, 0, 10],
  [1, 1, LINE, 3],
  [1, 1, SUSPEND, 4, 0, 0, 10],
  [2, 0, LINE, 11],
  [3, 1, RESUME, 4, 1, 0, 11],
  [3, 1, LINE, 5, null, null, null, [4, 1]],
  [3, 1, OUTPUT, 5, 3],
  [3, 1, SUSPEND, 4, 2, 0, 11],
  [4, 0, LINE, 12],
  [5, 1, CLOSE, 4, null, 0, 12],
  [5, 1, RAISE, 4, 5, 0, 12],
];

function written(changes = {}) {
  return JSON.stringify({
    coro_lab_trace: 3,
    driver: null,
    cut: null,
    result: null,
    error: null,
    outside: null,
    types: TYPES,
    sources: [[1, "def consumer():\n    pass\n"]],
    lanes: [
      ["main", "function", null, "MainThread", null],
      ["consumer", "generator", 0, "MainThread", null],
    ],
    events: ROWS,
    texts: TEXTS,
    ...changes,
  });
}

const trace = readTrace(written());

test("a sent value is an arrow from the line it leaves to the line it lands on", () => {
  const { crossing, active, sentence } = picture(trace, 6);
  assert.deepEqual(
    [crossing.from, crossing.to, crossing.label],
    [{ lane: 0, line: 11 }, { lane: 1, line: 4 }, "send(1)"],
  );
  assert.equal(active, 1);
  assert.equal(sentence, "main sends 1 to consumer");
});

test("a yielded value goes the other way, and the caller has the processor again", () => {
  const { crossing, active } = picture(trace, 9);
  assert.deepEqual([crossing.from.lane, crossing.to.lane, crossing.label, active], [1, 0, "yield '200 OK'", 0]);
});

test("a suspended lane has no link to any caller; a running one is linked to whoever resumed it", () => {
  assert.deepEqual(picture(trace, 5).links, []);
  assert.deepEqual(picture(trace, 7).links, [{ from: 0, to: 1, kind: "resumed" }]);
  assert.deepEqual(inWords(trace, statesAt(trace, 5), 1), ["suspended at line 4", "no caller; its frame is kept"]);
  assert.deepEqual(inWords(trace, statesAt(trace, 7), 0), ["running", "waiting for consumer"]);
});

test("a lane is created only where it is known to be there", () => {
  const before = (driver) => {
    const run = readTrace(written({ driver }));
    return run.lanes.map((_, lane) => inWords(run, statesAt(run, -1), lane));
  };
  assert.deepEqual(before(null), [
    ["not called yet", ""],
    ["not started yet", ""],
  ]);
  assert.deepEqual(before("you"), [
    ["not called yet", ""],
    ["not started yet", ""],
  ]);
  const stepped = readTrace(written({ driver: "you", events: [[0, 1, START]] }));
  assert.deepEqual(inWords(stepped, statesAt(stepped, -1), 1), ["created", "not started yet"]);
});

test("a closed lane says how it ended", () => {
  assert.deepEqual(inWords(trace, statesAt(trace, 12), 1), ["closed", "by close()"]);
  assert.equal(picture(trace, 12).crossing.label, "closed");
});

test("a chain is linked from the outermost to the innermost, and both say their part", () => {
  const rows = [
    [0, 0, START],
    [1, 1, START, 1, null, 0],
    [1, 1, SUSPEND, 2, 0, 0],
    [1, 0, DELEGATE, 9, 0],
  ];
  const chain = readTrace(written({ events: rows }));
  const drawn = picture(chain, 3);
  assert.deepEqual(drawn.links, [{ from: 0, to: 1, kind: "delegates" }]);
  assert.equal(inWords(chain, drawn.states, 0)[1], "delegates to consumer; its frame is kept");
  assert.equal(inWords(chain, drawn.states, 1)[1], "innermost; its frame is kept");
});

test("any jump gives the state that walking there gives", () => {
  const rows = Array.from({ length: 3000 }, (_, index) => [
    Math.floor(index / 2),
    1,
    LINE,
    index % 7,
    null,
    null,
    null,
    [4, index % 3],
  ]);
  const long = readTrace(written({ events: rows }));
  for (const index of [2999, 0, 255, 256, 257, 1024, 511]) {
    assert.equal(statesAt(long, index)[1].locals.get("n"), TEXTS[index % 3], `at ${index}`);
    assert.equal(statesAt(long, index)[1].line, index % 7);
  }
});

test("events of one step share its room on the axis", () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => place(trace, index)),
    [0, 0.5, 1, 1 + 1 / 3],
  );
  assert.equal(place(trace, trace.count), 6);
});

test("while lines are hidden only switches and outputs are stops", () => {
  assert.deepEqual([...trace.stops], [0, 2, 4, 6, 8, 9, 11, 12]);
  assert.deepEqual([...trace.switches], [0, 2, 4, 6, 9, 11, 12]);
  assert.equal(trace.stops[after(trace.stops, 4)], 6);
});

test("each printed line knows the event that printed it", () => {
  assert.deepEqual(trace.output, [[[8, "hello"]], [[8, "world"]]]);
});

test("a printed text is quoted as Python does it", () => {
  assert.equal(quoted("it's\n"), `"it's\\n"`);
  assert.equal(quoted("\u2028\x00é\u{1F600}'\""), `'\\u2028\\x00é\u{1F600}\\'"'`);
});

test("a template's values are put in once, whatever they look like", () => {
  const odd = readTrace(
    written({
      lanes: [
        ["{line}", "function", null, "", null],
        ["$&", "generator", null, "", null],
      ],
    }),
  );
  assert.equal(sentence(odd, 2), "{line} starts $&");
});

test("a needed lane takes the card of the one longest unseen; the others keep their places", () => {
  const states = [5, 9, 1, 7].map((seen) => ({ seen }));
  const next = [];
  assert.deepEqual(seats([0, 1, 2], states, { event: { lane: 3, peer: 1 }, active: 3, next }, 3), [0, 1, 3]);
  assert.deepEqual(seats([], states, { event: null, active: null, next }, 9), [0, 1, 2, 3]);
  assert.equal(new Set(seats([2, 0], states, { event: { lane: 3, peer: 1 }, active: 1, next }, 2)).size, 2);
});

test("the lane that is asked for, the one that runs next, has a card, and so has the one that it comes from", () => {
  const states = [5, 9, 1, 7, 0].map((seen) => ({ seen }));
  assert.deepEqual(picture(trace, 6).next, [1, 0]);
  assert.deepEqual(picture(trace, trace.count - 1).next, []);
  const asked = seats([0, 1, 3], states, { event: { lane: 1, peer: 3 }, active: 1, next: [4, 3] }, 3);
  assert.deepEqual(asked, [4, 1, 3]);
});

test("an empty trace is a picture of lanes that were only created", () => {
  const empty = readTrace(written({ events: [] }));
  const drawn = picture(empty, -1);
  assert.deepEqual([drawn.sentence, drawn.states[1].state], ["Nothing has run yet", "created"]);
});

test("hostile names of locals are names and nothing else", () => {
  const odd = readTrace(
    written({ texts: ["__proto__", "constructor"], events: [[0, 0, LINE, 1, null, null, null, [0, 1, 1, 0]]] }),
  );
  assert.deepEqual(
    [...statesAt(odd, 0)[0].locals],
    [
      ["__proto__", "constructor"],
      ["constructor", "__proto__"],
    ],
  );
  assert.deepEqual(eventAt(odd, 0).changed.length, 2);
});

const WRONG = {
  "no JSON": ["{", "This is not a trace: it is not JSON. Record the program again."],
  "JSON, but no trace": ["[1]", "This is JSON, but not a trace of Coro Lab. Record the program again."],
  null: ["null", "This is JSON, but not a trace of Coro Lab. Record the program again."],
  newer: [
    written({ coro_lab_trace: 4 }),
    "This trace has format 4; this player reads format 3. Update Coro Lab, or record again.",
  ],
  older: [
    written({ coro_lab_trace: 1 }),
    "This trace has format 1; this player reads format 3. Open it in Python: Trace.from_json(text).",
  ],
};

for (const [name, [text, sentence]] of Object.entries(WRONG)) {
  test(`a text that is ${name} gets one sentence`, () => {
    assert.throws(
      () => readTrace(text),
      (error) => error instanceof Unreadable && error.message === sentence,
    );
  });
}

test("a damaged trace is said to be damaged, and where; tests/trace/test_codec_and_player.py has all that can be wrong", () => {
  const message = "This trace is damaged: there is no lane 7. Record the program again.";
  assert.throws(
    () => readTrace(written({ events: [[0, 7, LINE]] })),
    (error) => error instanceof Unreadable && error.message === message,
  );
});
