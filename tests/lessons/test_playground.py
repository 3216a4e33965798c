"""The playground: any pasted program is run as a script, shown, and tried with the tools that fit it."""

from __future__ import annotations

import ast
import linecache
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from coro_lab import Trace, load_ipython_extension
from coro_lab.errors import ArgumentError
from coro_lab.lessons import turns
from coro_lab.lessons.checker.source import block
from coro_lab.lessons.playground import same_process
from coro_lab.lessons.playground.child import MAX_EVENTS
from coro_lab.lessons.playground.finished import Finished
from coro_lab.lessons.playground.process import run
from coro_lab.lessons.playground.program import PastedProgram
from tests.views.test_record_magic import shell as shell


def pasted(source: str) -> PastedProgram:
    """A program whose run nobody looks at."""
    source = block(source)
    filename = f"<pasted {hash(source)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    return PastedProgram(ast.parse(source), filename, Trace((), ()))


# ---- What is stepped -------------------------------------------------------------------------------------------------

STEPPED = {
    "as the program calls it": (
        """
        def countdown(n):
            while n:
                yield n
                n -= 1
        for n in countdown(3):
            print(n)
        """,
        "countdown: suspended at line 3, it yielded 3",
    ),
    "the outer one of a pipeline": (
        """
        def numbers(n):
            for each in range(n):
                yield each
        def doubled(source):
            for n in source:
                yield 2 * n
        print(sum(doubled(numbers(4))))
        """,
        "doubled: suspended at line 6, it yielded 0",
    ),
    "with what other definitions made": (
        """
        import itertools
        START = 5
        def count():
            yield from itertools.count(START)
        """,
        "count: suspended at line 4, it yielded 5",
    ),
    "of a class that is defined for later": (
        """
        from __future__ import annotations
        from dataclasses import dataclass
        @dataclass
        class Node:
            value: int
            after: Node | None = None
        def walk(node: Node | None):
            while node:
                yield node.value
                node = node.after
        if __name__ == "__main__":
            print(*walk(Node(1, Node(2))))
        """,
        "walk: suspended at line 9, it yielded 1",
    ),
    "not a context manager": (
        """
        from contextlib import contextmanager
        @contextmanager
        def tag():
            yield
        """,
        "Nothing can be stepped by hand: tag returned",
    ),
    "not with an argument that only the run knows": (
        """
        def echo(word):
            yield word
        def main(word):
            return list(echo(word))
        """,
        "Nothing can be stepped by hand: only the run itself knows what echo is called with.",
    ),
    "not a function around a generator": (
        """
        def outer():
            def inner():
                yield 1
            return inner()
        """,
        "Nothing can be stepped by hand: this program has no top-level function with a yield in it.",
    ),
    "not an iterator": (
        """
        class Count:
            def __next__(self):
                return 1
        """,
        "Nothing can be stepped by hand: this program has no top-level function with a yield in it.",
    ),
    "not where a definition fails": (
        """
        NUMBERS = open("there is no such file")
        def lines():
            yield from NUMBERS
        """,
        "Nothing can be stepped by hand: a definition of the program ends in FileNotFoundError(",
    ),
}


@pytest.mark.parametrize("name", STEPPED)
def test_the_first_generator_is_stepped(name: str, capsys: pytest.CaptureFixture[str]):
    source, told = STEPPED[name]
    widget = pasted(source).stepper()
    if widget is not None:
        widget.press("next")
        assert widget.trace.lanes[0].name == told.partition(":")[0]  # and not the definitions, run for it
    assert told in (repr(widget) if widget is not None else capsys.readouterr().out)


def test_going_back_finds_the_globals_as_they_were():
    widget = pasted("""
        total = 0
        def add():
            global total
            while True:
                total += yield total
    """).stepper()
    assert widget is not None
    for verb, written in (("next", ""), ("send", "5"), ("back", ""), ("send", "5")):
        widget.press(verb, written)
    assert "it yielded 5" in repr(widget)


# ---- What is explored ------------------------------------------------------------------------------------------------

