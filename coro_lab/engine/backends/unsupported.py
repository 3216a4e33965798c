"""What other engines do not support in a program, and what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from coro_lab.trace.own_builtins import with_builtins


@with_builtins
class Unsupported(NamedTuple):
    """Why a function cannot be run on an engine, the code that is the reason, and what to write instead."""

    why: str
    wrote: str
    write: str

    def __str__(self) -> str:
        return f"{self.why}.\n  You wrote: {self.wrote}\n  Write:     {self.write}"


def unsupported(
    function: ast.FunctionDef, engine: str, partner: str | None, free: tuple[str, ...]
) -> Iterator[Unsupported]:
    """All that an engine does not support in a function that sends to `partner`, and has these free variables."""
    for node in ast.walk(function):
        match node:
            case ast.Nonlocal(names=names) if set(names) & set(free):
                yield Unsupported(
                    f"{function.name} is run from its text, where variables of the function around it can only be read",
                    ast.unparse(node),
                    f"global {', '.join(names)}, or a list or another object that the functions change",
                )
            case _ if engine == "generators":
                pass
            case ast.YieldFrom(value=value):
                yield Unsupported(
                    f"{function.name} cannot be rewritten for {engine}: only its own yield becomes a switch",
                    f"yield from {ast.unparse(value)}",
                    f"for each in {ast.unparse(value)}: yield each",
                )
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node is not function:
                yield from _inside(node, function.name, engine, partner)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="throw")) if name == partner:
                yield Unsupported(
                    f"{function.name} cannot be rewritten for {engine}: a task, a thread or a process has no throw",
                    ast.unparse(node),
                    f"{partner}.send(...) with a value that says what has happened, or {partner}.close()",
                )
            case ast.For(iter=ast.Name(id=name), target=target) if name == partner:
                yield Unsupported(
                    f"{function.name} cannot be rewritten for {engine}: only a generator says when it has no more",
                    f"for {ast.unparse(target)} in {partner}: ...",
                    f"{ast.unparse(target)} = next({partner}), as often as there is something",
                )


def _inside(
    inner: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, engine: str, partner: str | None
) -> Iterator[Unsupported]:
    """What an engine does not support in a function inside another function."""
    its_name = "lambda" if isinstance(inner, ast.Lambda) else inner.name
    for node in ast.walk(inner):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            yield Unsupported(
                f"{name} cannot be rewritten for {engine}: every yield in it becomes a switch of {name} itself",
                f"{its_name}, with a yield, inside {name}",
                f"{its_name} outside of {name}",
            )
        if engine == "asyncio" and sends_to(node, partner):
            yield Unsupported(
                f"{name} cannot be rewritten for {engine}: only {name} itself can await an answer",
                f"{ast.unparse(node)}, in {its_name}",
                f"{ast.unparse(node)}, in {name}",
            )


def sends_to(node: ast.AST, partner: str | None) -> bool:
    """Whether this node is a send, next or close of the partner, which waits for its answer."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="send" | "close")):
            return name == partner
        case ast.Call(func=ast.Name(id="next"), args=[ast.Name(id=name), *_]):
            return name == partner
    return False
