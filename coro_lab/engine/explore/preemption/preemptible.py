"""preemptible(): a plain function that can be switched wherever a thread could be, so that threads can be explored too.

A thread can be switched between any two instructions. That matters only at an access to what others can see: an
attribute, an item, a global, a variable of an enclosing function, or anything that a call accesses. So the function's
syntax tree is rewritten into a generator function that yields *before each such access but the first*:
`tally.value += 1` becomes

    read = tally.value;  read += 1;  yield;  tally.value = read

Operators, conditions and loops count where they look into an object that can change: `if items` does if `items` is a
list, and not if it is a number. The function itself is left as it is, and its lines keep their positions. Calls of
the learner's functions are split in the same way; any other call counts as one access, and so do a special method such
as `__add__` and a comprehension. A lambda or a nested function is not split. What the learner's context manager does
at the end of its `with` belongs to the access before it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from coro_lab.engine.explore.preemption.decorators import SUSPENDS, check_learners, check_plain, not_splittable_error
from coro_lab.engine.explore.preemption.nodes import CALL, ENTER, SEEN, STEP, WALK, Marks
from coro_lab.engine.explore.preemption.rewriting import Rewriter, Task
from coro_lab.engine.explore.preemption.runtime import Done, at_once, entered, refuse_real_locks, seen, step, walk
from coro_lab.engine.explore.preemption.statements import split_by
from coro_lab.engine.explore.sync import Lock
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.trace.events import Lane, Source

_sources: set[Source] = set()  # of all functions that were split, which are kept as long


def preemptible(function: Callable[..., Any]) -> Task:
    """A generator function that does what `function` does, and can be switched wherever a thread could be.

    Also takes a bound method, a functools.partial, a staticmethod, and an object with `__call__`. Decorators that
    the learner wrote become part of what can be switched. Raises PreemptionError for a function that suspends by
    itself, has no source, or is decorated by a library, and ArgumentError for anything but a function; the text
    says what to write instead.

    >>> def increment(box):
    ...     box[0] += 1
    >>> from coro_lab import explore
    >>> threads = {"A": preemptible(increment), "B": preemptible(increment)}
    >>> explore(setup=lambda: [0], coroutines=threads, invariant=lambda box: box == [2])
    6 interleavings, 4 break the invariant; first A B A B
    """
    if isinstance(function, MethodType):
        return functools.partial(preemptible(function.__func__), function.__self__)
    if isinstance(function, functools.partial):
        return functools.partial(preemptible(function.func), *function.args, **function.keywords)
    if isinstance(function, staticmethod):
        return preemptible(function.__func__)
    if isinstance(function, FunctionType):
        check_learners(function)
        check_plain(function)
        return _split(function)
    call = vars(type(function)).get("__call__")
    if isinstance(call, FunctionType) and is_learners(call.__code__):
        return functools.partial(_split(call), function)
    raise not_splittable_error(function)


def is_split(lane: Lane) -> bool:
    """Whether this lane of a trace is a function that was split: a generator that was written as a plain function."""
    return lane.kind == "generator" and lane.source in _sources


def _split(function: FunctionType) -> Task:
    split = _SPLITTER.rewrite(function)
    if source := CodeInfo.of(split.__code__).source:
        _sources.add(source)
    return split


def _called(function: Any, arguments: tuple[Any, ...], named: dict[str, Any], _switch: object = None) -> Any:
    """A call: step by step into the learner's function, as a wait for our locks and queues, or else at once."""
    owner = getattr(function, "__self__", None)
    plain = function.__func__ if isinstance(function, MethodType) else function
    refuse_real_locks(owner, getattr(function, "__name__", ""))
    if isinstance(plain, FunctionType) and is_learners(plain.__code__) and not plain.__code__.co_flags & SUSPENDS:
        return _split(plain)(*([owner] if isinstance(function, MethodType) else []), *arguments, **named)
    result = at_once(function, arguments, named)
    return (
        result
        if inspect.isgenerator(result) and result.gi_code.co_filename == Lock.acquire.__code__.co_filename
        else Done(result)
    )


_SPLITTER = Rewriter(split_by(Marks()), {CALL: _called, ENTER: entered, SEEN: seen, WALK: walk, STEP: step})
