"""What threads and processes did, in the words of a Trace.

A recording cannot see a thread wait, for it waits inside a call. So whoever hands over prints a line that begins with
MARK, before and after; here each becomes what it stands for, a suspension or a resumption. What happens between two of
them is one turn. The turns of several processes are put in order by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from coro_lab.trace.events import Event, Kind, Lane
from coro_lab.trace.trace import Trace

MARK = "\0"


class Turn(NamedTuple):
    """What one part did in one turn."""

    number: int
    events: list[Event]


def handing_over(value: str) -> str:
    """The line that says: I hand over, with this value."""
    return f"{MARK}over {value}"


def going_on(turn: int, value: str) -> str:
    """The line that says: this is my turn, and this was sent to me."""
    return f"{MARK}on {turn} {value}"


def closed(turn: int) -> str:
    """The line that says: this is my turn, and I am closed in it."""
    return f"{MARK}closed {turn}"


def of_threads(trace: Trace) -> Trace:
    """The same run with each hand-over told as what it is."""
    return replace(trace, events=tuple(_numbered(_turns(trace, 0))), error=None if trace.cut else trace.error)


def of_processes(said: Iterable[tuple[int, str] | None], error: BaseException | None) -> Trace:
    """One Trace of the parts that have recorded themselves: for each, the number of its first turn, and its Trace."""
    turns: list[Turn] = []
    lanes: list[Lane] = []
    cut: str | None = None
    for process, (first, text) in enumerate(filter(None, said), 1):
        trace = Trace.from_json(text)
        moved = replace(trace, events=tuple(_moved(event, len(lanes)) for event in trace.events))
        turns += _turns(moved, first)
        cut = cut or trace.cut
        names = [lane.name for lane in lanes]
        for lane in trace.lanes:
            lanes.append(lane._replace(name=_unique(lane.name, names), thread=f"process {process}"))
    in_order = sorted(turns, key=lambda turn: turn.number)
    return Trace(tuple(_numbered(in_order)), tuple(lanes), cut=cut, error=None if cut else error)


def limited(trace: Trace, written: str) -> Trace:
    """The same run; if it was stopped, it says that what the reader has written can take another limit."""
    if trace.cut is None:
        return trace
    stopped = trace.cut.partition("; ")[0]
    return replace(trace, cut=f"{stopped}; {written}(..., max_events=...) sets another limit.")


def _moved(event: Event, by: int) -> Event:
    return event._replace(lane=event.lane + by, peer=None if event.peer is None else event.peer + by)


def _unique(name: str, taken: list[str]) -> str:
    same = sum(other.rpartition(" ")[0] == name or other == name for other in taken)
    return f"{name} {same + 1}" if same else name


def _turns(trace: Trace, first: int) -> Iterator[Turn]:
    """The run, cut where somebody begins or goes on."""
    now = Turn(first, [])
    preempted = 0  # how many steps fall away, because here no thread was switched but where it handed over
    for event in trace.events:
        preempted += event.kind is Kind.PREEMPT
        printed, mark, rest = (event.value or "").partition(MARK) if event.kind is Kind.OUTPUT else ("", "", "")
        told, turn = _meant(event, rest) if mark else (event, None)
        if turn is not None or (event.kind is Kind.START and event.peer is None and now.events):
            yield now
            now = Turn(now.number + 1 if turn is None else turn, [])
        if mark and printed:  # without an end of its line, so that the marked one went on in it
            now.events.append(event._replace(step=event.step - preempted, value=printed))
        if event.kind is not Kind.PREEMPT:
            now.events.append(told._replace(step=event.step - preempted))
    yield now


def _meant(event: Event, rest: str) -> tuple[Event, int | None]:
    """What a marked line stands for, and the number of the turn that begins with it, if one does."""
    word, _, value = rest.rstrip("\n").partition(" ")
    if word == "over":
        return event._replace(kind=Kind.SUSPEND, value=value), None
    turn, _, value = value.partition(" ")
    if word == "closed":
        return event._replace(kind=Kind.CLOSE, value=None), int(turn)
    return event._replace(kind=Kind.RESUME, value=value), int(turn)


def _numbered(turns: Iterable[Turn]) -> Iterator[Event]:
    """All events in order. A turn begins with a new step, and inside it the steps go on as they did."""
    step = -1
    for turn in turns:
        begin = turn.events[0].step - step - 1 if turn.events else 0
        for event in turn.events:
            step = max(step, event.step - begin)
            yield event._replace(step=step)
