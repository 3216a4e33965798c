"""By which names `waits` calls objects and tasks, also where it is asked in a program that is being recorded."""

from __future__ import annotations

import asyncio
import threading

import pytest

from coro_lab import record, wait_graph, waits


async def settled():
    """Return when every task has had time to get stuck."""
    for _ in range(20):
        await asyncio.sleep(0)


def started(*coroutines, names=()):
    """Tasks of these coroutines; the first ones go by these names."""
    names = [*names, *[None] * len(coroutines)]
    return [asyncio.create_task(each, name=name) for each, name in zip(coroutines, names, strict=False)]


def found_by(program):
    """What `waits` finds in a task that has started the tasks of this program: alone, and while it is recorded."""
    found = []

    async def asks():
        tasks = program()
        await settled()
        found.append(waits())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def records():
        await record(asks())

    asyncio.run(asks())
    asyncio.run(records())
    return found


def said(found):
    return [str(row) for row in found.rows if row.task not in ("asks", "records")]


async def both(first, second):
    async with first:
        await asyncio.sleep(0)
        async with second:
            pass


def two_locks():
    left, right = asyncio.Lock(), asyncio.Lock()
    return started(both(left, right), both(right, left), names="TU")


def test_each_task_calls_a_lock_as_its_own_line_does():
    alone, recorded = found_by(two_locks)
    assert said(alone) == said(recorded) == ["T waits for second, held by U", "U waits for second, held by T"]
    assert alone.finding == recorded.finding == "Deadlock: T waits for U, which waits for T"


def test_the_name_does_not_change_with_the_order_of_the_tasks():
    def other_order():
        left, right = asyncio.Lock(), asyncio.Lock()
        return started(both(right, left), both(left, right), names="UT")

    assert sorted(said(found_by(other_order)[0])) == sorted(said(found_by(two_locks)[0]))


def ring():
    forks = [asyncio.Semaphore(1) for _ in range(4)]
    return started(*(both(forks[at], forks[(at + 1) % 4]) for at in range(4)), names="ABCD")


def test_four_tasks_in_a_ring_wait_for_the_second_semaphore_each():
    alone, recorded = found_by(ring)
    assert said(alone) == said(recorded) == [f"{name} waits for a permit of second" for name in "ABCD"]
    assert alone.finding.startswith("Deadlock: A waits for B, which waits for C") and recorded.finding == alone.finding
    assert len(repr(alone).splitlines()) == 6  # one name, and still four semaphores


def one_lock_of_three_names():
    lock = asyncio.Lock()
    lock._locked = True  # held by nobody who can be seen

    async def uses(mine):
        await mine.acquire()

    async def borrows(theirs):
        await theirs.acquire()

    async def finds(get):
        await get().acquire()

    return started(finds([lock].pop), uses(lock), uses(lock), borrows(lock))


def test_a_lock_may_have_another_name_for_each_task_and_is_one_lock():
    alone, recorded = found_by(one_lock_of_three_names)
    names = [row.what for row in alone.rows if row.task != "asks"]
    assert names == ["mine", "mine", "mine", "theirs"]  # `finds` has no name for it, so it takes that of `uses`
    assert said(alone) == said(recorded)
    assert "uses and 1 more " in repr(alone) and "wait for mine, which nobody is left to give" in repr(alone)
    assert wait_graph(alone).svg.count('class="what"') == 1


def future_in_a_list():
    async def owner():
        answers = [asyncio.Future(), asyncio.Future()]
        kept.extend(started(waiter(answers.__getitem__)))
        await asyncio.sleep(60)

    async def waiter(get):
        await get(1)

    kept = started(owner())
    return kept


def nobody_notifies():
    filled = asyncio.Condition()

    async def consumer():
        async with filled:
            await filled.wait()

    return started(consumer(), consumer())


def nobody_takes():
    async def fill(queue):
        await queue.put(1)
        await queue.put(2)

    return started(fill(asyncio.Queue(1)))


def one_is_missing():
    door = asyncio.Barrier(3)

    async def come():
        await door.wait()

    return started(come(), come())


def held_by_nobody():
    async def enter(seats):
        async with seats:
            pass

    return started(enter(asyncio.Semaphore(0)))


def a_thread_answers():
    go = threading.Event()
    answer = asyncio.get_running_loop().run_in_executor(None, go.wait, 10)

    async def listen():
        try:
            await answer
        finally:
            go.set()

    return started(listen())


@pytest.mark.parametrize(
    ("program", "says", "is_stuck"),
    [
        (future_in_a_list, "waiter waits for the result of answers[1]", False),
        (nobody_notifies, "consumer 2 waits for a notify of filled, which nobody is left to give", True),
        (nobody_takes, "fill waits for room in queue, which nobody is left to give", True),
        (one_is_missing, "come 2 waits for the others at door, where 2 of 3 are, which nobody is left to give", True),
        (held_by_nobody, "enter waits for a permit of seats, which nobody is left to give", True),
        (a_thread_answers, "listen waits for the result of answer", False),
    ],
)
def test_a_program_gets_the_same_answer_while_it_is_recorded(program, says, is_stuck):
    alone, recorded = found_by(program)
    assert said(alone)[-1] == says
    assert said(recorded) == said(alone)
    assert [row.stuck for row in recorded.rows[1:]] == [row.stuck for row in alone.rows]
    assert alone.rows[-1].stuck is is_stuck


def test_a_recorded_coroutine_keeps_its_name_as_a_task():
    seen = []

    async def inner():
        task = asyncio.current_task()
        seen.extend([str(waits()), repr(task), task.get_coro().__qualname__])

    async def main():
        await record(inner())

    asyncio.run(main())
    assert "inner  line " in seen[0] and "waits for inner\n" in seen[0]
    assert "coro=<test_a_recorded_coroutine_keeps_its_name_as_a_task.<locals>.inner() running" in seen[1]
    assert seen[2] == inner.__qualname__
    assert "_without_exits" not in " ".join(seen)


def test_a_variable_that_is_the_lock_goes_before_a_place_that_has_it():
    def program():
        lock = asyncio.Lock()

        async def works(tools, tool):
            async with tool:
                await tools[0].acquire()

        return started(works([lock], lock))

    assert said(found_by(program)[0]) == ["works waits for tool, held by works"]
