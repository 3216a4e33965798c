"""The numbers of objects in a run, by which the footprints of its steps name them."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterable

from coro_lab.engine.explore.reduction.objects import ATOMS, FIXED_CLASSES, HEAP_TYPE, reached_from

OUTPUT, NAMES, CLASSES, TASKS, LINE, END = range(6)
"""The numbers of what is not an object: what was printed, the variables that functions share (by their names alone),
the attributes of classes, the making of tasks, the callbacks that belong to no task, and the end of the run."""
_FIRST = END + 1
_OF_ASYNCIO = (asyncio.Future, asyncio.AbstractEventLoop)  # no program sees what they do at their end
_WEAK = frozenset(
    {*map(id, (weakref.ref, weakref.ProxyType, weakref.CallableProxyType, weakref.finalize))}
    | {*map(id, (weakref.WeakSet, weakref.WeakKeyDictionary, weakref.WeakValueDictionary))}
)
MOST = 1_000  # objects that are looked through at once


class Numbers:
    """Objects are numbered as they are met. What every run begins with is numbered first, alike in each run."""

    def __init__(self, fixed: Iterable[object]) -> None:
        """`fixed` are objects that are the same in all runs."""
        self._numbers: dict[int, int] = {}
        self._kept: list[object] = []  # so that no id is used twice
        self.given_up = ""  # why the footprints are unreliable
        self.add_all(fixed)
        self._fixed, self._many, self._reason = dict(self._numbers), len(self._kept), self.given_up

    @property
    def known(self) -> int:
        """How many objects have a number."""
        return _FIRST + len(self._numbers)

    def begin_run(self, roots: Iterable[object]) -> None:
        """Forget the run before."""
        self._numbers = self._fixed.copy()
        del self._kept[self._many :]
        self.given_up = self._reason
        self.add_all(roots)

    def add_all(self, roots: Iterable[object]) -> None:
        """Number what can be reached from these objects."""
        todo, numbers, begin = list(roots), self._numbers, len(self._kept)
        while todo and len(self._kept) < begin + MOST:
            value = todo.pop()
            if id(type(value)) not in ATOMS and id(value) not in numbers and id(value) not in FIXED_CLASSES:
                self.add(value)
                todo += reached_from(value)

    def of(self, value: object) -> int | None:
        """The number of an object; None if it has none."""
        return self._numbers.get(id(value))

    def add(self, value: object) -> int:
        """The number of an object that had none."""
        number = self._numbers[id(value)] = self.known
        self._kept.append(value)
        self.check_end(type(value))
        return number

    def check_end(self, cls: type) -> None:
        """Give up where it matters when an object is freed: no step says that, and objects are kept alive here."""
        if not _WEAK.isdisjoint(map(id, cls.__mro__)):  # issubclass would leave a mark of it in the abstract classes
            self.given_up = f"a {cls.__name__} shows when an object is no longer used"
        own = cls.__mro__[:-1] if cls.__flags__ & HEAP_TYPE and not issubclass(cls, _OF_ASYNCIO) else ()
        if any("__del__" in vars(base) for base in own):
            self.given_up = f"{cls.__name__} has a __del__"
