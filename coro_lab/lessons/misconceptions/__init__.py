"""Common misconceptions, each with a program that tests it and a section of a notebook that corrects it.

`believed` is what the test program would print if the belief were right; `happens()` is what it prints.
"""

from __future__ import annotations

from coro_lab.errors import UnknownMisconceptionError
from coro_lab.lessons.misconceptions.calls import CALLS
from coro_lab.lessons.misconceptions.endings import ENDINGS
from coro_lab.lessons.misconceptions.frames import FRAMES
from coro_lab.lessons.misconceptions.generators import GENERATORS
from coro_lab.lessons.misconceptions.loops import LOOPS
from coro_lab.lessons.misconceptions.misconception import Misconception
from coro_lab.lessons.misconceptions.sharing import SHARING
from coro_lab.lessons.misconceptions.tasks import TASKS

__all__ = ["MISCONCEPTIONS", "Misconception", "named"]

MISCONCEPTIONS = (*CALLS, *GENERATORS, *SHARING, *LOOPS, *TASKS, *ENDINGS, *FRAMES)


def named(name: str) -> Misconception:
    """The misconception of this name. Raises UnknownMisconceptionError."""
    for misconception in MISCONCEPTIONS:
        if misconception.name == name:
            return misconception
    known = tuple(misconception.name for misconception in MISCONCEPTIONS)
    said = f"There is no misconception {name!r}. Write one of: {', '.join(known)}."
    raise UnknownMisconceptionError(said, name=str(name), known=known)
