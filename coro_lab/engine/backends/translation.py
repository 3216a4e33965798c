"""The program: written for generators, rewritten line for line for another engine."""

from __future__ import annotations
import __future__

import ast
import dis
import inspect
import linecache
import pickle
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from coro_lab.engine.backends.unsupported import sends_to, unsupported
from coro_lab.engine.processes import pickler
from coro_lab.engine.recorder.rewriting import nested
from coro_lab.errors import ArgumentError, EngineError, UnknownNameError, advice
from coro_lab.trace.own_builtins import with_builtins
from coro_lab.trace.safe_repr import describe

ENGINES = ("generators", "asyncio", "threads", "processes")

type Function = Callable[..., Any]


@with_builtins
class Translation(NamedTuple):
    """A program as one engine needs it: its text, and the values that the text names. It can be pickled."""

    text: str
    names: tuple[str, ...]  # of the functions that begin it
    converses: bool  # the first function sends to the second; otherwise all take turns
    file: str  # the file name of the text in tracebacks
    around: dict[str, Any]  # the values of other names: modules, functions, data; a process has copies

    @classmethod
    def of(cls, engine: str, *functions: Function) -> Translation:
        """The program of these functions. Raises EngineError if their source cannot be found or rewritten.

        Raises UnknownNameError for another engine, and ArgumentError for anything but a program.
        """
        if engine not in ENGINES:
            raise _no_engine(engine, functions)
        if methods := [each.__name__ for each in functions if inspect.ismethod(each)]:
            wrote = ", ".join(map(describe, functions))
            what = f"A method cannot be rewritten without its object: {' and '.join(dict.fromkeys(methods))}."
            instead = "a function outside of a class, which names the object"
            raise ArgumentError(advice(what, wrote, instead), argument="functions", given=wrote)
        converses = len(functions) == 2 and _takes_a_partner(functions[0])
        if converses and inspect.isgeneratorfunction(functions[0]):
            name = functions[0].__name__
            what = (
                f"{name} has a yield and a parameter, so it is not clear whether it takes turns or sends to the other."
            )
            instead = f"{name} without parameters if it takes turns, and without a yield if it sends"
            said = advice(what, ", ".join(map(describe, functions)), instead)
            raise ArgumentError(said, argument="functions", given=name)
        if not functions or not all(map(inspect.isgeneratorfunction, functions[converses:])):
            wrote = ", ".join(map(describe, functions)) or "no function"
            instead = "functions with a yield that take turns, or a function and the one it sends to"
            if made := [each.__name__ for each in functions if inspect.isgenerator(each)]:
                written = ", ".join(getattr(each, "__name__", describe(each)) for each in functions)
                instead = f"run_on({engine!r}, {written}), without the () behind {' and '.join(made)}"
            what = "A program is written for generators, and rewritten for the other engines."
            said = advice(what, wrote, instead)
            raise ArgumentError(said, argument="functions", given=wrote)
        texts = dict.fromkeys(_source(function, engine) for function in functions)
        for number, function in enumerate(functions):
            _refuse(function, engine, begins=converses and number == 0)
        names = tuple(function.__name__ for function in functions)
        file = f"<python-input {engine} {' '.join(names)}>"
        around = {name: thing for function in functions for name, thing in _around(function) if name not in names}
        return cls(rewritten("\n\n".join(texts), engine, converses), names, converses, file, around)

    def functions(self, **known: Any) -> list[Function]:
        """The functions, in a new namespace with `known` and what is around them."""
        linecache.cache[self.file] = len(self.text), None, self.text.splitlines(keepends=True), self.file
        namespace = {**self.around, **known}
        exec(compile(self.text, self.file, "exec", flags=__future__.annotations.compiler_flag), namespace)
        return [namespace[name] for name in self.names]

    def __reduce__(self) -> tuple[Callable[..., Translation], tuple[Any, ...]]:
        """By cloudpickle if it is installed: it takes what a notebook has defined. Raises EngineError if it fails."""
        try:
            return _unpacked, (*self[:-1], pickler().dumps(self.around))
        except Exception as error:  # a learner's value may raise anything
            raise EngineError(
                f"{' and '.join(self.names)} cannot run in separate processes, because what they use cannot be sent: "
                f"{error}.\n"
                f"  They use: {', '.join(self.around)}\n"
                f"  Write:    functions that make it themselves, or take another engine",
                engine="processes",
                function=" and ".join(self.names),
            ) from None


