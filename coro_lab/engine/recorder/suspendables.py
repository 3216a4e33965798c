"""The generator or coroutine behind a frame, and what the interpreter keeps in it.

A callback sees a frame; CPython's `PyFrame_GetGenerator` (new in 3.11) gives the generator that the frame belongs to,
without a search. Nothing here keeps a generator alive, and nothing walks over all objects.
"""

from __future__ import annotations

import ctypes
import dis
import functools
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, FunctionType, GeneratorType
from typing import Any

from coro_lab.engine.recorder.rewriting import SUSPENDABLE, table
from coro_lab.trace.introspection import class_attribute, class_name
from coro_lab.trace.own_builtins import keep_builtins, undisturbed

keep_builtins(globals())

type Reference = Callable[[], Any]
"""Gives a generator, or None once it is being finalised or gone."""

_PREFIXES = {GeneratorType: "gi_", CoroutineType: "cr_", AsyncGeneratorType: "ag_"}
_WRAPPERS = frozenset({"coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable"})
# CPython's source was read for 3.12 and 3.13. 3.14 was tried: it gives the same values (the lab's tests run on it).
_STACK_IS_KNOWN = sys.version_info[:2] in ((3, 12), (3, 13), (3, 14))
_TOP = -1 if sys.version_info >= (3, 13) else -2
_CACHE, _YIELD = dis.opmap["CACHE"], dis.opmap["YIELD_VALUE"]
_DELEGATES = frozenset({_YIELD, dis.opmap["SEND"], dis.opmap["RESUME"]})  # where what is awaited runs
_ALONE = 2  # references to an object held only by the interpreter that finalises it and the call that counts them
_OFTEN = frozenset(map(id, (list, tuple, range, dict, str, set, zip, map, enumerate)))

_get_generator: Any = getattr(getattr(ctypes, "pythonapi", None), "PyFrame_GetGenerator", None)
if _get_generator is not None:
    _get_generator.argtypes, _get_generator.restype = [ctypes.py_object], ctypes.py_object


def is_suspendable(thing: object) -> bool:
    """Whether this is a generator, a coroutine or an async generator. No metaclass is asked for a hash or an `==`."""
    kind = type(thing)
    return kind is GeneratorType or kind is CoroutineType or kind is AsyncGeneratorType


def suspendable_of(frame: FrameType) -> Any:
    """The generator, coroutine or async generator that runs in this frame; None where it cannot be reached."""
    if _get_generator is None or not frame.f_code.co_flags & SUSPENDABLE:  # other frames have no such object
        return None
    return _get_generator(frame)


def reference_to(frame: FrameType, likely: Any = None) -> Reference | None:
    """A weak reference to the generator of this frame; it must not be made while the generator is finalised.

    Weak references are cleared before the finaliser runs; a reference made after that would outlive its object.
    `likely` may be that generator: to look at it takes a tenth of asking the interpreter.
    """
    is_it = is_suspendable(likely) and frame_of(likely) is frame
    made = likely if is_it else suspendable_of(frame)
    return None if made is None else weakref.ref(made)


def gone() -> None:
    """The reference to a generator that was being finalised when it was first met."""


def frame_of(made: Any) -> FrameType | None:
    """The frame of a generator or coroutine; None once it is closed."""
    frame: FrameType | None = getattr(made, _PREFIXES[type(made)] + "frame")
    return frame


def code_of(made: Any) -> CodeType:
    """The code of a generator or coroutine."""
    code: CodeType = getattr(made, _PREFIXES[type(made)] + "code")
    return code


def is_running(made: Any) -> bool:
    """Whether a generator or coroutine runs, is thrown into, or is being closed, directly or through an inner one."""
    return bool(getattr(made, _PREFIXES[type(made)] + "running"))


def is_begun(made: Any) -> bool:
    """Whether any code of a generator or coroutine has run."""
    return is_running(made) or bool(getattr(made, _PREFIXES[type(made)] + "suspended", frame_of(made) is None))


def is_only_finalised(frame: FrameType) -> bool:
    """Whether nothing refers to the generator of this frame any more, asked inside the PY_THROW that closes it."""
    return _get_generator is not None and sys.getrefcount(suspendable_of(frame)) <= _ALONE


