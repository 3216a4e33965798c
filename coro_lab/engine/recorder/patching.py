"""The learner's functions, running from rewritten code while a recording goes on, and given back afterwards."""

from __future__ import annotations

import builtins
import gc
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from coro_lab.engine.recorder.rewriting import nested, table
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


class Patch:
    """The learner's functions, running from rewritten code until `undo`."""

    def __init__(self, is_learners: Callable[[str], bool]) -> None:
        self._is_learners = is_learners
        # weak references: a function that the program drops is freed at once, with what its closure holds
        self._functions: list[tuple[weakref.ref[FunctionType], CodeType]] | None = None

    def apply(self, *, again: bool = False) -> None:
        """Make every learner's function that exists now report what its yields receive.

        The functions are looked up at the first call; `again` looks once more.
        """
        if self._functions is None or again:
            self._functions = list(self._find())
        for reference, code in self._functions:
            function = reference()
            if function is not None and table.original(code) == function.__code__:
                function.__code__ = code

    def _find(self) -> Iterator[tuple[weakref.ref[FunctionType], CodeType]]:
        function = FunctionType  # there are thousands of functions, so little is asked of each
        known: dict[int, bool] = {}  # by the id of globals, whether learner's functions can be there
        last, ours = None, False
        # every function refers to its builtins: this takes half the time of looking at every object
        for thing in gc.get_referrers(vars(builtins)):
            if type(thing) is function:
                if (names := thing.__globals__) is not last:  # functions of one module mostly come one after the other
                    last = names
                    if id(names) not in known:
                        known[id(names)] = not self._is_foreign(names)
                    ours = known[id(names)]
                if ours and self._is_learners(thing.__code__.co_filename):
                    if table.original(thing.__code__):
                        yield weakref.ref(thing), thing.__code__
                    elif rewritten := table.rewritten(thing.__code__):
                        yield weakref.ref(thing), rewritten

    def _is_foreign(self, names: dict[str, Any]) -> bool:
        """Whether these are the globals of a module without a learner's function."""
        file = dict.get(names, "__file__")
        return type(file) is str and not self._is_learners(file) and dict.get(names, "__name__") != "__main__"

    def undo(self, ran: list[CodeType]) -> None:
        """Give each function its own code back, also those that rewritten code has made; `ran`: the code that ran."""
        for reference, _ in self._functions or ():
            function = reference()
            if function is not None:
                self._restore(function)
        made = [inner for code in ran if table.original(code) for inner in nested(code) if _can_outlive(inner, code)]
        if True in ["__code__" in code.co_names for code in ran]:  # the program may have given it to another function
            made += [code for code in (*ran, *(code for _, code in self._functions or ())) if table.original(code)]
        for holder in gc.get_referrers(*made) if made else ():
            if type(holder) is FunctionType:
                self._restore(holder)

    @staticmethod
    def _restore(function: FunctionType) -> None:
        code = table.original(function.__code__)
        if code is not None:
            function.__code__ = code


def _can_outlive(inner: CodeType, code: CodeType) -> bool:
    """Whether a function of this inner code can exist after the code has ended; to look for it takes long."""
    return inner is not code and inner.co_name not in ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")
