"""The syntax-tree pass that lets a recording see what goes *in*.

`sys.monitoring` reports that a generator was resumed, but not with which value. So while a recording goes on, the
learner's functions run from code in which every `yield v` reads `received((yield v))`. Nothing else changes:
positions stay (so do tracebacks), globals stay (`received` is a constant of the code, not a name), and the functions
get their own code back.

A code object is replaced only when the source on disk or in the cell, compiled again, gives exactly that code object.
If it does not (the file was edited since, the code was made by `exec`), the values that go into it stay unknown.
"""

from __future__ import annotations
import __future__

import ast
import dis
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_ITERABLE_COROUTINE
from types import CodeType

from coro_lab.trace.own_builtins import keep_builtins, undisturbed

keep_builtins(globals())

SUSPENDABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR

_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag

_RECEIVED, _HANDING_OVER = (
    "coro_lab: received",
    "coro_lab: handing over",
)  # stand for the hooks until the code is compiled


class Listener:
    """Who hears what the rewritten code reports: a recorder, or nobody."""

    heard: Callable[[object], None] | None = None
    handed_over: Callable[[object], None] | None = None


def received(value: object) -> object:
    """The value that a `yield` gave back inside the generator, reported and passed on."""
    if (heard := Listener.heard) is not None:
        heard(value)
    return value


def handing_over(iterable: object) -> object:
    """What a `yield from` is about to delegate to, reported and passed on."""
    if Listener.handed_over is not None:
        Listener.handed_over(iterable)
    return iterable


class _Hook(ast.NodeTransformer):
    """`yield v` becomes `received((yield v))`, `yield from it` becomes `yield from handing_over(it)`."""

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        self.generic_visit(node)
        return _call(_RECEIVED, node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.AST:
        self.generic_visit(node)
        node.value = _call(_HANDING_OVER, node.value)
        return node


def _call(mark: str, node: ast.expr) -> ast.expr:
    call = ast.Call(func=ast.Constant(mark), args=[node], keywords=[])
    return ast.fix_missing_locations(ast.copy_location(call, node))


def rewrite_tree[Tree: ast.AST](tree: Tree) -> Tree:
    """The same tree with hooks around its yields; `put_hooks` completes the code that is compiled from it."""
    result: Tree = ast.fix_missing_locations(_Hook().visit(tree))
    return result


def put_hooks(code: CodeType) -> CodeType:
    """The code compiled from a rewritten tree, with the hooks in the place of their marks."""
    marks = {_RECEIVED: received, _HANDING_OVER: handing_over}
    constants = tuple(
        put_hooks(constant)
        if isinstance(constant, CodeType)
        else marks.get(constant, constant)
        if isinstance(constant, str)
        else constant
        for constant in code.co_consts
    )
    return code.replace(co_consts=constants, co_code=_reporting_close(code))


def _reporting_close(code: CodeType) -> bytes:
    """The code's bytes, such that close() is always reported.

    Since 3.13 a generator suspended outside any `try` is closed without running it (gh-111354), so nobody is told. The
    compiler marks such a place by bit 4 of RESUME's argument; without the mark, close() throws GeneratorExit in as
    before.
    """
    raw = bytearray(code.co_code)
    if sys.version_info >= (3, 13) and code.co_flags & SUSPENDABLE:
        for instruction in dis.get_instructions(code):
            if instruction.opname == "RESUME":
                raw[instruction.offset + 1] &= ~4
    return bytes(raw)


def compile_quietly(source: str | ast.Module, filename: str, mode: str = "exec", flags: int = 0) -> CodeType:
    """`compile` without the warnings that the learner has already seen, or that only the hooks' marks cause."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(source, filename, mode, flags=flags, dont_inherit=True)
        return code


def parse_quietly(source: str | bytes, filename: str) -> ast.Module:
    """`ast.parse` without the warnings that the learner has already seen, of an invalid escape for instance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, filename)


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code and every code object inside it, outer ones first."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from nested(constant)


