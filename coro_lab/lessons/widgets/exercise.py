"""%%check NAME: the outcome of an attempt, hints one by one, a solution on request."""

from __future__ import annotations
import __future__

import ast
from typing import Any

import traitlets
from IPython.display import display

from coro_lab.engine.recorder.rewriting import compile_quietly
from coro_lab.lessons.checker.catalogue import find
from coro_lab.lessons.checker.exercise import Exercise
from coro_lab.lessons.checker.judge import judge
from coro_lab.lessons.checker.outcome import CORRECT, NOT_ATTEMPTED, Outcome
from coro_lab.lessons.checker.source import tree_of
from coro_lab.lessons.places import next_after
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.widgets.learning import Learning, module
from coro_lab.views.cell_source import keep_source
from coro_lab.views.widgets.player import Player


class ExerciseWidget(Learning):
    """An outcome. The browser gets hints and the solution only when the learner asks for them."""

    _esm = module("place", "outcome", "exercise")

    name = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    reason = traitlets.Unicode("").tag(sync=True)
    hints: Any = traitlets.List().tag(sync=True)
    hint_count = traitlets.Int(0).tag(sync=True)
    solution = traitlets.Unicode("").tag(sync=True)
    next = traitlets.Dict().tag(sync=True)  # what comes after a correct answer, and where; empty if nothing does

    def __init__(self, exercise: Exercise, outcome: Outcome, source: str = "", **traits: Any) -> None:
        self.exercise = exercise
        super().__init__(name=exercise.name, hint_count=len(exercise.hints), **traits)
        self.show_outcome(outcome, source)

    def show_outcome(self, outcome: Outcome, source: str) -> None:
        """Show this outcome of an answer with this source, and store it in the progress if there was an attempt.

        With a correct answer comes the solution to compare it with, unless they are the same, and what is next.
        """
        self.status, self.reason, self.next = outcome.status, outcome.reason, {}
        if outcome.status == CORRECT:
            self.solution = "" if _same_code(source, self.exercise.solution) else self.exercise.solution.rstrip("\n")
            following = next_after(self.name)
            self.next = {"words": following[0], **following[1].shown()} if following else {}
        if outcome.status != NOT_ATTEMPTED:
            self.note = ProgressFile().keep_exercise(self.exercise.name, outcome.status)

    def hint(self) -> None:
        """Show one more hint, if there is one."""
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
        return "\n".join([f"{self.name}: {self.status}. {self.reason}", *filter(None, [self.next.get("words")])])


def check(name: str, source: str) -> tuple[Outcome, ExerciseWidget]:
    """The outcome of this answer to the exercise `name`, and the widget that shows it.

    Raises UnknownExerciseError for an unknown name.
    """
    exercise = find(name)
    outcome = judge(exercise, source)
    return outcome, ExerciseWidget(exercise, outcome, source)


def run_of(outcome: Outcome) -> Player | None:
    """The player with what an answer did; None if the outcome has no run.

    It stands at the event that is wrong; for a correct answer, where it received or yielded its first value.
    """
    if outcome.trace is None or not outcome.trace.events:
        return None
    return Player(outcome.trace, index=-1 if outcome.index is None else outcome.index, title="What your code did")


def _same_code(one: str, other: str) -> bool:
    """Whether two correct answers differ only in comments and layout."""
    return ast.dump(tree_of(one)) == ast.dump(tree_of(other))


def check_cell(ipython: Any, line: str, cell: str) -> None:
    """%%check NAME: judge the cell as the answer to an exercise, and show the outcome.

    The functions of the answer are defined in the notebook, so that they can be stepped and recorded there.
    """
    outcome, widget = check(line.strip(), ipython.transform_cell(cell))
    display(widget)
    player = run_of(outcome)
    if player is not None:
        display(player)
    if outcome.status != NOT_ATTEMPTED:
        define(ipython, cell)


def define(ipython: Any, cell: str) -> None:
    """Define the functions of an answer in the notebook, without running the rest of the answer."""
    source = "# %%check\n" + cell
    try:
        tree = tree_of(source)
        tree.body = [node for node in tree.body if _only_defines(node)]
        filename = keep_source(ipython, "%%check", cell, source)
        exec(compile_quietly(tree, filename, flags=__future__.annotations.compiler_flag), ipython.user_ns)
    except Exception:  # the check has explained already what is wrong with the answer
        return


def _only_defines(node: ast.stmt) -> bool:
    """Whether this statement is an import or a function without code that runs at its definition."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.decorator_list:
        return False
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    return all(isinstance(default, ast.Constant) for default in defaults)