def chain_of(made: Any) -> Iterator[Any]:
    """A coroutine that has begun, what it awaits, what that awaits, and so on, as far as these are suspendable."""
    seen: set[int] = set()
    made = _unwrapped(made)
    while is_suspendable(made) and id(made) not in seen:
        seen.add(id(made))
        yield made
        made = _inside(made)


def _inside(made: Any) -> Any:
    """What a coroutine awaits or a generator delegates to."""
    kind = type(made)
    inner = made.gi_yieldfrom if kind is GeneratorType else made.cr_await if kind is CoroutineType else made.ag_await
    return _inside_running(made) if inner is None and is_running(made) else _unwrapped(inner)


def _inside_running(made: Any) -> Any:
    """What a coroutine awaits that runs in this thread: its attribute is None while that runs.

    Since Python 3.14, the attribute is None inside the PY_YIELD of the coroutine, too. Then it keeps what it awaits on
    its stack, under the value that it passes out; the exception that it handles comes last.
    """
    frame = frame_of(made)
    at = None if frame is None else _instruction_at(frame)
    if at not in _DELEGATES:
        return None
    above: FrameType | None = None
    running: FrameType | None = sys._getframe(1)
    while running is not None and running is not frame:
        above, running = running, running.f_back
    if running is frame and above is not None and (inner := suspendable_of(above)) is not None:
        return inner
    if at != _YIELD:
        return None
    kept = gc.get_referents(made)
    return _unwrapped(kept[-3 if issubclass(type(kept[-1]), BaseException) else -2])


def _instruction_at(frame: FrameType) -> int:
    """The last instruction of this frame; in 3.12 it may have gone past the room for caches behind it."""
    code, at = frame.f_code.co_code, frame.f_lasti
    while code[at] == _CACHE and at > 0:
        at -= 2
    return code[at]


def _unwrapped(made: Any) -> Any:
    """The coroutine or generator itself, also from inside a wrapper of the interpreter's; None for anything else."""
    if class_name(type(made)) in _WRAPPERS:
        held = [each for each in gc.get_referents(made) if is_suspendable(each)]
        return held[0] if held else None
    return made if is_suspendable(made) else None


def sent_into(frame: FrameType) -> tuple[object] | None:
    """The value sent into the generator of this frame, asked inside the PY_RESUME that it causes; None: not certain.

    The value lies on top of the generator's own stack, and the garbage collector can see it there: CPython's
    `gen_traverse` (Objects/genobject.c) visits names, frame and code, then the frame's locals and stack in order, and
    last the exception that the generator handles, if there is one. Before 3.13 that is missing until the first
    exception has been handled while the generator runs, and None from then on; since 3.13 it is missing outside of
    handlers. So an exception is handled here first. For code that has handlers the value stays unknown.
    """
    made = suspendable_of(frame)
    if made is None or not _STACK_IS_KNOWN or _handles_exceptions(frame.f_code):
        return None
    try:
        raise LookupError
    except LookupError:
        pass
    return (gc.get_referents(made)[_TOP],)


def cannot_receive(iterable: object) -> bool:
    """Whether the iterator that `yield from` makes of this has no `send`, so that only None can resume it.

    That holds for an iterator without that method, and for an object whose iterator the interpreter makes: an
    `__iter__` written in Python may return a generator.
    """
    kind = type(iterable)
    if id(kind) in _OFTEN:
        return True
    if class_attribute(kind, "send") is not None:
        return False
    iterates = class_attribute(kind, "__iter__")
    return class_attribute(kind, "__next__") is not None or type(iterates) is not FunctionType


def will_report(iterable: object) -> bool:
    """Whether this is a generator of rewritten code, which reports the values sent to it."""
    return is_suspendable(iterable) and table.original(code_of(iterable)) is not None


def wrapped_value(value: object) -> object:
    """The value that an async generator yields, without the wrapper that the interpreter puts around it."""
    if class_name(type(value)) != "async_generator_wrapped_value":
        return value
    inside = gc.get_referents(value)
    return inside[0] if inside else None


@functools.lru_cache(maxsize=1000)
@undisturbed
def _handles_exceptions(code: CodeType) -> bool:
    return "PUSH_EXC_INFO" in [instruction.opname for instruction in dis.get_instructions(code)]