def _no_engine(engine: object, functions: tuple[object, ...]) -> ArgumentError | UnknownNameError:
    """The error for an engine that does not exist, or was left out: `run_on(A, B)`."""
    if isinstance(engine, str):
        said = f"There is no engine {describe(engine)}.\n  Write one of: {', '.join(map(repr, ENGINES))}"
        return UnknownNameError(said, name=engine, known=ENGINES)
    given = (engine, *functions)
    words = [getattr(each, "__name__", describe(each)) for each in given]
    parts = ", ".join(word for word, each in zip(words, given) if callable(each)) or "A, B"
    named = next((each for each in functions if each in ENGINES), "threads")
    what = "The engine goes by its name, and stands before the functions."
    said = advice(what, f"run_on({', '.join(words)})", f'run_on("{named}", {parts}), or {", ".join(ENGINES)}')
    return ArgumentError(said, argument="engine", given=describe(engine))


def _takes_a_partner(function: Function) -> bool:
    """Whether it has a parameter without a default: the partner that it sends to."""
    if not callable(function):
        return False
    return any(each.default is each.empty for each in inspect.signature(function).parameters.values())


def _refuse(function: Function, engine: str, *, begins: bool) -> None:
    """Raise EngineError for what this engine does not support."""
    at_head = _parsed(function)
    partner = _partner(at_head) if begins else None
    for problem in unsupported(at_head, engine, partner, function.__code__.co_freevars):
        raise EngineError(str(problem), engine=engine, function=function.__name__)


def _partner(function: ast.FunctionDef) -> str | None:
    """The name of a function's first parameter: the partner that it sends to."""
    handed = [*function.args.posonlyargs, *function.args.args]
    return handed[0].arg if handed else None


def _unpacked(text: str, names: tuple[str, ...], converses: bool, file: str, around: bytes) -> Translation:
    return Translation(text, names, converses, file, pickle.loads(around))


def _around(function: Function) -> Iterator[tuple[str, Any]]:
    """The names that a function, its defaults and its decorators take from outside, with their values now."""
    at_head = _parsed(function)
    outside = [*at_head.decorator_list, *at_head.args.defaults, *filter(None, at_head.args.kw_defaults)]
    names = [node.id for part in outside for node in ast.walk(part) if isinstance(node, ast.Name)]
    for code in nested(function.__code__):
        names += [each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL"]
    yield from ((name, function.__globals__[name]) for name in names if name in function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        with suppress(ValueError):  # nothing in it yet
            yield name, cell.cell_contents


def _parsed(function: Function) -> ast.FunctionDef:
    at_head = ast.parse(_source(function)).body[0]
    assert isinstance(at_head, ast.FunctionDef)
    return at_head


def _source(function: Function, engine: str = "") -> str:
    try:
        text = textwrap.dedent(inspect.getsource(function)).strip()
        match ast.parse(text).body:
            case [ast.FunctionDef(name=name)] if name == function.__name__:
                return text
    except (OSError, SyntaxError):
        pass
    # also where another text is found: since 3.13, '<string>' names the text of `python -c` as well
    said = f"{function.__name__} has no source to be found, and it has to be rewritten."
    raise EngineError(said, engine=engine, function=function.__name__)


def rewritten(text: str, engine: str, converses: bool = False) -> str:
    """A program of generators as another engine needs it; every line stays where it is.

    A `yield` without a value becomes a switch. In a conversation it becomes an answer.

    >>> print(rewritten("def A():\\n    n = yield 1", "asyncio"))
    async def A():
        n = await answer(1)
    >>> print(rewritten("def A():\\n    n = yield 1", "threads"))
    def A():
        n = answer(1)
    """
    if engine == "generators":
        return text
    lines = [line.encode() for line in text.split("\n")]  # Python counts columns in bytes
    awaits = "await " if engine == "asyncio" else ""
    edits: list[tuple[int, int, int, str]] = []
    for number, function in enumerate(ast.parse(text).body):
        begins = converses and number == 0
        partner = _partner(function) if begins and isinstance(function, ast.FunctionDef) else None
        edits += [edit for node in ast.walk(function) for edit in _edits(node, awaits, converses, partner)]
    for line, column, old, new in sorted(edits, reverse=True):
        before, after = lines[line - 1][:column], lines[line - 1][column + old :]
        lines[line - 1] = before + new.encode() + (after.lstrip() if new.endswith("(") else after)
    return b"\n".join(lines).decode()


def _edits(node: ast.AST, awaits: str, converses: bool, partner: str | None) -> Iterator[tuple[int, int, int, str]]:
    """What to replace: line, column, how many bytes, and by what."""
    match node:
        case ast.FunctionDef(col_offset=0) if awaits:  # not an inner function, which is not awaited
            yield node.lineno, node.col_offset, 0, "async "
        case ast.Yield(value=None):
            switch = "answer(None)" if converses else "switch()"
            yield node.lineno, node.col_offset, len("yield"), f"{awaits}{switch}"
        case ast.Yield():
            yield node.lineno, node.col_offset, len("yield"), f"{awaits}answer("
            yield node.end_lineno or 0, node.end_col_offset or 0, 0, ")"
        case ast.Call() if awaits and sends_to(node, partner):
            yield node.lineno, node.col_offset, 0, awaits
