"""Writing down what each step reads and writes, while a program with notes runs.

Where it cannot be seen what a call accesses, the step may touch everything: then it is in conflict with each step that
touches anything, and no order is left out because of it.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections import defaultdict, deque
from collections.abc import Hashable, Iterable
from types import AsyncGeneratorType, GeneratorType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from coro_lab.engine.explore.preemption.rewriting import originals
from coro_lab.engine.explore.reduction.footprint import ALL, SIZE, Footprint, NoFootprint
from coro_lab.engine.explore.reduction.numbers import CLASSES, MOST, NAMES, Numbers
from coro_lab.engine.explore.reduction.objects import (
    ARE_MAPPINGS,
    ATOMS,
    CONTAINERS,
    FIXED,
    ITERATORS,
    is_customised,
    is_key,
    is_ours,
    is_plain,
    is_wait,
    operations_of,
    parts_of,
)

_PURE_FACTORIES = frozenset(map(id, (int, list, dict, set, str, None)))


class _StandIn:
    """Stands for a generator."""


class Notes:
    """What the step that runs now has touched so far. Objects are numbered as they are met in a run."""

    def __init__(self) -> None:
        self.step = Footprint()
        self._nothing = NoFootprint()
        self.prints = False  # whether what is printed counts
        self.sees_methods = False  # whether the learner's methods note what they touch, wherever they are called
        self.numbers = Numbers(())
        self._tokens = WeakKeyDictionary[Any, _StandIn]()
        self._given_up = ""
        self._uncertain: set[int] = set()  # tasks whose steps may touch something else at another place in the order
        self._task = 0  # who takes the step

    @property
    def given_up(self) -> str:
        """Why the notes are unreliable; empty if they are reliable."""
        return self._given_up or self.numbers.given_up

    def begin_run(self, numbers: Numbers, roots: Iterable[object], generators: Iterable[int] = ()) -> None:
        """Forget the run before. `roots` are where a run begins.

        `generators` are the tasks in whose steps one access can decide which one comes next.
        """
        self._given_up = ""
        self.numbers = numbers
        self._uncertain = set(generators)
        numbers.begin_run(roots)

    def begin_step(self, task: int) -> Footprint:
        """The footprint of a new step of this task, which is written while the step runs."""
        self.step = Footprint()
        self.step.is_certain = task not in self._uncertain
        self._task = task
        return self.step

    def repeat_step(self, task: int) -> None:
        """A step of this task that was taken in a run before, so that it is known what it touches."""
        self.step = self._nothing
        self._task = task

    def enter(self) -> None:
        """Note that the task enters a `with`: from now on a step may, or may not, release a lock after its access."""
        self._uncertain.add(self._task)

    def touch(self, value: object, key: Hashable, writes: bool = False) -> None:
        """Note one place of an object."""
        number = self.numbers.of(value)
        self.step.note(self.numbers.add(value) if number is None else number, key, writes)

    def whole(self, value: object, writes: bool) -> None:
        """Note one of our locks, conditions or queues; they call it themselves."""
        self.touch(value, ALL, writes)
        self.step.is_certain = False

    def goes_on(self, iterator: Any) -> None:
        """Note that a generator or an iterator goes on. A generator is not kept, since it ends where it is dropped."""
        if isinstance(iterator, (GeneratorType, AsyncGeneratorType)):
            self.touch(self._tokens.setdefault(iterator, _StandIn()), ALL, True)
        elif not any(type(each) is GeneratorType or id(type(each)) in ITERATORS for each in gc.get_referents(iterator)):
            self.touch(iterator, ALL, True)

    def give_up(self, reason: str) -> None:
        """Say that from now on it is not known what steps touch."""
        self._given_up = self._given_up or reason

    # -- what code with notes calls

    def everything(self) -> None:
        """Note that what comes next cannot be seen."""
        self.step.everything = True

    def name(self, name: str) -> None:
        """Note a read of a variable that functions share."""
        self.step.note(NAMES, name, False)

    def attribute(self, owner: Any, name: str) -> Any:
        """Note that an attribute is read; return its object."""
        if name == "__dict__":
            self.give_up("attributes are reached through __dict__")
        if isinstance(owner, ModuleType):
            self.name(name)
        elif isinstance(owner, type):
            self.class_read(owner, name)
        elif is_ours(type(owner)):
            self.touch(owner, ALL)
        elif id(type(owner)) not in ATOMS and id(type(owner)) not in CONTAINERS:
            self._attribute_of(owner, name)
        return owner

    def item(self, owner: Any, index: Any) -> Any:
        """Note that an item is read, and return it."""
        kind = type(owner)
        if kind is list or kind is tuple or kind is deque:
            self._place(owner, index, False)
        elif id(kind) in ARE_MAPPINGS:
            if kind is defaultdict and is_key(index) and index not in owner:
                self.touch(owner, ALL, True)
                self.step.is_certain = False
                self.step.everything |= id(owner.default_factory) not in _PURE_FACTORIES
            self._place(owner, index, False)
        elif id(kind) not in ATOMS:
            self.everything()
        return owner[index]

    def stored(self, value: Any, owner: Any, key: Any, place: str) -> Any:
        """Note that something is stored at, or deleted from, a place; return the value."""
        if place == "name":
            self.step.note(NAMES, key, True)
        elif place == "item":
            self._store_item(owner, key)
        elif isinstance(owner, ModuleType):
            self.step.note(NAMES, key, True)
        elif is_ours(type(owner)) or is_customised(type(owner), key):
            self.everything()
        elif isinstance(owner, type):
            self.step.note(CLASSES, (id(owner), key), True)
        else:
            self.touch(owner, key, True)
        return value

    def delegated(self, inner: Any) -> Any:
        """Note what the steps that come are delegated to, and return it; its code has to note what it touches."""
        has_notes = inspect.isgenerator(inner) and (id(inner.gi_code) in originals or is_wait(inner))
        kind = type(inner)
        if not has_notes and kind is not str and kind is not tuple and kind is not range:
            self.give_up("it delegates to what was not made in it")
        return inner

    def looked(self, values: tuple[Any, ...]) -> None:
        """Note that an operation looks into these values, and into what they hold."""
        self.step.is_certain = False
        todo, seen = list(values), set[int]()
        while todo:
            value = todo.pop()
            if id(type(value)) in ATOMS or isinstance(value, FIXED) or id(value) in seen:
                continue
            seen.add(id(value))
            if len(seen) > MOST or not self._look_into(value, todo):
                self.everything()
                return

    def changed(self, values: tuple[Any, ...]) -> None:
        """Note that an operation looks into these values, and may change the first in place."""
        self.looked(values)
        if id(type(values[0])) not in ATOMS:
            self.touch(values[0], ALL, True)

    # -- places

    def _place(self, owner: Any, index: Any, writes: bool) -> None:
        kind = type(owner)
        if id(kind) in ARE_MAPPINGS:
            self.touch(owner, index if is_key(index) else ALL, writes)
            self.step.everything |= not is_key(index)
        elif type(index) is int:
            self.touch(owner, index + len(owner) if index < 0 else index, writes)
            self.touch(owner, SIZE)
            self.step.is_certain &= index >= 0
        else:
            self.touch(owner, ALL, writes)

    def _store_item(self, owner: Any, index: Any) -> None:
        kind = type(owner)
        if id(kind) in ARE_MAPPINGS and is_key(index):
            self._place(owner, index, True)
            self.touch(owner, SIZE, True)
        elif (kind is list or kind is deque) and type(index) is int and -len(owner) <= index < len(owner):
            self._place(owner, index, True)
        elif id(kind) in CONTAINERS:
            self.touch(owner, ALL, True)
            self.step.is_certain = False
            self.step.everything |= id(kind) in ARE_MAPPINGS
        else:
            self.everything()

    def class_read(self, owner: type, name: str) -> None:
        """Note that an attribute of a class is read."""
        for base in owner.__mro__[:-1]:
            self.step.note(CLASSES, (id(base), name), False)
            if name in vars(base):
                return

    def _attribute_of(self, owner: Any, name: str) -> None:
        if is_customised(type(owner), name):
            self.everything()
            return
        self.touch(owner, name)
        self.class_read(type(owner), name)

    def _look_into(self, value: object, todo: list[Any]) -> bool:
        """Note that a value is looked into; False if that runs code that cannot be seen."""
        kind: Any = type(value)
        if self.sees_methods and isinstance(value, asyncio.Future):
            return True
        if self.sees_methods and (kind is GeneratorType or id(kind) in ITERATORS):
            self.goes_on(value)  # so it is looked into
            todo += gc.get_referents(value) if id(kind) in ITERATORS else ()
            return True
        is_known = is_plain(kind) and (self.sees_methods or not operations_of(kind))
        if not (id(kind) in CONTAINERS or is_ours(kind) or is_known):
            return False
        self.touch(value, ALL)
        todo += () if is_ours(kind) else parts_of(value)
        return True


notes = Notes()
