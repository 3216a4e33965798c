"""Who waits for whom in a loop, now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from coro_lab.engine.waits.awaited import awaited_by, waiter_of
from coro_lab.engine.waits.giving import running_frames, who_could_give
from coro_lab.engine.waits.graph import circle, stuck_tasks
from coro_lab.engine.waits.holding import held_by
from coro_lab.engine.waits.members import Member, members_of
from coro_lab.engine.waits.naming import Places
from coro_lab.engine.waits.result import RUNS, WAITS, Giver, WaitRow, Waits
from coro_lab.engine.waits.things import Thing
from coro_lab.trace.collecting import uncollected
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_MOST_SEARCHED = 100  # objects whose name is looked for in other tasks, too
_MOST_OTHERS = 20  # other tasks
_LIMIT = ", at most until a time limit"


@uncollected
def look(loop: Any, thread: int | None, blocked: str = "") -> Waits:
    """Who waits for whom in this loop, which runs in this thread."""
    return _Look(loop, thread).waits(blocked)


class _Look:
    """One look at a loop."""

    def __init__(self, loop: Any, thread: int | None) -> None:
        self._members = members_of(loop, thread)
        self._limited = _ids_with_time_limit(loop)
        self._things: dict[tuple[int, str], Thing] = {}
        self._of: list[Thing | None] = [self._thing(*each) for each in enumerate(self._members)]
        self._find_holders()
        self._find_givers(thread)

    def _thing(self, number: int, member: Member) -> Thing | None:
        """What this task waits for."""
        if member.does != WAITS:
            return None
        made = Thing(awaited_by(member.task, member.frames))
        thing = self._things.setdefault(made.key, made)
        thing.waiting.append(number)
        return thing

    def _find_holders(self) -> None:
        by_id = {id(thing.awaited.on): thing for thing in self._things.values() if thing.kind in ("lock", "semaphore")}
        for number, each in enumerate(self._members):
            for lock in held_by(each.chain) if by_id and each.does != RUNS else ():
                if lock in by_id:
                    by_id[lock].holders.append(number)

    def _find_givers(self, thread: int | None) -> None:
        asked = [thing for thing in self._things.values() if thing.is_open]
        owners = {id(made): number for number, each in enumerate(self._members) for made in each.chain}
        owners |= {id(each.task): number for number, each in enumerate(self._members)}
        current = next((number for number, each in enumerate(self._members) if each.does == RUNS), None)
        reach = who_could_give([thing.awaited.on for thing in asked], owners, running_frames(thread, current))
        for thing, found in zip(asked, reach, strict=True):
            thing.reach = found

    def waits(self, blocked: str) -> Waits:
        """What was seen, in words."""
        members, things = self._members, list(self._things.values())
        numbers = {id(each.task): number for number, each in enumerate(members)}
        nodes = [thing.node(numbers, range(len(members))) for thing in things]
        place = {thing.key: at for at, thing in enumerate(things)}
        at = [None if each is None else place[each.key] for each in self._of]
        stuck = stuck_tasks([None if self._is_limited(number) else each for number, each in enumerate(at)], nodes)
        givers = [thing.givers(members, node) for thing, node in zip(things, nodes, strict=True)]
        others = members[:_MOST_OTHERS] if len(things) <= _MOST_SEARCHED else []
        places = Places()
        words: dict[int, str] = {}
        shared: list[Giver] = []  # by thing
        for thing, of in zip(things, givers, strict=True):
            names = tuple(members[each].name for each in of)
            words |= (said := thing.words(members, names, others, places))
            shared.append(thing.giver(said[thing.waiting[0]], names))
        after = [() if each is None or number not in stuck else givers[each] for number, each in enumerate(at)]
        found = circle([[giver for giver in of if giver in stuck] for of in after])
        rows = (
            self._row(number, words.get(number, ""), None if each is None else shared[each], number in stuck)
            for number, each in enumerate(at)
        )
        return Waits(tuple(rows), tuple(members[each].name for each in found), blocked)

    def _is_limited(self, number: int) -> bool:
        task = self._members[number].task
        return id(task) in self._limited or id(waiter_of(task)) in self._limited

    def _row(self, number: int, words: str, giver: Giver | None, is_stuck: bool) -> WaitRow:
        member = self._members[number]
        what = member.what if giver is None else words + (_LIMIT if self._is_limited(number) else "")
        return WaitRow(member.name, member.does, what, member.where, is_stuck, giver)


def _ids_with_time_limit(loop: Any) -> set[int]:
    """The ids of the tasks that a time limit will cancel, and of the futures that the loop's clock will end."""
    found: set[int] = set()
    for handle in _timers(loop):
        found.update(map(id, handle._args or ()))
        owner: Any = getattr(handle._callback, "__self__", None)
        if issubclass(type(owner), asyncio.Timeout):
            found.add(id(owner._task))
    return found


def _timers(loop: Any) -> Iterator[Any]:
    scheduled = loop._scheduled if issubclass(type(loop), asyncio.BaseEventLoop) else ()
    yield from (each for each in list(scheduled) if not each._cancelled)
