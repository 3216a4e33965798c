"""The facts that the notebooks state, in facts.toml: each stands in its notebook, and what holds it is there.

The tests at the end hold those facts that no run in a notebook and no other test shows.
"""

from __future__ import annotations

import ast
import asyncio
import dis
import gc
import inspect
import re
import selectors
import sys
import sysconfig
import tomllib
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from coro_lab import Lock, Stepper, costs, explore, preemptible, record, run_threads, timeline
from coro_lab.engine.stepper.forking import fork
from tests.notebooks.test_notebooks import program
from tests.places import NOTEBOOKS

Fact = dict[str, str]
FACTS: list[Fact] = tomllib.loads(Path(__file__).with_name("facts.toml").read_text(encoding="utf-8"))["fact"]
ROOT = Path(__file__).parents[2]
HOLDERS = {"cell", "test", "source"}

each_fact = pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact['notebook']}: {fact['says'][:40]}")


# ---- The list --------------------------------------------------------------------------------------------------------


def missing(fact: Fact) -> Iterator[str]:
    """What is wrong with an entry."""
    (file,) = NOTEBOOKS.glob(f"{fact['notebook']}-*.ipynb")
    cells = nbformat.read(file, as_version=4).cells
    if not any(fact["says"] in cell.source for cell in cells if cell.cell_type == "markdown"):
        yield "the sentence does not stand in the notebook"
    if HOLDERS.isdisjoint(fact):
        yield "nothing holds it"
    if "cell" in fact and not any(_shows(cell, fact) for cell in cells if cell.cell_type == "code"):
        yield "no cell shows it"
    if "test" in fact and not _is_a_test(*fact["test"].split("::")):
        yield "there is no such test"
    if "source" in fact and not fact["source"].startswith("https://"):
        yield "the source is no address"


def _shows(cell: Any, fact: Fact) -> bool:
    shown = [
        output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    ]
    return cell.source.startswith(fact["cell"]) and any(fact["shows"] in text for text in shown)


def _is_a_test(file: str, name: str) -> bool:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


@each_fact
def test_each_fact_stands_in_its_notebook_and_is_held(fact: Fact) -> None:
    assert list(missing(fact)) == []


BROKEN = {
    "the sentence does not stand in the notebook": {"says": "The moon is a cheese."},
    "nothing holds it": {"test": ""},
    "no cell shows it": {"cell": "trace = record(A)", "shows": "A ends\nB ends"},
    "there is no such test": {"test": "tests/notebooks/test_facts.py::test_nothing"},
    "the source is no address": {"source": "somebody said so"},
}


@pytest.mark.parametrize("complaint", BROKEN)
def test_an_entry_that_is_wrong_is_noticed(complaint: str) -> None:
    good = {"notebook": "01", "says": "A **subroutine** is what Python calls a function.", "test": __name__}
    good["test"] = "tests/notebooks/test_facts.py::test_next_is_send_of_none"
    assert list(missing(good)) == []
    fact = {name: text for name, text in (good | BROKEN[complaint]).items() if text}
    assert list(missing(fact)) == [complaint]


# ---- 03, 03b and 08: generators --------------------------------------------------------------------------------------


def test_next_is_send_of_none() -> None:
    def echo() -> Generator[object, object, None]:
        yield (yield)

    one, other = echo(), echo()
    assert [next(one), next(one)] == [other.send(None), other.send(None)]


def test_the_fork_of_03_parts_where_the_lesson_says(tmp_path: Path) -> None:
    (file,) = NOTEBOOKS.glob("03-*.ipynb")
    cells = [cell.source for cell in nbformat.read(file, as_version=4).cells]
    (shown,) = [cell for cell in cells if cell.startswith("Player(s, index=")]
    at = int(re.findall(r"\d+", shown)[0])
    lesson = program("03", tmp_path, "def counter():\n    n = 1\n    while True:\n        by = yield n\n        if by")
    stepper = Stepper(lesson.counter).next().send(10).send(5)
    forked = fork(stepper, at, 100)
    difference = stepper.trace.diff(forked, lines=True)
    assert (stepper.value, forked.events[-1].value) == (16, "111")
    assert (difference.at, difference.other_at) == (at, at)


def test_one_word_makes_a_recursion_one_for_the_trampoline() -> None:
    (file,) = NOTEBOOKS.glob("08-*.ipynb")
    cells = [cell.source for cell in nbformat.read(file, as_version=4).cells if cell.source.startswith("def depth(n)")]
    before, after = [source.split("\n\n")[0] for source in cells]
    assert after == before.replace("depth(n - 1)", "(yield depth(n - 1))")


