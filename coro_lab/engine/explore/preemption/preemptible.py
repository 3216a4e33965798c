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

import ast
import functools
import inspect
from collections.abc import Callable, Generator
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

from coro_lab.engine.explore.preemption.decorators import SUSPENDS, check_learners, check_plain, not_splittable_error
from coro_lab.engine.explore.preemption.expressions import CannotSplitError
from coro_lab.engine.explore.preemption.nodes import CALL, ENTER, SEEN, STEP, WALK
from coro_lab.engine.explore.preemption.runtime import Done, entered, refuse_real_locks, seen, step, walk
from coro_lab.engine.explore.preemption.source import Names, definition
from coro_lab.engine.explore.preemption.statements import Splitter
from coro_lab.engine.explore.sync import Lock
from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.errors import PreemptionError
from coro_lab.trace.events import Lane, Source

type Task = Callable[..., Generator[Any, None, Any]]

_MADE = ".made"  # the split function's name while it is compiled; its body may use its real name
_split_codes: dict[tuple[int, int], tuple[CodeType, dict[str, Any], CodeType]] = {}  # by the ids of the two before
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
    """The split function. Its code is kept: each run makes a nested function anew, always with the same code."""
    original, namespace = function.__code__, function.__globals__
    kept = _split_codes.get((id(original), id(namespace)))
    if kept is None:
        kept = _split_codes[id(original), id(namespace)] = original, namespace, _split_code(function)
    return _with_code(function, kept[-1])


def _split_code(function: FunctionType) -> CodeType:
    code = function.__code__
    tree = definition(function)
    try:
        split = Splitter(Names(code, function.__globals__)).whole(tree)
    except CannotSplitError as found:
        said = f"{function.__name__} cannot be split into steps: line {found}."
        raise PreemptionError(said, function=function.__name__, line=found.line) from None
    made = _compiled(function, split)
    if source := CodeInfo.of(made).source:
        _sources.add(source)
    return made


def _compiled(function: FunctionType, tree: ast.FunctionDef) -> CodeType:
    """The code of this tree, named like the original, with the same free variables and those of `_HELPERS`."""
    original = function.__code__
    binding: list[ast.expr] = [ast.Name(name, ast.Store()) for name in (*original.co_freevars, *_HELPERS)]
    tree.name = _MADE
    module = ast.parse("def outer(): ...")
    module.body[0].body = [ast.Assign(binding, ast.Constant(None)), tree]  # type: ignore[attr-defined]
    code = compile(ast.fix_missing_locations(module), original.co_filename, "exec", dont_inherit=True)
    code = _inner_code(_inner_code(code, "outer"), _MADE)
    code = _renamed(code, code.co_qualname, original.co_qualname)
    return code.replace(co_name=original.co_name, co_firstlineno=original.co_firstlineno)


def _inner_code(code: CodeType, name: str) -> CodeType:
    return next(inner for inner in code.co_consts if isinstance(inner, CodeType) and inner.co_name == name)


def _renamed(code: CodeType, old: str, new: str) -> CodeType:
    """The code, and all code inside it, with the beginning of the qualified names replaced."""
    inside = tuple(_renamed(inner, old, new) if isinstance(inner, CodeType) else inner for inner in code.co_consts)
    name = code.co_qualname
    return code.replace(co_qualname=new + name[len(old) :] if name.startswith(old) else name, co_consts=inside)


def _with_code(function: FunctionType, code: CodeType) -> FunctionType:
    """This code as a function, with the globals, defaults and enclosed variables of the original."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cells |= _HELPERS
    closure = tuple(cells[name] for name in code.co_freevars)
    made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    if hasattr(function, "__wrapped__"):  # so that its signature is the one that the learner wrote
        made.__wrapped__ = function.__wrapped__  # type: ignore[attr-defined]
    return made


def _called(function: Any, arguments: tuple[Any, ...], named: dict[str, Any], _switch: object = None) -> Any:
    """A call: step by step into the learner's function, as a wait for our locks and queues, or else at once."""
    owner = getattr(function, "__self__", None)
    plain = function.__func__ if isinstance(function, MethodType) else function
    refuse_real_locks(owner, getattr(function, "__name__", ""))
    if isinstance(plain, FunctionType) and is_learners(plain.__code__) and not plain.__code__.co_flags & SUSPENDS:
        return _split(plain)(*([owner] if isinstance(function, MethodType) else []), *arguments, **named)
    result = function(*arguments, **named)
    return (
        result
        if inspect.isgenerator(result) and result.gi_code.co_filename == Lock.acquire.__code__.co_filename
        else Done(result)
    )


_HELPERS = {
    name: CellType(helper)
    for name, helper in {CALL: _called, ENTER: entered, SEEN: seen, WALK: walk, STEP: step}.items()
}
