"""An exception group as a tree; describing it never runs the learner's code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from coro_lab.trace.introspection import class_name, group_exceptions, group_message
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe

keep_builtins(globals())

NODES = 30  # of one tree


def error_tree(error: BaseException) -> tuple[tuple[int, str], ...]:
    """The depth and the text of each exception in a group, the group first; empty for any other exception.

    >>> error_tree(ExceptionGroup("two", [ValueError("a"), ExceptionGroup("one", [KeyError()])]))
    ((0, 'ExceptionGroup: two'), (1, "ValueError('a')"), (1, 'ExceptionGroup: one'), (2, 'KeyError()'))
    """
    if not issubclass(type(error), BaseExceptionGroup):
        return ()
    nodes = tuple(islice(_nodes(error), NODES + 1))
    return (*nodes[:NODES], (1, "…")) if len(nodes) > NODES else nodes


def _nodes(error: BaseException) -> Iterator[tuple[int, str]]:
    rest = [(0, error)]
    while rest:
        depth, top = rest.pop()
        if not issubclass(type(top), BaseExceptionGroup):
            yield depth, describe(top)
            continue
        message = group_message(top)
        said = describe(message)[1:-1] if type(message) is str else "…"
        yield depth, f"{class_name(type(top))}: {said}"
        rest += [(depth + 1, each) for each in reversed(group_exceptions(top))]
