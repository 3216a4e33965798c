"""What is told of a run that the limit of events has stopped: that it never ends only where its code says so."""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator

from coro_lab.trace.events import Event, Kind, Source
from coro_lab.trace.trace import Trace

_LATELY = 1_000  # events
_MUCH = 100  # times that it printed lately, beyond which printing is what the run spends its events on


def told_stopped(told: str, trace: Trace, limit: int) -> str:
    """The sentences about the run `told` ("countdown(3)"), which was stopped after `limit` events."""
    lately = trace.events[-_LATELY:]
    printed = sum(event.kind is Kind.OUTPUT for event in lately) > _MUCH
    whiles = [loop for loop in _whiles(trace, lately) if not _counts(loop)]
    if any(map(_has_no_end, whiles)) or (whiles and not printed):
        return f"{told} does not end: {_why(lately)}. It was stopped after {limit:,} events.{_where(trace)}"
    did = f", when it had printed {trace.output.count(chr(10)):,} lines" if printed else ""
    return (
        f"{told} was stopped after {limit:,} events{did}. "
        f"It may come to its end, but what is asked for takes far fewer.{_where(trace)}"
    )


def _why(lately: tuple[Event, ...]) -> str:
    kinds = Counter(event.kind for event in lately)
    if kinds[Kind.SUSPEND] > 20:
        return "it yields again and again and never comes to its end"
    if kinds[Kind.START] > 20:
        return "it calls a function again and again and never comes to its end"
    return "it goes round and round, and nothing ends the loop"


def _where(trace: Trace) -> str:
    last = next((event for event in reversed(trace.events) if event.kind is Kind.LINE), None)
    if last is None:
        return ""
    source = trace.lanes[last.lane].source
    lines = source.text.splitlines() if source else []
    text = lines[last.line - source.first_line].strip() if source and last.line and lines else ""
    return f" It was last at line {last.line}" + (f", `{text}`." if text else ".")


def _whiles(trace: Trace, lately: tuple[Event, ...]) -> Iterator[ast.While]:
    """The `while` statements that the run was in lately. A `for` ends with what it goes through, in most programs."""
    lines: dict[Source, set[int]] = {}
    for event in lately:
        source = trace.lanes[event.lane].source
        if source is not None and event.line is not None:
            lines.setdefault(source, set()).add(event.line - source.first_line + 1)
    for source, visited in lines.items():
        for node in ast.walk(_tree(source.text)):
            if isinstance(node, ast.While) and visited & {*range(node.lineno, (node.end_lineno or 0) + 1)}:
                yield node


def _tree(text: str) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _has_no_end(loop: ast.While) -> bool:
    """Whether nothing in the code of this loop can end it, apart from an error."""
    always = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    return always and not any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in ast.walk(loop))


def _counts(loop: ast.While) -> bool:
    """Whether this loop compares what it sets itself, as `while n < 10**6` does: it may only be long."""
    compared = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    stored = {node.id for node in ast.walk(loop) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return isinstance(loop.test, ast.Compare) and bool(compared & stored)
