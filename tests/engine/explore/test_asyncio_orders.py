"""explore(main): every order of the learner's own asyncio program; each kind of fault, and its safe twin."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import queue
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from coro_lab.engine.explore import (
    EndlessError,
    NotDeterministicError,
    OutsideError,
    SharedSetupError,
    assert_every_order,
    explore,
    interleavings,
    limits,
    replay,
)
from coro_lab.engine.explore.asyncio_orders import search
from coro_lab.engine.explore.asyncio_orders.search import WALKS
from coro_lab.engine.explore.explorer import EVERY, SAMPLE
from coro_lab.engine.explore.limits import REDUCED
from coro_lab.engine.explore.schedules import count
from coro_lab.errors import ArgumentError, InfinitelyManyError, ScheduleError
from coro_lab.views.plots.lattice import lattice
from coro_lab.views.widgets.scheduler import SchedulerWidget
from tests.engine.explore import racy_asyncio
from tests.engine.explore.racy_asyncio import PAIRS
from tests.programs import A


@pytest.mark.parametrize("fault", PAIRS)
def test_the_fault_is_found_and_the_safe_twin_is_not_accused(fault):
    racy, safe, kinds = PAIRS[fault]
    found = explore(racy)
    assert set(found.kinds) == kinds
    assert found.how in (EVERY, REDUCED)
    for order in ("tasks", "asyncio"):
        assert explore(safe, order=order).broken == 0


@pytest.mark.parametrize("fault", PAIRS)
def test_the_schedule_replays_to_the_same_trace_and_two_calls_are_equal(fault):
    racy, _, _ = PAIRS[fault]
    found, again = explore(racy), explore(racy)
    assert found == again
    assert found.counterexample == again.counterexample == replay(racy, found.schedule)
    assert repr(found.finding) == repr(again.finding)


@pytest.mark.parametrize("fault", ["lost update", "time limit", "check-then-act", "two locks"])
def test_an_order_of_asyncio_itself_is_replayed_too(fault):
    racy, _, kinds = PAIRS[fault]
    found = explore(racy, order="asyncio")
    assert set(found.kinds) == kinds
    assert found.counterexample == replay(racy, found.schedule, order="asyncio")


def test_the_lost_update_and_its_sentences():
    found = explore(racy_asyncio.lost_update)
    assert (found.total, found.broken) == (6, 6 - 2)
    assert found.schedule == "lost_update increment increment 2 increment increment 2 lost_update"
    assert [lane.name for lane in found.counterexample.lanes] == ["lost_update", "increment", "increment 2"]
    assert found.counterexample.text(lines=False).splitlines()[-1] == "5  lost_update raises AssertionError()"


def test_who_waits_for_what():
    found = explore(PAIRS["two locks"][0])
    assert [str(wait) for wait in found.waits] == [
        "main waits for eat, eat 2",
        "eat waits for right, held by eat 2",
        "eat 2 waits for left, held by eat",
    ]
    assert "; ".join(map(str, found.waits)) in repr(found).replace("\n  ", " ")


@pytest.mark.parametrize(
    "fault, said",
    [
        ("cancelled", "main waits for lock, held by work, which has ended"),
        ("bounded queue", "consume waits for an item in belt, which nobody is left to give"),
        ("barrier", "arrive waits for the others at gate, where 2 of 3 are"),
        ("event", "announce set ready while nobody waited"),
        ("await each other", "wait_for waits for wait_for 2; wait_for 2 waits for wait_for"),
        ("forgotten task", "main ends while save has not"),
        ("unseen error", "fail raises ValueError: too small, and nobody sees it"),
    ],
)
def test_what_is_wrong_is_said(fault, said):
    assert said in explore(PAIRS[fault][0]).finding.text


def waits_for(make):
    """A program that waits for something for ever."""

    async def main():
        await make()

    return main


async def a_permit():
    gate = asyncio.Semaphore(0)
    await gate.acquire()


async def room():
    belt = asyncio.Queue(1)
    belt.put_nowait(1)
    await belt.put(2)


async def work_done():
    belt = asyncio.Queue()
    belt.put_nowait(1)
    await belt.join()


async def a_notify():
    bell = asyncio.Condition()
    async with bell:
        await bell.wait_for(lambda: False)


async def a_future():
    await asyncio.get_running_loop().create_future()


async def what_is_shielded():
    answer = asyncio.get_running_loop().create_future()
    await asyncio.shield(answer)


async def a_place():
    locks = {"door": asyncio.Lock()}
    await locks["door"].acquire()
    await locks["door"].acquire()


@pytest.mark.parametrize(
    "make, what",
    [
        (a_permit, "a permit of gate, which nobody is left to give"),
        (room, "room in belt, which nobody is left to give"),
        (work_done, "the end of the work in belt, which nobody is left to give"),
        (a_notify, "a notify of bell, which nobody is left to give"),
        (a_future, "the result of a future, which nobody is left to give"),
        (what_is_shielded, "the result of answer, which nobody is left to give"),
        (a_place, "locks['door'], held by main"),
    ],
)
def test_whatever_is_waited_for_goes_by_its_variable(make, what):
    found = explore(waits_for(make))
    assert found.kinds == {"deadlock": 1}
    assert found.finding.text == f"main waits for {what}"


# -- coroutines by name, and a shared object ---------------------------------------------------------------------------


async def increment(box):
    seen = box[0]
    await asyncio.sleep(0)
    box[0] = seen + 1


def fresh():
    return [0]


def is_two(box):
    return box == [2]


def test_async_functions_by_name_begin_together_as_generators_do():
    found = explore(setup=lambda: [0], coroutines={"A": increment, "B": increment}, invariant=is_two)
    assert (found.total, found.kinds, found.schedule) == (6, {"invariant": 4}, "ABAB")
    assert [lane.name for lane in found.counterexample.lanes] == ["A", "B"]
    for spelled in ("ABAB", "A B A B", ["A", "B", "A", "B"]):
        assert found.counterexample == replay({"A": increment, "B": increment}, spelled, setup=fresh)


def test_an_error_ends_its_task_and_not_the_order():
    async def writes(box):
        box.append(1)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def checks(box):
        await asyncio.sleep(0)
        assert not box

    async def notes(box):
        await asyncio.sleep(0)
        if box:
            box.append("seen")

    tasks = {"W": writes, "V": writes}
    as_error = explore({**tasks, "C": checks}, setup=list)
    as_flag = explore({**tasks, "C": notes}, setup=list, invariant=lambda box: "seen" not in box)
    assert as_error.total == as_flag.total == 560
    assert as_error.broken == as_flag.broken


def test_main_may_take_what_setup_makes_and_the_invariant_sees_it():
    async def main(box):
        await asyncio.gather(increment(box), increment(box))

    found = explore(main, setup=lambda: [0], invariant=is_two)
    assert found.kinds == {"invariant": 4}


def test_without_a_setup_the_invariant_sees_what_main_returns_or_prints():
    async def returns():
        box = [0]
        await asyncio.gather(increment(box), increment(box))
        return box

    async def prints():
        print(await returns())

    assert explore(returns, invariant=is_two).kinds == {"invariant": 4}
    assert explore(prints, invariant=lambda output: output == "[2]\n").kinds == {"invariant": 4}
    assert explore(lambda: returns(), invariant=lambda box, output: is_two(box) and not output).broken == 4


# -- time --------------------------------------------------------------------------------------------------------------


def test_a_sleep_of_an_hour_takes_no_time_and_the_later_one_wakes_later():
    async def main():
        woken = []

        async def sleep(hours):
            await asyncio.sleep(3_600 * hours)
            woken.append(hours)

        await asyncio.gather(sleep(2), sleep(1))
        assert asyncio.get_running_loop().time() == 7_200
        return woken

    assert explore(main, invariant=lambda woken: woken == [1, 2]).broken == 0


def test_equal_times_are_open():
    async def main():
        woken = []

        async def sleep(name):
            await asyncio.sleep(1)
            woken.append(name)

        await asyncio.gather(sleep("a"), sleep("b"))
        print(*woken)

    for order, schedule in [("tasks", "main sleep sleep 2 sleep 2 sleep main"), ("asyncio", None)]:
        found = explore(main, invariant=lambda output: output == "a b\n", order=order)
        assert found.kinds == {"invariant": found.total // 2}
        assert schedule in (None, found.schedule)
        assert found.counterexample.output == "b a\n"


def test_a_function_for_a_thread_is_one_step_at_an_open_time():
    async def main():
        box = []

        async def looks():
            box.append(len(box))

        await asyncio.gather(asyncio.to_thread(box.append, "thread"), looks())
        return box

    for order in ("tasks", "asyncio"):
        seen = set()
        explore(main, invariant=lambda box, seen=seen: seen.add(tuple(box)) or True, order=order)
        assert seen == {("thread", 1), (0, "thread")}


def test_a_time_limit_may_pass_before_any_step_where_that_is_asked_for():
    async def main():
        accounts = [10, 0]

        async def move():
            accounts[0] -= 1
            await asyncio.sleep(0)
            accounts[1] += 1

        try:
            await asyncio.wait_for(move(), 1)
        except TimeoutError:
            pass
        assert sum(accounts) == 10

    assert explore(main).broken == explore(main, order="asyncio").broken == 0
    found = explore(main, order="time")
    assert (found.kinds, found.schedule) == ({"error": 1}, "main (time) (time limit of main) main")
    assert found.counterexample == replay(main, found.schedule, order="time")


def test_a_thread_that_sleeps_takes_no_time_either():
    async def main():
        started = time.monotonic()
        await asyncio.to_thread(time.sleep, 3_600)
        return time.monotonic() - started < 3_600

    assert explore(main, invariant=bool).broken == 0


def test_a_task_that_was_told_to_end_is_not_left_behind():
    async def main():
        async def works():
            await asyncio.sleep(1)

        asyncio.create_task(works()).cancel()

    assert explore(main).broken == 0


# -- more orders than may be run, and orders that do not end -----------------------------------------------------------


async def many():
    box = [0]

    async def count():
        for _ in range(6):
            seen = box[0]
            await asyncio.sleep(0)
            box[0] = seen + 1

    await asyncio.gather(count(), count(), count())
    assert box == [18]


def test_past_the_bound_orders_are_drawn_always_the_same_for_one_seed():
    found = explore(many, max_schedules=100, seed=3)
    assert (found.how, found.judged, found.total) == (SAMPLE, 100, None)
    assert repr(found).startswith(f"100 interleavings drawn at random from about {count([7, 7, 7]):,}, ")
    assert found == explore(many, max_schedules=100, seed=3)
    assert found.schedule != explore(many, max_schedules=100, seed=4).schedule


@pytest.mark.integration
@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
@pytest.mark.parametrize("most", [100_000, 50])
def test_an_executor_gives_the_same_result(pool, most):
    racy, _, _ = PAIRS["semaphore"]
    here = explore(racy, max_schedules=most)
    with pool(2) as executor:
        there = explore(racy, max_schedules=most, executor=executor, progress=False)
    assert there == here
    assert there.counterexample == here.counterexample


def test_what_does_not_end_is_stopped():
    async def polls():
        while True:
            await asyncio.sleep(1)

    async def spins():
        await asyncio.sleep(0)
        while True:
            pass

    with pytest.raises(EndlessError, match="polls did not come to its end within 50 steps"):
        explore(polls, max_steps=50)
    with pytest.raises(EndlessError, match="spins runs in a loop and never comes to an await that suspends"):
        explore(spins)


def test_a_task_that_polls_leaves_too_many_orders_and_is_sampled():
    async def main():
        box = []

        async def fill():
            await asyncio.sleep(0)
            box.append(1)

        task = asyncio.create_task(fill())
        while not box:
            await asyncio.sleep(0)
        await task

    found = explore(main, max_schedules=50)
    assert (found.how, found.broken) == (WALKS, 0)
    longest = explore(main, max_steps=30, max_schedules=100)
    assert (longest.how, longest.broken) == (WALKS, 0)
    assert longest.reason == "a task can loop for as long as others let it"


# -- what cannot be explored -------------------------------------------------------------------------------------------


async def opens_a_connection():
    try:
        await asyncio.open_connection("localhost", 80)
    except Exception:  # the program does not hide it
        return


async def starts_a_process():
    await asyncio.create_subprocess_exec("true")


async def handles_a_signal():
    asyncio.get_running_loop().add_signal_handler(2, print)


@pytest.mark.parametrize("main", [opens_a_connection, starts_a_process, handles_a_signal])
def test_what_reaches_outside_is_refused_by_name(main):
    with pytest.raises(OutsideError, match=r"(?s)(create_connection|subprocess_exec|add_signal_handler) .*Write: "):
        explore(main)


def test_a_thread_function_may_have_anything_called_by_the_loop():
    async def signalled():
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        await asyncio.to_thread(loop.call_soon_threadsafe, functools.partial(event.set))
        await event.wait()

    assert explore(signalled).broken == 0


async def stops_the_loop():
    asyncio.get_running_loop().stop()


async def waits_for_a_thread():
    await asyncio.to_thread(queue.Queue().get)


async def waits_for_the_loop():
    loop, waiting = asyncio.get_running_loop(), asyncio.Event().wait()
    try:
        await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(waiting, loop).result())
    finally:
        waiting.close()


@pytest.mark.parametrize(
    ("main", "call"),
    [(stops_the_loop, "stop"), (waits_for_a_thread, "thread get"), (waits_for_the_loop, "run_coroutine_threadsafe")],
)
def test_what_would_never_end_in_one_thread_is_refused_by_name(main, call):
    with pytest.raises(OutsideError, match=rf"(?s)The program calls {call}.*Write: "):
        explore(main)


def test_debug_mode_adds_no_step_and_a_function_may_be_called_get():
    def get():
        return 1

    async def main():
        await asyncio.gather(asyncio.to_thread(get), asyncio.sleep(0))

    async def in_debug_mode():
        asyncio.get_running_loop().set_debug(True)
        await main()

    depth = sys.get_coroutine_origin_tracking_depth()
    assert explore(in_debug_mode).total == explore(main).total
    assert sys.get_coroutine_origin_tracking_depth() == depth


def plain():
    return 3


def runs_itself():
    program = many()
    try:
        asyncio.run(program)
    finally:
        program.close()


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"coroutines": increment}, "increment takes an argument, but nothing says what it is given"),
        ({"coroutines": runs_itself}, "runs_itself was called, and made no coroutine but a call of asyncio.run"),
        ({"coroutines": plain}, "plain was called, and made no coroutine but 3"),
        ({"coroutines": {"A": A, "B": increment}, "setup": list}, "'B' is an async def and 'A' is not"),
        ({"coroutines": many, "order": "fifo"}, "you wrote 'fifo'"),
        ({"coroutines": {"A": A}, "order": "asyncio"}, "is for async functions"),
    ],
)
def test_what_cannot_be_explored_is_refused_with_what_to_write(wrong, says):
    with pytest.raises(ArgumentError, match=says):
        explore(**wrong)


def test_a_coroutine_is_not_the_function_that_makes_it():
    with pytest.raises(ArgumentError, match=r"wrote: explore\(many\(...\)\)\n  Write:     explore\(many\)"):
        explore(many())


def test_what_an_earlier_order_has_changed_is_found_out():
    lock, seen = asyncio.Lock(), []

    async def shares_a_lock():
        async def work():
            async with lock:
                await asyncio.sleep(0)

        await asyncio.gather(work(), work())

    async def counts():
        seen.append(1)
        assert len(seen) == 1

    with pytest.raises(SharedSetupError, match="make locks, queues and events inside main"):
        explore(shares_a_lock)
    with pytest.raises(NotDeterministicError):
        explore(counts)


@pytest.mark.parametrize("shows", [SchedulerWidget, lattice])
def test_the_orders_of_an_asyncio_program_are_shown_where_there_is_something_to_choose(shows):
    for given in (interleavings(racy_asyncio.lost_update), explore(racy_asyncio.lost_update)):
        shows(given)
    with pytest.raises(ArgumentError, match="has no choices to show"):
        shows(interleavings(racy_asyncio.lost_update, order="asyncio"))


total = 0


async def counts_in_a_global():
    global total
    total += 1
    assert total == 1


def test_a_global_that_a_run_changes_is_named():
    with pytest.raises(NotDeterministicError, match="It changes the global total, and a run begins with"):
        explore(counts_in_a_global)


def test_coroutines_given_to_as_completed_become_tasks_in_their_order():
    async def main():
        async def sleep(seconds):
            await asyncio.sleep(seconds)
            return seconds

        return [await each for each in asyncio.as_completed([sleep(n) for n in (3, 1, 2)])]

    for _ in range(3):
        assert explore(main, invariant=lambda done: done == [1, 2, 3]).broken == 0


def test_a_schedule_that_does_not_fit_is_refused():
    with pytest.raises(ScheduleError, match=r"goes on with 'nobody', but who can go on now is: increment, increment 2"):
        replay(racy_asyncio.lost_update, "lost_update nobody")
    with pytest.raises(ScheduleError, match="The program ends before its schedule does"):
        replay(racy_asyncio.unseen(asked=True), "main fail main main")


# -- each order, to look at --------------------------------------------------------------------------------------------


def test_the_orders_come_one_after_the_other_with_output_and_trace():
    async def main():
        async def say(one, other):
            print(one)
            await asyncio.sleep(0)
            print(other)

        await asyncio.gather(say(1, 2), say("x", "y"))

    orders = interleavings(main)
    assert orders.count == 6
    assert repr(orders) == "6 interleavings of main"
    listed = list(orders)
    assert [" ".join(order.output.split()) for order in listed] == [
        "1 x 2 y", "1 x y 2", "1 2 x y", "x 1 y 2", "x 1 2 y", "x y 1 2",
    ]  # fmt: skip
    assert listed[0].schedule == "main say say 2 say say 2 main"
    assert listed[2].trace.output == listed[2].output
    assert len({order.schedule for order in listed}) == 6
    assert [order.output for order in interleavings(main, order="asyncio")] == ["1\nx\n2\ny\n"]


def test_orders_without_end_are_not_counted(monkeypatch):
    monkeypatch.setattr(search, "MOST_COUNTED", 100)
    with pytest.raises(InfinitelyManyError, match="more than 100 orders, perhaps infinitely many"):
        len(interleavings(many))


# -- for tests ---------------------------------------------------------------------------------------------------------


def test_the_assertion_fails_with_the_sentences_of_the_shortest_order_and_the_call_that_replays_it():
    with pytest.raises(AssertionError) as error:
        assert_every_order(racy_asyncio.lost_update)
    said = str(error.value).splitlines()
    assert said[0].startswith("6 interleavings, 4 raise an error; first lost_update ")
    assert any("increment resumes" in line for line in said)
    schedule = "lost_update increment increment 2 increment increment 2 lost_update"
    assert said[-1] == f'Replay it: replay(lost_update, "{schedule}")'
    assert assert_every_order(racy_asyncio.locked_update).broken == 0


def test_the_assertion_takes_coroutines_by_name_too():
    with pytest.raises(AssertionError, match=r'replay\({"A": increment, "B": increment}, "ABAB", setup=fresh\)'):
        assert_every_order({"A": increment, "B": increment}, setup=fresh, invariant=is_two)
    with pytest.raises(AssertionError, match=r'order="asyncio"\)'):
        assert_every_order(racy_asyncio.lost_update, order="asyncio")


# -- nothing stays behind ----------------------------------------------------------------------------------------------


def test_the_page_and_the_interpreter_are_as_before(capsys, recwarn):
    async def noisy():
        async def lingers():
            try:
                await asyncio.sleep(1)
                print("holding")
            finally:
                print("leaving")

        async def counts():
            try:
                yield 1
                yield 2
            finally:
                await asyncio.sleep(0)
                print("closed")

        task = asyncio.create_task(lingers())
        async for _ in counts():
            break
        raise ValueError(task.done())

    hooks, page = sys.get_asyncgen_hooks(), sys.stdout
    tools = [sys.monitoring.get_tool(tool) for tool in range(6)]
    assert explore(noisy).kinds == {"error": explore(noisy).total}
    with pytest.raises(EndlessError):
        explore(many, max_steps=5)
    for racy, _, _ in PAIRS.values():
        explore(racy).counterexample.text()
    assert capsys.readouterr() == ("", "")
    assert (sys.get_asyncgen_hooks(), sys.stdout) == (hooks, page)
    assert [sys.monitoring.get_tool(tool) for tool in range(6)] == tools
    assert asyncio._get_running_loop() is None
    assert "_locked" not in vars(asyncio.Lock)
    assert "set" not in vars(asyncio.tasks)
    assert [str(each.message) for each in recwarn] == []


def test_it_works_inside_a_running_loop_which_is_the_same_afterwards():
    async def cell():
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        found = explore(racy_asyncio.lost_update)
        found.counterexample.text()
        assert (asyncio.get_running_loop(), asyncio.current_task()) == (loop, task)
        await asyncio.sleep(0)
        return found.broken

    assert asyncio.run(cell()) == 4


def test_an_interrupt_gives_the_interpreter_back():
    async def interrupted():
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    page = sys.stdout
    with pytest.raises(KeyboardInterrupt):
        explore(interrupted)
    assert sys.stdout is page
    assert asyncio._get_running_loop() is None
    assert explore(racy_asyncio.locked_update).broken == 0


def test_the_callback_of_a_time_limit_comes_before_a_later_sleep_is_over():
    async def limited():
        box = []

        async def slow():
            await asyncio.sleep(2)
            box.append(1)

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(slow(), 1)
        return box

    assert explore(limited, invariant=lambda box: box == [], order="time").broken == 0


def test_an_error_is_told_of_the_task_that_it_began_in():
    async def kitchen():
        async def take():
            await asyncio.sleep(0)
            [].pop()

        await asyncio.gather(take())

    found = explore(kitchen)
    assert found.finding.text == "take raises IndexError: pop from empty list, and kitchen with it"


def test_leaving_the_program_breaks_its_order():
    async def leaves():
        sys.exit(3)

    assert explore(leaves).finding.text == "leaves raises SystemExit: 3"


def test_a_task_that_catches_every_end_is_ended_with_its_run_and_not_by_the_garbage_collector(capsys):
    async def stubborn(queue):
        while True:
            try:
                await queue.get()
            except BaseException:
                queue = queue

    async def main():
        queue = asyncio.Queue()
        task = asyncio.create_task(stubborn(queue))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    found = explore(main)
    gc.collect()
    assert (found.kinds, found.waits[0].what) == ({"deadlock": 1}, "stubborn")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("order", ["tasks", "time", "asyncio"])
@pytest.mark.parametrize("cancels", [reversed, sorted, lambda timers: timers[::2] + timers[1::2]])
def test_a_cancelled_timer_is_gone_wherever_it_stands_among_the_others(order, cancels):
    async def main():
        loop, fired = asyncio.get_running_loop(), []
        timers = [loop.call_at(10 + at, fired.append, at) for at in range(20)]
        for timer in cancels([each for at, each in enumerate(timers) if at not in (7, 13)]):
            timer.cancel()
        await asyncio.sleep(100)
        return fired, loop.time()

    found = explore(main, invariant=lambda ended: ended == ([7, 13], 100), order=order)
    assert not found.broken


@pytest.mark.parametrize("asked, drawn", [(None, 100), (30, 30), (101, 101)])
def test_a_sample_of_long_orders_is_as_large_as_asked_or_else_bounded_by_its_steps(asked, drawn, monkeypatch):
    monkeypatch.setattr(limits, "DRAWN_STEPS", 1_000)

    async def main():
        async with asyncio.TaskGroup() as group:
            for each in range(20):
                group.create_task(asyncio.sleep(each % 3))

    found = explore(main, order="time", max_schedules=asked, progress=False)
    assert (found.judged, found.broken) == (drawn, 0)
