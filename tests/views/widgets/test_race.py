"""Race: what the front end is given of measured runs, and what it says of each moment."""

from __future__ import annotations

import json

import pytest

from coro_lab import Race, cores
from coro_lab.errors import ArgumentError
from coro_lab.views.widgets.race.heat_map import HeatMap, growing_map
from tests.node import run_node

TELL = """
import { readFileSync } from "node:fs";
import { factsAt, tell } from "../../../../coro_lab/views/widgets/race/race.js";
const { runs, moments } = JSON.parse(readFileSync(0, "utf8"));
const told = moments.map((now) => runs.map((run) => [factsAt(run, now), tell(run, now)]));
console.log(JSON.stringify(told));
"""


def run(coroutines, *lanes):
    spans = [(100 + number, tuple(cores.Span(*span) for span in spans)) for number, spans in enumerate(lanes)]
    pages = {span.page: 1 for _, own in spans for span in own}
    job = cores.Job("127.0.0.1:8000")
    return cores.Run(job, len(lanes), coroutines, pages, {}, 0, 0, seconds=1.0, lanes=tuple(spans))


ALONE = run(1, [(0, 0, 50.0, 50.4, 50.5), (0, 1, 50.5, 50.9, 51.0)])
TWO = run(1, [(0, 0, 70.0, 70.4, 70.5)], [(0, 1, 70.0, 70.4, 70.5)])


def test_each_run_begins_at_zero_and_each_coroutine_is_a_lane_in_the_colour_of_its_process():
    alone, two = Race(ALONE, TWO).runs
    assert (alone["name"], two["name"]) == ("1 process × 1 coroutine", "2 processes × 1 coroutine")
    assert [lane["bars"] for lane in alone["lanes"]] == [[[0.0, 0.4, 0.5], [0.5, 0.9, 1.0]]]
    assert [(lane["process"], lane["coroutine"]) for lane in two["lanes"]] == [(1, 1), (2, 1)]
    assert two["lanes"][0]["light"] != two["lanes"][1]["light"]
    assert repr(Race(ALONE, TWO)) == "Race(1 process × 1 coroutine: 2 pages; 2 processes × 1 coroutine: 2 pages)"


def test_each_moment_says_how_many_pages_are_done_and_who_computes_or_waits():
    given = json.dumps({"runs": Race(ALONE, TWO).runs, "moments": [0.2, 0.45, 0.6, 1.0]})
    told = json.loads(run_node("--input-type=module", "--eval", TELL, given=given))
    assert [said for _, said in told[0]] == [f"0 of 2 pages done, 0 computing, {waiting} waiting" for waiting in (1, 2)]
    assert [facts["computing"] for facts, _ in told[1]] == [1, 2]
    assert [said for _, said in told[2]] == [
        "1 of 2 pages done, 0 computing, 1 waiting",
        "2 pages in 0.50 s: 4 pages a second",
    ]
    assert told[3][0][1] == "2 pages in 1.00 s: 2 pages a second"


def test_anything_but_runs_is_refused_with_what_to_write():
    for given in ((), (3,), (ALONE, None)):
        with pytest.raises(ArgumentError, match=r"Write: +Race\(cores.run\(job, 1, 1\), cores.run\(job, 1, 10\)\)"):
            Race(*given)
    with pytest.raises(ArgumentError, match="2,001 pages"):
        Race(run(1, [(0, page, page, page + 0.5, page + 1) for page in range(2_001)]))


TELL_HEAT = """
import { readFileSync } from "node:fs";
import { shades, tellMeasured } from "../../../../coro_lab/views/widgets/race/heat_map.js";
const traits = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify([shades(traits.cells), tellMeasured(traits), tellMeasured({ ...traits, over: true })]));
"""


def test_the_heat_map_fills_cell_by_cell_and_says_how_far_it_is():
    shown = HeatMap(processes=[1, 2], coroutines=[1, 10], planned=4)
    for cell in (cores.Cell(1, 1, 10, 1.0), cores.Cell(1, 10, 100, 1.0), cores.Cell(2, 1, 1000, 1.0)):
        shown.add(cell)
    traits = {name: getattr(shown, name) for name in ("processes", "coroutines", "planned", "cells", "over")}
    dark, during, behind = json.loads(run_node("--input-type=module", "--eval", TELL_HEAT, given=json.dumps(traits)))
    assert dark == pytest.approx([0, 0.5, 1])
    assert during == "3 of 4 measured: 2 × 1 now"
    assert behind == "2 × 1 does 100 times the pages of 1 × 1. 1 of 4 found no time."


@pytest.mark.integration
def test_a_growing_map_returns_what_it_has_shown(monkeypatch):
    seen = []
    monkeypatch.setattr(HeatMap, "add", lambda shown, cell: seen.append(cell))
    with cores.serve() as address:
        found = growing_map(cores.Job(address, delay=0.001), [1], [1, 5], budget=2)
    assert tuple(seen) == found.cells and len(seen) == 2
