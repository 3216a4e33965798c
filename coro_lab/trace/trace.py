"""A run is a value: the Trace.

All that runs coroutines returns a Trace, and all that shows a run takes one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any, overload

from coro_lab.errors import ArgumentError, TraceFormatError, UnknownNameError, advice
from coro_lab.trace.codec import dump, load
from coro_lab.trace.difference import first_difference
from coro_lab.trace.events import SWITCHES, Event, Kind, Lane, LaneIndex, with_lane_names
from coro_lab.trace.family import Family
from coro_lab.trace.fragment import unpack
from coro_lab.trace.introspection import class_name
from coro_lab.trace.lane_states import raised_exits
from coro_lab.trace.lock_use import LockUse
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.sentences import sentence

keep_builtins(globals())

VIEWERS: dict[str, Callable[..., Any]] = {}
"""Method -> the function behind it. Views lie above this layer, so `coro_lab/__init__.py` puts them in."""


@dataclass(frozen=True)
class Trace:
    """What happened in one run: its events in order, and the lanes they speak of.

    A trace is a sequence of its events: `len(trace)`, `for event in trace`, `trace[-1]`, `trace[2:5]`. `of` picks the
    events of a lane or of a kind, `diff` finds where another run differs, and `text` says all of it in words.

    A *step* is a part of the run in which one lane runs: the number of the step goes up whenever another lane begins to
    run, also on the way back. Values are kept as text, and cut: 80 characters, 6 items of a container, 3 levels.

    Equal programs under equal schedules give equal traces. `result` and `error` are the live objects of the run that
    was recorded here (after `from_json`, their descriptions); they take no part in equality.

    >>> from coro_lab import record
    >>> def consumer():
    ...     while True:
    ...         item = yield
    >>> def program():
    ...     to = consumer()
    ...     next(to)
    ...     to.send(1)
    ...     to.send(2)
    >>> trace = record(program)
    >>> [event.value for event in trace.of("consumer", kind="resume")]
    ['1', '2']
    >>> trace.lane("consumer").kind
    'generator'
    >>> trace[0], trace.steps
    (Event(step=0, lane=program, kind='start', line=1), 8)
    """

    events: tuple[Event, ...]  # what happened, in order
    lanes: tuple[Lane, ...]  # the activations that the events speak of, by their numbers from 0
    driver: str | None = None  # what resumes a lane that has no peer: 'you', 'scheduler'; None: unknown
    cut: str | None = None  # one sentence that says why the run was stopped, if it was
    result: Any = field(default=None, compare=False)  # what the program returned; None if it raised or was stopped
    error: Any = field(default=None, compare=False)  # the exception that ended the program; None: it ended without one
    note: str | None = None  # what else is to be said: why nothing was seen, or what to write instead
    families: tuple[Family, ...] = ()  # each TaskGroup and call of `gather` and the like; see `families(trace)`
    locks: tuple[LockUse, ...] = ()  # who asked for a lock of asyncio, took it and gave it back; see `waits(trace)`

    def __post_init__(self) -> None:
        """Give the numbers of lanes in the events the names that these lanes have."""
        object.__setattr__(self, "events", with_lane_names(self.events, self.lanes))

    @classmethod
    def later(cls, read: Callable[[], tuple[Event, ...]], lanes: tuple[Lane, ...], **further: Any) -> Trace:
        """The Trace of the events that `read` gives, which is called when they are first asked for.

        `lanes`, and in `further` the other arguments of a Trace, are as for a Trace.
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
            has = "text(), output, steps, of(), lane(), diff(), result and error; timeline(trace) draws it"
            raise AttributeError(f"A Trace has no {name!r}. It has {has}.", name=name, obj=self)
        if read is not None:
            held["events"] = read()
            held.pop("_read", None)
        return held["events"]  # another thread may have asked, and been first

    @cached_property
    def output(self) -> str:
        """Everything the program printed, in order."""
        return "".join(event.value or "" for event in self.events if event.kind is Kind.OUTPUT)

    @cached_property
    def _raised_exits(self) -> frozenset[int]:
        return raised_exits(self.events, self.lanes)

    @property
    def steps(self) -> int:
        """How many steps the run took."""
        return self.events[-1].step + 1 if self.events else 0

    def text(self, *, lines: bool = True) -> str:
        """What happened, one sentence an event, each after the number of its step; `lines=False` omits the lines."""
        width = len(str(max(self.steps - 1, 0)))
        sentences = [
            f"{event.step:{width}}  {in_sentence(self, event)}"
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
        return dump(self.events, self.lanes, remarks | results, self.families, self.locks)

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace that `to_json` wrote as this `text`. Raises TraceFormatError for anything else."""
        events, lanes, further = load(text)
        return cls(events, lanes, **further)

    @classmethod
    def from_link(cls, address: str) -> Trace:
        """The trace that `link` put into this `address`. Raises TraceFormatError for any other text."""
        _, found, packed = str(address).partition("#run=")
        try:
            text = unpack(packed.strip()) if found else ""
        except ValueError as error:
            raise TraceFormatError(f"This link is damaged. {error}", found=f"{packed!r:.40}") from None
        if not found:
            raise TraceFormatError("This is not a link to a run: it has no #run= in it.", found=f"{address!r:.40}")
        return cls.from_json(text)

    def link(self, *, site: str | None = None, title: str = "") -> str:
        """An address that holds this run: a browser that opens it shows the run in the player, with nothing installed.

        The run stands in the fragment of the address, behind `#`, which no server sees. `site` is the address of a site
        that `make site` built; without it, the site that CORO_LAB_SITE in the environment names, or that the package
        names as `Site` in [project.urls]. `title` stands above the run. Raises UnavailableError if no site is known,
        and ArgumentError if the address would be longer than 32,768 characters, more than Chrome shows of one: save the
        run as a page by `save_html`.
        """
        return str(VIEWERS["link"](self, site=site, title=title))

    def save_html(self, path: str | PathLike[str], *, title: str = "") -> None:
        """Write the run to the file `path` as one page that plays without a kernel and without a network.

        `title` is the page's; without one, the page has the names of the first lanes. Raises ArgumentError if `path` is
        not a path or `title` is not a text, and OSError if the file cannot be written.
        """
        VIEWERS["save_html"](self, path, title=title)

    # -- the events ----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many events there are."""
        return len(self.events)

    def __bool__(self) -> bool:
        """True: a run in which nothing was seen is a run."""
        return True

    def __iter__(self) -> Iterator[Event]:
        """Each event, in order."""
        return iter(self.events)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, index: int | slice) -> Event | tuple[Event, ...]:
        """The event with this number, from 0, or the events of a slice."""
        return self.events[index]

    def lane(self, name: str | LaneIndex) -> Lane:
        """The lane with this name, or with this number of an event, as in `trace.lane(event.lane)`.

        A second activation of `consumer` is called `consumer 2`. Raises UnknownNameError for an unknown lane.
        """
        return self.lanes[self._number(name)]

    def of(self, *lanes: str | LaneIndex, kind: str | Iterable[str] | None = None) -> tuple[Event, ...]:
        """The events of these lanes, in order; without a name, of all lanes.

        Each of `lanes` is a name or a number, as for `lane`; a second `consumer` is called `consumer 2`. `kind` is one
        Kind or several, each also as a word: `trace.of("consumer", kind="resume")` are the events in which the consumer
        was sent something (its first `next` is a start). Raises UnknownNameError for a lane or a kind that does not
        exist.
        """
        numbers = {self._number(name) for name in lanes} or set(range(len(self.lanes)))
        kinds = frozenset(Kind) if kind is None else _kinds(kind)
        return tuple(event for event in self.events if event.lane in numbers and event.kind in kinds)

    def switches(self) -> Iterator[Event]:
        """The events that move control, in order."""
        return (event for event in self.events if event.kind in SWITCHES)

    def diff(
        self, other: Trace, *, lines: bool = False, among: Collection[str] | None = None, returned: bool = True
    ) -> Difference | None:
        """Where this run and another first differ; None where they do not.

        What can be seen from outside is compared: which lane starts, resumes, yields, returns, raises or prints, with
        which value, and which lane it goes to or comes from. With `lines`, so are lines, awaits and locals. With
        `among`, only what the lanes of these names do is compared, and not where they are resumed from. With
        `returned=False`, the values that are returned may differ. Values are compared as they are written in the trace:
        at most 80 characters of each, 6 items of a container and 3 levels of containers; what lies beyond is not seen.
        Raises ArgumentError if `other` is not a Trace, and UnknownNameError for a name in `among` that no lane has.

        >>> from coro_lab import record
        >>> def consumer():
        ...     while True:
        ...         item = yield
        >>> def program(*items):
        ...     to = consumer()
        ...     next(to)
        ...     for item in items:
        ...         to.send(item)
        >>> found = record(program, 1, 2).diff(record(program, 1, 3))
        >>> found.step, found.event.value, found.other_event.value
        (5, '2', '3')
        """
        if not isinstance(other, Trace):
            given, what = describe(other), "A Trace is compared with another Trace."
            said = advice(what, f"trace.diff({given})", "trace.diff(record(program))")
            raise ArgumentError(said, argument="other", given=given)
        if among is not None:
            self._check_among(other, among)
        found = first_difference(self.events, other.events, lines=lines, among=among, returned=returned)
        return None if found is None else Difference(self, other, *found)

    def _check_among(self, other: Trace, among: Collection[str]) -> None:
        if isinstance(among, str):
            given = describe(among)
            said = advice("The names of lanes are a list.", f"among={given}", f"among=[{given}]")
            raise ArgumentError(said, argument="among", given=given)
        known = [lane.name for lane in (*self.lanes, *other.lanes)]
        for name in among:
            if name not in known:
                self._number(name)

    def _number(self, name: str | LaneIndex) -> int:
        name = name.name if isinstance(name, LaneIndex) else name
        names = [lane.name for lane in self.lanes]
        if name not in names:
            said = f"No lane is called {name!r}. The lanes are {', '.join(self.names(12)) or 'none'}."
            raise UnknownNameError(said, name=str(name), known=tuple(names))
        return names.index(name)

    def __repr__(self) -> str:
        # read from a file, it is a description
        kind = self.error.partition("(")[0] if issubclass(type(self.error), str) else class_name(type(self.error))
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


