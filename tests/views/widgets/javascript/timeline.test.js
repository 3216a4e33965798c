// Which lanes the timeline gives a row of their own, where a run has more of them than fit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { shortened } from "../../../../coro_lab/views/widgets/player/bars_and_arrows.js";
import { lanesInView } from "../../../../coro_lab/views/widgets/player/timeline.js";
import { readTrace } from "../../../../coro_lab/views/widgets/player/trace.js";

const TYPES = [
  ["start", "{peer} starts {lane}", "running", "start", "waiting"],
  ["suspend", "{lane} yields {value} to {peer}", "suspended", "yield {value}", "running"],
  ["line", "{lane} is at line {line}", "running"],
];
const [START, SUSPEND, LINE] = TYPES.keys();

// A run in which main starts one lane after another; each suspends, and goes on to a line of main's.
function starting(lanes) {
  const names = ["main", ...Array.from({ length: lanes - 1 }, (_, number) => `lane ${number + 1}`)];
  const turn = (lane) => [
    [2 * lane - 1, lane, START, 1, null, 0],
    [2 * lane - 1, lane, LINE, 2],
    [2 * lane - 1, lane, SUSPEND, 2, null, 0],
    [2 * lane, 0, LINE, 9],
  ];
  const events = [[0, 0, START, 9], ...names.slice(1).flatMap((_, at) => turn(at + 1))];
  const written = names.map((name) => [name, "generator", null, "MainThread", null]);
  return readTrace(
    JSON.stringify({
      coro_lab_trace: 3,
      driver: null,
      cut: null,
      result: null,
      error: null,
      outside: null,
      types: TYPES,
      sources: [],
      lanes: written,
      events,
      texts: [],
    }),
  );
}

const startOf = (lane) => 4 * lane - 3; // the event by which this lane starts
const many = starting(1000);
const whole = { from: 0, to: many.count, most: 7 };

test("where all lanes fit, each has its row", () => {
  assert.deepEqual(lanesInView(starting(7), { from: 0, to: 25, index: 3, most: 7 }), [0, 1, 2, 3, 4, 5, 6]);
});

test("the first lane has a row, and those whose turns are nearest, from top to bottom in their order", () => {
  assert.deepEqual(lanesInView(many, { ...whole, index: startOf(500) }), [0, 497, 498, 499, 500, 501, 502]);
});

test("whoever is at work has a row, and so has the other end", () => {
  for (const index of [startOf(700), startOf(700) + 1, startOf(700) + 2]) {
    const lanes = lanesInView(many, { from: 0, to: 40, index, most: 7 }); // also where the part in view lies elsewhere
    assert.ok(lanes.includes(700) && lanes.includes(0), `${lanes} at ${index}`);
  }
});

test("rows that are left go to the first lanes of all", () => {
  assert.deepEqual(
    lanesInView(many, { from: startOf(500), to: startOf(501), index: startOf(500), most: 7 }),
    [0, 1, 2, 3, 4, 5, 500],
  );
});

test("before the first event and after the last there are rows, too", () => {
  assert.deepEqual(lanesInView(many, { ...whole, index: -1 }), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(lanesInView(many, { ...whole, index: many.count }), [0, 994, 995, 996, 997, 998, 999]);
});

test("where there is no room for the verb, the value stands alone; two letters of it would say nothing", () => {
  const within = (most) => (words) => words.length <= most;
  assert.equal(shortened("yield '200 OK'", "'200 OK'", within(14)), "yield '200 OK'");
  assert.equal(shortened("yield '200 OK'", "'200 OK'", within(13)), "'200 OK'");
  assert.equal(shortened("yield '200 OK'", "'200 OK'", within(6)), "'200 …");
  assert.equal(shortened("yield '200 OK'", "'200 OK'", within(3)), "");
  assert.equal(shortened("send(1)", "1", within(2)), "1");
  assert.equal(shortened("resume", null, within(5)), "resu…");
  assert.equal(shortened("close()", "GeneratorExit()", within(5)), "clos…");
});
