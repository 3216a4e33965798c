"""The journal: who runs, and the events so far.

A step is a span in which one lane runs. Lanes that only pass a value on (they delegate) do not begin one, so a chain of
`yield from` is entered, and left, in a single step. The rule reads nothing but switches: the steps are the same whether
lines are recorded or not.

The fields of all events stand one after the other in one flat list, and become events when these are first read
(`Trace.kept`). A tuple for each would have to be walked over by the garbage collector again and again, which cost a
fifth of a recording.
"""

from __future__ import annotations

from typing import Any

from coro_lab.events import ENTERS, Event, Kind
from coro_lab.recorder.lanes import Activation, LaneFacts, Strand
from coro_lab.recorder.locals import Changes

WIDTH = len(Event._fields)
"""How many fields an event has."""
_STEP, _LANE, _KIND, _VALUE, _PEER = (
    Event._fields.index(name) - WIDTH for name in ("step", "lane", "kind", "value", "peer")
)  # of the last event


class Journal:
    """The events of one recording, as they come in."""

    def __init__(self) -> None:
        self.fields: list[Any] = []  # of all events, in the order of Event's own
        self.lanes: list[LaneFacts] = []
        self.step = -1
        self.strand = Strand()  # the thread that the events belong to
        self.stack = self.strand.stack

    @property
    def size(self) -> int:
        """How many events there are."""
        return len(self.fields) // WIDTH

    def follow(self, strand: Strand) -> None:
        """From here on the events belong to this thread."""
        self.strand, self.stack = strand, strand.stack

    # -- switches -----------------------------------------------------------------------------------------------------

    def enter(
        self, lane: Activation, kind: Kind, line: int, value: str | None, peer_line: int | None, changed: Changes = ()
    ) -> None:
        """A lane begins to run; where another is running, that one has called or resumed it, at `peer_line`."""
        stack, fields = self.stack, self.fields
        lane.line, lane.peer_line = line, peer_line
        if stack:
            peer = stack[-1]
            if not (peer.delegates and self._has_just_entered(peer)):
                self.step += 1
            fields += (self.step, lane.index, kind, line, value, peer.index, peer_line, changed)
        else:
            self.step += 1
            fields += (self.step, lane.index, kind, line, value, None, None, changed)
        stack.append(lane)

    def leave(self, lane: Activation, kind: Kind, line: int, value: str | None, changed: Changes = ()) -> None:
        """The running lane stops; the one that has called or resumed it goes on, in a new step."""
        stack = self.stack
        stack.pop()
        lane.line = line
        if stack:
            peer = stack[-1].index
            self.fields += (self.step, lane.index, kind, line, value, peer, lane.peer_line, changed)
            self.step += 1
        else:
            self.fields += (self.step, lane.index, kind, line, value, None, None, changed)

    def pass_on(self) -> str | None:
        """The running lane only passes on what the last event yielded to it: that is one step, and this the value."""
        self.step -= 1
        value: str | None = self.fields[_VALUE]
        return value

    def tell_again(self, before: str, value: str) -> str:
        """What the lanes inside have passed on is better told by this value, which is given back."""
        at = len(self.fields)
        while value != before and at and self.fields[at + _STEP] == self.step and self.fields[at + _VALUE] == before:
            self.fields[at + _VALUE] = value
            at -= WIDTH
        return value

    def was_yielded_to(self, lane: Activation) -> bool:
        """Whether the last event is that a lane inside this one has yielded."""
        fields = self.fields
        return fields[_PEER] == lane.index and fields[_KIND] in (Kind.SUSPEND, Kind.DELEGATE)

    def _has_just_entered(self, lane: Activation) -> bool:
        return self.fields[_LANE] == lane.index and self.fields[_KIND] in ENTERS

    # -- what a lane does while it runs -------------------------------------------------------------------------------

    def inside(self, lane: int, kind: Kind, line: int | None, value: str | None) -> None:
        """A lane, by its number, does something by which nobody else begins to run."""
        if self.step < 0:
            self.step = 0
        self.fields += (self.step, lane, kind, line, value, None, None, ())

    def output(self, lane: int, line: int | None, text: str) -> None:
        """A lane, by its number, has printed; what comes in pieces is one event up to the end of the line."""
        fields = self.fields
        if fields and fields[_LANE] == lane and fields[_KIND] is Kind.OUTPUT and not fields[_VALUE].endswith("\n"):
            fields[_VALUE] += text
        else:
            self.inside(lane, Kind.OUTPUT, line, text)

    def preempt(self, strand: Strand) -> None:
        """The operating system has switched to this thread, in the midst of its lane."""
        before = self.stack
        self.follow(strand)
        if self.stack:
            lane = self.stack[-1]
            lost = (before[-1].index, before[-1].line) if before else (None, None)
            self.step += 1
            self.fields += (self.step, lane.index, Kind.PREEMPT, lane.line, None, *lost, ())

    def closed_silently(self, lane: Activation) -> None:
        """A suspended lane was closed without running, by the lane that runs."""
        at = (self.stack[-1].index, self.stack[-1].line) if self.stack else (None, None)
        self.step += 1
        self.fields += (self.step, lane.index, Kind.CLOSE, lane.line, None, *at, ())
        self.fields += (self.step, lane.index, Kind.RAISE, lane.line, "GeneratorExit()", *at, ())
        self.step += bool(self.stack)

    # -- values that are heard a moment later -------------------------------------------------------------------------

    def value_follows(self, *, also: bool = False) -> None:
        """The value of the resume just told is heard later; `also`: together with those that it has passed through."""
        position = len(self.fields) + _VALUE  # of the last event
        self.strand.pending = (*self.strand.pending, position) if also else (position,)

    def tell_value(self, value: str) -> None:
        """The value that was to follow: it goes to each resume that waits for it."""
        for position in self.strand.pending:
            self.fields[position] = value
        self.strand.pending = ()
