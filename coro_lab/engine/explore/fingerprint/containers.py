"""Writing down what holds other values, item by item: sequences, dictionaries, ranges, slices, iterators.

How one item is written is said where all kinds of values are known: in `values.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import Any

from coro_lab.errors import UnknownStateError

ATOMS = frozenset({int, str, bool, bytes, type(None), type(...), type(NotImplemented)})
"""What holds nothing that can change, and equals itself."""

RANGE_ITERATOR: Any = type(iter(range(0)))
MOST_PARTS = 1_000_000
"""In one state that is written down; tuples that hold each other many times over would come to far more."""


class Containers:
    """Writes down what holds other values."""

    def __init__(self) -> None:
        self._out: list[Any] = []
        self._apart = True  # no iterator was seen outside a frame, so each frame's iterators are its own
        self._by_value = True  # which of two equal texts or numbers it is makes no difference
        self._kept: list[Any] = []  # what was made to be written: its id must not be given to something else

    def _put(self, value: Any) -> None:
        """Write down one item, whatever its kind."""
        raise NotImplementedError

    def _float(self, value: float) -> None:
        """A number in binary; not a NaN, for `in` and `==` of containers ask first which NaN it is."""
        if value != value:
            raise UnknownStateError("a state holds a NaN")
        self._out += (float, value.hex())

    def _complex(self, value: complex) -> None:
        self._out.append(complex)
        self._float(value.real)
        self._float(value.imag)

    def _sequence(self, kind: type, values: Any) -> None:
        self._out += (kind, len(values))
        if len(self._out) > MOST_PARTS:
            raise UnknownStateError(f"a state has more than {MOST_PARTS:,} parts")
        for value in values:
            self._put(value)

    def _deque(self, values: deque[Any]) -> None:
        self._out.append(values.maxlen)
        self._sequence(deque, values)

    def _counter(self, values: Counter[Any]) -> None:
        self._dictionary(values)
        self._put(vars(values))

    def _dictionary(self, values: dict[Any, Any]) -> None:
        self._out += (type(values), len(values))
        if isinstance(values, defaultdict):
            self._put(values.default_factory)
        for key, value in values.items():
            kind = type(key)
            if kind is str and self._by_value:
                self._out.append(key)
            else:
                self._put(key)
            kind = type(value)
            if kind in ATOMS and self._by_value:
                self._out += (kind, value)
            else:
                self._put(value)

    def _iterator(self, values: Any) -> None:
        self._apart = False
        _, arguments, *state = values.__reduce__()
        self._kept += (arguments, state)
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
