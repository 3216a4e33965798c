"""Python and the player accept the same traces of format 3: tables of documents, and valid ones with changes.

Format 1, which only Python reads, is in test_format_1.py; format 2 in tests/project/test_stored_files.py.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coro_lab import Trace
from coro_lab.errors import TraceFormatError
from coro_lab.trace.events import Event, Kind, Lane, Source
from tests.node import JAVASCRIPT, Node

LANES = (
    Lane("main", "function", Source(1, "def main():\n    pass\n")),
    Lane("echo", "generator", task="first"),
    Lane("late", "generator"),
    Lane("work", "coroutine", task="second"),
)
EVENTS = (
    Event(0, 0, Kind.START, 1),
    Event(0, 0, Kind.LINE, 2, changed=(("n", "1"), ("m", None))),
    Event(1, 1, Kind.START, 7, None, 0, 2),
    Event(1, 1, Kind.OUTPUT, 8, "one\ntwo"),
    Event(1, 1, Kind.SUSPEND, 8, "'x'", 0, 2),
    Event(2, 3, Kind.CANCEL, None, "cancel()", 0, 2),
    Event(2, 0, Kind.RETURN, 2, "None"),
)
WRITTEN = json.loads(Trace(EVENTS, LANES).to_json())
DAMAGED = json.loads((JAVASCRIPT / "damaged.json").read_text(encoding="utf-8"))
ODD = json.loads((JAVASCRIPT / "odd.json").read_text(encoding="utf-8"))


def text_of(changes: dict[str, Any]) -> str:
    """The text that an entry of the tables describes: WRITTEN with other parts, then one place of the text replaced."""
    parts = {name: value for name, value in changes.items() if name in WRITTEN or name == "families"}
    text = changes.get("text", json.dumps({**WRITTEN, **parts}, separators=(",", ":")))
    if "replace" in changes:
        digits = "9" * changes.get("digits", 0)
        by = changes["by"].replace("@", digits) if "by" in changes else digits
        assert changes["replace"] in text
        text = text.replace(changes["replace"], by, 1)
    return str(changes.get("before", "") + text + changes.get("after", ""))


def is_older(text: str) -> bool:
    """Whether this has one of the formats that the player leaves to Python."""
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("coro_lab_trace") in (1, 2)


def accepts(text: str) -> bool:
    try:
        Trace.from_json(text)
    except TraceFormatError:
        return False
    return True


@pytest.fixture(scope="module")
def player() -> Iterator[Node]:
    with Node("verdicts.js") as node:
        yield node


@pytest.mark.parametrize("name", DAMAGED)
def test_both_refuse_a_trace_with(name: str, player: Node):
    text = text_of(DAMAGED[name])
    assert (accepts(text), player.ask(text)) == (False, False)


@pytest.mark.parametrize("name", ODD)
def test_both_accept_a_trace_with(name: str, player: Node):
    text = text_of(ODD[name])
    assert (accepts(text), player.ask(text)) == (True, True)


ODD_VALUES = st.one_of(
    st.sampled_from(
        [None, True, False, -1, 0.5, 2**53, 1e300, "", "start", "line", "closed", [], {}, [0, 0, 1], [1, "x"]]
    ),
    st.integers(0, 12),
)


@st.composite
def changed(draw: st.DrawFn) -> str:
    """The text of a valid trace in which some places were replaced, removed or repeated."""
    document = copy.deepcopy(WRITTEN)
    for _ in range(draw(st.integers(1, 3))):
        place, at = document, draw(st.sampled_from(sorted(document)))
        while isinstance(place[at], list) and place[at] and draw(st.integers(0, 3)):
            place, at = place[at], draw(st.integers(0, len(place[at]) - 1))
        change = draw(st.sampled_from(["replace", "replace", "remove", "repeat"]))
        if change == "repeat" and isinstance(place, list):
            place.insert(at, copy.deepcopy(place[at]))
        elif change == "remove" and len(document) > 2:
            del place[at]
        else:
            place[at] = copy.deepcopy(draw(ODD_VALUES))
    text = json.dumps(document)
    assume(not is_older(text))
    return text


@given(changed())
def test_both_have_the_same_opinion_of_any_changed_trace(player: Node, text: str):
    assert accepts(text) == player.ask(text)


@given(st.data())
def test_both_have_the_same_opinion_of_a_text_with_lost_or_foreign_letters(player: Node, data: st.DataObject):
    text = json.dumps(WRITTEN, separators=(",", ":"))
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 5)))
    foreign = st.text(st.sampled_from('0123456789.eE+-NaInfity"[]{},: \t\n\ufeff\u2028\x00'), max_size=4)
    text = text[:begin] + data.draw(foreign) + text[end:]
    assume(not is_older(text))
    assert accepts(text) == player.ask(text)
