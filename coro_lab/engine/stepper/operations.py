"""The operations on a stepped generator, each with the value or exception that it carries in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from coro_lab.trace.safe_repr import describe

OPERATIONS = ("next", "send", "throw", "close")
_LINKS = ("__traceback__", "__cause__", "__context__", "__suppress_context__")  # setting a cause sets the last one too

_get: Any = BaseException.__getattribute__  # the class of the exception may have its own


@dataclass(frozen=True)
class Input:
    """One operation, and the value or exception that it carries in."""

    operation: str  # next, send, throw or close
    value: Any = None
    links: tuple[Any, ...] = field(default=(), repr=False, compare=False)  # an exception's links when it was given

    @classmethod
    def throw(cls, error: BaseException | type[BaseException]) -> Input:
        """The operation that throws this exception, with the links that the exception has now."""
        links = () if issubclass(type(error), type) else tuple(_get(error, link) for link in _LINKS)
        return cls("throw", error, links)

    def restore(self) -> None:
        """Give the exception the links back that it had when it was given; a run changes them."""
        for link, value in zip(_LINKS, self.links, strict=False):
            BaseException.__setattr__(self.value, link, value)

    def __str__(self) -> str:
        if self.operation not in ("send", "throw"):
            return f"{self.operation}()"
        is_class = self.operation == "throw" and issubclass(type(self.value), type)
        return f"{self.operation}({self.value.__name__ if is_class else describe(self.value)})"