LOST = """
    import asyncio
    balance = 0
    async def deposit():
        global balance
        seen = balance
        await asyncio.sleep(0)
        balance = seen + 1
    async def main(times):
        await asyncio.gather(*[deposit() for _ in range(times)])
        return balance
    if __name__ == "__main__":
        print(asyncio.run(main(2)))
"""
EXPLORED = {
    "what asyncio.run is given": (LOST, "6 interleavings, 4 break the invariant"),
    "generator functions, their globals set back": (
        """
        balance = 0
        def A():
            global balance
            seen = balance
            yield
            balance = seen + 1
        def B():
            yield from A()
        """,
        "6 interleavings, none of them broken",
    ),
    "not one generator function": (
        "def A():\n    yield",
        "Not every order can be tried: that takes an asyncio program",
    ),
    "not with a socket": (
        """
        import asyncio
        async def main():
            await asyncio.open_connection("localhost", 9)
        asyncio.run(main())
        """,
        "Not every order can be tried: The program calls create_connection of the event loop",
    ),
}


@pytest.mark.parametrize("name", EXPLORED)
def test_every_order_is_explored(name: str, capsys: pytest.CaptureFixture[str]):
    source, told = EXPLORED[name]
    options: dict[str, Any] = {"invariant": lambda result: result == 2} if source is LOST else {}
    found = pasted(source).explore(**options)
    assert told in (repr(found) if found is not None else capsys.readouterr().out)


# ---- Runs ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A program, and what of its run is there to be seen."""

    source: str
    lanes: str  # the first of them
    output: str = ""
    errors: str = ""  # a part of what is written to stderr
    seconds: float = 20.0
    remark: str = ""


CASES = {
    "generators": Case(STEPPED["the outer one of a pipeline"][0], "program doubled numbers", "12\n"),
    "threads and a queue": Case(
        """
        import queue, threading
        belt = queue.Queue(1)
        def producer():
            for n in (1, 2, None):
                belt.put(n)
        def consumer():
            while (n := belt.get()) is not None:
                print("got", n)
        for each in (producer, consumer):
            threading.Thread(target=each).start()
        """,
        "program producer consumer",
        "got 1\ngot 2\n",
    ),
    "asyncio.run at its end": Case(LOST, "program main deposit", "1\n"),
    "a task group with an error": Case(
        """
        import asyncio
        async def fails():
            raise ValueError("no")
        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(fails())
        asyncio.run(main())
        """,
        "program main fails",
        errors='line 7, in <module>\n  |     asyncio.run(main())\n  |   File "your program", line 5, in main\n',
    ),
    "an endless generator": Case(
        """
        def naturals():
            n = 0
            while True:
                yield n
                n += 1
        for n in naturals():
            pass
        """,
        "program naturals",
    ),
    "it prints nothing": Case("x = 1", "program"),
    "an iterator": Case(
        """
        class Once:
            def __iter__(self):
                return self
            def __next__(self):
                raise StopIteration
        print(list(Once()))
        """,
        "program Once.__iter__ Once.__next__",
        "[]\n",
    ),
    "it asks for input": Case("name = input('name? ')", "program", "name? ", errors="EOFError"),
    "it exits": Case("import sys\nprint('bye')\nsys.exit(1)", "program", "bye\n"),
    "a class that is pickled": Case(
        """
        import pickle
        class Box:
            pass
        print(type(pickle.loads(pickle.dumps(Box()))).__name__)
        """,
        "program",
        "Box\n",
    ),
    "it waits for ever": Case(
        """
        import threading
        lock = threading.Lock()
        lock.acquire()
        def stuck():
            with lock:
                pass
        threading.Thread(target=stuck).start()
        print("started")
        """,
        "program stuck",
        "started\n",
        seconds=3.0,
        remark="Stopped: the program had not come to its end within 3 seconds.",
    ),
}


one_worker = pytest.mark.xdist_group("playground")  # so that each program is run once


@pytest.fixture(scope="module")
def finished() -> Iterator[dict[str, Finished]]:
    """Each program, run to its end; two at a time, because each needs a process."""
    with ThreadPoolExecutor(2) as pool:
        runs = {name: pool.submit(run, block(case.source), seconds=case.seconds) for name, case in CASES.items()}
        yield {name: future.result() for name, future in runs.items()}


def without_marks(traceback: str) -> str:
    """This traceback without the lines that underline a part of the line above; Python 3.13 has more of them."""
    return re.sub(r"^[ |]*[~^]+\n", "", traceback, flags=re.MULTILINE)