@dataclass(frozen=True, repr=False)
class Difference:
    """The first place at which two runs differ. In a notebook it shows both, with the place marked."""

    trace: Trace  # the run whose `diff` was called
    other: Trace  # the run that it was compared with
    at: int  # the number of the event in `trace`, from 0; where that run has ended, how many events it has
    other_at: int  # the number of the event in `other`, likewise

    @property
    def event(self) -> Event | None:
        """What happens there in `trace`; None if it has ended by then."""
        return self.trace[self.at] if self.at < len(self.trace) else None

    @property
    def other_event(self) -> Event | None:
        """What happens there in `other`; None if it has ended by then."""
        return self.other[self.other_at] if self.other_at < len(self.other) else None

    @property
    def step(self) -> int:
        """The step, from 0, at which they differ: the earlier one, if the two events have different steps."""
        return min(event.step for event in (self.event, self.other_event) if event is not None)

    def text(self) -> str:
        """What happens there in both runs, as a sentence."""
        here, there = _told(self.trace, self.event), _told(self.other, self.other_event)
        return f"Step {self.step}: {here}. In the other run: {there}."

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """In a notebook a difference at the end of a cell shows the player; anywhere else its repr."""
        bundle: dict[str, Any] = VIEWERS["difference"](self)
        return bundle

    def __repr__(self) -> str:
        return f"<Difference. {self.text()}>"


def _told(trace: Trace, event: Event | None) -> str:
    return "the run has ended" if event is None else in_sentence(trace, event)


def in_sentence(trace: Trace, event: Event) -> str:
    """What this event of a run did, in one sentence without a full stop."""
    is_raised = event.value == "GeneratorExit()" and event.lane in trace._raised_exits
    return sentence(event, trace.lanes, event.kind.value if is_raised else None)


def _kinds(wanted: str | Iterable[str]) -> frozenset[Kind]:
    words = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)
    unknown = [word for word in words if word not in [*Kind]]
    if unknown:
        said = f"No event has the kind {unknown[0]!r}. The kinds are {', '.join(Kind)}."
        raise UnknownNameError(said, name=str(unknown[0]), known=tuple(Kind))
    return frozenset(map(Kind, words))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def in_words(value: Any) -> str | None:
    """A result or an error as text; one that is text already, such as one read from a file, stays as it is."""
    return value if value is None or issubclass(type(value), str) else describe(value)
