"""Listens to what a program prints, without changing it.

The stream stays the same object with the same identity; only its `write` is listened to, and handed back at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_MISSING: Any = object()


class StdoutWatch:
    """Tells `heard` each text that is written to `sys.stdout` between `begin` and `end`, after it was written."""

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard
        self._stream: Any = None
        self._own: Any = _MISSING
        self._listened: Any = None  # what stands in for `write` at this time

    def begin(self) -> None:
        """Listen. A stream that takes no attributes, or none at all, is left alone."""
        stream = sys.stdout
        write = getattr(stream, "write", None)
        if write is None:
            return
        heard = self._heard

        def listened(text: str, /) -> Any:
            written = write(text)
            if self._listened is listened and isinstance(text, str):
                heard(text)
            return written

        self._stream, self._own, self._listened = stream, _own_write(stream), listened
        try:
            stream.write = listened  # type: ignore[method-assign]
        except (AttributeError, TypeError):
            self._stream = None

    def end(self) -> None:
        """Give the stream its `write` back, unless the program has replaced or removed ours."""
        stream = self._stream
        if stream is not None and _own_write(stream) is self._listened:
            if self._own is _MISSING:
                del stream.write
            else:
                stream.write = self._own
        self._stream = self._listened = None


def _own_write(stream: Any) -> Any:
    """The `write` that was set on this very stream, if any."""
    return vars(stream).get("write", _MISSING) if hasattr(stream, "__dict__") else _MISSING
