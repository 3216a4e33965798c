"""PastedProgram: one pasted program, its run, and what of it can be stepped and explored."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from coro_lab.engine.explore import Exploration, explore
from coro_lab.errors import CoroLabError
from coro_lab.lessons.playground.definitions import Definitions
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets.stepper import StepperWidget

_NO_ORDERS = (
    "that takes an asyncio program, which has asyncio.run(...) in it, or two or more generator functions that take no "
    "arguments."
)
_NO_ORDERS_OF_THREADS = (
    "the threads of a program switch where the system likes. Notebook 04 shows what to write instead: functions made "
    "`preemptible`, with a Lock and a Queue of coro_lab."
)


class _NotHereError(Exception):
    """This program has nothing for the tool; the text says what is missing."""


class PastedProgram:
    """A program from a cell that begins with `%%playground`."""

    def __init__(self, tree: ast.Module, filename: str, trace: Trace) -> None:
        self.trace = trace  # its run, as a script
        self._definitions = Definitions(tree, filename)

    def __repr__(self) -> str:
        return f"<pasted program: {self.trace!r}>"

    def stepper(self) -> StepperWidget | None:
        """The program's first generator under the reader's buttons; without one None, and a sentence."""
        try:
            return StepperWidget(self._first_generator())
        except Exception as error:
            print(f"Nothing can be stepped by hand: {_reason(error)}")
        return None

    def explore(self, **options: Any) -> Exploration | None:
        """What every order of its tasks gives; None, and a sentence, if this program's orders cannot be tried.

        The options are those of `explore`, such as `invariant`.
        """
        try:
            return explore(**self._tasks() | options)
        except Exception as error:
            print(f"Not every order can be tried: {_reason(error)}")
        return None

    def _first_generator(self) -> Callable[[], Any]:
        """A function that makes it. Raises _NotHereError without one, and what its definitions raise."""
        if not (generators := self._generators()):
            raise _NotHereError("this program has no top-level function with a yield in it.")
        if (called := self._call_of(generators)) is None:
            raise _NotHereError(f"only the run itself knows what {next(iter(generators))} is called with.")
        return _named(self._definitions.maker(called), called)

    def _generators(self) -> dict[str, ast.FunctionDef]:
        functions = self._definitions.functions()
        return {each.name: each for each in functions if isinstance(each, ast.FunctionDef) and _yields(each)}

    def _call_of(self, generators: dict[str, ast.FunctionDef]) -> ast.Call | None:
        """How the program itself calls one of these, with arguments that are known before it runs."""
        calls = (node for node in ast.walk(self._definitions.tree) if isinstance(node, ast.Call))
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id in generators and self._definitions.knows(call):
                return call
        free = (name for name, each in generators.items() if not _needs_arguments(each))
        return next((ast.Call(ast.Name(name, ast.Load()), [], []) for name in free), None)

    def _tasks(self) -> dict[str, Any]:
        """What `explore` takes: the async function that begins the program, or its generator functions by name."""
        for call in (node for node in ast.walk(self._definitions.tree) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) in ("asyncio.run", "run") and call.args and self._definitions.knows(call.args[0]):
                return {"coroutines": _named(self._definitions.maker(call.args[0]), call.args[0])}
        alone = [name for name, each in self._generators().items() if not _needs_arguments(each)]
        if len(alone) < 2:
            threads = {lane.thread for lane in self.trace.lanes}
            raise _NotHereError(_NO_ORDERS if len(threads) < 2 else _NO_ORDERS_OF_THREADS)
        names, reset = self._definitions.shared({*alone})
        return {"coroutines": {name: names[name] for name in alone}, "setup": reset}


def _yields(function: ast.FunctionDef) -> bool:
    """Whether a `yield` stands in this function itself, and not only in one inside it."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(function))


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own_nodes(child)


def _needs_arguments(function: ast.FunctionDef) -> bool:
    given = function.args
    needed = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return needed > 0 or None in given.kw_defaults


def _named(maker: Callable[[], Any], expression: ast.expr) -> Callable[[], Any]:
    """The maker under the name of the function that it calls."""
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name):
        maker.__name__ = maker.__qualname__ = expression.func.id
    return maker


def _reason(error: Exception) -> str:
    """Why a tool cannot be used, in words."""
    if isinstance(error, _NotHereError | CoroLabError):
        return str(error)
    return f"a definition of the program ends in {describe(error)}."
