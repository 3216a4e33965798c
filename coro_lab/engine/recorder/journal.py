"""The journal: who runs, and the events so far.

A step is a span in which one lane runs. Lanes that only pass a value on (they delegate) do not begin one, so a chain of
`yield from` is entered, and left, in a single step. The rule reads only switches: the steps are the same whether lines
are recorded or not.

What happens is kept in one flat list, and becomes events when these are first read:

- a line is its number alone: it belongs to the lane that runs, and to its step;
- every other event is seven fields, and the first is a Kind;
- a lane that goes on without an event, behind an event loop that it has run, is a pair of its step and its number;
- before a line or an event stand the locals that have changed, each as its name and its description.

A tuple for each event would cost more, also because the garbage collector would walk over them again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import FrameType
from typing import Any

from coro_lab.engine.recorder.lanes import Activation, ThreadState
from coro_lab.engine.recorder.locals import Changes
from coro_lab.trace.collecting import uncollected
from coro_lab.trace.events import ENTERS, LEAVES, Event, Kind, LaneIndex
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_FIELDS = ("kind", "step", "lane", "line", "value", "peer", "peer_line")
_WIDTH = len(_FIELDS)
# where they are in the last event, if that is not a line: then, and only then, a Kind is at KIND
KIND, _LANE, _VALUE, _PEER = (_FIELDS.index(name) - _WIDTH for name in ("kind", "lane", "value", "peer"))
_ELSEWHERE = frozenset({Kind.OUTPUT, Kind.CANCEL, Kind.UNCANCEL, Kind.LOST, Kind.ABANDON})
_YIELDS = frozenset({Kind.SUSPEND, Kind.DELEGATE})
_WITH_AN_EXCEPTION = frozenset({Kind.THROW, Kind.CLOSE, Kind.RAISE})


class Journal:
    """The events of one recording, as they come in."""

    def __init__(self) -> None:
        self.fields: list[Any] = []  # never another list, so it may be bound once
        self.check_from = 0  # with this many fields, `Checks` has to look before the next event; read at each event
        self.step = -1
        self.thread = ThreadState()  # the thread that the events belong to
        self.stack = self.thread.stack
        self._counted = (0, 0)  # fields and events

    def count(self) -> int:
        """How many events there are; only what is new since the last time is looked at."""
        at, events = self._counted
        fields = self.fields
        while at < len(fields):
            kind = type(fields[at])
            at += 2 if kind is str else 1 if kind is int or kind is tuple else _WIDTH
            events += kind is int or kind is Kind
        self._counted = at, events
        return events

    def check_always(self) -> None:
        """Have each event checked."""
        self.check_from = 0

    def follow(self, thread: ThreadState) -> None:
        """From here on, events belong to this thread."""
        self.thread, self.stack = thread, thread.stack

    # -- switches -----------------------------------------------------------------------------------------------------

    def enter(
        self, lane: Activation, kind: Kind, line: int, value: str | None, peer_line: int | None, changed: Changes = ()
    ) -> None:
        """A lane begins to run; the lane that runs until then has called or resumed it, at `peer_line`."""
        stack = self.stack
        lane.line, lane.peer_line = line, peer_line
        if stack:
            peer = stack[-1]
            if not (peer.delegates and self._has_just_entered(peer)):
                self.step += 1
            self.fields.extend(changed + (kind, self.step, lane.index, line, value, peer.index, peer_line))
        else:
            self.step += 1
            self.fields.extend(changed + (kind, self.step, lane.index, line, value, None, None))
        stack.append(lane)

    def leave(self, lane: Activation, kind: Kind, line: int, value: str | None, changed: Changes = ()) -> None:
        """The running lane stops; the lane that has called or resumed it goes on, in a new step."""
        stack = self.stack
        stack.pop()
        lane.line = line
        if stack:
            peer = stack[-1].index
            self.fields.extend(changed + (kind, self.step, lane.index, line, value, peer, lane.peer_line))
            self.step += 1
        else:
            self.fields.extend(changed + (kind, self.step, lane.index, line, value, None, None))

    def pass_on(self) -> None:
        """The running lane only passes on what the last event yielded to it: that is one step."""
        self.step -= 1

    def replace_yielded(self, before: str, value: str) -> str:
        """Put this value, which is returned, into all events by which lanes inside have passed `before` on."""
        fields, at = self.fields, len(self.fields)
        while value != before and self._kind(at) in _YIELDS and fields[at + _VALUE] == before:
            fields[at + _VALUE] = value
            at -= _WIDTH
            while type(fields[at - 1]) is str:  # a local that has changed before it
                at -= 2
        return value

    def inside_yields(self, lane: Activation) -> tuple[int, str] | None:
        """The number of the inner lane that has just yielded to this lane, and the value; None without such a lane."""
        fields = self.fields
        kind = fields[KIND] if len(fields) >= _WIDTH else None
        if type(kind) is Kind and kind in _YIELDS and fields[_PEER] == lane.index:
            return fields[_LANE], fields[_VALUE]
        return None

    def _has_just_entered(self, lane: Activation) -> bool:
        return self._kind() in ENTERS and bool(self.fields[_LANE] == lane.index)

    def _kind(self, end: int | None = None) -> Kind | None:
        """What the event is that ends here, or the last one; None for a line."""
        at = (len(self.fields) if end is None else end) + KIND
        kind = self.fields[at] if at >= 0 else None
        return kind if type(kind) is Kind else None

    # -- event loops ---------------------------------------------------------------------------------------------------

    def begin_loop(self) -> None:
        """The running lane has begun to run an event loop: from here on the loop resumes lanes."""
        self.thread.waiting.append(self.stack)
        self.thread.stack = []
        self.follow(self.thread)

    def end_loop(self) -> None:
        """The event loop has ended: the lane that has run it goes on."""
        self.thread.stack = self.thread.waiting.pop()
        self.follow(self.thread)
        self.step += 1
        self.fields.append((self.step, self.stack[-1].index))

    # -- what a lane does while it runs -------------------------------------------------------------------------------

    def inside(self, lane: int, kind: Kind, line: int | None, value: str | None) -> None:
        """Add an event of a lane, given by its number, in which no other lane begins to run."""
        if self.step < 0:
            self.step = 0
        self.fields.extend((kind, self.step, lane, line, value, None, None))

    def ask(self, lane: int, line: int | None, how: str, peer: int | None, peer_line: int | None) -> int:
        """Add that the task of a lane is asked to end. Lanes go by their numbers. Returns where `how` stands."""
        self.inside(lane, Kind.CANCEL, line, how)
        self.fields[_PEER:] = peer, peer_line
        return len(self.fields) + _VALUE

    def drop_future(self, lane: int, line: int | None, value: str) -> None:
        """Add that a lane drops a future whose exception nobody has fetched; it is its own peer."""
        self.inside(lane, Kind.LOST, line, value)
        self.fields[_PEER:] = lane, line

    def happens_to(self, lane: Activation, kind: Kind, value: str, peer: Activation | None, frame: FrameType) -> None:
        """Add that this happens to a lane from outside, while `peer` runs what this frame belongs to."""
        self.inside(lane.index, kind, lane.line, value)
        if peer is not None:
            self.fields[_PEER:] = peer.index, line_in(peer, frame)

    def output(self, lane: int, line: int | None, text: str) -> None:
        """A lane, given by its number, has printed; pieces of one line become one event."""
        fields = self.fields
        if self._kind() is Kind.OUTPUT and fields[_LANE] == lane and not fields[_VALUE].endswith("\n"):
            fields[_VALUE] += text
        else:
            self.inside(lane, Kind.OUTPUT, line, text)

    def preempt(self, thread: ThreadState) -> None:
        """The operating system has switched to this thread, in the middle of its lane."""
        before = self.stack
        self.follow(thread)
        if self.stack:
            lane = self.stack[-1]
            lost = (before[-1].index, before[-1].line) if before else (None, None)
            self.step += 1
            self.fields.extend((Kind.PREEMPT, self.step, lane.index, lane.line, None, *lost))

    def switch(self, asleep: FrameType | None, thread: ThreadState) -> None:
        """The running lane has handed over to these lanes, in another greenlet; it sleeps in this frame."""
        if self.stack:
            lane = self.stack[-1]
            line = line_in(lane, asleep)
            self.fields.extend((Kind.SUSPEND, self.step, lane.index, line, None, None, None))
        self.follow(thread)
        if self.stack:
            lane = self.stack[-1]
            self.step += 1
            self.fields.extend((Kind.RESUME, self.step, lane.index, lane.line, None, None, None))

    def closed_silently(self, lane: Activation, how: str | None) -> None:
        """A suspended lane was closed without running, while the running lane ran; `how` as in a CLOSE event."""
        at = (self.stack[-1].index, self.stack[-1].line) if self.stack else (None, None)
        self.step += 1
        self.fields.extend((Kind.CLOSE, self.step, lane.index, lane.line, how, *at))
        self.fields.extend((Kind.RAISE, self.step, lane.index, lane.line, "GeneratorExit()", *at))
        self.step += bool(self.stack)

    # -- values that come a moment later -------------------------------------------------------------------------

    def value_follows(self, *, also: bool = False) -> None:
        """The value of the last resume comes later; `also`: together with the lanes that it has passed through."""
        position = len(self.fields) + _VALUE
        self.thread.pending = (*self.thread.pending, position) if also else (position,)

    def is_entered_by_an_exception(self) -> bool:
        """Whether an exception has just entered the lane that runs, and no line of it has begun since."""
        return self.fields[KIND] in _WITH_AN_EXCEPTION

    def fill_value(self, value: str) -> None:
        """Put the value that was to follow into each resume that waits for it."""
        for position in self.thread.pending:
            self.fields[position] = value
        self.thread.pending = ()


def line_in(lane: Activation, frame: FrameType | None) -> int:
    """Where a lane is that has called, over any number of other frames, what this frame runs."""
    while frame is not None and id(frame) != lane.frame:
        frame = frame.f_back
    return lane.line if frame is None else lane.lines[frame.f_lasti]


@uncollected
def events(fields: Iterable[Any], lanes: tuple[LaneIndex, ...]) -> tuple[Event, ...]:
    """The events that a journal has kept, of these lanes. Raises ValueError where the last one lacks fields."""
    return tuple(_read(fields, {**dict(enumerate(lanes)), None: None}))


def _read(fields: Iterable[Any], index: Mapping[int | None, LaneIndex | None]) -> Iterator[Event]:
    make, rest = tuple.__new__, iter(fields)
    line_kind, elsewhere = Kind.LINE, _ELSEWHERE  # found once, not at each event
    step, lane = 0, index.get(0)  # who runs, and since when
    changed: tuple[tuple[str, str | None], ...] = ()
    for head in rest:
        if type(head) is int:
            yield make(Event, (step, lane, line_kind, head, None, None, None, changed))
            changed = ()
        elif type(head) is tuple:
            step, lane = head[0], index[head[1]]
        elif type(head) is Kind:
            at, number, line, value, peer_number, peer_line = islice(rest, _WIDTH - 1)
            who, peer = index[number], index[peer_number]
            yield make(Event, (at, who, head, line, value, peer, peer_line, changed))
            changed = ()
            if head in LEAVES and peer is not None:
                step, lane = at + 1, peer
            elif head not in elsewhere:  # in these the lane need not be the one that runs
                step, lane = at, who
        else:
            changed += ((head, next(rest) or None),)
