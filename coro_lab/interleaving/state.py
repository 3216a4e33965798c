"""The state of a run, written down: what the frames and the shared object hold, by value.

Two runs with equal fingerprints go on alike. A frame is its position, the names that are bound in it, and what it
refers to: its locals, and also what lies on its stack, such as the iterator of a `for` loop (`gc.get_referents` shows
both).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable
from types import CellType, FrameType, FunctionType
from typing import Any

from coro_lab.interleaving.containers import ATOMS, RANGE_ITERATOR
from coro_lab.interleaving.trust import TRUSTED
from coro_lab.interleaving.values import AGAIN, Values, after_code
from coro_lab.interleaving.world import World


class _Parts(tuple[Hashable, ...]):
    """A key that was written part by part."""

    __slots__ = ()


class Fingerprints(Values):
    """Writes down states of one program. Raises UnknownStateError where a state holds more than can be read soundly.

    Where each frame holds nothing that can change but itself and the shared object, a state is written part by part,
    and a step changes two parts: the shared object and the frame that ran. Otherwise all is written together.
    """

    def __init__(self, judge: Callable[..., object] | None = None) -> None:
        """`judge` is the invariant: what it reads from outside belongs to the state as well."""
        super().__init__()
        self._judge = judge
        if isinstance(judge, FunctionType):
            self._footprint.add_reader(judge)

    def of(self, world: World, *, output: bool = False, before: Hashable = None, ran: int | None = None) -> Hashable:
        """The state of this run as a key; with `output`, what was printed belongs to it.

        `before` is the key of the state from which task number `ran` took the last step.
        """
        if before is None:
            for task in world.tasks:
                self._look_through(task)
        rest = self._rest(world, output)
        if self._apart and not world.waits:
            if isinstance(before, _Parts):
                frames = list(before[1:])
                frames[ran or 0] = self._frame(world, ran or 0)
            else:
                frames = [self._frame(world, task) for task in range(len(world.tasks))]
            if None not in frames:
                return _Parts((rest, *frames))
        for task in world.tasks:
            self._put(task)
        for number, wait in sorted(world.waits.items()):
            self._out += (number, wait.task, wait.what)
            self._put(wait.on)
        return tuple(self._out)

    def _rest(self, world: World, output: bool) -> Hashable:
        """All but the frames: the shared object, what lies outside, an error, the output."""
        self._numbers, self._out = {}, []
        self._put(world.shared)
        self._put(self._judge)
        for namespace, name in self._footprint.places:
            values = vars(namespace) if isinstance(namespace, type) else namespace
            self._put(values.get(name, ...))
        if world.error is not None:
            self._out += (world.error[0], repr(world.error[1]))
        if output:
            self._out.append(world.output)
        return tuple(self._out)

    def _frame(self, world: World, task: int) -> Hashable:
        """One frame for itself; None where it holds more that can change than the shared object."""
        generator: Any = world.tasks[task]
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            return ()
        out: list[Any] = [id(code), frame.f_lasti, tuple(frame.f_locals)]
        held = gc.get_referents(generator)
        for value in held[after_code(held, code) :]:
            kind = type(value)
            if kind in ATOMS:
                out += (kind, value)
            elif value is world.shared:
                out.append(AGAIN)
            elif kind is RANGE_ITERATOR:
                _, (left,), at = value.__reduce__()
                out += (RANGE_ITERATOR, left, at)
            elif kind is CellType and not self._footprint.changes_cells:
                constant = _constant(value)
                if constant is None:
                    return None
                out += constant
            elif kind is not FrameType:
                return None
        return tuple(out)


def _constant(cell: CellType) -> tuple[Any, Any] | None:
    """What a cell holds that nobody assigns again: an atom, or one of `preemptible`'s hooks; else None."""
    held = cell.cell_contents
    if type(held) in ATOMS:
        return type(held), held
    return (FunctionType, id(held)) if type(held) is FunctionType and held.__module__ in TRUSTED else None
