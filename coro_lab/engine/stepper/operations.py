"""The operations on a stepped generator, each with the value or exception that it carries in."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

from coro_lab.trace.safe_repr import describe

OPERATIONS = ("next", "send", "throw", "close")
_LINKS = ("__traceback__", "__cause__", "__context__", "__suppress_context__")  # setting a cause sets the last one too


@dataclass(frozen=True)
class Input:
    """One operation, and the value or exception that it carries in."""

    operation: str  # next, send, throw or close
    value: Any = None
    links: tuple[Any, ...] = field(default=(), repr=False, compare=False)  # an exception's links when it was given

    @classmethod
    def throw(cls, error: BaseException | type[BaseException]) -> Input:
        """The operation that throws this exception, with the links that the exception has now."""
        links = () if inspect.isclass(error) else tuple(getattr(error, link) for link in _LINKS)
        return cls("throw", error, links)

    def restore(self) -> None:
        """Give the exception the links back that it had when it was given; a run changes them."""
        for link, value in zip(_LINKS, self.links, strict=False):
            setattr(self.value, link, value)

    def __str__(self) -> str:
        if self.operation not in ("send", "throw"):
            return f"{self.operation}()"
        is_class = self.operation == "throw" and inspect.isclass(self.value)
        return f"{self.operation}({self.value.__name__ if is_class else describe(self.value)})"
