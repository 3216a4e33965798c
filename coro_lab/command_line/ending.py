"""ScriptEnding: how a script ends, said and returned as the interpreter does it after `python SCRIPT`."""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
from types import FunctionType
from typing import Any

from coro_lab.engine.recorder import without_own_frames
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class ScriptEnding:
    """The exit status of a script. What it has raised is printed when it ends, before its threads are waited for."""

    status: Any = 0  # what sys.exit takes
    is_interrupt = False  # Python then ends the process by the signal itself
    _raised: BaseException | None = None  # by the script
    _is_shown = False

    def run(self, script: FunctionType) -> None:
        """Run the script to the end of its last thread. What it raises is shown, and goes on to the caller."""
        try:
            exec(script.__code__, script.__globals__)
        except BaseException as error:
            if self._raised is None:  # Python 3.12 also catches an interrupt that comes behind this line
                self._raised = error
        if self._raised is not None:  # here no exception is handled any more, which sys.excepthook would notice
            self._show(self._raised)
        _wait_for_threads()
        if self._raised is not None:
            raise self._raised

    def interrupted(self, interrupt: KeyboardInterrupt) -> None:
        """An interrupt has gone past `run`. If it came before or behind the script, what ended the script is shown."""
        if not self._is_shown:
            self._show(interrupt if self._raised is None else self._raised)

    def without_start(self, error: Exception) -> None:
        """The script could not be compiled."""
        self._show(error.with_traceback(None))

    def _show(self, error: BaseException) -> None:
        """Show the exception that has ended the script, and keep the status."""
        self._is_shown = True
        if isinstance(error, SystemExit):
            self.status = _status(error)
            return
        self.status = 1
        self.is_interrupt = type(error) is KeyboardInterrupt
        without_own_frames(error)
        sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
        sys.last_exc = error
        try:
            sys.excepthook(type(error), error, error.__traceback__)
        except SystemExit as instead:
            self.status, self.is_interrupt = _status(instead), False
        except BaseException as second:
            self._show_both(without_own_frames(second), error)

    @staticmethod
    def _show_both(second: BaseException, error: BaseException) -> None:
        for title, each in (("Error in sys.excepthook:", second), ("\nOriginal exception was:", error)):
            sys.stderr.write(f"{title}\n")
            sys.__excepthook__(type(each), each, each.__traceback__)


def _status(error: SystemExit) -> Any:
    """The exit status; anything but a number is printed, and means 1."""
    if error.code is None or isinstance(error.code, int):
        return error.code
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):  # it may be closed
            sys.stderr.write(f"{error.code}\n")
    return 1


def _wait_for_threads() -> None:
    """Wait as the interpreter waits at its end, and by the function that it calls: pools are told to end as well."""
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    if not [thread for thread in others if not thread.daemon]:
        return
    try:
        threading._shutdown()  # type: ignore[attr-defined]
    except BaseException as error:  # the interpreter says so and ends, also while something still runs
        sys.stderr.write(f"Exception ignored in: {threading!r}\n")
        traceback.print_exception(without_own_frames(error))
