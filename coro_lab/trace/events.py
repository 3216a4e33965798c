"""What a run is made of: its events, and the lanes that they belong to.

Four rules hold for every run:

1. A *lane* is one activation. Two generators of one function are two lanes.
2. An *event* is what one lane did at one moment. Where something crossed to or from another lane, that lane is its
   *peer*, and the event knows the line at both ends.
3. The only clock is the *step*: it goes up by one whenever another lane begins to run. Events of one step happened
   without a switch in between.
4. Values are kept as text, taken once at the moment of the event. No time, id or address takes part in equality or
   text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Self

from coro_lab.trace.own_builtins import keep_builtins, with_builtins

keep_builtins(globals())


class Kind(StrEnum):
    """What a lane did."""

    START = "start"  # it begins to run
    RESUME = "resume"  # it runs on, and may receive a value
    SUSPEND = "suspend"  # it yields a value and keeps its frame
    DELEGATE = "delegate"  # it is suspended because the lane that it delegates to is
    THROW = "throw"  # it runs on with an exception that is thrown into it
    CLOSE = "close"  # it runs on to be closed
    RETURN = "return"  # it ends with a value
    RAISE = "raise"  # it ends with an exception
    LINE = "line"  # it reaches a line
    OUTPUT = "output"  # it prints
    AWAIT = "await"  # it begins an `await`, which need not give way
    PREEMPT = "preempt"  # the operating system switches to its thread
    CANCEL = "cancel"  # its task is asked to end, by the peer
    UNCANCEL = "uncancel"  # a request to end its task is taken back
    LOST = "lost"  # its task is gone, or a future that it drops: nobody has fetched the exception, or it has not ended
    ABANDON = "abandon"  # an async generator to which nothing refers any more; its event loop is told

    __hash__ = str.__hash__  # an enumeration's is written in Python, and slow for a lookup at every event


ENTERS = frozenset({Kind.START, Kind.RESUME, Kind.THROW, Kind.CLOSE})
"""The kinds by which a lane begins to run."""

LEAVES = frozenset({Kind.SUSPEND, Kind.DELEGATE, Kind.RETURN, Kind.RAISE})
"""The kinds by which a lane stops running."""

REQUESTS = frozenset({Kind.CANCEL, Kind.UNCANCEL, Kind.LOST, Kind.ABANDON})
"""The kinds in which something happens to a lane from outside; control stays where it is, and so does the lane."""

INSIDE = frozenset({Kind.LINE, Kind.OUTPUT, Kind.AWAIT, Kind.PREEMPT})
"""The kinds in which nothing crosses from one lane to another."""

SWITCHES = ENTERS | LEAVES
"""The kinds by which the program moves control from one lane to another."""


DROPPED = "dropped"
"""The value of a CLOSE event without a call of close(): nothing refers to the lane any more."""

COLLECTED = "collected"
"""The same where the garbage collector has found it: only what is garbage referred to the lane."""

BY_LOOP = "event loop"
"""The same for an async generator, which its event loop closes, some time after an ABANDON event."""

SHUT_DOWN = "shutdown"
"""The value of a CLOSE event where an event loop ends and closes each async generator that has not ended."""

BEFORE = "; it was begun before the recording"
"""The end of the value of a CLOSE or ABANDON event by which the recording meets the lane."""

PENDING = "pending"
"""The value of a LOST event where the task has not ended: it waits for something that is garbage like itself."""

LOOP_CLOSES, NOBODY_CLOSES = "its event loop is to close it", "its event loop is closed, so nobody closes it"
"""The value of an ABANDON event."""

EAGER = "eager"
"""The value of a START event with which a task begins where it is made, by `asyncio.eager_task_factory`."""

TIME_LIMIT = "time limit"
"""The value of a CANCEL event where the time of an `asyncio.timeout` or `wait_for` is over."""

BY_GROUP = "TaskGroup"
"""The beginning of the value of a CANCEL event where a TaskGroup cancels."""

PASSED_ON = "passed on"
"""The value of a CANCEL event where a task is cancelled because the one that awaits it is."""

RUN_ENDS = "asyncio.run ends"
"""The value of a CANCEL event where `asyncio.run` ends the tasks that are left."""

IGNORED = " (ignored: it reaches nobody)"
"""The end of the value that leaves a lane without a caller, such as a lane that was dropped."""


class LaneIndex(int):
    """The number of a lane, from 0, as in `trace.lanes[event.lane]`; it also has the name of the lane.

    >>> consumer = LaneIndex(1, "consumer")
    >>> consumer, consumer.name
    (1, 'consumer')
    """

    name: str  # as in `Lane.name`

    def __new__(cls, number: int, name: str) -> Self:
        index = int.__new__(cls, number)
        index.name = name
        return index

    def __reduce__(self) -> tuple[type[LaneIndex], tuple[int, str]]:
        return LaneIndex, (int(self), self.name)


@with_builtins
class Event(NamedTuple):
    """One action of one lane.

    `value` is what crossed: sent in (resume), thrown in (throw), yielded (suspend, delegate), returned, raised or
    printed. It is a bounded description, except for output, where it is the printed text itself, and for uncancel,
    where it is the number of requests that are left. For start, close, abandon, lost and cancel it says how: EAGER,
    DROPPED and the like, or `cancel('enough')`. None: nothing crossed, or (for a resume) what crossed is not known.
    """

    step: int  # counts from 0 over the whole run
    lane: LaneIndex  # which lane: an index into `Trace.lanes`, which also has its name
    kind: Kind  # what the lane did
    line: int | None = None  # where this lane is; lines start at 1
    value: str | None = None  # what crossed, as text
    peer: LaneIndex | None = None  # the lane at the other end; None: outside the recording
    peer_line: int | None = None  # where the peer is; lines start at 1
    changed: tuple[tuple[str, str | None], ...] = ()  # locals since this lane's last event; None: unbound

    def __repr__(self) -> str:
        """The fields that are set, with the names of the lanes in place of their numbers."""
        fields = {name: value for name, value in self._asdict().items() if value is not None and value != ()}
        return f"Event({', '.join(f'{name}={_shown(value)}' for name, value in fields.items())})"


def is_drop(event: Event) -> bool:
    """Whether a lane is closed here because nothing refers to it any more."""
    return event.kind is Kind.CLOSE and how_closed(event.value) in (DROPPED, COLLECTED, BY_LOOP)


def how_closed(value: str | None) -> str | None:
    """The value of a CLOSE event, without what it says of the beginning of its lane."""
    return None if value is None else value.removesuffix(BEFORE)


def _shown(value: object) -> str:
    return value.name if isinstance(value, LaneIndex) else repr(str(value) if isinstance(value, Kind) else value)


MAIN_THREAD = "MainThread"
"""The name that Python gives to the thread in which a program begins."""


@with_builtins
class Source(NamedTuple):
    """The lines of one function (or of a whole cell), as its author wrote them."""

    first_line: int  # the number of the first of them; lines start at 1
    text: str  # the lines, with line ends between them


@with_builtins
class Lane(NamedTuple):
    """One activation of a function, generator, coroutine or async generator."""

    name: str  # unique in its trace: 'consumer', the next one 'consumer 2'
    kind: str  # function, generator, coroutine, async generator; thread: a function that `preemptible` has split
    source: Source | None = None  # where it is written; None: the source cannot be found
    thread: str = MAIN_THREAD  # the name of the thread, or of the process, in which it runs
    task: str | None = None  # the name of the asyncio task to which it belongs; None: to none


def lane_indexes(lanes: Iterable[Lane]) -> tuple[LaneIndex, ...]:
    """The numbers of these lanes, for the events of their trace."""
    return tuple([LaneIndex(number, lane.name) for number, lane in enumerate(lanes)])


def with_lane_names(events: Sequence[Event], lanes: Iterable[Lane]) -> tuple[Event, ...]:
    """These events with the names of these lanes in their numbers of lanes. Raises IndexError if a lane is missing."""
    if not events:
        return ()
    indexes = lane_indexes(lanes)

    def named(event: Event) -> Event:
        peer = None if event.peer is None else indexes[event.peer]
        return event._replace(lane=indexes[event.lane], peer=peer)

    def is_named(number: int) -> bool:
        return isinstance(number, LaneIndex) and number.name == indexes[number].name

    return tuple(
        event if is_named(event.lane) and (event.peer is None or is_named(event.peer)) else named(event)
        for event in events
    )
