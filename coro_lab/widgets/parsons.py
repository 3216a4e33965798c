"""parsons(NAME): a program whose lines are all there, to be put in order with buttons or keys."""

from __future__ import annotations

from typing import Any

import traitlets

from coro_lab.errors import CoroLabError
from coro_lab.exercises.catalogue import find
from coro_lab.exercises.exercise import Parsons
from coro_lab.exercises.judging import not_attempted
from coro_lab.exercises.sandbox import judge
from coro_lab.widgets.exercise import ExerciseWidget
from coro_lab.widgets.learning import module


class ParsonsWidget(ExerciseWidget):
    """The lines and the learner's order of them (places in `lines`, from 0), checked by running the program."""

    _esm = module("parsons")

    lines: Any = traitlets.List().tag(sync=True)
    order: Any = traitlets.List().tag(sync=True)

    def __init__(self, exercise: Parsons) -> None:
        super().__init__(exercise, not_attempted(), lines=list(exercise.lines))
        self.reason = "Put the lines in order, then check."

    def check(self) -> None:
        """Run the program that stands there now, and tell what came of it."""
        assert isinstance(self.exercise, Parsons)
        places = [place for place in dict.fromkeys(self.order) if place in range(len(self.lines))]
        if places:
            self.tell(judge(self.exercise, self.exercise.source(places)))

    def on_ask(self, content: dict[str, Any]) -> None:
        if content.get("ask") == "check":
            self.order = list(content.get("order", self.order))
            self.check()
        else:
            super().on_ask(content)

    def __repr__(self) -> str:
        lines = "".join(f"\n  | {line}" for line in self.lines)
        return f"{super().__repr__()}{lines}"


def parsons(name: str) -> ParsonsWidget:
    """The Parsons problem of this name. Raises CoroLabError where there is none."""
    exercise = find(name)
    if not isinstance(exercise, Parsons):
        raise CoroLabError(
            f"{name!r} is an exercise to be written.\n  Write: %%check {name}\n  in the first line of a cell"
        )
    return ParsonsWidget(exercise)
