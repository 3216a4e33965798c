"""A file of format 1 opens as it always did: format_1.json is one, and format_1.txt is the text of its run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coro_lab import Player, Trace
from coro_lab.errors import TraceFormatError
from coro_lab.trace.events import INSIDE, Kind
from tests.node import run_node

HERE = Path(__file__).parent
STORED = (HERE / "format_1.json").read_text(encoding="utf-8")
TEXT = (HERE / "format_1.txt").read_text(encoding="utf-8")

_LATER = {Kind.CANCEL, Kind.UNCANCEL, Kind.LOST, Kind.ABANDON}  # since format 3


def test_it_opens_with_all_that_it_says():
    trace = Trace.from_json(STORED)
    assert trace.text() + "\n" == TEXT
    assert trace.output == "it's\nleft\n"
    assert trace.lanes[0].source.first_line == 23
    assert {event.kind for event in trace.events} == set(Kind) - {Kind.PREEMPT, *_LATER}  # it has one thread


def test_it_is_written_again_as_format_3_and_stays_equal():
    trace = Trace.from_json(STORED)
    text = trace.to_json()
    assert json.loads(text)["coro_lab_trace"] == 3
    assert Trace.from_json(text) == trace


def test_the_player_plays_it():
    text = Player(Trace.from_json(STORED)).get_state()["trace"]
    (shown,) = json.loads(run_node("tell.js", given=json.dumps([text])))
    assert shown["sentences"] == [line[2:].strip() for line in TEXT.splitlines()]
    assert [label is None for label in shown["labels"]] == [
        event.kind in INSIDE for event in Trace.from_json(STORED).events
    ]


def damaged(**changes: Any) -> str:
    return json.dumps({**json.loads(STORED), **changes})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kinds": None}, "a list was expected, not None"),
        ({"kinds": "start"}, "a list was expected, not 'start'"),
        ({"kinds": ["start", "dance"]}, "'dance' is not a valid Kind"),
        ({"kinds": [1]}, "a text was expected, not 1"),
        ({"kinds": [["start"]]}, r"a text was expected, not \['start'\]"),
        ({"kinds": ["start"]}, "a whole number below 1 was expected, not "),
        ({"driver": 1}, "a text was expected, not 1"),
        ({"events": [[0, 99, 0]]}, "a whole number below 7 was expected, not 99"),
    ],
)
def test_a_damaged_one_is_refused(changes, says):
    with pytest.raises(TraceFormatError, match=f"This trace is damaged: .*{says}"):
        Trace.from_json(damaged(**changes))
