"""Equivalent orders of asyncio programs are judged once: as few as needed, and with the verdict of every order."""

from __future__ import annotations

import asyncio
import copy
import operator
import weakref

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coro_lab.engine.explore import explore, replay
from coro_lab.engine.explore.asyncio_orders import judging
from coro_lab.engine.explore.limits import PART, REDUCED
from coro_lab.errors import DisagreementError
from tests.engine.explore import asyncio_generated as generated
from tests.engine.explore import asyncio_twins as twins
from tests.engine.explore import racy_asyncio
from tests.engine.explore.asyncio_faults import PROGRAMS
from tests.engine.explore.asyncio_kinds import KINDS
from tests.engine.explore.racy_asyncio import PAIRS

FEW = 1_000  # orders of a small program


@pytest.fixture
def always(monkeypatch):
    """Small programs are reduced, too."""
    monkeypatch.setattr(judging, "FEW", 0)


def agrees(program, *, only_small=False, **options):
    """Assert that a program is judged alike with equivalent orders judged once, and with every order run.

    A larger one is not judged by every order, nor at all if `only_small`.
    """
    every = explore(program, merge=False, max_schedules=FEW, progress=False, **options)
    if every.total is None and only_small:
        return every
    once = explore(program, progress=False, **options)
    if every.total is None:
        return once
    assert set(once.kinds) == set(every.kinds)
    assert once.schedule == every.schedule
    assert (once.total, once.kinds) in [(every.total, every.kinds), (None, once.kinds)]
    return once


# -- few orders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [dict, twins.gathered], ids=["by name", "gathered"])
@pytest.mark.parametrize("program, size, classes", [each for each in twins.PUBLISHED if each[2] < 300])
def test_no_more_orders_are_run_than_the_optimal_algorithm_needs(program, size, classes, form):
    found = explore(**form(program(size)), progress=False)
    assert (found.how, found.runs, found.broken) == (REDUCED, classes, 0)


# -- the same as every order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", PAIRS)
def test_each_fault_and_its_safe_twin_are_judged_as_in_every_order(fault, always):
    racy, safe, _ = PAIRS[fault]
    assert agrees(racy).how == REDUCED
    assert agrees(safe).how == REDUCED


@pytest.mark.parametrize("fault", [*PROGRAMS.values(), *KINDS.values()])
def test_a_fault_is_found_and_its_repair_is_not_accused(fault, always):
    assert agrees(fault(False)).broken
    assert not agrees(fault(True)).broken


# -- what cannot be seen -----------------------------------------------------------------------------------------------


def counts_to_two(task):
    """Two tasks of this kind add one to the same number."""

    async def main():
        shared = {"x": 0}
        await asyncio.gather(task(shared), task(shared))
        return shared["x"]

    return main


async def by_operators(shared):
    seen = operator.getitem(shared, "x")
    await asyncio.sleep(0)
    operator.setitem(shared, "x", seen + 1)


async def by_a_copy(shared):
    seen = copy.copy(shared)
    await asyncio.sleep(0)
    shared.update(x=seen["x"] + 1)


async def over_an_await(shared):
    async def one():
        await asyncio.sleep(0)
        return 1

    shared["x"] += await one()


async def in_a_thread(shared):
    seen = shared["x"]
    await asyncio.to_thread(shared.__setitem__, "x", seen + 1)


async def by_a_callback(shared):
    asyncio.get_running_loop().call_soon(shared.__setitem__, "x", shared["x"] + 1)
    await asyncio.sleep(0)


async def by_exec(shared):
    seen = shared["x"]
    await asyncio.sleep(0)
    exec("shared['x'] = seen + 1", {"shared": shared, "seen": seen})


async def in_a_generator(shared):
    def walk():
        seen = shared["x"]
        yield
        shared["x"] = seen + 1

    for _ in walk():
        await asyncio.sleep(0)


async def by_a_pattern(shared):
    match shared:
        case {"x": seen}:
            await asyncio.sleep(0)
    shared["x"] = seen + 1


async def by_its_name(shared):
    name = asyncio.current_task().get_name()
    await asyncio.create_task(asyncio.sleep(0))
    shared["x"] += len(name) - 5


UNSEEN = [by_operators, by_a_copy, over_an_await, in_a_thread, by_a_callback, by_exec, in_a_generator, by_a_pattern]


@pytest.mark.parametrize("task", [*UNSEEN, by_its_name])
def test_what_is_read_and_written_unseen_is_judged_as_in_every_order(task, always):
    agrees(counts_to_two(task), invariant=lambda x: x == 2)


