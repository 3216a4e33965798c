"""Writing down what holds other values, item by item: sequences, dictionaries, ranges, slices, iterators.

How one item is written is said where all kinds of values are known: in `values.py`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any

ATOMS = frozenset({int, str, bool, bytes, complex, type(None), type(...), type(NotImplemented)})
"""What holds nothing that can change."""

RANGE_ITERATOR: Any = type(iter(range(0)))


class Containers:
    """Writes down what holds other values."""

    def __init__(self) -> None:
        self._out: list[Any] = []
        self._apart = True  # no iterator was seen outside a frame, so each frame's iterators are its own

    def _put(self, value: Any) -> None:
        """Write down one item, whatever its kind."""
        raise NotImplementedError

    def _sequence(self, kind: type, values: Any) -> None:
        self._out += (kind, len(values))
        for value in values:
            self._put(value)

    def _deque(self, values: deque[Any]) -> None:
        self._out.append(values.maxlen)
        self._sequence(deque, values)

    def _dictionary(self, values: dict[Any, Any]) -> None:
        self._out += (type(values), len(values))
        if isinstance(values, defaultdict):
            self._put(values.default_factory)
        for key, value in values.items():
            kind = type(key)
            if kind is str:
                self._out.append(key)
            else:
                self._put(key)
            kind = type(value)
            if kind in ATOMS:
                self._out += (kind, value)
            else:
                self._put(value)

    def _iterator(self, values: Any) -> None:
        self._apart = False
        _, arguments, *state = values.__reduce__()
        self._out.append(type(values))
        for part in (arguments, *state):
            self._put(part)

    def _range_iterator(self, values: Any) -> None:
        self._apart = False
        _, (rest,), at = values.__reduce__()
        self._out += (RANGE_ITERATOR, rest, at)

    def _range(self, values: range) -> None:
        self._out += (range, values.start, values.stop, values.step)

    def _slice(self, value: slice) -> None:
        self._out.append(slice)
        for part in (value.start, value.stop, value.step):
            self._put(part)
