"""A trace as JSON, and back.

The format is version 2. Events are rows without their trailing defaults, and every text stands once in a table, so that
100,000 events travel in a few megabytes. What many events share stands once as well: each event has the number of its
EventType, which brings the words and the states of lanes that the player shows. `load` needs none of these, since an
event determines its type.

`check` in `player/trace.js` accepts the documents of version 2 that `load` accepts;
`tests/trace/test_codec_and_player.py` compares the two. `load` also reads version 1, which had the kind of each event
in place of its type; the player does not: it is given what `dump` writes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from coro_lab.errors import TraceFormatError
from coro_lab.trace.event_types import EventType, event_types
from coro_lab.trace.events import Event, Kind, Lane, LaneIndex, Source, lane_indexes
from coro_lab.trace.lane_states import ENDINGS, STATES, outside

VERSION = 2
_MOST_STEPS = 1000  # from one event to the next: the player keeps a place for each step
_LARGEST = 2**53 - 1  # the largest whole number that JavaScript can tell from the next


def dump(events: Sequence[Event], lanes: Sequence[Lane], further: Mapping[str, str | None]) -> str:
    """The JSON text of a run; `further` holds its driver, cut, note, result and error, each as text or None."""
    texts: dict[str, int] = {}
    types: dict[EventType, int] = {}

    def number(text: str | None) -> int | None:
        return None if text is None else texts.setdefault(text, len(texts))

    def row(event: Event, its: EventType) -> list[Any]:
        changed = [part for name, value in event.changed for part in (number(name), number(value))]
        its_type, value = types.setdefault(its, len(types)), number(event.value)
        return _short(
            [event.step, event.lane, its_type, event.line, value, event.peer, event.peer_line, changed or None]
        )

    sources: dict[Source, int] = {}
    event_rows = [row(*pair) for pair in zip(events, event_types(events, lanes), strict=True)]
    lane_rows = [
        [x.name, x.kind, None if x.source is None else sources.setdefault(x.source, len(sources)), x.thread, x.task]
        for x in lanes
    ]
    document = {
        "coro_lab_trace": VERSION,
        **further,
        "outside": outside(events, further["driver"]),
        "types": [_short(list(each)) for each in types],
        "sources": [[source.first_line, source.text] for source in sources],
        "lanes": lane_rows,
        "events": event_rows,
        "texts": list(texts),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _short(row: list[Any]) -> list[Any]:
    """The row without its trailing defaults."""
    while row[-1] is None:
        row.pop()
    return row


def load(text: str) -> tuple[tuple[Event, ...], tuple[Lane, ...], dict[str, str | None]]:
    """What `dump` was given; TraceFormatError says what is wrong with a text that it has not written."""
    try:
        document = json.loads(text, parse_constant=_no_number, parse_int=_integer)
    except (TypeError, ValueError, RecursionError) as error:
        raise TraceFormatError(f"This is not a trace: it is not JSON ({error}).") from None
    version = document.get("coro_lab_trace") if isinstance(document, dict) else None
    if version is None:
        raise TraceFormatError("This is JSON, but not a trace of Coro Lab: it has no 'coro_lab_trace'.")
    if type(version) not in (int, float) or version not in (1, VERSION):
        raise TraceFormatError(
            f"This trace has format {version!r}, and this Coro Lab reads formats 1 and {VERSION}.\n"
            f"  Update Coro Lab, or record the program again."
        )
    try:
        return _build(document, _kinds(document))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise TraceFormatError(f"This trace is damaged: {type(error).__name__}: {error}.") from None


def _kinds(document: dict[str, Any]) -> list[Kind]:
    """The kind of each number that an event can have."""
    if document["coro_lab_trace"] == 1:
        return [Kind(_text(kind)) for kind in _list(document["kinds"])]
    _maybe(document["outside"], _text)
    return [_kind(*_list(row)) for row in _list(document["types"])]


def _kind(kind: Any, sentence: Any, state: Any, label: Any = None, peer_state: Any = None, ending: Any = None) -> Kind:
    """The kind in the row of an EventType; an event itself determines the rest."""
    _text(sentence)
    _one_of(STATES, state)
    _maybe(label, _text)
    _one_of((*STATES, None), peer_state)
    _one_of((*ENDINGS, None), ending)
    return Kind(_text(kind))


def _build(
    document: dict[str, Any], kinds: Sequence[Kind]
) -> tuple[tuple[Event, ...], tuple[Lane, ...], dict[str, str | None]]:
    texts = [_text(text) for text in _list(document["texts"])]
    sources = [_source(*_list(row)) for row in _list(document["sources"])]

    def lane(name: Any, kind: Any, source: Any, thread: Any, task: Any) -> Lane:
        return Lane(_text(name), _text(kind), _maybe(source, of_source), _text(thread), _maybe(task, _text))

    def of_source(number: Any) -> Source:
        return sources[_whole(number)]

    def lookup(number: Any) -> str:
        return texts[_whole(number)]

    def place(number: Any) -> LaneIndex:
        return indexes[_whole(number, below=len(indexes))]

    def event(
        step: Any,
        lane: Any,
        kind: Any,
        line: Any = None,
        value: Any = None,
        peer: Any = None,
        peer_line: Any = None,
        changed: Any = None,
    ) -> Event:
        halves = _maybe(changed, _list) or []
        pairs = tuple((lookup(n), _maybe(v, lookup)) for n, v in zip(halves[::2], halves[1::2], strict=True))
        at, to, to_line = _maybe(line, _whole), _maybe(peer, place), _maybe(peer_line, _whole)
        return Event(_whole(step), place(lane), kinds[_whole(kind)], at, _maybe(value, lookup), to, to_line, pairs)

    lanes = tuple(lane(*_list(row)) for row in _list(document["lanes"]))
    indexes = lane_indexes(lanes)
    events = tuple(event(*_list(row)) for row in _list(document["events"]))
    _check_steps(events)
    further = {name: _maybe(document[name], _text) for name in ("driver", "cut", "result", "error")}
    return events, lanes, further | {"note": _maybe(document.get("note"), _text)}


def _source(first: Any, text: Any) -> Source:
    return Source(_whole(first), _text(text))


def _check_steps(events: tuple[Event, ...]) -> None:
    before = 0
    for event in events:
        if not before <= event.step <= before + _MOST_STEPS:
            raise ValueError(f"step {event.step} is out of order")
        before = event.step


def _maybe[T](value: Any, read: Callable[[Any], T]) -> T | None:
    return None if value is None else read(value)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError(f"a text was expected, not {value!r:.40}")
    return value


def _one_of(words: Sequence[str | None], value: Any) -> None:
    if value not in words:
        raise ValueError(f"one of {', '.join(map(str, words))} was expected, not {value!r:.40}")


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise ValueError(f"a list was expected, not {value!r:.40}")
    return value


def _whole(value: Any, below: int = _LARGEST + 1) -> int:
    """A whole number from 0; also 1.0, which JavaScript cannot tell from 1."""
    if (type(value) is not int and not (type(value) is float and value.is_integer())) or not 0 <= value < below:
        limit = "" if below > _LARGEST else f" below {below}"
        raise ValueError(f"a whole number{limit} was expected, not {value!r:.40}")
    return int(value)


def _integer(digits: str) -> float:
    """The number; infinity for more digits than Python reads."""
    return int(digits) if len(digits) < 400 else math.inf


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")
