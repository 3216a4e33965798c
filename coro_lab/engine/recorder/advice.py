"""Advice shown with a recording: why it recorded nothing, or what to write instead."""

from __future__ import annotations

import functools
import re
import sys
from difflib import get_close_matches
from types import AsyncGeneratorType, CodeType, FunctionType, GeneratorType, MethodType
from typing import Any

from coro_lab.engine.recorder.forgotten import is_unstarted
from coro_lab.engine.recorder.user_code import is_learners, is_learners_file
from coro_lab.trace.introspection import error_before, traceback_of
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.trace import Trace

keep_builtins(globals())


# the messages of asyncio where a loop already runs
_SECOND_LOOP = (
    "cannot be called from a running event loop",
    "Cannot run the event loop while another loop is running",
    "This event loop is already running",
)


def loop_is_running() -> bool:
    """Whether an event loop of asyncio runs in this thread."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def note_of(program: object, trace: Trace, has_seen: bool) -> str | None:
    """Why none of the learner's code was recorded (`has_seen`: some was), or that the result never ran."""
    result = trace.result
    if is_unstarted(result):
        name = result.__name__
        return (
            f"{name}() only made a coroutine, and nobody has awaited it. "
            f"Write: record({name}), or in a notebook: await record({name}())"
        )
    if has_seen:
        return None
    if type(result) is GeneratorType:
        return f"Nothing has run: calling {result.__name__} only makes a generator, and nobody has resumed it."
    if type(result) is AsyncGeneratorType:
        return (
            f"Nothing has run: calling {result.__name__} only makes an async generator, and nobody has resumed it. "
            f"Record a function that has an `async for` over it."
        )
    if _has_not_begun(trace.error):
        return _misspelt(trace.error)
    return f"Nothing of yours was seen: {_reason_unseen(program)}."


def _misspelt(error: object) -> str | None:
    """What to write where an option of `record` was misspelt, and so went to a program that does not take it."""
    found = re.search(r"unexpected keyword argument '(\w+)'", str(error)) if type(error) is TypeError else None
    meant = get_close_matches(found[1], ("lines", "max_events"), 1) if found else []
    if not found or not meant:
        return None
    return f"record has no option {found[1]!r}, so the program was given it. Write: {meant[0]}=..."


def _has_not_begun(error: Any) -> bool:
    """Whether the program could not even be called; then the error itself says why."""
    return issubclass(type(error), BaseException) and traceback_of(error) is None


def _reason_unseen(program: object) -> str:
    name, code = _called(program)
    if code is None:
        if isinstance(program, type):
            return f"the class {name} has no __init__ written in Python, so making an object runs no line"
        return f"{name} is not written in Python, and a recording sees Python functions only"
    file = code.co_filename
    if is_learners(code):
        return "what ran is not code that a recording can see"
    if file.startswith("<stdin"):
        return f"the source of {name} was read from standard input and cannot be read again. Write it in a file"
    if file.startswith("<") and not file.startswith("<frozen "):
        return f"the source of {name} is not kept anywhere, as of what exec makes. Write it in a cell or in a file"
    return f"{name} is library code, and a recording shows your own functions only"


def unseen_note(names: list[str]) -> str | None:
    """A note that these functions ran unrecorded; None without any."""
    if not names:
        return None
    listed = " and ".join(name if name != "cell" else "the code given to exec or eval" for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (
        f"What {listed}{more} did is not told: the source is not kept anywhere. "
        f"Write it in a cell or in a file instead of giving it to exec"
    )


def _called(program: Any) -> tuple[str, CodeType | None]:
    """The name and code of the function that a call of this object runs; no code if it is not written in Python."""
    while issubclass(type(program), functools.partial | MethodType):  # isinstance would ask the learner's `__class__`
        program = program.func if issubclass(type(program), functools.partial) else program.__func__
    name = getattr(program, "__qualname__", type(program).__name__)
    method = program
    if isinstance(program, type):
        method = program.__init__  # type: ignore[misc]
    elif not isinstance(program, FunctionType):
        method = vars(type(program)).get("__call__")
    if hasattr(program, "cr_code"):  # a coroutine
        return name, program.cr_code
    return name, method.__code__ if isinstance(method, FunctionType) else None


def instead_of_a_second_loop(error: BaseException) -> str | None:
    """What to write instead where `error` says that an event loop already runs; None for other errors. Also its note.

    The coroutine for the second loop is closed. Otherwise Python would warn, at a line of Coro Lab, that it was never
    awaited; this advice already says what to do.
    """
    told = str(error) if type(error) is RuntimeError else ""
    if not any(sentence in told for sentence in _SECOND_LOOP):
        return None
    name = "main"
    for coroutine in _unstarted(error):
        if is_learners_file(coroutine.cr_code.co_filename):
            name = coroutine.__name__
        coroutine.close()
    advice = (
        f"An event loop is running here already. Write `await {name}()`, or to record it: `await record({name}())`."
    )
    error.add_note(advice)
    return advice


def _unstarted(error: BaseException | None) -> list[Any]:
    """The coroutines that were passed to functions of the event loop and never started."""
    found = []
    while error is not None:  # a Runner fails a second time when its block ends
        trace = traceback_of(error)
        while trace is not None:
            if not is_learners_file(trace.tb_frame.f_code.co_filename):
                found += [value for value in trace.tb_frame.f_locals.values() if is_unstarted(value)]
            trace = trace.tb_next
        error = error_before(error)
    return found
