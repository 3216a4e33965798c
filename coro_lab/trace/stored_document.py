"""A stored JSON document: its parts, and the error that names the place where a wrong one stands.

A *reader* takes a part of the document and gives the value that it stands for, or raises ValueError.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

from coro_lab.errors import FormatError

LARGEST = 2**53 - 1  # the largest whole number that JavaScript can tell from the next

type Reader[T] = Callable[[Any], T]

type Columns = Mapping[str, Reader[Any]]
"""What stands in a row, in order."""


class StoredDocument:
    """The parts of a document, each asked for by its name. Raises `error` for a missing part and for another value."""

    def __init__(self, text: str, mark: str, versions: Sequence[int], what: str, error: type[FormatError]) -> None:
        """`text` is a JSON object in which `mark` is the format; `what` names such a document in errors: 'trace'."""
        self._what, self._error = what, error
        try:
            fields = json.loads(text, parse_constant=_no_number, parse_int=_integer)
        except (TypeError, ValueError, RecursionError) as problem:
            place = ""
            if isinstance(problem, json.JSONDecodeError):
                place = f"line {problem.lineno}, column {problem.colno}"
            said = f"This is not a {what}: it is not JSON ({problem}).{_file_name_advice(text)}"
            raise error(said, place=place, found=f"{text!r:.40}") from None
        version = fields.get(mark) if isinstance(fields, dict) else None
        if version is None:
            raise error(f"This is JSON, but not a {what} of Coro Lab: it has no {mark!r}.", found=f"{fields!r:.40}")
        if type(version) not in (int, float) or version not in versions:
            known = f"format{'s' * (len(versions) > 1)} {' and '.join(map(str, versions))}"
            said = f"This {what} has format {version!r}, and this Coro Lab reads {known}.\n  Update Coro Lab, or "
            said += "record the program again." if what == "trace" else "measure again."
            raise error(said, place=mark, found=f"{version!r:.40}")
        self.version = int(version)
        self._fields: dict[str, Any] = fields

    def part[T](self, name: str, read: Reader[T]) -> T:
        """The value of this part."""
        if name not in self._fields:
            raise self._missing(name)
        return self._read(name, read, self._fields[name])

    def optional[T](self, name: str, read: Reader[T], default: T) -> T:
        """The value of this part; `default` if it is missing."""
        return self.part(name, read) if name in self._fields else default

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self._fields

    def items[T](self, name: str, read: Reader[T]) -> list[T]:
        """The value of each item of this part, which is a list."""
        return [self._read(f"{name}[{n}]", read, item) for n, item in enumerate(self.part(name, listed))]

    def rows[T](self, name: str, columns: Columns, least: int, make: Callable[..., T]) -> list[T]:
        """What `make` gives for each row of this part; a row is a list with at least `least` of the columns."""
        reads, made = tuple(columns.values()), []
        for number, row in enumerate(self.part(name, listed)):
            try:
                if not least <= len(listed(row)) <= len(reads):
                    raise ValueError(f"{least} to {len(reads)} values were expected, not {len(row)}")
                made.append(make(*[read(value) for read, value in zip(reads, row)]))
            except ValueError as problem:
                raise self._damaged_row(f"{name}[{number}]", row, columns, problem) from None
        return made

    def records[T](
        self, name: str, columns: Columns, make: Callable[..., T], optional: Sequence[str] = ()
    ) -> tuple[T, ...]:
        """What `make` gives for each item of this part; an item has a value for each of the columns.

        The `optional` ones may be missing.
        """
        found = self.part(name, listed)
        return tuple(make(**self._record(f"{name}[{n}]", item, columns, optional)) for n, item in enumerate(found))

    def record(self, name: str, columns: Columns) -> dict[str, Any]:
        """The values of this part, which has a value for each of the columns."""
        return self._record(name, self.part(name, named), columns)

    def damaged(self, place: str, why: object, found: Any) -> FormatError:
        """The error for what stands at this place."""
        return self._error(f"This {self._what} is damaged: at {place}, {why}.", place=place, found=f"{found!r:.40}")

    def _missing(self, place: str) -> FormatError:
        return self._error(f"This {self._what} is damaged: {place!r} is missing.", place=place)

    def _read[T](self, place: str, read: Reader[T], value: Any) -> T:
        try:
            return read(value)
        except ValueError as problem:
            raise self.damaged(place, problem, value) from None

    def _record(self, place: str, item: Any, columns: Columns, optional: Sequence[str] = ()) -> dict[str, Any]:
        fields = self._read(place, named, item)
        for name in columns:
            if name not in fields and name not in optional:
                raise self._missing(f"{place}.{name}")
        for name in fields:
            if name not in columns:
                raise self.damaged(f"{place}.{name}", "nothing was expected", fields[name])
        return {name: self._read(f"{place}.{name}", columns[name], value) for name, value in fields.items()}

    def _damaged_row(self, place: str, row: Any, columns: Columns, problem: ValueError) -> FormatError:
        """The error for a row; it names the first column that cannot be read, if it is not the row itself."""
        if isinstance(row, list) and len(row) <= len(columns):
            for (name, read), value in zip(columns.items(), row):
                try:
                    read(value)
                except ValueError as its:
                    return self.damaged(f"{place}.{name}", its, value)
        return self.damaged(place, problem, row)


# -- readers


def text(value: Any) -> str:
    """A text."""
    if type(value) is not str:
        raise ValueError(f"a text was expected, not {value!r:.40}")
    return value


def listed(value: Any) -> list[Any]:
    """A list."""
    if type(value) is not list:
        raise ValueError(f"a list was expected, not {value!r:.40}")
    return value


def named(value: Any) -> dict[str, Any]:
    """An object, whose values have names."""
    if type(value) is not dict:
        raise ValueError(f"an object with names was expected, not {value!r:.40}")
    return value


def truth(value: Any) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise ValueError(f"true or false was expected, not {value!r:.40}")
    return value


def number(value: Any) -> float:
    """A number, whole or not."""
    if type(value) not in (int, float):
        raise ValueError(f"a number was expected, not {value!r:.40}")
    found: float = value
    return found


def whole(value: Any, below: int = LARGEST + 1) -> int:
    """A whole number from 0; also 1.0, which JavaScript cannot tell from 1."""
    if (type(value) is not int and not (type(value) is float and value.is_integer())) or not 0 <= value < below:
        limit = "" if below > LARGEST else f" below {below}"
        raise ValueError(f"a whole number{limit} was expected, not {value!r:.40}")
    return int(value)


def or_none[T](read: Reader[T]) -> Reader[T | None]:
    """What `read` reads, or None."""
    return lambda value: None if value is None else read(value)


def one_in[T](things: Sequence[T]) -> Reader[T]:
    """One of these things, by its number."""
    below = len(things)
    return lambda value: things[whole(value, below)]


def one_of(*words: str | None) -> Reader[str | None]:
    """One of these words."""

    def read(value: Any) -> str | None:
        if value not in words:
            raise ValueError(f"one of {', '.join(map(str, words))} was expected, not {value!r:.40}")
        return value if value is None else str(value)

    return read


def each[T](read: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list whose items `read` reads."""
    return lambda value: tuple(read(item) for item in listed(value))


def row(*readers: Reader[Any]) -> Reader[tuple[Any, ...]]:
    """A list with one item for each of these readers."""

    def read(value: Any) -> tuple[Any, ...]:
        if len(listed(value)) != len(readers):
            raise ValueError(f"{len(readers)} values were expected, not {len(value)}")
        return tuple(reader(item) for reader, item in zip(readers, value, strict=True))

    return read


def _file_name_advice(text: object) -> str:
    """What to write where the name of a file was given instead of what is in it."""
    if isinstance(text, PathLike) or (isinstance(text, str) and text.endswith(".json") and "\n" not in text):
        return f'\n  It is the name of a file.\n  Write: Path({str(text)!r}).read_text(encoding="utf-8")'
    return ""


def _integer(digits: str) -> float:
    """The number; infinity for more digits than Python reads."""
    return int(digits) if len(digits) < 400 else math.inf


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")
