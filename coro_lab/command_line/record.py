"""python -m coro_lab record: run a script as `python SCRIPT` would, and write down what it did.

Standard output, standard input and the exit status are the script's. Coro Lab itself speaks on standard error.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any

from coro_lab.command_line.ending import ScriptEnding
from coro_lab.command_line.outputs import Outputs, say
from coro_lab.command_line.record_options import parse
from coro_lab.command_line.script import Script
from coro_lab.engine.recorder.run import ProgramRun
from coro_lab.errors import CoroLabError
from coro_lab.trace.own_builtins import keep_builtins, undisturbed
from coro_lab.trace.trace import Trace

keep_builtins(globals())


def record_script(words: Sequence[str]) -> Any:
    """Record a script. Returns its exit status; 2 where it was not run."""
    try:
        options, named = parse(words)
        outputs = Outputs.of(options)
        script = Script.found(named[0])
    except CoroLabError as error:
        say(error)
        return 2
    limits = {"lines": options.lines, "max_events": options.max_events}
    return _ScriptRun(script, named[1:], outputs, **limits).run()


class _ScriptRun:
    """One script, from its start to the files that tell of it."""

    def __init__(self, script: Script, arguments: Sequence[str], outputs: Outputs, **limits: Any) -> None:
        self._script = script
        self._arguments = [*arguments]
        self._outputs = outputs
        self._limits = limits
        self._path = sys.path.copy()
        self._process = os.getpid()
        self._ending = ScriptEnding()
        self._recorded = ProgramRun()

    def run(self) -> Any:
        """Run the script and write the files; returns the exit status.

        Raises KeyboardInterrupt if one has ended the script.
        """
        main = self._script.become_main(self._arguments)
        try:
            code = self._script.compiled()
        except Exception as error:
            self._ending.without_start(error)
            return self._ending.status
        with _at_os_exit(self._exits):
            trace = self._trace(code, vars(main))
        if os.getpid() == self._process:  # what the script has forked comes by here, too
            self._write(trace)
        if self._ending.is_interrupt:
            sys.excepthook = lambda *_: None  # it has been shown
            raise KeyboardInterrupt
        return self._ending.status

    def _trace(self, code: CodeType, names: dict[str, Any]) -> Trace:
        script = FunctionType(code, names)
        script.__qualname__ = self._script.given  # what a note calls it
        try:
            return self._recorded.trace(lambda: self._ending.run(script), script, **self._limits, runs_on=True)
        except KeyboardInterrupt as interrupt:
            self._ending.interrupted(interrupt)
            return self._so_far(interrupt)

    def _exits(self, status: int) -> None:
        """The script ends the process by os._exit, in any thread."""
        if os.getpid() == self._process:
            self._write(self._so_far(SystemExit(status)))

    def _so_far(self, ended: BaseException) -> Trace:
        self._recorded.keep(ended)
        trace: Trace = ended.trace  # type: ignore[attr-defined]
        return trace

    @undisturbed
    def _write(self, trace: Trace) -> None:
        """Write the files. A failure is said, and changes only a status of 0."""
        before, sys.path[:] = sys.path.copy(), self._path  # without the modules of the script
        try:
            self._outputs.write(trace, title=" ".join(["python", self._script.given, *self._arguments]))
            for remark in filter(None, (trace.cut, trace.note)):
                say(remark)
        except (Exception, KeyboardInterrupt) as error:
            say(error if isinstance(error, CoroLabError) else f"The run was not written: {error!r}")
            self._ending.status = self._ending.status or 1
        finally:
            sys.path[:] = before


@contextlib.contextmanager
def _at_os_exit(before: Callable[[int], None]) -> Iterator[None]:
    """Have this called before os._exit, which ends the process at once."""
    own = os._exit

    def _exit(status: int) -> None:
        before(status)
        own(status)

    os._exit = _exit  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit = own