def _can_suspend(code: CodeType) -> bool:
    """Whether it is suspended anywhere, or makes something that is; every learner's function is asked this."""
    if code.co_flags & SUSPENDABLE:
        return True
    # A list: a generator that `any` leaves early is closed, and an interrupt that comes just then is thrown away.
    return True in [type(constant) is CodeType and _can_suspend(constant) for constant in code.co_consts]


class CodeTable:
    """Which code stands in for which while a recording goes on, file by file and cell by cell."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, int], tuple[list[str], dict[CodeType, CodeType]]] = {}
        # by the id of the rewritten code, which stands first: equal code may come from another file
        self._original: dict[int, tuple[CodeType, CodeType]] = {}
        self._rewritten: dict[int, tuple[CodeType, CodeType]] = {}  # by the id of the first; to compare code takes long

    def rewritten(self, code: CodeType) -> CodeType | None:
        """The code to run instead, or None if it has nothing to report or an uncertain source."""
        _, rewritten = self._rewritten.get(id(code)) or (code, self._look_up(code))
        if rewritten is not None:
            self._rewritten[id(code)] = code, rewritten
            if self.original(rewritten) is not code:
                self.learn(code, rewritten)  # equal code was compiled anew; what comes back is this very one
        return rewritten

    def _look_up(self, code: CodeType) -> CodeType | None:
        return self._find(code) if _can_suspend(code) else None

    @undisturbed
    def _find(self, code: CodeType) -> CodeType | None:
        known = self._pairs(code, self.lines(code))
        rewritten = known.get(code)
        if rewritten is None and code.co_flags & CO_ITERABLE_COROUTINE:  # types.coroutine has set this on compiled code
            plain = known.get(code.replace(co_flags=code.co_flags & ~CO_ITERABLE_COROUTINE))
            if plain is not None:
                rewritten = known[code] = plain.replace(co_flags=plain.co_flags | CO_ITERABLE_COROUTINE)
        return rewritten

    def lines(self, code: CodeType) -> list[str]:
        """The lines of the file or cell that this code was compiled from; if they are gone, the present ones.

        Python keeps what it has read of a file, so after `importlib.reload` that may be the old text.
        """
        lines = linecache.getlines(code.co_filename)
        if (self.original(code) or code) not in self._pairs(code, lines):
            linecache.checkcache(code.co_filename)
            lines = linecache.getlines(code.co_filename)
        return lines

    def _pairs(self, code: CodeType, lines: list[str]) -> dict[CodeType, CodeType]:
        """What these lines give when they are compiled, and what stands in for it."""
        flags = code.co_flags & _FUTURES
        known = self._files.get((code.co_filename, flags))
        if known is None or known[0] != lines:
            known = self._files[code.co_filename, flags] = lines, self._read(code.co_filename, lines, flags)
        return known[1]

    def is_from_source(self, code: CodeType) -> bool:
        """Whether the lines of its file or cell, compiled again, give this very code."""
        return (self.original(code) or code) in self._pairs(code, linecache.getlines(code.co_filename))

    def original(self, code: CodeType) -> CodeType | None:
        """The learner's own code for a rewritten one."""
        return self._original.get(id(code), (None, None))[1]

    def learn(self, original: CodeType, rewritten: CodeType) -> dict[CodeType, CodeType]:
        """Remember a pair, and the pairs inside it."""
        pairs = dict(zip(nested(original), nested(rewritten), strict=True))
        self._original |= {id(new): (new, old) for old, new in pairs.items()}
        return pairs

    def _read(self, filename: str, lines: list[str], flags: int) -> dict[CodeType, CodeType]:
        source = "".join(lines)
        flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            tree = parse_quietly(source, filename)
            original = compile_quietly(source, filename, flags=flags)
            rewritten = put_hooks(compile_quietly(rewrite_tree(tree), filename, flags=flags))
        except (SyntaxError, ValueError, RecursionError):
            return {}
        return self.learn(original, rewritten)


table = CodeTable()