@pytest.mark.integration
@one_worker
@pytest.mark.parametrize("name", CASES)
def test_a_program_is_run_as_a_script(name: str, finished: dict[str, Finished]):
    case, done = CASES[name], finished[name]
    assert done.trace is not None
    lanes = [lane.name for lane in done.trace.lanes]
    assert " ".join(lanes).startswith(case.lanes)
    assert done.trace.output == case.output
    assert case.errors in without_marks(done.errors)
    assert done.remark == case.remark


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("it waits for ever", "threads and a queue")])
def test_where_no_process_can_be_started_it_is_run_in_this_one(name: str, capsys: pytest.CaptureFixture[str]):
    case, main = CASES[name], sys.modules["__main__"]
    done = same_process.run(block(case.source))
    assert done.trace is not None
    assert " ".join(lane.name for lane in done.trace.lanes).startswith(case.lanes)
    assert (done.trace.output, done.remark, capsys.readouterr().out) == (case.output, "", "")
    assert case.errors in without_marks(done.errors)
    assert sys.modules["__main__"] is main


def test_there_only_threads_that_the_program_begins_are_waited_for():
    stays = threading.Thread(target=(ends := threading.Event()).wait)
    stays.start()
    done = same_process.run("import threading\nthreading.Thread(target=print, args=('in time',)).start()")
    ends.set()
    stays.join()
    assert done.trace is not None
    assert done.trace.output == "in time\n"


def test_there_a_loop_without_an_end_is_stopped_by_its_turns(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "MOST_TURNS", 1_000)
    done = same_process.run("while True: pass", lines=False)
    assert done.remark == "Stopped: the loops of the program had gone round 1,000 times."


@pytest.mark.integration
@one_worker
def test_an_endless_program_is_cut(finished: dict[str, Finished]):
    trace = finished["an endless generator"].trace
    assert trace is not None
    assert trace.cut == f"The run was stopped after {MAX_EVENTS:,} events."


@pytest.mark.integration
def test_a_long_program_is_announced_and_an_interrupt_keeps_its_run():
    said: list[str] = []

    def interrupt(words: str) -> None:
        said.append(words)
        raise KeyboardInterrupt

    done = run("import time\nprint('begun')\ntime.sleep(60)", say=interrupt)
    assert done.trace is not None
    assert (done.trace.output, done.remark) == ("begun\n", "Stopped by you.")
    assert said == ["The program runs. It is stopped after 60 seconds, or by ■ above."]


@pytest.mark.integration
def test_a_program_that_ends_its_process_leaves_no_run():
    assert run("import os\nos._exit(0)") == Finished(None, "", "")


# ---- The magic -------------------------------------------------------------------------------------------------------


def test_a_syntax_error_is_shown_as_in_any_cell(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]):
    shell.user_ns["program"] = "of an earlier cell"
    outcome = shell.run_cell("%%playground program\nprint(1)\nfor n in range(3)\n    print(n)", store_history=True)
    assert isinstance(outcome.error_in_exec, SyntaxError)
    assert re.search(r"\.py:3\b", capsys.readouterr().out)
    assert "program" not in shell.user_ns


@pytest.mark.integration
def test_the_cell_shows_its_run_and_keeps_the_program(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]):
    shell.run_cell(f"%%playground mine\n{block(LOST)}", store_history=True).raise_error()
    assert "<Trace of program, main, deposit" in capsys.readouterr().out
    mine = shell.user_ns["mine"]
    assert repr(mine).startswith("<pasted program: <Trace of program, main")
    assert (
        next(iter(mine.trace.of("deposit", kind="start"))).line == 4
    )  # counted in the cell, whose first line is the magic


def test_an_await_outside_a_function_is_told_what_a_script_writes(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
):
    shell.run_cell("%%playground program\nasync def main(): pass\nawait main()", store_history=True)
    assert "write asyncio.run(main()) instead of await main()" in capsys.readouterr().out


def test_another_word_behind_the_magic_is_refused(shell: InteractiveShell):
    with pytest.raises(ArgumentError, match="%%playground program"):
        shell.run_cell("%%playground two names\nprint(1)", store_history=True).raise_error()


def test_the_extension_can_be_loaded_twice(shell: InteractiveShell):
    load_ipython_extension(shell)
    assert "playground" in shell.magics_manager.magics["cell"]
