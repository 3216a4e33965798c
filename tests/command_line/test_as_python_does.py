"""record SCRIPT: output, errors and exit status are those of `python SCRIPT`, whatever the script does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from coro_lab.trace.trace import Trace

pytestmark = pytest.mark.integration

POSIX_ONLY = {"a child that was forked", "a pool of forked processes"}
SCRIPTS = {
    "what a script is told about itself": """
        import inspect, sys
        print(__name__, __file__, __spec__, __package__, __doc__, __builtins__, list(globals()))
        print(sys.argv, sys.path[0], sys.modules["__main__"].__dict__ is globals())
        print(inspect.getsource(sys.modules["__main__"])[:6])
        """,
    "its own options": """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("-o")
        parser.add_argument("--verbose", action="store_true")
        print(parser.parse_known_args())
        """,
    "classes of __main__": """
        import dataclasses, enum, pickle, typing

        @dataclasses.dataclass
        class Point:
            x: "int"
            next: "Point | None" = None

        class Colour(enum.Enum):
            RED = 1

        print(pickle.loads(pickle.dumps([Point(1), Colour.RED])), typing.get_type_hints(Point))
        """,
    "what it reads": "print(input('name? '), input())",
    "a status": "import sys; sys.exit(3)",
    "a status of True": "import sys; sys.exit(True)",
    "a status in words": "import sys; print(1); sys.exit('no good')",
    "a status of None": "raise SystemExit",
    "an exception": """
        def pipeline():
            yield 1
            1 / 0

        print([*pipeline()])
        """,
    "an exception that has a cause and a note": """
        def first():
            {}["key"]

        try:
            first()
        except KeyError as error:
            error.add_note("a note")
            raise ValueError("x") from error
        """,
    "exceptions in a group": """
        import asyncio

        async def fail():
            raise ValueError("a")

        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                group.create_task(fail())

        asyncio.run(main())
        """,
    "an exception in a module of its folder": "import helper; helper.fail()",
    "a module that is missing": "import helper_that_is_not_there",
    "what cannot be compiled": "def f(:\n    pass",
    "warnings": """
        import warnings
        print("\\d")
        warnings.warn("heard")
        """,
    "a file with the name of a library's": "import html, queue; print(html.MINE, hasattr(queue, 'Queue'))",
    "a hook for exceptions": """
        import sys

        def hook(kind, error, trace):
            print("hook", kind, error, trace.tb_frame.f_code.co_name, sys.exc_info())

        sys.excepthook = hook
        1 / 0
        """,
    "a hook that fails": """
        import sys

        def hook(kind, error, trace):
            raise KeyError("hook")

        sys.excepthook = hook
        1 / 0
        """,
    "a hook that exits": "import sys; sys.excepthook = lambda *given: sys.exit(9); 1 / 0",
    "an interrupt": "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
    "a hook that exits after an interrupt": """
        import sys
        sys.excepthook = lambda *given: sys.exit(9)
        raise KeyboardInterrupt
        """,
    "an interrupt that is caught": """
        import os, signal, time
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            print("caught")
        """,
    "threads that outlive the main one": """
        import threading

        def work():
            main.join()
            print("after the traceback of main")

        main = threading.main_thread()
        threading.Thread(target=work).start()
        raise ValueError("main")
        """,
    "an interrupt while threads are waited for": """
        import os, signal, threading

        def interrupt():
            threading.main_thread().join()
            print("interrupts")
            os.kill(os.getpid(), signal.SIGINT)

        signal.signal(signal.SIGINT, lambda *given: print("handled"))
        threading.Thread(target=interrupt).start()
        """,
    "an exception in a thread": """
        import threading

        def work():
            raise ValueError("in a thread")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """,
    "a pool that nobody closes": """
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        pool.submit(print, "worked")
        """,
    "a daemon thread": "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "what runs at exit": """
        import atexit, sys

        @atexit.register
        def bye():
            print("bye", __name__, sys.argv, sys.modules["__main__"].__file__)

        sys.exit(4)
        """,
    "os._exit": "import os, sys; print('seen', flush=True); print('lost'); os._exit(5)",
    "os._exit in a thread": """
        import os, threading
        threading.Thread(target=os._exit, args=(6,)).start()
        threading.Event().wait()
        """,
    "a child that was forked": """
        import os
        child = os.fork()
        if not child:
            raise ValueError("in the child")
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """,
    "a pool of spawned processes": """
        import multiprocessing

        def square(x):
            return x * x

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(square, range(4)))
        """,
    "a pool of forked processes": """
        import multiprocessing

        def square(x):
            return x * x

        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(1) as pool:
                print(pool.map(square, range(4)))
        """,
    "an asyncio program": """
        import asyncio

        async def work(name):
            await asyncio.sleep(0)
            return name

        async def main():
            print(await asyncio.gather(work("A"), work("B")))

        asyncio.run(main())
        """,
    "a generator that outlives": """
        def sleeper():
            try:
                yield
            finally:
                print("closed at the end")

        asleep = sleeper()
        next(asleep)
        """,
    "recordings of its own": """
        from coro_lab import Stepper, record

        def numbers():
            yield 1

        print(record(lambda: [*numbers()]).text(), Stepper(numbers).next())
        """,
    "explorations of its own": """
        from coro_lab import explore, interleavings, preemptible

        def increment(tally):
            seen = tally[0]
            yield
            tally[0] = seen + 1

        @preemptible
        def plain(tally):
            tally[0] = tally[0] + 1

        for function in (increment, plain):
            two = {"A": function, "B": function}
            print(explore(setup=lambda: [0], coroutines=two, invariant=lambda tally: tally == [2]))
            print(interleavings(two, setup=lambda: [0]))
        """,
    "another folder, and a closed stdout": "import os, sys; os.chdir('/'); print(1); sys.stdout.close()",
    "builtins replaced": "import builtins; builtins.print, builtins.len = None, lambda x: 7",
    "nothing": "",
}


def run(folder: Path, *words: str) -> tuple[int, str, list[str]]:
    """Status, standard output, and the lines of standard error, without what differs between any two runs."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, input="Ann\nBob\n", timeout=60
    )
    return done.returncode, *(re.sub("0x[0-9a-f]+", "0x", text) for text in (done.stdout, done.stderr))


