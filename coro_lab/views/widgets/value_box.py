"""The text that a reader writes into a box: a Python literal or an exception. It is parsed, never evaluated."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from coro_lab.errors import ArgumentError
from coro_lab.trace.safe_repr import describe


def literal(written: str) -> Any:
    """The value of a Python literal. Raises ArgumentError, which says what to write, for anything else."""
    text = written.strip()
    if not text:
        raise ArgumentError(
            "The box is empty. Write a value to send, such as 3, 'text', [1, 2] or None.", argument="value"
        )
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        instead = f"A text takes quotes: {text!r}." if text.isidentifier() else "Write 3, 'text', [1, 2] or None, say."
        said = f"{describe(text)[1:-1]} is not a Python literal, so it cannot be sent. {instead}"
        raise ArgumentError(said, argument="value", given=text) from None


def exception(written: str) -> BaseException | type[BaseException]:
    """A built-in exception, as in ValueError('no') or ValueError. Raises ArgumentError for anything else."""
    text = written.strip()
    try:
        node = ast.parse(text, mode="eval").body
        call = node if isinstance(node, ast.Call) and not node.keywords else None
        named = call.func if call else node
        found = getattr(builtins, named.id) if isinstance(named, ast.Name) else None
        if isinstance(found, type) and issubclass(found, BaseException):
            return found(*map(ast.literal_eval, call.args)) if call else found
    except (ValueError, SyntaxError, TypeError, AttributeError, MemoryError, RecursionError):
        pass
    said = f"{describe(text)[1:-1]} is not a built-in exception" if text else "The box is empty"
    said += ". Write one to throw, such as ValueError('no') or ValueError."
    raise ArgumentError(said, argument="error", given=text)
