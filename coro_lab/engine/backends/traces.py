"""The Trace of a program whose parts are threads or processes.

A recording cannot see a thread wait, because it waits inside a call. So a part prints a marked line, which begins with
MARK, before it hands over and when its next turn begins. Here each marked line becomes the event that it stands for, a
suspension or a resumption. The events between them are one turn. The turns of several processes are sorted by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from coro_lab.trace.events import Event, Kind, Lane, LaneIndex
from coro_lab.trace.own_builtins import with_builtins
from coro_lab.trace.trace import Trace

MARK = "\0"


@with_builtins
class Turn(NamedTuple):
    """The events of one part in one turn."""

    number: int
    events: list[Event]


def handing_over(value: str) -> str:
    """The marked line of a part that hands over, with this value."""
    return f"{MARK}over {value}"


def going_on(turn: int, value: str) -> str:
    """The marked line of a part whose turn begins with this value."""
    return f"{MARK}on {turn} {value}"


def thrown(turn: int, error: str) -> str:
    """The marked line of a part whose turn begins with this exception."""
    return f"{MARK}thrown {turn} {error}"


def closed(turn: int) -> str:
    """The marked line of a part that is closed in this turn."""
    return f"{MARK}closed {turn}"


def of_threads(trace: Trace) -> Trace:
    """The same run, with events in place of its marked lines."""
    return replace(trace, events=tuple(_numbered(_turns(trace, 0))), error=None if trace.cut else trace.error)


def of_processes(parts: Iterable[tuple[int, str] | None], error: BaseException | None) -> Trace:
    """One Trace of all `parts`: for each, the number of its first turn and its Trace as JSON; None if it has none."""
    turns: list[Turn] = []
    lanes: list[Lane] = []
    cut: str | None = None
    for process, (first, text) in enumerate(filter(None, parts), 1):
        trace = Trace.from_json(text)
        turns += [_moved(turn, len(lanes)) for turn in _turns(trace, first)]
        cut = cut or trace.cut
        names = [lane.name for lane in lanes]
        for lane in trace.lanes:
            lanes.append(lane._replace(name=_unique(lane.name, names), thread=f"process {process}"))
    in_order = sorted(turns, key=lambda turn: turn.number)
    return Trace(tuple(_numbered(in_order)), tuple(lanes), cut=cut, error=None if cut else error)


def limited(trace: Trace, written: str) -> Trace:
    """The same run; if it was stopped, its `cut` says how to set another limit in the call that was `written`."""
    if trace.cut is None:
        return trace
    stopped = trace.cut.partition("; ")[0]
    return replace(trace, cut=f"{stopped}; {written}(..., max_events=...) sets another limit.")


def _moved(turn: Turn, by: int) -> Turn:
    """The turn with its lanes renumbered, where other lanes come first."""

    def moved(lane: LaneIndex) -> LaneIndex:
        return LaneIndex(lane + by, lane.name)

    def of(event: Event) -> Event:
        return event._replace(lane=moved(event.lane), peer=None if event.peer is None else moved(event.peer))

    return Turn(turn.number, [of(event) for event in turn.events])


def _unique(name: str, taken: list[str]) -> str:
    same = sum(other.rpartition(" ")[0] == name or other == name for other in taken)
    return f"{name} {same + 1}" if same else name


def _turns(trace: Trace, first: int) -> Iterator[Turn]:
    """The turns of this run: each begins where a part begins or resumes."""
    now = Turn(first, [])
    preempted = 0  # steps to leave out: the operating system switched to a thread that only waits for its turn
    for event in trace.events:
        preempted += event.kind is Kind.PREEMPT
        printed, mark, rest = (event.value or "").partition(MARK) if event.kind is Kind.OUTPUT else ("", "", "")
        real, turn = _unmarked(event, rest) if mark else (event, None)
        if turn is not None or (event.kind is Kind.START and event.peer is None and now.events):
            yield now
            now = Turn(now.number + 1 if turn is None else turn, [])
        if mark and printed:  # text without a newline, which the marked line continued
            now.events.append(event._replace(step=event.step - preempted, value=printed))
        if event.kind is not Kind.PREEMPT:
            now.events.append(real._replace(step=event.step - preempted))
    yield now


def _unmarked(event: Event, rest: str) -> tuple[Event, int | None]:
    """The event that a marked line stands for, and the number of the turn that it begins, if any."""
    word, _, value = rest.rstrip("\n").partition(" ")
    if word == "over":
        return event._replace(kind=Kind.SUSPEND, value=value), None
    turn, _, value = value.partition(" ")
    if word == "closed":
        return event._replace(kind=Kind.CLOSE, value=None), int(turn)
    return event._replace(kind=Kind.THROW if word == "thrown" else Kind.RESUME, value=value), int(turn)


def _numbered(turns: Iterable[Turn]) -> Iterator[Event]:
    """All events in order. Each turn begins with a new step; inside it the steps count on as before."""
    step = -1
    for turn in turns:
        begin = turn.events[0].step - step - 1 if turn.events else 0
        for event in turn.events:
            step = max(step, event.step - begin)
            yield event._replace(step=step)