@pytest.mark.parametrize("n", range(5))
def test_each_call_on_the_trampoline_is_four_switches_and_the_last_one_two(n: int, tmp_path: Path) -> None:
    lesson = program("08", tmp_path, "def trampoline", "def depth(n):\n    return 0 if n == 0 else 1 + (yield")
    title = timeline(record(lesson.trampoline, lesson.depth(n))).get_title()
    assert f" {4 * n + 2} switches" in title


# ---- 05: threads -----------------------------------------------------------------------------------------------------

LOOKS = ("CALL", "JUMP_BACKWARD", "RESUME")  # where CPython looks whether another thread asks for the global lock


def between_read_and_write(function: Any) -> list[str]:
    names = [instruction.opname for instruction in dis.get_instructions(function)]
    return names[names.index("LOAD_ATTR") + 1 : names.index("STORE_ATTR")]


def test_there_is_a_call_between_the_read_and_the_write_only_where_the_lesson_says(tmp_path: Path) -> None:
    lesson = program("05", tmp_path, "class Tally", "def one():")
    assert [name for name in between_read_and_write(lesson.add) if name.startswith(LOOKS)] == []
    assert "CALL" in between_read_and_write(lesson.add_many)


@pytest.mark.skipif(bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="this Python has no global lock")
def test_with_the_global_lock_add_and_assign_loses_nothing(tmp_path: Path) -> None:
    lesson = program("05", tmp_path, "class Tally")
    tally, usual = lesson.Tally(), sys.getswitchinterval()

    def add_many() -> None:
        for _ in range(100_000):
            lesson.add(tally)

    sys.setswitchinterval(1e-6)
    try:
        run_threads(60.0, A=add_many, B=add_many)
    finally:
        sys.setswitchinterval(usual)
    assert tally.value == 200_000


def test_the_usual_switch_interval_is_five_milliseconds() -> None:
    assert sys.getswitchinterval() == 0.005


# ---- 06: the stored measurement --------------------------------------------------------------------------------------


def test_what_06_says_of_an_event_loop() -> None:
    stored = costs.reference()
    for tasks in (2, 10, 100, 1_000, 10_000):
        loop, threads = stored.ratio("asyncio", "send", tasks), stored.ratio("thread, lock", "asyncio", tasks)
        assert 20 < loop < 100
        assert threads < loop, "the event loop is nearer to the threads"
    assert stored.ratio("thread, lock", "asyncio", 2) < 3
    assert stored.ratio("thread, lock", "asyncio", 10_000) > 10
    assert stored.ns("send", 2) < stored.ns("asyncio", 2) < stored.ns("thread, queue", 2)


def test_what_06_says_of_send() -> None:
    stored = costs.reference()
    assert max(cost.ns for cost in stored.of("send")) < 1.5 * min(cost.ns for cost in stored.of("send"))
    for tasks in stored.tasks:
        assert 0.5 < stored.ratio("function call", "send", tasks) < 2
    few, many = (stored.ratio("thread, lock", "send", tasks) for tasks in (2, 10_000))
    assert 50 < few < 200 < many


