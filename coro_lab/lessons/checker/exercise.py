"""What an exercise is made of."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.source import block, tree_of


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

    def answer(self, source: str) -> Answer:
        """The answer that is written so, after it has been run once. Raises NotYet where it cannot be run."""
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
