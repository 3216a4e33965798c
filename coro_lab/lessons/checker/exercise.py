"""An exercise: its text, its check and its foreseen mistakes."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.source import block, tree_of


@dataclass(frozen=True)
class Mistake:
    """A common mistake: code that makes it, and the sentence that helps a learner who makes it.

    A mistake is recognised by its effect: every answer whose check ends with the same reason gets the sentence, so the
    sentence must be true of all of them. If the reason quotes a line, the answer's line must be the same, unless the
    sentence holds for any line (`anywhere`).
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
    starter: str  # the cell's code before the learner changes it
    check: Callable[[Answer], None]  # returns if the answer is correct, raises NotYet if it is not
    hints: tuple[str, ...]  # shown one by one, from a nudge to nearly everything
    solution: str
    mistakes: tuple[Mistake, ...]
    given: str = ""  # code that runs before the answer, as the notebook showed it

    def __post_init__(self) -> None:
        for name in ("starter", "solution", "given"):
            object.__setattr__(self, name, block(getattr(self, name)))

    def answer(self, source: str) -> Answer:
        """The answer with this source, after it has been run once. Raises NotYet if it cannot be run."""
        return Answer(self.name, source, given=self.given, solution=self.solution)

    def is_attempted(self, source: str) -> bool:
        """Whether this is more than the starter; comments and blank lines do not count."""
        try:
            tree = ast.dump(tree_of(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return True
        return tree not in (ast.dump(ast.parse(self.starter)), ast.dump(ast.parse("")))


@dataclass(frozen=True, kw_only=True)
class Parsons(Exercise):
    """An exercise whose lines are given in disorder: the learner orders them and leaves the distractors out."""

    starter: str = ""
    distractors: tuple[str, ...] = field(default=())  # wrong lines that look right, indented like the right line

    @property
    def lines(self) -> tuple[str, ...]:
        """The solution's lines and the distractors, in an order that is always the same and never the solution's."""
        wanted = self.solution.strip("\n").splitlines()
        lines = [*wanted, *self.distractors]
        generator = random.Random(self.name)
        while lines[: len(wanted)] == wanted or lines[0] == wanted[0]:
            generator.shuffle(lines)
        return tuple(lines)

    def source(self, order: Sequence[int]) -> str:
        """The program made of these lines, which are given by their places (from 0) in `lines`."""
        return "".join(f"{self.lines[place]}\n" for place in order)