def by_turns(shared):
    def count():
        yield from (1, 2)

    async def count_on():
        for each in (1, 2):
            yield each

    shared.update(plain=count(), slow=count_on(), items=iter([1, 2]))


async def by_next(shared):
    return next(shared["plain"])


async def by_send(shared):
    return shared["plain"].send(None)


async def by_a_loop(shared):
    got = []
    for each in shared["plain"]:
        got.append(each)
        break
    return got


async def by_a_sum(shared):
    return sum(shared["plain"])


async def by_pairs(shared):
    return list(zip(shared["items"], "ab"))


async def by_an_iterator(shared):
    return [each for each in shared["items"]]  # noqa: C416 - it is the loop that is looked at


async def by_delegating(shared):
    def all_of():
        yield from shared["plain"]

    return list(all_of())


async def by_anext(shared):
    return await anext(shared["slow"])


async def by_an_async_loop(shared):
    got = []
    async for each in shared["slow"]:
        got.append(each)
        break
    return got


async def by_all_of_it(shared):
    return [each async for each in shared["slow"]]


SHARED_WALKS = [by_next, by_send, by_a_loop, by_a_sum, by_pairs, by_an_iterator, by_delegating]
SHARED_WALKS += [by_anext, by_an_async_loop, by_all_of_it]


@pytest.mark.parametrize("takes", SHARED_WALKS)
def test_two_who_go_through_one_iterator_have_to_do_with_each_other(takes, always):
    async def main():
        shared = {}
        by_turns(shared)
        return await asyncio.gather(takes(shared), takes(shared))

    first = asyncio.run(main())
    assert agrees(main, invariant=lambda got: got == first).kinds == {"invariant": 1}


def test_an_order_that_is_judged_as_none_was_is_found_out(always, monkeypatch):
    monkeypatch.setattr("coro_lab.engine.explore.reduction.footprint.Footprint.conflicts", lambda *_: False)
    with pytest.raises(DisagreementError, match="Judging equivalent orders once found orders that"):
        explore(racy_asyncio.lost_update)


# -- what is asked for -------------------------------------------------------------------------------------------------


def test_all_orders_are_counted_if_that_is_asked_for_and_the_text_says_what_was_done():
    program = twins.readers(6)
    assert (explore(**program).how, explore(**program).total) == (REDUCED, 5_040)
    assert repr(explore(**program)) == "5,040 interleavings, none of them broken"
    assert repr(explore(**twins.indexer(11))).startswith("64,954,656,894,649,578,274,066,349,293,466,")


def test_a_broken_order_is_replayed_by_its_schedule(always):
    racy, _, _ = PAIRS["if for while"]
    found = explore(racy)
    assert found.how == REDUCED
    assert found.counterexample == replay(racy, found.schedule)


def test_when_the_time_is_over_what_is_known_is_given_back(always):
    found = explore(**twins.readers(8), seconds=0.1)
    assert found.how == PART
    assert repr(found).endswith("(not all orders were judged, because the time was over)")


def test_an_interrupt_gives_back_what_is_known_and_the_functions_as_they_were(always):
    calls = []

    def interrupts(box):
        calls.append(box)
        if len(calls) == 50:
            raise KeyboardInterrupt
        return box.x == 1

    program = {**twins.readers(8), "invariant": interrupts}
    codes = [each.__code__ for each in (*program["coroutines"].values(), asyncio.Lock.acquire)]
    found = explore(**program)
    assert (found.how, found.broken) == (PART, 0)
    assert 0 < found.judged < 256
    assert [each.__code__ for each in (*program["coroutines"].values(), asyncio.Lock.acquire)] == codes


@pytest.mark.integration
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.recursive(generated.SIMPLE, generated.nested, max_leaves=6), min_size=1, max_size=4), st.booleans())
def test_programs_of_all_that_asyncio_has_are_judged_as_in_every_order(operations, sees_output):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "FEW", 0)
        options = {"invariant": lambda made, output: sum(output.encode()) % 3 > 0} if sees_output else {}
        agrees(generated.main_of(operations), only_small=True, **options)


class Shared:
    """What generated tasks use."""

    def __init__(self):
        self.x = 0
        self.y = 0
        self.items = []
        self.table = {"a": 0}
        self.lock = asyncio.Lock()
        self.seats = asyncio.Semaphore(1)
        self.queue = asyncio.Queue(1)
        self.bell = asyncio.Condition()
        self.ready = asyncio.Event()
        self.tasks = []
        self.seen = {}


