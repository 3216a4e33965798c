"""A trace as JSON, and back.

The format is version 1: events are rows without their trailing defaults, and every text stands once in a table, so that
100,000 events travel in a few megabytes. The front end in `widgets/` reads the same format.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from coro_lab.errors import TraceFormatError
from coro_lab.events import Event, Kind, Lane, Source, Trace

VERSION = 1
KINDS = tuple(Kind)
_NUMBER = {kind: number for number, kind in enumerate(KINDS)}


def dump(trace: Trace) -> str:
    """The JSON text of a trace."""
    texts: dict[str, int] = {}

    def number(text: str | None) -> int | None:
        return None if text is None else texts.setdefault(text, len(texts))

    def row(event: Event) -> list[Any]:
        changed = [part for name, value in event.changed for part in (number(name), number(value))]
        kind, value = _NUMBER[event.kind], number(event.value)
        cells = [event.step, event.lane, kind, event.line, value, event.peer, event.peer_line, changed or None]
        while cells[-1] is None:
            cells.pop()
        return cells

    sources: dict[Source, int] = {}
    lanes = [
        [x.name, x.kind, None if x.source is None else sources.setdefault(x.source, len(sources)), x.thread, x.task]
        for x in trace.lanes
    ]
    document = {
        "coro_lab_trace": VERSION,
        "driver": trace.driver,
        "cut": trace.cut,
        "note": trace.note,
        "result": _told(trace.result),
        "error": _told(trace.error),
        "kinds": [kind.value for kind in KINDS],
        "sources": [[source.first_line, source.text] for source in sources],
        "lanes": lanes,
        "events": [row(event) for event in trace.events],
        "texts": list(texts),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> Trace:
    """The trace that `dump` wrote; TraceFormatError says what is wrong with anything else."""
    try:
        document = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise TraceFormatError(f"This is not a trace: it is not JSON ({error}).") from None
    version = document.get("coro_lab_trace") if isinstance(document, dict) else None
    if version is None:
        raise TraceFormatError("This is JSON, but not a trace of Coro Lab: it has no 'coro_lab_trace'.")
    if type(version) is not int or version != VERSION:
        raise TraceFormatError(
            f"This trace has format {version!r}, and this Coro Lab reads format {VERSION}.\n"
            f"  Update Coro Lab, or record the program again."
        )
    try:
        return _build(document)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise TraceFormatError(f"This trace is damaged: {type(error).__name__}: {error}.") from None


def _build(document: dict[str, Any]) -> Trace:
    texts, kinds = document["texts"], [Kind(kind) for kind in document["kinds"]]
    sources = [Source(_whole(first), _text(text)) for first, text in document["sources"]]
    lanes = tuple(
        Lane(_text(name), _text(kind), _maybe(source, lambda n: sources[_whole(n)]), _text(thread), _maybe(task, _text))
        for name, kind, source, thread, task in document["lanes"]
    )

    def lookup(number: int | None) -> str | None:
        return _maybe(number, lambda n: _text(texts[_whole(n)]))

    def place(number: int) -> int:
        return _whole(number, below=len(lanes))

    def event(
        step: int,
        lane: int,
        kind: int,
        line: int | None = None,
        value: int | None = None,
        peer: int | None = None,
        peer_line: int | None = None,
        changed: list[int] | None = None,
    ) -> Event:
        halves = changed or []
        pairs = tuple((_text(lookup(n)), lookup(v)) for n, v in zip(halves[::2], halves[1::2], strict=True))
        ends = _maybe(peer, place), _maybe(peer_line, _whole)
        return Event(_whole(step), place(lane), kinds[_whole(kind)], _maybe(line, _whole), lookup(value), *ends, pairs)

    return Trace(
        tuple(event(*row) for row in document["events"]),
        lanes,
        note=_maybe(document.get("note"), _text),
        **{name: _maybe(document[name], _text) for name in ("driver", "cut", "result", "error")},
    )


def _told(value: object) -> str | None:
    from coro_lab.description import describe

    return value if value is None or type(value) is str else describe(value)


def _maybe[T](value: Any, read: Callable[[Any], T]) -> T | None:
    return None if value is None else read(value)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError(f"a text was expected, not {value!r:.40}")
    return value


def _whole(value: Any, below: int | None = None) -> int:
    if type(value) is not int or value < 0 or (below is not None and value >= below):
        limit = "" if below is None else f" below {below}"
        raise ValueError(f"a whole number{limit} was expected, not {value!r:.40}")
    return value