def test_the_budgets_of_06_are_less_than_a_minute() -> None:
    (file,) = NOTEBOOKS.glob("06-*.ipynb")
    text = "\n".join(cell.source for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code")
    budgets = sum(int(seconds) for seconds in re.findall(r"budget=(\d+)", text))
    waits = sum(
        2 * inspect.signature(costs.wait).parameters["seconds"].default for _ in re.findall(r"costs\.wait\(", text)
    )
    assert budgets + waits <= 60


class CountingSelector(selectors.DefaultSelector):
    """A selector that counts how often it is asked."""

    asked = 0

    def select(self, timeout: float | None = None) -> Any:
        self.asked += 1
        return super().select(timeout)


def test_an_event_loop_looks_at_its_sockets_once_a_round() -> None:
    async def task() -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def hundred() -> None:
        await asyncio.gather(*(task() for _ in range(100)))

    selector = CountingSelector()
    loop = asyncio.SelectorEventLoop(selector)
    try:
        loop.run_until_complete(hundred())
    finally:
        loop.close()
    assert 10 <= selector.asked < 20  # a thousand task switches


# ---- 09: async and await ---------------------------------------------------------------------------------------------


def test_a_yield_makes_an_async_def_an_asynchronous_generator() -> None:
    async def something_else() -> AsyncGenerator[None]:
        yield

    assert inspect.isasyncgenfunction(something_else)
    assert not inspect.iscoroutinefunction(something_else)


def test_a_chain_of_awaits_without_a_yield_runs_straight_through() -> None:
    async def settled() -> str:
        return "at once"

    async def chain() -> str:
        return await settled()

    with pytest.raises(StopIteration) as ended:
        chain().send(None)
    assert ended.value.value == "at once"


# ---- 10: asyncio -----------------------------------------------------------------------------------------------------


def test_the_sleep_of_asyncio_hands_a_future_to_its_loop() -> None:
    handed: list[object] = []

    async def watched() -> None:
        sleep = asyncio.sleep(0.01)
        handed.append(sleep.send(None))
        sleep.close()

    asyncio.run(watched())
    assert isinstance(handed[0], asyncio.Future)


def test_where_one_of_gather_fails_the_other_runs_on() -> None:
    done: list[str] = []

    async def fails() -> None:
        raise ValueError("on purpose")

    async def goes_on() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        done.append("to its end")

    async def both() -> None:
        other = asyncio.ensure_future(goes_on())
        with pytest.raises(ValueError, match="on purpose"):
            await asyncio.gather(fails(), other)
        assert not other.cancelled()
        await other

    asyncio.run(both())
    assert done == ["to its end"]


def test_structured_concurrency_is_in_the_standard_library() -> None:
    cancelled: list[bool] = []

    async def fails() -> None:
        raise ValueError("on purpose")

    async def is_ended() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def group() -> None:
        async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
            tasks.create_task(is_ended())
            tasks.create_task(fails())

    with pytest.raises(ExceptionGroup):
        asyncio.run(group())
    assert cancelled == [True]


# ---- 11: every order -------------------------------------------------------------------------------------------------


def test_on_asyncios_own_loop_the_kitchen_of_11_has_one_order(tmp_path: Path) -> None:
    lesson = program("11", tmp_path, "import asyncio", "class Shelf", "async def take(shelf):")
    found = explore(lesson.kitchen, order="asyncio")
    assert (found.judged, found.broken) == (1, 0)
    assert explore(lesson.kitchen).broken


@pytest.mark.parametrize(("order", "fires"), [("asyncio", False), ("tasks", False), ("time", True)])
def test_a_time_limit_fires_while_a_task_can_go_on_only_where_time_may_pass(
    order: str, fires: bool, tmp_path: Path
) -> None:
    lesson = program("11", tmp_path, "import asyncio", "async def transfer(purse):", "def one_coin")
    assert bool(explore(lesson.hurried, invariant=lesson.one_coin, order=order).broken) == fires


# ---- 12: cancelled ---------------------------------------------------------------------------------------------------


def test_a_task_cancelled_before_its_first_step_runs_no_line() -> None:
    ran: list[str] = []

    async def tidy() -> None:
        ran.append("begins")
        try:
            await asyncio.sleep(0)
        finally:
            ran.append("cleaned up")

    async def main() -> bool:
        task = asyncio.create_task(tidy())
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(main())
    assert ran == []


def test_who_swallows_a_cancellation_switches_off_each_time_limit_that_has_run_out() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

    async def limited() -> tuple[bool, bool]:
        async with asyncio.timeout(0) as outer, asyncio.timeout(0) as inner:
            await stubborn()
            await asyncio.sleep(0)  # nobody cancels it here
        return outer.expired(), inner.expired()

    assert asyncio.run(limited()) == (True, True)


@pytest.mark.parametrize("never_suspends", [True, False])
def test_a_time_limit_fires_only_where_the_task_suspends(never_suspends: bool) -> None:
    async def limited() -> None:
        async with asyncio.timeout(0):
            if not never_suspends:
                await asyncio.sleep(60)

    if never_suspends:
        asyncio.run(limited())
    else:
        with pytest.raises(TimeoutError):
            asyncio.run(limited())


# ---- 13: families ----------------------------------------------------------------------------------------------------


def test_gather_drops_the_second_error_without_a_word() -> None:
    told: list[str] = []

    async def fails(error: Exception) -> None:
        raise error

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what["message"]))
        with pytest.raises(OSError, match="first"):
            await asyncio.gather(fails(OSError("first")), fails(ValueError("second")))
        gc.collect()

    asyncio.run(main())
    assert told == []


# ---- 14: stuck -------------------------------------------------------------------------------------------------------


def test_a_larger_queue_only_puts_the_deadlock_of_14_off(tmp_path: Path) -> None:
    lesson = program("14", tmp_path, "import asyncio", "LINKS =", "async def crawl")

    def ends(room: int) -> bool:
        return not explore(lambda: lesson.crawl(room)).broken

    assert [ends(room) for room in (2, 3)] == [False, True]
    lesson.LINKS["home"].append("help")
    lesson.LINKS["shop"].append("coats")
    assert [ends(room) for room in (3, 4)] == [False, True]


# ---- 15: streams -----------------------------------------------------------------------------------------------------


def leave(stream: AsyncGenerator[str]) -> Coroutine[Any, Any, None]:
    """A reader that breaks after the first item."""

    async def reading() -> None:
        async for _ in stream:
            break

    return reading()


