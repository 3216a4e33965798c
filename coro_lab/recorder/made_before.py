"""What is sent into a generator that was made before the recording, and so runs from code that reports nothing.

When PY_RESUME fires, the value sent lies on top of the generator's own stack, and the garbage collector can see it
there: CPython's `gen_traverse` (Objects/genobject.c) visits names, frame and code, then the frame's locals and stack
in order, and last the exception that the generator handles, if there is that. Before 3.13 it is missing until the
first exception has been handled while the generator runs, and None from then on; since 3.13 it is missing outside of
handlers. Handling one here makes sure of either. Code with handlers of its own, and Pythons whose source was not read
for this, are left unknown: nothing here is guessed.
"""

from __future__ import annotations

import dis
import functools
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, CoroutineType, FrameType, GeneratorType
from typing import Any

_TOP = -1 if sys.version_info >= (3, 13) else -2
_READ = sys.implementation.name == "cpython" and sys.version_info[:2] in ((3, 12), (3, 13))


def _gone() -> None:
    return None


class MadeBefore:
    """The generators and coroutines that a recording has met and that were there before, by the ids of their frames."""

    def __init__(self) -> None:
        self._known: dict[int, Callable[[], Any] | None] = {}

    def find(self, frame: int, code: CodeType) -> Callable[[], Any] | None:
        """The one that runs this code in this frame; None for what is neither generator nor coroutine."""
        made = self._known.get(frame, _gone)
        if made is not None and ((it := made()) is None or id(frame_of(it)) != frame):
            mine = (weakref.ref(it) for it in _suspendable(code) if id(frame_of(it)) == frame)
            made = self._known[frame] = next(mine, None)
        return made

    def sent_into(self, frame: int, code: CodeType) -> tuple[object] | None:
        """What it has just received, asked inside the PY_RESUME that this causes; None where not certain."""
        made = self.find(frame, code)
        it = None if made is None else made()
        return None if it is None else sent_into(it)


def _suspendable(code: CodeType) -> Iterator[Any]:
    for thing in gc.get_objects():
        if (type(thing) is GeneratorType or type(thing) is CoroutineType) and code_of(thing) is code:
            yield thing


def frame_of(made: Any) -> FrameType | None:
    """The frame of a generator or coroutine; None once it is closed."""
    frame: FrameType | None = made.gi_frame if type(made) is GeneratorType else made.cr_frame
    return frame


def code_of(made: Any) -> CodeType:
    """The code of a generator or coroutine."""
    code: CodeType = made.gi_code if type(made) is GeneratorType else made.cr_code
    return code


def sent_into(made: Any) -> tuple[object] | None:
    """The value sent into a generator, asked inside the PY_RESUME that it causes; None where not certain."""
    if not _READ or _handles_exceptions(code_of(made)):
        return None
    try:
        raise LookupError
    except LookupError:
        pass
    seen = gc.get_referents(made)
    return (seen[_TOP],)


def wrapped_value(value: object) -> object:
    """What an async generator yields, out of the interpreter's own wrapper around it."""
    if type(value).__name__ != "async_generator_wrapped_value":
        return value
    inside = gc.get_referents(value)
    return inside[0] if inside else None


@functools.lru_cache(maxsize=1000)
def _handles_exceptions(code: CodeType) -> bool:
    return any(instruction.opname == "PUSH_EXC_INFO" for instruction in dis.get_instructions(code))
