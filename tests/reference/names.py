"""Every public name, with what griffe reads of it in the source.

A name is public if it is in `__all__` of `coro_lab`, `coro_lab.costs` or `coro_lab.cores`, if it is an error of
`coro_lab.errors`, or if it is an attribute or a method of a public class and has no underscore in front. Python says
which object a name stands for, because most names are imported when they are first asked for.
"""

from __future__ import annotations

import functools
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import griffe

import coro_lab
from coro_lab import errors
from tests.places import ROOT

SPECIAL = {
    "__len__": "len({it})",
    "__iter__": "for ... in {it}",
    "__getitem__": "{it}[...]",
    "__contains__": "... in {it}",
    "__call__": "{it}(...)",
}
"""The special methods that are shown, as they are written in a program."""


@dataclass(frozen=True)
class Entry:
    """One public name."""

    name: str  # as one imports it from `coro_lab`: record, costs.measure, Trace.text
    item: griffe.Object
    value: Any = None  # the object itself; None for a member of a class
    also: tuple[str, ...] = ()  # its other names
    inherited: str = ""  # the text of the member of a base class that this one replaces
    members: tuple[Entry, ...] = ()  # of a class

    @property
    def text(self) -> str:
        """The docstring, its own or a base's, as in `help`; for a field also the comment behind it."""
        if self.item.docstring is not None:
            return self.item.docstring.value
        own = _sentence(_comments(self.item)) if self.item.is_attribute else ""
        return own or self.inherited

    @property
    def summary(self) -> str:
        """The first paragraph of the text, on one line."""
        return " ".join(self.text.partition("\n\n")[0].split())

    @property
    def is_error(self) -> bool:
        """Whether it is an error, which a reader catches and never makes."""
        return isinstance(self.value, type) and issubclass(self.value, BaseException)

    @property
    def function(self) -> griffe.Function | None:
        """What a call runs: the function itself, or the constructor of a class."""
        called = self.item.all_members.get("__init__") if self.item.is_class else self.item
        called = called.final_target if isinstance(called, griffe.Alias) else called
        return called if isinstance(called, griffe.Function) else None

    @property
    def functions(self) -> tuple[griffe.Function, ...]:
        """What a call is checked against: the function, or all that it is overloaded with."""
        return () if self.function is None else tuple(self.function.overloads or (self.function,))


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All public names, without the members of classes; each object once, under the first of its names."""
    named: dict[int, list[str]] = {}
    objects = dict(_objects())
    for name, value in objects.items():
        named.setdefault(id(value), []).append(name)
    classes = {_item(name, value).path for name, value in objects.items()}
    return tuple(_entry(first, objects[first], tuple(also), classes) for first, *also in named.values())


def members() -> Iterator[Entry]:
    """The members of all public classes."""
    return (member for entry in entries() for member in entry.members)


def _objects() -> Iterator[tuple[str, Any]]:
    """Name and object, the name that one should import first."""
    public = {name: getattr(coro_lab, name) for name in coro_lab.__all__}
    yield from public.items()
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.CoroLabError):
            yield f"errors.{name}", value
    for part, module in public.items():
        if isinstance(module, ModuleType):
            yield from ((f"{part}.{name}", getattr(module, name)) for name in module.__all__)


@functools.cache
def package() -> griffe.Module:
    """The package as griffe reads it, without running it."""
    module = griffe.load("coro_lab", search_paths=[ROOT], resolve_aliases=True, resolve_external=False)
    assert isinstance(module, griffe.Module)
    return module


def _item(name: str, value: Any) -> griffe.Object:
    """What griffe knows of this object: found where it is defined, or, for a constant, by its name."""
    part, _, last = name.rpartition(".")
    path = f"{getattr(coro_lab, part).__name__ if part else 'coro_lab'}.{last}"
    if isinstance(value, ModuleType):
        path = value.__name__
    elif hasattr(value, "__qualname__"):
        path = f"{value.__module__}.{value.__qualname__}"
    found = at(path)
    assert found is not None, f"{name} is not defined at {path}"
    return found


def at(path: str) -> griffe.Object | None:
    """What the package has at this dotted path; None for a path outside, or with nothing there."""
    try:
        found = package()[path.removeprefix("coro_lab.")]
        return found.final_target if isinstance(found, griffe.Alias) else found
    except (KeyError, griffe.AliasResolutionError):
        return None


def _entry(name: str, value: Any, also: tuple[str, ...], classes: set[str]) -> Entry:
    item = _item(name, value)
    of_class = _members(name, item, classes) if isinstance(item, griffe.Class) else {}
    return Entry(name, item, value, also, members=tuple(of_class.values()))


def _members(name: str, item: griffe.Class, classes: set[str]) -> dict[str, Entry]:
    """The public members of a class, and those that it has from a class that is not public."""
    found: dict[str, Entry] = {}
    for of in (*(base for base in reversed(item.mro()) if base.path not in classes), item):
        for member in of.members.values():
            own = member.final_target if isinstance(member, griffe.Alias) else member
            if not own.name.startswith("_") or (own.name in SPECIAL and own.is_function):
                before = found.get(own.name)
                found[own.name] = Entry(f"{name}.{own.name}", own, inherited=before.text if before else "")
    return found


def _comments(item: griffe.Object) -> str:
    """The comment at the end of the attribute's last line."""
    assert isinstance(item.filepath, Path)
    return comments_of(item.filepath).get(item.endlineno or 0, "")


@functools.cache
def comments_of(file: Path) -> dict[int, str]:
    """Line -> the comment at its end, if that is meant for a reader."""
    with file.open("rb") as lines:
        found = [token for token in tokenize.tokenize(lines.readline) if token.type == tokenize.COMMENT]
    return {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in found
        if token.line[: token.start[1]].strip() and not token.string.startswith(("# type:", "# noqa", "# fmt:"))
    }


def _sentence(words: str) -> str:
    if not words:
        return ""
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith(('.', ')')) else '.'}"
