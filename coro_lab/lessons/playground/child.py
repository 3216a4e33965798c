"""Run in the separate process: record the pasted program as a script, and write its Trace to a file.

Start it by `python -m coro_lab.lessons.playground.child PROGRAM TRACE LINES`. What the program prints is in the Trace.
An exception that ends it is written to stderr as well, without the frames of libraries. After an interrupt the Trace so
far is written.
"""

from __future__ import annotations

import builtins
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from coro_lab.engine.recorder import record
from coro_lab.engine.recorder.rewriting import compile_quietly, parse_quietly, put_hooks, rewrite_tree, table
from coro_lab.engine.recorder.user_code import is_learners_file
from coro_lab.trace.trace import Trace

MAX_EVENTS = 20_000  # what a player shows without a delay


def main(program: str, into: str, lines: str) -> None:
    """Record the file `program`, and write the Trace to the file `into`; `lines` is 'True' or 'False'."""
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, signal.default_int_handler)
    trace = record_script(program, lines == "True", Path(into).touch)
    sys.stderr.write(shown(trace.error))
    Path(into).write_text(trace.to_json(), encoding="utf-8")
    sys.stderr.flush()
    os._exit(0)  # without waiting for threads that never end


def record_script(program: str, lines: bool, begins: Callable[[], object] = bool) -> Trace:
    """The run of the file `program` as `__main__`; `begins` is called when it is about to begin."""
    code, names = _compiled(program), _main_module(program)
    begins()
    return _trace(code, names, lines)


def shown(error: BaseException | None) -> str:
    """What Python prints of an exception that ends a script, without the frames of libraries."""
    if not isinstance(error, Exception):
        return ""
    found = traceback.TracebackException.from_exception(error)
    for each in _parts(found):
        each.stack = traceback.StackSummary.from_list(
            [frame for frame in each.stack if is_learners_file(frame.filename)]
        )
    return "".join(found.format())


def _compiled(program: str) -> CodeType:
    """The code of this file, whose yields report what they receive."""
    source = Path(program).read_text(encoding="utf-8")
    original = compile_quietly(source, program)
    code = put_hooks(compile_quietly(rewrite_tree(parse_quietly(source, program)), program))
    table.learn(original, code)
    return code


def _parts(found: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    """The exception, those in its group, and those that it came from."""
    if found is not None:
        yield found
        for each in (*(found.exceptions or ()), found.__cause__, found.__context__):
            yield from _parts(each)


def _main_module(program: str) -> dict[str, Any]:
    """The names of a new `__main__` module, as a script has one: pickle and dataclasses look there."""
    main = ModuleType("__main__")
    vars(main).update(__builtins__=builtins, __file__=program)
    sys.modules["__main__"] = main
    sys.argv = [program]
    return vars(main)


def _trace(code: CodeType, names: dict[str, Any], lines: bool) -> Trace:
    before = threading.enumerate()

    def script() -> None:
        exec(code, names)
        for thread in threading.enumerate():  # Python waits as well before a script ends for the threads that it began
            if thread not in before and not thread.daemon:
                thread.join()

    try:
        return record(script, lines=lines, max_events=MAX_EVENTS)
    except KeyboardInterrupt as interrupt:
        trace: Trace = interrupt.trace  # type: ignore[attr-defined]
        return trace


if __name__ == "__main__":
    main(*sys.argv[1:])
