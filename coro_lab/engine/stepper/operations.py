"""What goes into a stepped generator: one operation, and the value or exception that it carries."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

from coro_lab.trace.safe_repr import describe

OPERATIONS = ("next", "send", "throw", "close")
_LINKS = ("__traceback__", "__cause__", "__context__", "__suppress_context__")  # to set a cause suppresses the context


@dataclass(frozen=True)
class Input:
    """One operation and what it carried in."""

    operation: str  # next, send, throw or close
    value: Any = None
    links: tuple[Any, ...] = field(default=(), repr=False, compare=False)  # those of an exception when it was given

    @classmethod
    def throw(cls, error: BaseException | type[BaseException]) -> Input:
        """This exception as it is now."""
        links = () if inspect.isclass(error) else tuple(getattr(error, link) for link in _LINKS)
        return cls("throw", error, links)

    def restore(self) -> None:
        """Take off an exception what a run has linked to it since it was given."""
        for link, value in zip(_LINKS, self.links, strict=False):
            setattr(self.value, link, value)

    def __str__(self) -> str:
        if self.operation not in ("send", "throw"):
            return f"{self.operation}()"
        is_class = self.operation == "throw" and inspect.isclass(self.value)
        return f"{self.operation}({self.value.__name__ if is_class else describe(self.value)})"
