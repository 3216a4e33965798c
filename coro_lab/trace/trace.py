"""A run is a value: the Trace.

Whatever runs coroutines yields a Trace, and whatever shows a run takes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any

from coro_lab.trace.codec import dump, load
from coro_lab.trace.events import SWITCHES, Event, Kind, Lane
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.sentences import sentence

keep_builtins(globals())

VIEWERS: dict[str, Callable[..., Any]] = {}
"""Method of Trace -> the function behind it. Views lie above this layer, so `coro_lab/__init__.py` puts them in."""


@dataclass(frozen=True)
class Trace:
    """What happened in one run: its events in order, and the lanes they speak of.

    Equal programs under equal schedules give equal traces. `result` and `error` are the live objects of the run that
    was recorded here (after `from_json`, their descriptions); they and the times take no part in equality.
    """

    events: tuple[Event, ...]
    lanes: tuple[Lane, ...]
    driver: str | None = None  # what resumes a lane that has no peer: 'you', 'scheduler'; None: unknown
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
        width = len(str(max(self.steps - 1, 0)))
        sentences = [
            f"{event.step:{width}}  {sentence(event, self.lanes)}"
            for event in self.events
            if lines or event.kind not in (Kind.LINE, Kind.AWAIT)
        ]
        return "\n".join([*sentences, *self._remarks()])

    def _remarks(self) -> Iterator[str]:
        """Why the run was cut, and what else is to be said of it."""
        if self.cut:
            yield self.cut
        if self.note:
            yield self.note
        elif not self.events and self.error is not None:
            yield f"Nothing has run: {in_words(self.error)}"

    def to_json(self) -> str:
        """This trace as one JSON text; `Trace.from_json` gives an equal trace back."""
        remarks = {"driver": self.driver, "cut": self.cut, "note": self.note}
        results = {"result": in_words(self.result), "error": in_words(self.error)}
        return dump(self.events, self.lanes, remarks | results)

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace that `to_json` wrote. Raises TraceFormatError for anything else."""
        events, lanes, further = load(text)
        return cls(events, lanes, **further)

    def save_html(self, path: str | PathLike[str], *, title: str = "") -> None:
        """Write the run to a file as one page that plays without a kernel and without a network."""
        VIEWERS["save_html"](self, path, title=title)

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
        bundle: dict[str, Any] = VIEWERS["_repr_mimebundle_"](self)
        return bundle

    def _repr_html_(self) -> str | None:
        """The player as HTML, for a front end that shows that and no widgets; nothing in a Jupyter notebook."""
        html: str | None = VIEWERS["_repr_html_"](self)
        return html

    def _display_(self) -> object:
        """What marimo shows in the place of a trace: the player."""
        return VIEWERS["_display_"](self)

    def names(self, most: int) -> list[str]:
        """The first `most` lane names, and how many more there are."""
        names = [lane.name for lane in self.lanes[:most]]
        return names + [f"{len(self.lanes) - most} more"] * (len(self.lanes) > most)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def in_words(value: object) -> str | None:
    """A result or an error as text; one that is text already, such as one read from a file, stays as it is."""
    return value if value is None or isinstance(value, str) else describe(value)
