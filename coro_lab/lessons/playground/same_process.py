"""run() where no process can be started, as in a browser: the pasted program in this process."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

from coro_lab.lessons import turns
from coro_lab.lessons.playground.child import record_script, shown
from coro_lab.lessons.playground.finished import Finished, cut


def run(source: str, *, lines: bool = True) -> Finished:
    """Run this source as a script in the current folder. Its loops are stopped together after `turns.MOST_TURNS`."""
    turned: list[str] = []
    with tempfile.TemporaryDirectory(prefix="coro_lab_") as folder, _as_main(), redirect_stdout(StringIO()):
        program = Path(folder) / "program.py"
        program.write_text(source, encoding="utf-8", errors="surrogatepass")
        with turns.counted(turned):
            trace = record_script(str(program), lines)
        errors = shown(trace.error).replace(str(program), "your program")
    remark = f"Stopped: the loops of the program had gone round {turns.MOST_TURNS:,} times." if turned else ""
    return Finished(cut(trace), errors.strip(), remark)


@contextmanager
def _as_main() -> Iterator[None]:
    """The program gets an empty standard input; `__main__`, `sys.argv` and the input are put back afterwards."""
    main, words, keyboard = sys.modules["__main__"], sys.argv, sys.stdin
    sys.stdin = StringIO()
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv, sys.stdin = main, words, keyboard
