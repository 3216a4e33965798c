"""What a program says that another engine has no words for, and what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple


class Refusal(NamedTuple):
    """Why a function cannot be run, where it says so, and what could stand there."""

    why: str
    wrote: str
    write: str

    def __str__(self) -> str:
        return f"{self.why}.\n  You wrote: {self.wrote}\n  Write:     {self.write}"


def refusals(function: ast.FunctionDef, engine: str, other: str | None, free: tuple[str, ...]) -> Iterator[Refusal]:
    """All that is in the way of a function that sends to `other`, and has these free variables."""
    for node in ast.walk(function):
        match node:
            case ast.Nonlocal(names=names) if set(names) & set(free):
                yield Refusal(
                    f"{function.name} is run from its text, where variables of the function around it can only be read",
                    ast.unparse(node),
                    f"global {', '.join(names)}, or a list or another object that the functions change",
                )
            case _ if engine == "generators":
                pass
            case ast.YieldFrom(value=value):
                yield Refusal(
                    f"{function.name} cannot be rewritten for {engine}: only a yield of its own becomes a switch",
                    f"yield from {ast.unparse(value)}",
                    f"for each in {ast.unparse(value)}: yield each",
                )
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node is not function:
                yield from _inside(node, function.name, engine, other)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="throw")) if name == other:
                yield Refusal(
                    f"{function.name} cannot be rewritten for {engine}: a task, a thread or a process has no throw",
                    ast.unparse(node),
                    f"{other}.send(...) with a value that says what has happened, or {other}.close()",
                )
            case ast.For(iter=ast.Name(id=name), target=target) if name == other:
                yield Refusal(
                    f"{function.name} cannot be rewritten for {engine}: only a generator says when it has no more",
                    f"for {ast.unparse(target)} in {other}: ...",
                    f"{ast.unparse(target)} = next({other}), as often as there is something",
                )


def _inside(
    inner: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str, engine: str, other: str | None
) -> Iterator[Refusal]:
    """What is in the way in a function that stands in another one."""
    its_name = "lambda" if isinstance(inner, ast.Lambda) else inner.name
    for node in ast.walk(inner):
        if isinstance(node, ast.Yield | ast.YieldFrom):
            yield Refusal(
                f"{name} cannot be rewritten for {engine}: every yield in it becomes a switch of {name} itself",
                f"{its_name}, with a yield, inside {name}",
                f"{its_name} outside of {name}",
            )
        if engine == "asyncio" and speaks(node, other):
            yield Refusal(
                f"{name} cannot be rewritten for {engine}: nobody but {name} itself can await an answer",
                f"{ast.unparse(node)}, in {its_name}",
                f"{ast.unparse(node)}, in {name}",
            )


def speaks(node: ast.AST, other: str | None) -> bool:
    """Whether something waits here for the other one."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="send" | "close")):
            return name == other
        case ast.Call(func=ast.Name(id="next"), args=[ast.Name(id=name), *_]):
            return name == other
    return False
