"""parsons(NAME): a program whose lines the learner puts in order with buttons or keys."""

from __future__ import annotations

from typing import Any

import traitlets
from ipywidgets import VBox

from coro_lab.lessons.checker.attempt import not_attempted
from coro_lab.lessons.checker.catalogue import find_parsons
from coro_lab.lessons.checker.exercise import Parsons
from coro_lab.lessons.checker.judge import judge
from coro_lab.lessons.checker.outcome import Outcome
from coro_lab.lessons.widgets.exercise import ExerciseWidget, run_of
from coro_lab.lessons.widgets.learning import module


class ParsonsWidget(ExerciseWidget):
    """The lines and the learner's order of them (places in `lines`, from 0), checked by running the program."""

    _esm = module("place", "outcome", "parsons")

    lines: Any = traitlets.List().tag(sync=True)
    order: Any = traitlets.List().tag(sync=True)

    def __init__(self, exercise: Parsons) -> None:
        self.outcome: Outcome | None = None  # of the latest check
        super().__init__(exercise, not_attempted(), lines=list(exercise.lines))
        self.reason = "Put the lines in order, then check."

    def check(self) -> None:
        """Run the program that the lines make now, and show the outcome."""
        assert isinstance(self.exercise, Parsons)
        places = [place for place in dict.fromkeys(self.order) if place in range(len(self.lines))]
        if places:
            source = self.exercise.source(places)
            self.outcome = judge(self.exercise, source)
            self.show_outcome(self.outcome, source)

    def on_ask(self, content: dict[str, Any]) -> None:
        if content.get("ask") == "check":
            self.order = list(content.get("order", self.order))
            self.check()
        else:
            super().on_ask(content)

    def __repr__(self) -> str:
        lines = "".join(f"\n  | {line}" for line in self.lines)
        return f"{super().__repr__()}{lines}"


class ParsonsBox(VBox):  # type: ignore[misc]
    """A problem, and below it the player with the run of the ordered lines.

    `exercise` has the lines; `parsons` finds it by its name.
    """

    def __init__(self, exercise: Parsons) -> None:
        self.problem = ParsonsWidget(exercise)  # the lines, their order and the outcome
        super().__init__([self.problem])
        self.problem.observe(self._show, "answered")

    def _show(self, _: object) -> None:
        outcome = self.problem.outcome
        player = None if outcome is None else run_of(outcome)
        self.children = [self.problem] if player is None else [self.problem, player]

    def __repr__(self) -> str:
        return repr(self.problem)


def parsons(name: str) -> ParsonsBox:
    """The Parsons problem of this `name`, a widget: lines to put in order.

    Raises UnknownExerciseError for an unknown name.

    >>> print(repr(parsons("picky")).splitlines()[0])
    picky: not attempted. Put the lines in order, then check.
    """
    return ParsonsBox(find_parsons(name))