def test_the_loop_closes_a_stream_that_was_left_in_a_task_made_for_it() -> None:
    closed_by: list[asyncio.Task[Any] | None] = []

    async def lines() -> AsyncGenerator[str]:
        try:
            yield "line"
        finally:
            closed_by.append(asyncio.current_task())

    async def main() -> None:
        await leave(lines())
        assert closed_by == []
        await asyncio.sleep(0.01)
        assert len(closed_by) == 1
        assert closed_by[0] is not asyncio.current_task()

    asyncio.run(main())


@pytest.mark.skipif((3, 12, 4) <= sys.version_info < (3, 13), reason="nobody has tried it there")
def test_a_stream_that_was_left_when_the_program_ends_is_closed_since_python_3_13() -> None:
    """The task that would close it is cancelled before its first step, as every task that is left then.

    Before CPython's issue 117881 was mended, that went wrong: the next step of the task began to close the stream anew,
    in the middle of its `finally`.
    """
    closed: list[str] = []

    async def lines() -> AsyncGenerator[str]:
        try:
            yield "line"
        finally:
            await asyncio.sleep(0)
            closed.append("closed")

    asyncio.run(leave(lines()))
    assert closed == ["closed"] * (sys.version_info >= (3, 13))


@pytest.mark.skipif(sys.version_info < (3, 13), reason="Queue.shutdown is new in Python 3.13")
def test_a_queue_that_is_shut_down_gives_what_is_in_it_first() -> None:
    async def main() -> list[str]:
        queue: Any = asyncio.Queue()
        queue.put_nowait("last")
        queue.shutdown()
        got = [await queue.get()]
        with pytest.raises(asyncio.QueueShutDown):  # type: ignore[attr-defined, unused-ignore]
            await queue.get()
        return got

    assert asyncio.run(main()) == ["last"]


# ---- 07: without the global lock -------------------------------------------------------------------------------------


def test_with_a_lock_no_order_of_07_loses_an_update(tmp_path: Path) -> None:
    lesson = program("07", tmp_path, "from coro_lab import explore, preemptible")

    class LockedTally(lesson.Tally):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.lock = Lock()

    def add(tally: Any) -> None:
        with tally.lock:
            lesson.add(tally)

    two = {"A": preemptible(add), "B": preemptible(add)}
    assert not explore(two, setup=LockedTally, invariant=lambda tally: tally.value == 2).broken


# ---- 16: inside ------------------------------------------------------------------------------------------------------


def test_a_suspended_frame_is_off_the_chain_of_running_frames_and_stays_the_same() -> None:
    chains: list[object] = []

    def ask() -> Generator[str]:
        chains.append(inspect.currentframe().f_back)  # type: ignore[union-attr]
        yield "name?"
        chains.append(inspect.currentframe().f_back)  # type: ignore[union-attr]

    asked = ask()
    frame = asked.gi_frame
    here = inspect.currentframe()
    next(asked)
    assert frame.f_back is None and asked.gi_frame is frame
    assert list(asked) == [] and asked.gi_frame is None
    assert chains == [here, here]


def test_a_suspended_frame_stands_at_its_yield_or_behind_it(tmp_path: Path) -> None:
    lesson = program("16", tmp_path, "def ask():")
    asked = lesson.ask()
    next(asked)
    (at,) = [each for each in dis.get_instructions(lesson.ask) if each.offset == asked.gi_frame.f_lasti]
    assert (at.opname, at.positions.lineno) == ("RESUME" if sys.version_info >= (3, 13) else "YIELD_VALUE", 2)


def test_an_asynchronous_generator_that_awaits_counts_as_running() -> None:
    async def questions() -> AsyncGenerator[str]:
        await asyncio.sleep(0)
        yield "name?"

    asked = questions()
    first, second = anext(asked), anext(asked)
    first.send(None)  # type: ignore[attr-defined]
    assert asked.ag_frame is not None and asked.ag_running
    with pytest.raises(RuntimeError, match="asynchronous generator is already running"):
        second.send(None)  # type: ignore[attr-defined]
    with pytest.raises(StopIteration, match="name?"):
        first.send(None)  # type: ignore[attr-defined]
    assert not asked.ag_running


def test_two_greenlets_switch_to_each_other() -> None:
    greenlet = pytest.importorskip("greenlet")
    log: list[str] = []

    def ann() -> None:
        log.append("ann")
        bob.switch()
        log.append("ann again, though bob waits for her")
        bob.switch()

    def bob_() -> None:
        log.append("bob")
        one.switch()
        log.append("bob again")

    one, bob = greenlet.greenlet(ann), greenlet.greenlet(bob_)
    one.switch()
    assert log == ["ann", "bob", "ann again, though bob waits for her", "bob again"]
