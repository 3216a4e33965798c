"""A run is a value: the Trace, and what it is made of.

Whatever runs coroutines yields a Trace, and whatever shows a run takes one. Four rules explain the rest:

1. A *lane* is one activation. Two generators of one function are two lanes.
2. An *event* is what one lane did at one moment. Where something crossed to or from another lane, that lane is its
   *peer*, and the event knows the line at both ends.
3. The only clock is the *step*: it goes up by one whenever another lane begins to run. Events of one step happened
   without a switch in between.
4. Values are kept as text, taken once at the moment of the event. No time, id or address takes part in equality or
   text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from os import PathLike
from typing import Any, NamedTuple

from coro_lab.own_builtins import keep_builtins

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

    __hash__ = str.__hash__  # an enumeration's own is written in Python, and every event is looked up by its kind


ENTERS = frozenset({Kind.START, Kind.RESUME, Kind.THROW, Kind.CLOSE})
"""The kinds by which a lane begins to run."""

LEAVES = frozenset({Kind.SUSPEND, Kind.DELEGATE, Kind.RETURN, Kind.RAISE})
"""The kinds by which a lane stops running."""

INSIDE = frozenset({Kind.LINE, Kind.OUTPUT, Kind.AWAIT, Kind.PREEMPT})
"""The kinds in which nothing crosses from one lane to another."""

SWITCHES = ENTERS | LEAVES
"""The kinds by which the program moves control from one lane to another."""


DROPPED = "dropped"
"""The value of a CLOSE event where nobody has called close(): nothing refers to the lane any more."""

IGNORED = " (ignored: it reaches nobody)"
"""What the value of an event ends with that comes out of a lane which nobody has called, as of one that was dropped."""


class Event(NamedTuple):
    """One thing that one lane did.

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


@dataclass(frozen=True)
class Trace:
    """What happened in one run: its events in order, and the lanes they speak of.

    Equal programs under equal schedules give equal traces. `result` and `error` are the live objects of the run that
    was recorded here (after `from_json`, their descriptions); they and the times take no part in equality.
    """

    events: tuple[Event, ...]
    lanes: tuple[Lane, ...]
    driver: str | None = None  # who resumes a lane that has no peer: 'you', 'scheduler', or nobody
    cut: str | None = None  # one sentence that says why the run was stopped, if it was
    result: Any = field(default=None, compare=False)
    error: Any = field(default=None, compare=False)
    note: str | None = None  # what else is to be said: why nothing was seen, or what to write instead

    @classmethod
    def later(cls, read: Callable[[], tuple[Event, ...]], lanes: tuple[Lane, ...], **further: Any) -> Trace:
        """The Trace of the events that `read` gives, which is called when they are first asked for.

        `further` is what else a Trace takes.
        """
        trace = cls((), lanes, **further)
        vars(trace)["_read"] = read
        del vars(trace)["events"]
        return trace

    def __getattr__(self, name: str) -> Any:
        """The events, the first time that they are asked for."""
        held = vars(self)
        read = held.get("_read")
        if name != "events" or (read is None and name not in held):
            has = "text(), output, steps, events, lanes, result and error; timeline(trace) draws it"
            raise AttributeError(f"A Trace has no {name!r}. It has {has}.", name=name, obj=self)
        if read is not None:
            held["events"] = read()
            held.pop("_read", None)
        return held["events"]  # another thread may have asked, and been first

    @cached_property
    def output(self) -> str:
        """Everything the program printed, in order."""
        return "".join(event.value or "" for event in self.events if event.kind is Kind.OUTPUT)

    @property
    def steps(self) -> int:
        """How many steps the run took."""
        return self.events[-1].step + 1 if self.events else 0

    def text(self, *, lines: bool = True) -> str:
        """What happened, one sentence an event, each after the number of its step; `lines=False` omits the lines."""
        from coro_lab.sentences import tell

        return "\n".join(tell(self, lines=lines))

    def to_json(self) -> str:
        """This trace as one JSON text; `Trace.from_json` gives an equal trace back."""
        from coro_lab.traceformat import dump

        return dump(self)

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace that `to_json` wrote. Raises TraceFormatError for anything else."""
        from coro_lab.traceformat import load

        return load(text)

    def save_html(self, path: str | PathLike[str], *, title: str = "") -> None:
        """Write the run to a file as one page that plays without a kernel and without a network."""
        from coro_lab.widgets.page import save

        save(self, path, title=title)

    def switches(self) -> Iterator[Event]:
        """The events that move control, in order."""
        return (event for event in self.events if event.kind in SWITCHES)

    def __repr__(self) -> str:
        # read from a file, it is a description
        kind = self.error.partition("(")[0] if isinstance(self.error, str) else type(self.error).__name__
        error = None if self.error is None else f"error {kind}"
        ending = "cut" if self.cut else error or ("nothing seen" if self.note and not self.lanes else "complete")
        return f"<Trace of {', '.join(self.names(4)) or 'nothing'}: {_count(len(self.events), 'event')}, {
            _count(self.steps, 'step')
        }, {ending}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """In a notebook a trace at the end of a cell shows the player; anywhere else its repr."""
        from coro_lab.widgets.display import show

        return show(self)

    def _repr_html_(self) -> str | None:
        """The player as HTML, for a front end that shows that and no widgets; nothing in a Jupyter notebook."""
        from coro_lab.widgets.display import as_html

        return as_html(self)

    def _display_(self) -> object:
        """What marimo shows in the place of a trace: the player."""
        from coro_lab.widgets.display import view

        return view(self)

    def names(self, most: int) -> list[str]:
        """The first `most` lane names, and how many more there are."""
        names = [lane.name for lane in self.lanes[:most]]
        return names + [f"{len(self.lanes) - most} more"] * (len(self.lanes) > most)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
