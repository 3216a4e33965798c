"""Coroutines that the program never awaited: Python warns of each when the last reference to it goes."""

from __future__ import annotations

import inspect
import opcode
import warnings
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE
from types import CodeType, CoroutineType, FrameType

from coro_lab.engine.recorder.code_info import segment
from coro_lab.engine.recorder.user_code import is_learners, is_top
from coro_lab.trace.introspection import args_of, traceback_of
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

WARNS: CodeType = warnings._warn_unawaited_coroutine.__code__  # type: ignore[attr-defined]
"""What CPython runs to warn of a coroutine that was never awaited (Python/_warnings.c)."""
_SOMEHOW = "(...)"  # for the arguments, where they are not known
_POP_TOP = opcode.opmap["POP_TOP"]


class ForgottenAwaits:
    """The source of each call where an `await` was forgotten."""

    def __init__(self) -> None:
        self._found: dict[str, bool] = {}  # what was written; whether an `await` could stand there

    def dropped(self, warns: FrameType) -> None:
        """The last reference to a coroutine is gone, and this frame is about to warn of it."""
        frame = warns.f_back
        if frame is None:
            return
        code, coroutine = frame.f_code, warns.f_locals[WARNS.co_varnames[0]]
        if is_learners(code) and _opcode(frame) == _POP_TOP:  # a statement that is only this call
            self._found[segment(code.co_filename, *list(code.co_positions())[frame.f_lasti // 2])] = _can_await(code)
        elif is_learners(code) or is_learners(coroutine.cr_code):
            self._found.setdefault(coroutine.__name__ + _SOMEHOW, not is_learners(code) or _can_await(code))

    def note(self, error: BaseException | None) -> str | None:
        """What to write instead, if an `await` was forgotten; `error` has ended the program."""
        is_by_coroutine = _is_by_coroutine(error)
        if is_by_coroutine:
            self._find_held(error)
        # after another error, the program may never have reached the `await`
        written = [each for each in self._found if error is None or is_by_coroutine or not each.endswith(_SOMEHOW)]
        if not written:
            return None
        place = "" if all(self._found[each] for each in written) else ", in an `async def`"
        made = "only made a coroutine" if len(written) == 1 else "each only made a coroutine"
        return (
            f"{' and '.join(written)} {made}, and nobody has awaited it. "
            f"Write: {', '.join(f'await {each}' for each in written)}{place}"
        )

    def _find_held(self, error: BaseException | None) -> None:
        """Find unawaited coroutines in the locals of the functions that this error has left."""
        trace = None if error is None else traceback_of(error)
        while trace is not None:
            code = trace.tb_frame.f_code
            if is_learners(code) and not is_top(code):
                for value in trace.tb_frame.f_locals.values():
                    if is_unstarted(value):
                        self._found.setdefault(value.__name__ + _SOMEHOW, _can_await(code))
            trace = trace.tb_next


def is_unstarted(value: object) -> bool:
    """Whether this is a coroutine that has not been awaited yet."""
    return type(value) is CoroutineType and inspect.getcoroutinestate(value) == inspect.CORO_CREATED


def _is_by_coroutine(error: BaseException | None) -> bool:
    """Whether this says such as "'coroutine' object is not subscriptable"; the learner's code is not run."""
    if error is None or not (type(error) is TypeError or type(error) is AttributeError):
        return False
    return any(type(said) is str and "'coroutine'" in said for said in args_of(error))


def _opcode(frame: FrameType) -> int:
    return frame.f_code.co_code[frame.f_lasti]


def _can_await(code: CodeType) -> bool:
    return bool(code.co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR)) or is_top(code)
