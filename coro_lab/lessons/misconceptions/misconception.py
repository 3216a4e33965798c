"""One misconception: a belief, the program that tests it, and where it is corrected."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

from coro_lab.lessons.checker.source import block, compiled


@dataclass(frozen=True)
class Misconception:
    """One belief, a program that tests it, and the section of a notebook that corrects it."""

    name: str
    belief: str  # a sentence, as a learner would say it
    truth: str  # one or two sentences
    program: str  # source; what it prints shows whether the belief is right
    believed: str  # what the program would print if the belief were right
    notebook: str  # a notebook without .ipynb, and one of its headings
    heading: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "program", block(self.program))

    def happens(self) -> str:
        """Run the test program, and return what it prints."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compiled(self.program, self.name), {"__name__": "__test__"})
        return printed.getvalue().strip()
