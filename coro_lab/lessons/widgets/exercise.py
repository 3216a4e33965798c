"""%%check NAME: what came of an attempt, hints one by one, a solution on request."""

from __future__ import annotations
import __future__

import ast
from typing import Any

import traitlets
from IPython.display import display

from coro_lab.engine.recorder.rewriting import compile_quietly
from coro_lab.lessons.checker.catalogue import find
from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.outcome import NOT_ATTEMPTED, Outcome
from coro_lab.lessons.checker.sandbox import judge
from coro_lab.lessons.checker.source import tree_of
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.widgets.learning import Learning, module
from coro_lab.views.cell_source import keep_source
from coro_lab.views.widgets.player import Player


class ExerciseWidget(Learning):
    """An outcome. Hints and the solution stay in Python until the learner asks for them."""

    _esm = module("exercise")

    name = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    reason = traitlets.Unicode("").tag(sync=True)
    hints: Any = traitlets.List().tag(sync=True)
    hint_count = traitlets.Int(0).tag(sync=True)
    solution = traitlets.Unicode("").tag(sync=True)

    def __init__(self, exercise: Exercise, outcome: Outcome, **traits: Any) -> None:
        self.exercise = exercise
        super().__init__(name=exercise.name, hint_count=len(exercise.hints), **traits)
        self.tell(outcome)

    def tell(self, outcome: Outcome) -> None:
        """Show this outcome, and keep it in the progress if there was an attempt."""
        self.status, self.reason = outcome.status, outcome.reason
        if outcome.status != NOT_ATTEMPTED:
            self.note = ProgressFile().keep_exercise(self.exercise.name, outcome.status)

    def hint(self) -> None:
        """Show one hint more, if there is one."""
        self.hints = list(self.exercise.hints[: len(self.hints) + 1])

    def show_solution(self) -> None:
        """Show a solution."""
        self.solution = self.exercise.solution.rstrip("\n")

    def on_ask(self, content: dict[str, Any]) -> None:
        if content.get("ask") == "hint":
            self.hint()
        elif content.get("ask") == "solution":
            self.show_solution()

    def __repr__(self) -> str:
        return f"{self.name}: {self.status}. {self.reason}"


def check(name: str, source: str) -> tuple[Outcome, ExerciseWidget]:
    """The outcome of this answer to the exercise of this name, and the widget that shows it.

    Raises UnknownExerciseError for a name that no exercise has.
    """
    exercise = find(name)
    outcome = judge(exercise, source)
    return outcome, ExerciseWidget(exercise, outcome)


def difference(outcome: Outcome) -> Player | None:
    """The player at the event at which an answer first did something else than was asked for, if its run is there."""
    if outcome.trace is None or not outcome.trace.events:
        return None
    return Player(outcome.trace, index=-1 if outcome.index is None else outcome.index, title="What your code did")


def check_cell(ipython: Any, line: str, cell: str) -> None:
    """%%check NAME: judge the cell as the answer to an exercise, and show what came of it.

    The functions of the answer stay in the notebook, to be stepped and recorded there.
    """
    outcome, widget = check(line.strip(), ipython.transform_cell(cell))
    display(widget)
    player = difference(outcome)
    if player is not None:
        display(player)
    if outcome.status != NOT_ATTEMPTED:
        define(ipython, cell)


def define(ipython: Any, cell: str) -> None:
    """Let the notebook know the functions of an answer, without running anything else of it."""
    source = "# %%check\n" + cell
    try:
        tree = tree_of(source)
        tree.body = [node for node in tree.body if _only_defines(node)]
        filename = keep_source(ipython, "%%check", cell, source)
        exec(compile_quietly(tree, filename, flags=__future__.annotations.compiler_flag), ipython.user_ns)
    except Exception:  # what is wrong with the answer has been told by its check
        return


def _only_defines(node: ast.stmt) -> bool:
    """Whether running this statement runs no expression of the learner's."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.decorator_list:
        return False
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    return all(isinstance(default, ast.Constant) for default in defaults)
