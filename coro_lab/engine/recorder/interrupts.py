"""Interrupts that arrive in a callback where raising would lose them.

A signal handler may raise at any place where Python looks for signals, also in our callbacks. In most callbacks the
exception goes on into the program, as it would alone. Elsewhere it is postponed to the next event: where a dropped
generator is closed, or where the garbage collector is at work, the interpreter would throw it away; where a lane ends
by an exception, the lane would be left on the stack; and where an outer generator is resumed on the way to an inner
one, the program alone would have received it in the inner one.
"""

from __future__ import annotations

import opcode
import sys
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType
from typing import Any

from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_getframe = sys._getframe
_RESUME = opcode.opmap["RESUME"]
_AFTER_YIELD_FROM = 2  # RESUME looks for signals only below this (CPython, Python/bytecodes.c)


def without_signals_at_entry[Function: Callable[..., Any]](function: Function) -> Function:
    """The same function, in which Python does not look for signals at the entry, before its first `try`."""
    assert isinstance(function, FunctionType)
    function.__code__ = _entered_as_after_yield_from(function.__code__)
    return function


def _entered_as_after_yield_from(code: CodeType) -> CodeType:
    raw = bytearray(code.co_code)
    raw[2 * raw[::2].index(_RESUME) + 1] = _AFTER_YIELD_FROM
    return code.replace(co_code=bytes(raw))


def sheltered(
    call: Callable[..., Any], ends_by: Callable[[BaseException], bool], postpone: Callable[[BaseException], bool]
) -> Callable[..., Any]:
    """The same callback, but its exceptions go to `postpone`; if that accepts one, the callback is called again.

    The second call must do the rest of the work. An exception by which the recording ends is let go.
    """

    def shelter(*arguments: Any, frame: FrameType | None = None) -> Any:
        try:
            frame = frame or _getframe(1)
            return call(*arguments, frame=frame)
        except RecursionError:  # no room on the stack; a later event makes up for this one
            return None
        except BaseException as error:
            if ends_by(error):
                return None
            if not postpone(error):
                raise
            return call(*arguments, frame=frame or _getframe(1))

    return without_signals_at_entry(shelter)
