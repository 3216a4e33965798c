"""A trace as JSON, and back.

The format is version 3. Events are rows without their trailing defaults, and every text stands once in a table, so that
100,000 events travel in a few megabytes. What many events share stands once as well: each event has the number of its
EventType, which brings the words and the states of lanes that the player shows. `load` needs none of these, since an
event determines its type.

Where tasks belong together, `families` says how (see `trace/family.py`), and `locks` says who held which lock (see
`trace/lock_use.py`); a document without these has none. The player does not read `locks`.

`check` in `player/trace.js` accepts the documents of version 3 that `load` accepts;
`tests/trace/test_codec_and_player.py` compares the two. `load` also reads version 2, which had no requests
(`cancel` and `uncancel`), and version 1, which had the kind of each event in place of its type; the player does not:
it is given what `dump` writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from coro_lab.errors import TraceFormatError
from coro_lab.trace import stored_document as stored
from coro_lab.trace.event_types import EventType, event_types
from coro_lab.trace.events import Event, Kind, Lane, Source, lane_indexes
from coro_lab.trace.family import Family, FamilyMember
from coro_lab.trace.lane_states import ENDINGS, STATES, outside
from coro_lab.trace.lock_use import ASKS, GIVES, GIVES_UP, LOCK, SEMAPHORE, TAKES, LockUse
from coro_lab.trace.stored_document import Columns, StoredDocument, listed, one_in, one_of, or_none, whole

VERSION = 3
_MOST_STEPS = 1000  # from one event to the next: the player keeps a place for each step


def dump(
    events: Sequence[Event],
    lanes: Sequence[Lane],
    further: Mapping[str, str | None],
    families: Sequence[Family] = (),
    locks: Sequence[LockUse] = (),
) -> str:
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
    if families:
        document["families"] = [[*family[:-1], list(map(list, family.members))] for family in families]
    if locks:
        document["locks"] = list(map(list, locks))
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _short(row: list[Any]) -> list[Any]:
    """The row without its trailing defaults."""
    while row[-1] is None:
        row.pop()
    return row


def load(text: str) -> tuple[tuple[Event, ...], tuple[Lane, ...], dict[str, Any]]:
    """What `dump` was given: events, lanes, and the rest by name.

    TraceFormatError says what is wrong with any other text, and where.
    """
    document = StoredDocument(text, "coro_lab_trace", (1, 2, VERSION), "trace", TraceFormatError)
    kinds = _kinds(document)
    texts = document.items("texts", stored.text)
    sources = document.rows("sources", {"first_line": whole, "text": stored.text}, 2, Source)
    lanes = tuple(document.rows("lanes", _of_a_lane(sources), 5, Lane))
    events = tuple(document.rows("events", _of_an_event(lanes, kinds, texts), 3, Event))
    _check_steps(document, events)
    further: dict[str, Any] = {
        name: document.part(name, or_none(stored.text)) for name in ("driver", "cut", "result", "error")
    }
    further["note"] = document.optional("note", or_none(stored.text), None)
    if document.has("families"):
        further["families"] = tuple(document.rows("families", _of_a_family(lanes), 10, Family))
    if document.has("locks"):
        further["locks"] = tuple(document.rows("locks", _of_a_lock_use(lanes), 5, LockUse))
    return events, lanes, further


def _kinds(document: StoredDocument) -> list[Kind]:
    """The kind of each number that an event can have."""
    if document.version == 1:
        return document.items("kinds", _kind)
    document.part("outside", or_none(stored.text))
    columns = {
        "kind": _kind,
        "sentence": stored.text,
        "state": one_of(*STATES),
        "label": or_none(stored.text),
        "peer_state": one_of(*STATES, None),
        "ending": one_of(*ENDINGS, None),
    }
    return document.rows("types", columns, 3, lambda kind, *_: kind)  # an event itself determines the rest


def _kind(value: Any) -> Kind:
    return Kind(stored.text(value))


def _of_a_lane(sources: Sequence[Source]) -> Columns:
    return {
        "name": stored.text,
        "kind": stored.text,
        "source": or_none(one_in(sources)),
        "thread": stored.text,
        "task": or_none(stored.text),
    }


def _of_a_family(lanes: Sequence[Lane]) -> Columns:
    lane = or_none(one_in(lane_indexes(lanes)))
    step, words = or_none(whole), or_none(stored.text)
    return {
        "name": stored.text,
        "owner": lane,
        "line": step,
        "opened": whole,
        "waits": step,
        "ended": step,
        "outcome": words,
        "block": words,
        "errors": stored.each(stored.row(whole, stored.text)),
        "members": stored.each(lambda row: FamilyMember(*stored.row(stored.text, lane, lane, step, words)(row))),
    }


def _of_a_lock_use(lanes: Sequence[Lane]) -> Columns:
    return {
        "step": whole,
        "lane": or_none(one_in(lane_indexes(lanes))),
        "does": one_of(ASKS, TAKES, GIVES, GIVES_UP),
        "lock": whole,
        "kind": one_of(LOCK, SEMAPHORE),
    }


def _of_an_event(lanes: Sequence[Lane], kinds: Sequence[Kind], texts: Sequence[str]) -> Columns:
    lane, lookup = one_in(lane_indexes(lanes)), one_in(texts)

    def changed(halves: Any) -> tuple[tuple[str, str | None], ...]:
        pairs = zip(listed(halves)[::2], halves[1::2], strict=True)
        return tuple((lookup(name), None if value is None else lookup(value)) for name, value in pairs)

    return {
        "step": whole,
        "lane": lane,
        "kind": one_in(kinds),
        "line": or_none(whole),
        "value": or_none(lookup),
        "peer": or_none(lane),
        "peer_line": or_none(whole),
        "changed": lambda halves: () if halves is None else changed(halves),
    }


def _check_steps(document: StoredDocument, events: tuple[Event, ...]) -> None:
    before = 0
    for number, event in enumerate(events):
        if not before <= event.step <= before + _MOST_STEPS:
            why = f"step {event.step} is out of order"
            raise document.damaged(f"events[{number}].step", why, event.step)
        before = event.step
