"""What an exercise is made of, and what can come of an attempt at it."""

from __future__ import annotations

import ast
import json
import random
import textwrap
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coro_lab.errors import TraceFormatError
from coro_lab.events import Trace

if TYPE_CHECKING:
    from coro_lab.exercises.answer import Answer

NOT_ATTEMPTED, NOT_YET, CORRECT = "not attempted", "not yet", "correct"


def block(text: str) -> str:
    """Lines of code that were written indented between triple quotes, without the indentation.

    >>> block('''
    ...     def echo():
    ...         yield
    ... ''')
    'def echo():\\n    yield\\n'
    """
    lines = textwrap.dedent(text).strip("\n")
    return f"{lines}\n" if lines else ""


def tree_of(source: str) -> ast.Module:
    """The syntax tree of a source, without the warnings that running it gives. Raises what `ast.parse` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


class NotYet(Exception):  # noqa: N818 (an outcome, not an error)
    """A check found that the answer does not do what was asked; the reason is a sentence about what it did.

    `trace` is the run that shows it and `index` the event (from 0) to look at.
    """

    def __init__(self, reason: str, *, trace: Trace | None = None, index: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.trace, self.index = reason, trace, index


@dataclass(frozen=True)
class Mistake:
    """A mistake that many make: code that makes it, and the sentence for whoever makes it.

    It is recognised by what it does: an answer whose check ends with the same reason is told the same sentence. So the
    sentence must be true of every answer with that reason. Where the reason quotes a line, the answer's line must read
    the same, unless the sentence holds for any line (`anywhere`).
    """

    code: str
    says: str
    anywhere: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", block(self.code))


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One task of a notebook. Its cell in the notebook begins with `%%check NAME`, followed by the starter."""

    name: str  # one word, unique among all exercises
    task: str  # what is asked for, in Markdown; the notebook shows the same text
    starter: str  # what stands in the cell before anybody wrote anything
    check: Callable[[Answer], None]  # returns if the answer is correct, raises NotYet if it is not
    hints: tuple[str, ...]  # shown one by one, from a nudge to nearly everything
    solution: str
    mistakes: tuple[Mistake, ...]
    given: str = ""  # code that is there before the answer's own, as the notebook showed it

    def __post_init__(self) -> None:
        for name in ("starter", "solution", "given"):
            object.__setattr__(self, name, block(getattr(self, name)))

    def is_attempted(self, source: str) -> bool:
        """Whether this is more than the starter; comments and blank lines do not count."""
        try:
            tree = ast.dump(tree_of(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return True
        return tree not in (ast.dump(ast.parse(self.starter)), ast.dump(ast.parse("")))


@dataclass(frozen=True, kw_only=True)
class Parsons(Exercise):
    """An exercise whose lines are all there, in disorder: the learner orders them and leaves the distractors out."""

    starter: str = ""
    distractors: tuple[str, ...] = field(default=())  # lines that look right, indented like the line they tempt from

    @property
    def lines(self) -> tuple[str, ...]:
        """The solution's lines and the distractors, in an order that is always the same and never the solution's."""
        wanted = self.solution.strip("\n").splitlines()
        lines = [*wanted, *self.distractors]
        dice = random.Random(self.name)
        while lines[: len(wanted)] == wanted or lines[0] == wanted[0]:
            dice.shuffle(lines)
        return tuple(lines)

    def source(self, order: Sequence[int]) -> str:
        """The program that these lines make, named by their places (from 0) in `lines`."""
        return "".join(f"{self.lines[place]}\n" for place in order)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: one of three, with a reason, and the run that shows it where one does."""

    status: str
    reason: str
    trace: Trace | None = None
    index: int | None = None  # the event of the trace (from 0; -1 is the last) to look at

    def to_json(self) -> str:
        """As one JSON text, for the way out of the sandbox."""
        trace = None if self.trace is None else self.trace.to_json()
        return json.dumps({"status": self.status, "reason": self.reason, "trace": trace, "index": self.index})

    @classmethod
    def from_json(cls, text: str) -> Outcome:
        """The outcome that `to_json` wrote. Raises ValueError for anything else."""
        try:
            found: dict[str, Any] = json.loads(text)
            trace = None if found["trace"] is None else Trace.from_json(found["trace"])
            status, reason, index = found["status"], found["reason"], found["index"]
        except (TypeError, KeyError, RecursionError, TraceFormatError) as error:
            raise ValueError("not an outcome") from error
        known = status in (NOT_ATTEMPTED, NOT_YET, CORRECT) and type(reason) is str
        if not known or (index is not None and index not in range(-1, len(trace.events) if trace else 0)):
            raise ValueError("not an outcome")
        return cls(status, reason, trace, index)
