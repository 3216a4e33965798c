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

from enum import StrEnum
from typing import NamedTuple

from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class Kind(StrEnum):
    """What a lane did."""

    START = "start"
    RESUME = "resume"
    SUSPEND = "suspend"
    DELEGATE = "delegate"
    THROW = "throw"
    CLOSE = "close"
    RETURN = "return"
    RAISE = "raise"
    LINE = "line"
    OUTPUT = "output"
    AWAIT = "await"
    PREEMPT = "preempt"

    __hash__ = str.__hash__  # that of an enumeration is written in Python, and every event is looked up by its kind


ENTERS = frozenset({Kind.START, Kind.RESUME, Kind.THROW, Kind.CLOSE})
"""The kinds by which a lane begins to run."""

LEAVES = frozenset({Kind.SUSPEND, Kind.DELEGATE, Kind.RETURN, Kind.RAISE})
"""The kinds by which a lane stops running."""

INSIDE = frozenset({Kind.LINE, Kind.OUTPUT, Kind.AWAIT, Kind.PREEMPT})
"""The kinds in which nothing crosses from one lane to another."""

SWITCHES = ENTERS | LEAVES
"""The kinds by which the program moves control from one lane to another."""


DROPPED = "dropped"
"""The value of a CLOSE event without a call of close(): nothing refers to the lane any more."""

IGNORED = " (ignored: it reaches nobody)"
"""The end of the value that leaves a lane without a caller, such as a lane that was dropped."""


class Event(NamedTuple):
    """One action of one lane.

    `value` is what crossed: sent in (resume), thrown in (throw), yielded (suspend, delegate), returned, raised or
    printed. It is a bounded description, except for output, where it is the printed text itself, and for close, where
    it is DROPPED or None. None: nothing crossed, or (for a resume) what crossed is not known.
    """

    step: int  # counts from 0 over the whole run
    lane: int  # index into Trace.lanes
    kind: Kind
    line: int | None = None  # where this lane is; lines start at 1
    value: str | None = None
    peer: int | None = None  # the lane at the other end; None: outside the recording
    peer_line: int | None = None  # where the peer is
    changed: tuple[tuple[str, str | None], ...] = ()  # locals since this lane's last event; None: unbound


MAIN_THREAD = "MainThread"
"""The name that Python gives to the thread in which a program begins."""


class Source(NamedTuple):
    """The lines of one function (or of a whole cell), as its author wrote them."""

    first_line: int  # the number of the first of them; lines start at 1
    text: str


class Lane(NamedTuple):
    """One activation of a function, generator, coroutine or async generator."""

    name: str  # unique in its trace: 'consumer', the next one 'consumer 2'
    kind: str  # function, generator, coroutine, async generator; thread: a function that `preemptible` has split
    source: Source | None = None  # None: the source cannot be found
    thread: str = MAIN_THREAD
    task: str | None = None
