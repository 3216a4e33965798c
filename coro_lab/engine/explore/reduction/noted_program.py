"""A program whose code notes what each step touches; it does the same, step by step, as the program it is made from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any

from coro_lab.engine.explore.preemption import runtime
from coro_lab.engine.explore.preemption.decorators import SUSPENDS
from coro_lab.engine.explore.preemption.nodes import CALL, ENTER, NOTE, SEEN, SLICE, STEP, WALK, NotedMarks
from coro_lab.engine.explore.preemption.rewriting import Rewriter, originals
from coro_lab.engine.explore.program import Coroutine, Program
from coro_lab.engine.explore.reduction.notes import notes
from coro_lab.engine.explore.reduction.objects import is_wait
from coro_lab.engine.explore.sync import Condition, Lock
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.errors import PreemptionError


class NotReducibleError(Exception):
    """It cannot be seen what the steps of a program touch; the argument says why."""


def noted_program(program: Program) -> Program:
    """The program with notes. NotReducibleError where its functions cannot be rewritten."""
    try:
        return replace(program, coroutines={name: _noted(task) for name, task in program.coroutines.items()})
    except PreemptionError as found:
        raise NotReducibleError(str(found).splitlines()[0]) from None


def is_thread(task: Callable[..., Any]) -> bool:
    """Whether this coroutine is a function under `preemptible`, so that each of its steps has one access."""
    while isinstance(task, functools.partial):
        task = task.func
    return isinstance(task, FunctionType) and id(task.__code__) in originals


def _noted(task: Callable[..., Any]) -> Coroutine:
    if isinstance(task, functools.partial):
        return functools.partial(_noted(task.func), *task.args, **task.keywords)
    if isinstance(task, MethodType):
        return functools.partial(_noted(task.__func__), task.__self__)
    if isinstance(task, FunctionType):
        if (original := originals.get(id(task.__code__))) is not None:
            return _THREADS.rewrite(task, original)
        if inspect.isgeneratorfunction(task) and is_learners(task.__code__) and not hasattr(task, "__wrapped__"):
            return _GENERATORS.rewrite(task)
    raise NotReducibleError("a coroutine is not a generator function of yours")


def _is_learners(plain: object) -> bool:
    return isinstance(plain, FunctionType) and is_learners(plain.__code__)


def _called_in_thread(
    function: Any, arguments: tuple[Any, ...], named: dict[str, Any], _switch: object, is_dropped: bool
) -> Any:
    """A call in a function under `preemptible`: as there, and noted."""
    owner = getattr(function, "__self__", None)
    plain: Any = function.__func__ if isinstance(function, MethodType) else function
    runtime.refuse_real_locks(owner, getattr(function, "__name__", ""))
    if _is_learners(plain) and not plain.__code__.co_flags & SUSPENDS:
        return _THREADS.rewrite(plain)(*([owner] if isinstance(function, MethodType) else []), *arguments, **named)
    notes.call(function, arguments, named)
    result = function(*arguments, **named)
    return result if is_wait(result) else runtime.Done(result)


def _called_in_generator(
    function: Any, arguments: tuple[Any, ...], named: dict[str, Any], _switch: object, is_dropped: bool
) -> Any:
    """A call in a generator: the learner's functions and generator functions are noted, too."""
    plain: Any = function.__func__ if isinstance(function, MethodType) else function
    if _is_learners(plain):
        given = (*([function.__self__] if isinstance(function, MethodType) else []), *arguments)
        return _call_noted(plain, given, named)
    notes.call(function, arguments, named)
    result = function(*arguments, **named)
    if is_dropped and is_wait(result):
        notes.give_up("a wait is made and never run")
    return runtime.Done(result)


def _call_noted(plain: FunctionType, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    flags = plain.__code__.co_flags & SUSPENDS
    try:
        noted = _GENERATORS.rewrite(plain)
    except PreemptionError:
        if flags:
            notes.give_up(f"{plain.__name__} cannot be rewritten")
        notes.everything()
        return runtime.Done(plain(*given, **named))
    if not flags:
        return noted(*given, **named)
    if flags != inspect.CO_GENERATOR:
        notes.give_up(f"{plain.__name__} is an async function")
        return runtime.Done(plain(*given, **named))
    return runtime.Done(noted(*given, **named))


_AT_THE_END = "a with block runs code at its end"


def _entered_in_thread(manager: Any, _switch: object = None) -> Any:
    notes.enter()
    if not isinstance(manager, (Lock, Condition)):
        notes.give_up(_AT_THE_END)
    return runtime.entered(manager)


def _entered_in_generator(manager: Any, _switch: object = None) -> Any:
    notes.give_up(_AT_THE_END)
    return runtime.Done(manager)


_HELPERS = {SEEN: runtime.seen, WALK: runtime.walk, STEP: runtime.step, NOTE: notes, SLICE: slice}
_THREADS = Rewriter(NotedMarks(switches=True), {**_HELPERS, CALL: _called_in_thread, ENTER: _entered_in_thread})
_GENERATORS = Rewriter(
    NotedMarks(switches=False), {**_HELPERS, CALL: _called_in_generator, ENTER: _entered_in_generator}
)