async def works(shared, name, does):
    """A task that does one thing after the other, and writes down what it has seen."""
    seen = 0
    try:
        for what in does:
            if what == "read":
                seen += shared.x
            elif what == "write":
                shared.x = seen + 1
            elif what == "add":
                shared.y += 1
            elif what == "keep":
                shared.items.append(seen)
            elif what == "count":
                seen += len(shared.items)
            elif what == "look":
                seen += shared.table.get("a", 0) + len([key for key in shared.table if key != "a"])
            elif what == "enter":
                shared.table[name] = seen
            elif what == "sleep":
                await asyncio.sleep(0)
            elif what == "later":
                await asyncio.sleep(1)
            elif what == "lock":
                async with shared.lock:
                    shared.table["a"] += 1
                    await asyncio.sleep(0)
            elif what == "seat":
                async with shared.seats:
                    seen += shared.y
                    await asyncio.sleep(0)
            elif what == "put":
                await shared.queue.put(seen)
            elif what == "get":
                seen += await shared.queue.get()
            elif what == "ring":
                async with shared.bell:
                    shared.bell.notify()
            elif what == "listen":
                async with shared.bell:
                    await shared.bell.wait()
            elif what == "set":
                shared.ready.set()
            elif what == "clear":
                shared.ready.clear()
            elif what == "wait":
                await shared.ready.wait()
            elif what == "limit":
                async with asyncio.timeout(1):
                    await shared.ready.wait()
            elif what == "cancel":
                shared.tasks[0].cancel()
            elif what == "spawn":
                shared.tasks.append(asyncio.create_task(works(shared, name + "s", ["read", "sleep", "add"])))
            elif what == "check":
                assert shared.y == 0
    finally:
        shared.seen[name] = seen


WORDS = ["read", "write", "add", "keep", "count", "look", "enter", "sleep", "sleep", "later", "lock", "seat", "put"]
WORDS += ["get", "ring", "listen", "set", "clear", "wait", "limit", "cancel", "spawn", "check"]


def gathers(lists):
    async def main(shared):
        shared.tasks += [asyncio.create_task(works(shared, f"t{at}", does)) for at, does in enumerate(lists)]
        await asyncio.gather(*shared.tasks)

    return main


def groups(lists):
    async def main(shared):
        async with asyncio.TaskGroup() as group:
            for at, does in enumerate(lists):
                shared.tasks.append(group.create_task(works(shared, f"t{at}", does)))

    return main


def waits(how):
    def waiting(lists):
        async def main(shared):
            shared.tasks += [asyncio.create_task(works(shared, f"t{at}", does)) for at, does in enumerate(lists)]
            done, _ = await asyncio.wait(shared.tasks, return_when=how)
            shared.y += 10 * len(done)

        return main

    return waiting


def by_name(lists):
    def task(name, does):
        async def doing(shared):
            shared.tasks.append(asyncio.current_task())
            await works(shared, name, does)

        return doing

    return {f"t{at}": task(f"t{at}", does) for at, does in enumerate(lists)}


FORMS = [gathers, groups, waits("FIRST_COMPLETED"), waits("FIRST_EXCEPTION"), waits("ALL_COMPLETED"), by_name]


def is_well(shared):
    return shared.x < 2 and sorted(shared.seen.values()) == list(shared.seen.values())


@pytest.mark.integration
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=3), min_size=2, max_size=3),
    st.sampled_from(FORMS),
)
def test_programs_that_share_objects_are_judged_as_in_every_order(lists, form):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "FEW", 0)
        agrees(form(lists), only_small=True, setup=Shared, invariant=is_well)


class Node:
    """Something that a weak reference can refer to."""


KNOWN = weakref.WeakValueDictionary()


@pytest.mark.parametrize("known", ["made in main", "kept outside", "of a set", "by a finalizer"])
def test_when_an_object_ends_is_seen_by_a_weak_reference_as_in_every_order(known, always):
    async def main():
        held, ended = [Node()], []
        KNOWN["one"] = held[0]
        if known == "by a finalizer":
            weakref.finalize(held[0], ended.append, 1)
        look = {
            "made in main": weakref.ref(held[0]),
            "kept outside": lambda: "one" in KNOWN,
            "of a set": lambda among=weakref.WeakSet(held): len(among),
            "by a finalizer": lambda: not ended,
        }[known]

        async def drop():
            held.clear()
            await asyncio.sleep(0)

        async def use():
            await asyncio.sleep(0)
            assert look()

        await asyncio.gather(drop(), use())

    assert agrees(main).kinds
