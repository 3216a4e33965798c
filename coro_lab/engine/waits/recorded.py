"""Who waits for whom at one step of a recorded run, as far as it tells.

A recording keeps what each lane awaits, as its author wrote it, who is in which family, and who has taken which lock.
It does not keep what else could end a wait: such a task is not called stuck.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

from coro_lab.engine.waits.graph import Node, circle, stuck_tasks
from coro_lab.engine.waits.members import numbered
from coro_lab.engine.waits.result import READY, RUNS, WAITS, Giver, WaitRow, Waits
from coro_lab.trace.events import ENTERS, SWITCHES, TIME_LIMIT, Event, Kind, LaneIndex
from coro_lab.trace.family import Family
from coro_lab.trace.lock_use import ASKS, GIVES, LOCK, SEMAPHORE, TAKES, LockUse
from coro_lab.trace.own_builtins import keep_builtins, with_builtins
from coro_lab.trace.trace import Trace

keep_builtins(globals())

_LOCK = re.compile(r"async with |\.acquire\(\)$")
_OF_CONDITION = re.compile(r"^([\w.\[\]]+)\.wait(?:_for)?\(.*\)$", re.DOTALL)
_PASSED_ON = "<Task ", "<GatheringFuture"  # a cancellation goes to these, and not yet to the task that awaits them
_OF_ASYNCIO = ("<Future", "<Task", "<GatheringFuture")
_LIMIT = ", at most until a time limit"

type Key = str | int
"""The name of a task; the number of a lane that belongs to none."""


@with_builtins
class _For(NamedTuple):
    """What a task waits for, as far as that is known, and the tasks that could end the wait."""

    kind: str  # lock, semaphore or tasks
    of: tuple[Key, ...]
    needs_all: bool = True


def look_back(trace: Trace, step: int) -> Waits:
    """Who waits for what at the end of this step."""
    seen = _Seen(trace, step)
    keys = list(seen.waiting)
    names = dict(zip(keys, numbered([trace.lanes[seen.tasks[key][0]].name for key in keys]), strict=True))
    waits = [seen.waits_for(key) for key in keys]
    place = {key: at for at, key in enumerate(keys)}
    nodes = [_node(each, place) for each in waits]
    free = [each is None or key in seen.limited for key, each in zip(keys, waits, strict=True)]
    stuck = stuck_tasks([None if is_free else at for at, is_free in enumerate(free)], nodes)
    found = circle([[each for each in nodes[at].of if each in stuck] if at in stuck else [] for at in range(len(keys))])
    rows = (seen.row(key, names, each, at in stuck) for at, (key, each) in enumerate(zip(keys, waits, strict=True)))
    return Waits(tuple(rows), tuple(names[keys[each]] for each in found))


def _node(awaited: _For | None, place: dict[Key, int]) -> Node:
    if awaited is None or awaited.kind == SEMAPHORE:  # any code may release a semaphore
        return Node((), free=True)
    of = [place[key] for key in awaited.of if key in place]
    return Node(of, awaited.needs_all, free=not of or (len(of) < len(awaited.of) and not awaited.needs_all))


class _Seen:
    """One run up to the end of one step."""

    def __init__(self, trace: Trace, step: int) -> None:
        self._trace = trace
        self._step = step
        self.tasks: dict[Key, list[LaneIndex]] = {}  # the lanes of each task that have begun, in order
        self.limited: set[Key] = set()  # tasks whose wait a time limit ends later
        self._switched: dict[int, Event] = {}  # by lane: how control came to it or left it last
        self._lines: dict[int, int | None] = {}  # by lane: where it is
        self._innermost: dict[Key, LaneIndex] = {}  # by task: the lane that runs, or that gave way
        self._awaited: dict[int, Event] = {}  # by lane: its last await
        self._cancelled: set[Key] = set()  # tasks that were asked to end, and have not run since
        self._runs: dict[str, LaneIndex | None] = {}  # by thread: the lane that runs in it
        self._interrupted: dict[int, LaneIndex | None] = {}  # by lane: the one that ran in its thread when it began to
        goes_on: set[Key] = set()  # tasks that run again: a later time limit is for another wait
        for event in trace.events:
            if event.step <= step:
                self._see(event)
            elif event.kind in ENTERS:
                goes_on.add(self._key(event.lane))
            if event.step >= step and event.kind is Kind.CANCEL and event.value == TIME_LIMIT:
                self.limited |= {self._key(event.lane)} - goes_on
        self.waiting = {
            key: self._innermost[key]
            for key, lanes in self.tasks.items()
            if trace.lanes[lanes[0]].kind != "function" and self._is_alive(self._innermost[key])
        }
        self._families = self._open_families()
        self._asks, self._holders = self._locks()

    def _see(self, event: Event) -> None:
        self._lines[event.lane] = event.line or self._lines.get(event.lane)
        if event.peer is not None:
            self._lines[event.peer] = event.peer_line or self._lines.get(event.peer)
        if event.kind is Kind.AWAIT:
            self._awaited[event.lane] = event
        elif event.kind is Kind.CANCEL:
            if event.step < self._step or self._runs.get(self._thread(event)) is not None:  # a timer comes after
                self._cancelled.add(self._key(event.lane))
        elif event.kind is Kind.UNCANCEL and event.value == "0" and self._does_run(self._key(event.lane)):
            self._cancelled.discard(self._key(event.lane))  # it has not been thrown in yet
        elif event.kind in SWITCHES:
            if event.lane not in self._switched:
                self.tasks.setdefault(self._key(event.lane), []).append(event.lane)
            if event.kind in ENTERS and not self._does_run(self._key(event.lane)):
                self._cancelled.discard(self._key(event.lane))
            self._switched[event.lane] = event
            self._go(event)

    def _go(self, event: Event) -> None:
        """Control comes to a lane, or leaves it."""
        lane, key, thread = event.lane, self._key(event.lane), self._thread(event)
        if event.kind in ENTERS:
            self._interrupted[lane] = self._runs.get(thread)
            self._runs[thread] = self._innermost[key] = lane
            return
        goes_to = self._interrupted.get(lane) if event.peer is None else event.peer
        if event.kind is Kind.DELEGATE:  # it stays where it is, and so does the lane around it
            goes_to = event.peer
        elif goes_to is not None:
            self._innermost[key] = goes_to if self._key(goes_to) == key else lane
        self._runs[thread] = goes_to

    def _thread(self, event: Event) -> str:
        return self._trace.lanes[event.lane].thread

    def _key(self, lane: int) -> Key:
        return self._trace.lanes[lane].task or lane

    def _is_alive(self, lane: int) -> bool:
        return self._switched[lane].kind not in (Kind.RETURN, Kind.RAISE)

    def _is_now(self, begins: int | None, ends: int | None) -> bool:
        return begins is not None and begins <= self._step and (ends is None or ends > self._step)

    def _open_families(self) -> dict[Key, Family]:
        """By task: the family for whose members it waits; not by `as_completed`, between whose items it does more."""
        return {
            self._key(each.owner): each
            for each in self._trace.families
            if each.owner is not None and self._is_now(each.waits, each.ended) and each.kind != "as_completed"
        }

    def _locks(self) -> tuple[dict[Key, LockUse], dict[int, list[Key]]]:
        """By task: the lock for which it waits. By lock: the tasks that hold it."""
        asks: dict[Key, LockUse] = {}
        holders = defaultdict[int, list[Key]](list)
        for use in self._trace.locks:
            key = None if use.lane is None else self._key(use.lane)
            if use.step > self._step:
                break
            if use.does == ASKS and key is not None:
                asks[key] = use
                continue
            if use.does == GIVES:
                held = holders[use.lock]
                if held:
                    held.remove(key if key in held else held[0])
            elif key is not None:
                asks.pop(key, None)
            if use.does == TAKES:
                holders[use.lock].append("" if key is None else key)
        return asks, holders

    def waits_for(self, key: Key) -> _For | None:
        """What this task waits for; None: it runs, is ready, or that is not known."""
        if self._does_run(key) or self._is_ready(key):
            return None
        if (use := self._asks.get(key)) is not None:
            return _For(use.kind, tuple(self._holders[use.lock]))
        if (family := self._families.get(key)) is not None:
            left = [each for each in family.members if not self._is_now(each.ended, None)]
            of = tuple(each.name if each.lane is None else self._key(each.lane) for each in left)
            return _For("tasks", of, family.kind != "wait")
        value = self._passed_out(key)
        awaited = value.removeprefix("<Task ").removesuffix(">")
        return _For("tasks", (awaited,)) if awaited in self.tasks and awaited != value else None

    def _passed_out(self, key: Key) -> str:
        return self._switched[self.tasks[key][0]].value or ""

    def _given_out(self, key: Key) -> str:
        """What a task without its lines waits for: the future that it has passed to its loop, if it has."""
        last = self._switched[self.tasks[key][0]]
        value = (last.value or "").removesuffix(" (for its task)")
        is_future = last.kind is Kind.DELEGATE and value.startswith(_OF_ASYNCIO)
        return value if is_future else "its next turn"

    def _is_ready(self, key: Key) -> bool:
        """Whether a cancellation has ended its wait; one that awaits tasks waits until these have ended by it."""
        return key in self._cancelled and not self._passed_out(key).startswith(_PASSED_ON)

    def _does_run(self, key: Key) -> bool:
        return any(lane in self.tasks[key] for lane in self._runs.values())

    def row(self, key: Key, names: dict[Key, str], awaited: _For | None, is_stuck: bool) -> WaitRow:
        """This task as a row."""
        innermost = self.waiting[key]
        line = self._lines[innermost]
        where = f"line {line} in {innermost.name}" if line else ""
        if self._does_run(key):
            return WaitRow(names[key], RUNS, "", where, stuck=False)
        if self._is_ready(key):
            return WaitRow(names[key], READY, "", where, stuck=False)
        last = self._awaited.get(innermost)
        what = (last and last.value) or self._given_out(key)
        if awaited is None:
            return WaitRow(names[key], WAITS, what, where, stuck=False)
        if awaited.kind != "tasks":
            what = _LOCK.sub("", what)
        if awaited.kind == LOCK:  # a condition that was notified takes its lock again
            what = _OF_CONDITION.sub(r"the lock of \1", what)
        of = tuple(names[each] for each in awaited.of if each in names)
        giver = Giver(what, awaited.kind, of, of[0] if awaited.kind == LOCK and of else None)
        return WaitRow(names[key], WAITS, what + _LIMIT * (key in self.limited), where, is_stuck, giver)
