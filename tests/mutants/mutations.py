"""The mutants of a source file: mutmut's operators and four of our own, each applied at one place.

mutmut itself puts all mutants of a function into one file, and a trampoline that calls one of them. What is tested here
observes code objects and frames, and would see that; so each mutant is a separate source file.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import libcst as cst

from tests.mutants.parts import ROOT, SINCE


@dataclass(frozen=True)
class Mutant:
    """One file with one change in it: in which function, what stood there, and what stands there now."""

    file: str
    function: str
    was: str
    now: str
    text: str

    def __str__(self) -> str:
        return f"{self.file} {self.function}\n      was {self.was}\n      now {self.now}"

    @property
    def change(self) -> tuple[str, str, str, str]:
        """What names the mutant, however many lines are added above it."""
        return self.file, self.function, self.was, self.now


def left_out(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """A statement that is only there for what it does, a call mostly."""
    if not isinstance(node.value, cst.SimpleString | cst.ConcatenatedString | cst.Ellipsis):
        yield cst.Pass()


def not_raised(node: cst.Raise) -> Iterator[cst.CSTNode]:
    yield cst.Pass()


def nothing_returned(node: cst.Return) -> Iterator[cst.CSTNode]:
    if node.value is not None and not node.value.deep_equals(cst.Name("None")):
        yield cst.Return()


def turned_round(node: cst.If | cst.While | cst.CompIf | cst.IfExp) -> Iterator[cst.CSTNode]:
    """The condition, so that each way is taken in place of the other."""
    test = node.test.with_changes(lpar=[cst.LeftParen(), *node.test.lpar], rpar=[*node.test.rpar, cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test))


Operator = Callable[[Any], Iterable[cst.CSTNode]]


@functools.cache
def operators() -> list[tuple[Any, Operator]]:
    """Each with the kind of node it applies to."""
    from mutmut.mutation.mutators import mutation_operators  # takes long to import, also where only other tests run

    return [
        *mutation_operators,
        (cst.Expr, left_out),
        (cst.Raise, not_raised),
        (cst.Return, nothing_returned),
        (cst.If | cst.While | cst.CompIf | cst.IfExp, turned_round),
    ]


class _Visitor(cst.CSTVisitor):
    """Every place where an operator applies, with what it puts there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator) or _is_for_readers(node) or _is_checked_by_python(node):
            return False
        for kind, operator in operators():
            if isinstance(node, kind):
                # of a text's mutants one is enough: the same text, with XX around it
                most = 1 if isinstance(node, cst.SimpleString) else None
                self.found += [(node, changed) for changed in islice(operator(node), most)]
        return True


def _is_for_readers(node: cst.CSTNode) -> bool:
    """Whether it does nothing when the program runs: `__all__`, and what overload describes."""
    if isinstance(node, cst.Assign):
        return node.targets[0].target.deep_equals(cst.Name("__all__"))
    decorators = [one.decorator for one in node.decorators] if isinstance(node, cst.FunctionDef) else []
    return any(decorator.deep_equals(cst.Name("overload")) for decorator in decorators)


def _is_checked_by_python(node: cst.CSTNode) -> bool:
    """Whether it is a call that raises TypeError for nearly everything else, and so shows nothing of the tests."""
    return isinstance(node, cst.Call) and getattr(node.func, "value", None) in ("len", "isinstance")


@dataclass(frozen=True)
class Source:
    """A source file, statement by statement."""

    file: str
    module: cst.Module
    texts: list[str]


class Place(NamedTuple):
    """One change that can be made: what stands in a statement of a file, and what would."""

    source: Source
    number: int
    node: cst.CSTNode
    changed: cst.CSTNode


def places(file: str) -> list[Place]:
    """All changes that the operators make in a file, from its beginning to its end; they are not yet written."""
    module = cst.parse_module((ROOT / file).read_text(encoding="utf-8"))
    source = Source(file, module, [module.code_for_node(statement) for statement in module.body])
    found = []
    for number, statement in enumerate(module.body):
        visitor = _Visitor()
        statement.visit(visitor)
        found += [Place(source, number, node, changed) for node, changed in visitor.found]
    return found


def mutants(changes: Iterable[Place]) -> Iterator[Mutant]:
    """A mutant of each change that makes Python of the file which is neither the same program nor one seen before."""
    seen: set[tuple[str, int, str | None]] = set()
    for source, number, node, changed in changes:
        here, text = (source.file, number), source.texts[number]
        statement: Any = source.module.body[number]
        mutated = source.module.code_for_node(statement.deep_replace(node, changed))
        seen |= {(*here, _program(text)), (*here, None)}
        program = (*here, _program(mutated))
        if program not in seen:
            seen.add(program)
            mutant = _named(source, number, mutated)
            if SINCE.get((mutant.file, mutant.function), (3, 12)) <= sys.version_info:
                yield mutant


def _program(text: str) -> str | None:
    """What tells programs apart, whatever they look like; None where it is no Python."""
    try:
        compile(text, "<mutant>", "exec")
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None


def _named(source: Source, number: int, mutated: str) -> Mutant:
    text = source.texts[number]
    old, new = text.splitlines(), mutated.splitlines()
    first, last = _alike(old, new), _alike(old[::-1], new[::-1])
    last = min(last, len(old) - first, len(new) - first)
    was, now = (" ".join(line.strip() for line in lines[first : len(lines) - last]) for lines in (old, new))
    header = source.module.with_changes(body=()).code
    whole = "".join([header, *source.texts[:number], mutated, *source.texts[number + 1 :]])
    return Mutant(source.file, _function_at(text, first + 1), was, now, whole)


def _alike(some: list[str], others: list[str]) -> int:
    """How many lines are the same from the beginning on."""
    return next((n for n, (x, y) in enumerate(zip(some, others)) if x != y), min(len(some), len(others)))


def _function_at(text: str, line: int) -> str:
    """The dotted name of the innermost function or class that the line is in; "" outside of all."""
    names: list[str] = []
    body: list[ast.stmt] = ast.parse(text).body
    while inner := [n for n in body if isinstance(n, _NAMED) and n.lineno <= line <= (n.end_lineno or 0)]:
        names.append(inner[0].name)
        body = inner[0].body
    return ".".join(names)


_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
