"""Writing a key for numbers, containers and iterators. `values.py` knows all kinds of values, and calls these."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import Any, Protocol

from coro_lab.errors import UnknownStateError

ATOMS = frozenset(map(id, (int, str, bool, bytes, type(None), type(...), type(NotImplemented))))
"""Classes (by id, see `reduction/objects.py`) of values that hold no others, never change, and equal themselves."""

RANGE_ITERATOR: Any = type(iter(range(0)))
MOST_PARTS = 1_000_000
"""The longest key; tuples that hold one another many times over would make a far longer one."""


class KeyWriter(Protocol):
    """Where the parts of a key are collected."""

    out: list[Any]
    kept: list[Any]  # objects that were made to be written; kept alive, so that no other object gets their id
    is_apart: bool  # no iterator was seen outside a frame, so no two frames share one
    by_value: bool  # equal texts or numbers need not be the same object

    def put(self, value: Any) -> None:
        """Write one value of any kind."""


def write_float(writer: KeyWriter, value: float) -> None:
    """In binary. A NaN is refused: `in` and `==` of containers first ask whether it is the same object."""
    if value != value:
        raise UnknownStateError("a state holds a NaN")
    writer.out += (float, value.hex())


def write_complex(writer: KeyWriter, value: complex) -> None:
    writer.out.append(complex)
    write_float(writer, value.real)
    write_float(writer, value.imag)


def write_sequence(writer: KeyWriter, values: Any) -> None:
    """A list, a tuple, a frozenset or a deque, item by item."""
    writer.out += (type(values), len(values))
    if len(writer.out) > MOST_PARTS:
        raise UnknownStateError(f"a state has more than {MOST_PARTS:,} parts")
    for value in values:
        writer.put(value)


def write_deque(writer: KeyWriter, values: deque[Any]) -> None:
    writer.out.append(values.maxlen)
    write_sequence(writer, values)


def write_counter(writer: KeyWriter, values: Counter[Any]) -> None:
    write_dictionary(writer, values)
    writer.put(vars(values))


def write_dictionary(writer: KeyWriter, values: dict[Any, Any]) -> None:
    """Keys and values in their order; most are texts and numbers, which are written here for speed."""
    writer.out += (type(values), len(values))
    if isinstance(values, defaultdict):
        writer.put(values.default_factory)
    for key, value in values.items():
        kind = type(key)
        if kind is str and writer.by_value:
            writer.out.append(key)
        else:
            writer.put(key)
        kind = type(value)
        if id(kind) in ATOMS and writer.by_value:
            writer.out += (kind, value)
        else:
            writer.put(value)


def write_iterator(writer: KeyWriter, values: Any) -> None:
    """An iterator whose `__reduce__` tells all: what it iterates over, and how far it is."""
    writer.is_apart = False
    _, arguments, *state = values.__reduce__()
    writer.kept += (arguments, state)
    writer.out.append(type(values))
    for part in (arguments, *state):
        writer.put(part)


def write_range_iterator(writer: KeyWriter, values: Any) -> None:
    writer.is_apart = False
    _, (rest,), at = values.__reduce__()
    writer.out += (RANGE_ITERATOR, rest, at)


def write_range(writer: KeyWriter, values: range) -> None:
    writer.out += (range, values.start, values.stop, values.step)


def write_slice(writer: KeyWriter, value: slice) -> None:
    writer.out.append(slice)
    for part in (value.start, value.stop, value.step):
        writer.put(part)