def without_ours(stderr: str) -> str:
    return re.sub("^coro_lab: .*\n", "", stderr, flags=re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text("def fail():\n    raise LookupError('helper')\n")
    (tmp_path / "html.py").write_text("MINE = True\n")
    (tmp_path / "queue").mkdir()  # without __init__.py the library's module comes first
    return tmp_path


@pytest.mark.parametrize("what", SCRIPTS)
def test_a_recorded_script_does_what_it_does_alone(what: str, folder: Path):
    if what in POSIX_ONLY and not hasattr(os, "fork"):
        pytest.skip("takes fork")
    (folder / "script.py").write_text(textwrap.dedent(SCRIPTS[what]))
    arguments = ["./script.py", "--verbose", "-o", "its own"]
    alone = run(folder, *arguments)
    status, stdout, stderr = run(folder, "-m", "coro_lab", "record", "--json", "run.json", *arguments)
    assert (status, stdout, without_ours(stderr)) == alone
    can_be_compiled = what != "what cannot be compiled"
    assert (folder / "run.json").exists() == can_be_compiled
    if can_be_compiled:
        trace = Trace.from_json((folder / "run.json").read_text(encoding="utf-8"))
        assert trace.lanes[0].name == "script"
        assert f"{trace!r}" in stderr or what == "another folder, and a closed stdout"


def test_encodings_are_read_as_python_reads_them(folder: Path):
    for source in (b"# coding: latin-1\nprint('\xe9')\n", b"\xef\xbb\xbfprint('\xc3\xa9')\r\n"):
        (folder / "script.py").write_bytes(source)
        assert run(folder, "-m", "coro_lab", "record", "--json", "run.json", "script.py")[1] == "é\n"


def test_a_link_to_a_script_finds_the_modules_beside_the_script(folder: Path):
    (folder / "elsewhere").mkdir()
    (folder / "script.py").write_text("import helper\nprint(__file__, helper.__file__)\n")
    (folder / "elsewhere" / "link.py").symlink_to(folder / "script.py")
    recorded = run(folder, "-m", "coro_lab", "record", "--json", "run.json", "elsewhere/link.py")
    assert recorded[:2] == run(folder, "elsewhere/link.py")[:2]
    assert recorded[0] == 0


ENDLESS = """\
import sys
def ticks():
    while True:
        yield
for tick in ticks():
    print("tick", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there an interrupt reaches the whole console")
@pytest.mark.parametrize("limit", ["100000", "50"])
def test_an_endless_script_ends_by_an_interrupt_and_the_trace_so_far_is_written(folder: Path, limit: str):
    """Also where the recording has ended long before; output comes while the script runs."""
    (folder / "script.py").write_text(ENDLESS)
    words = ["-m", "coro_lab", "record", "-o", "run.html", "--json", "run.json", "--max-events", limit, "script.py"]
    with subprocess.Popen([sys.executable, *words], cwd=folder, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        for _ in range(100):
            assert process.stdout.readline() == "tick\n"
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode in (-signal.SIGINT, 1)  # 1 where a tick had nobody left to read it
    assert without_ours(said).startswith("Traceback (most recent call last):\n")
    assert "coro_lab/" not in said.replace(str(folder), "")
    assert "ticks" in (folder / "run.html").read_text(encoding="utf-8")
    trace = Trace.from_json((folder / "run.json").read_text(encoding="utf-8"))
    assert bool(trace.cut) == (limit == "50")


def test_a_script_goes_on_where_the_recording_ends(folder: Path):
    (folder / "script.py").write_text("def numbers():\n    yield from range(1000)\nprint(sum(numbers()))\n")
    words = ["-m", "coro_lab", "record", "--max-events", "100", "--json", "run.json", "script.py"]
    status, stdout, stderr = run(folder, *words)
    assert (status, stdout) == (0, "499500\n")
    assert "The recording ended after 100 events, and the program ran on" in stderr


def test_a_reader_that_has_read_enough_is_no_error(folder: Path):
    (folder / "script.py").write_text("for number in range(5000): print(number)\n")
    run(folder, "-m", "coro_lab", "record", "--json", "run.json", "script.py")
    with subprocess.Popen(
        [sys.executable, "-m", "coro_lab", "show", "run.json"], cwd=folder, stdout=-1, stderr=-1, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "0  script is called\n"
        process.stdout.close()
        assert process.stderr.read() == ""
