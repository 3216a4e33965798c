"""The state of a run, written down: what the frames and the shared object hold, by value.

Two runs with equal fingerprints go on alike. A frame is its position, the names that are bound in it, and what it
refers to: its locals, and also what lies on its stack, such as the iterator of a `for` loop (`gc.get_referents` shows
both).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable
from contextlib import suppress
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any

from coro_lab.engine.explore.fingerprint.containers import ATOMS, RANGE_ITERATOR
from coro_lab.engine.explore.fingerprint.effects import Reach, UnknownStateError
from coro_lab.engine.explore.fingerprint.pure_builtins import is_trusted
from coro_lab.engine.explore.fingerprint.values import AGAIN, UNSET, Made, Values, after_code
from coro_lab.engine.explore.run import LiveRun

RETURNED = "what `setup` returns"


class _Parts(tuple[Hashable, ...]):
    """A key that was written part by part."""

    __slots__ = ()


class Fingerprints(Values):
    """Writes down states of one program. Raises UnknownStateError where a state holds more than can be read soundly.

    Where each frame holds nothing that can change but itself and the shared object, a state is written part by part,
    and a step changes two parts: the shared object and the frame that ran. Otherwise all is written together.
    """

    def __init__(self, judge: Callable[..., object] | None = None, made: Made | None = None) -> None:
        """`judge` is the invariant: what it reads from outside belongs to the state as well."""
        super().__init__(made)
        self._judge = judge
        self._judges_alone = False  # the invariant reads nothing from outside that can change
        if isinstance(judge, FunctionType):
            with self._footprint.reading():
                self._footprint.add_function(judge)
            reach = self._footprint.invariant
            self._judges_alone = _holds_nothing(judge) and not (reach.places or reach.methods or reach.shared)

    def of(self, world: LiveRun, *, output: bool = False, before: Hashable = None, ran: int | None = None) -> Hashable:
        """The state of this run as a key; with `output`, what was printed belongs to it.

        `before` is the key of the state from which task number `ran` took the last step.
        """
        if before is None:
            for task in world.tasks:
                self._look_through(task)
        self._by_value = not self._footprint.tells_apart
        self._rest(world, output)
        if self._apart and not world.waits and self._by_value:
            if isinstance(before, _Parts):
                frames = list(before[1:])
                frames[ran or 0] = self._frame(world, ran or 0)
            else:
                frames = [self._frame(world, task) for task in range(len(world.tasks))]
            if None not in frames:
                self._outside(self._footprint.tasks)
                self._judged()
                return _Parts((tuple(self._out), *frames))
        for task in world.tasks:
            self._put(task)
        for number, wait in sorted(world.waits.items()):
            self._out += (number, wait.task, wait.what)
            self._put(wait.on)
        self._outside(self._footprint.tasks)
        self._judged()
        return tuple(self._out)

    def by_name(self, world: LiveRun) -> dict[str, Hashable]:
        """What a run can read that has just begun, each part by what to call it; None for what cannot be read."""
        with suppress(UnknownStateError, RecursionError):
            self.of(world)
        written: dict[str, Hashable] = {RETURNED: self._part(world.shared)}
        for name, task in zip(world.program.names, world.tasks, strict=True):
            written[f"what {name} begins with"] = self._part(task)
        reach = self._footprint.tasks
        for namespace, name, label in (*reach.places.values(), *reach.assigned(self._footprint.assigned)):
            written[label] = self._part(namespace[name]) if name in namespace else UNSET
        return written

    def _part(self, value: object) -> Hashable:
        try:
            return self.of_value(value)
        except (UnknownStateError, RecursionError):
            return None

    def found(self) -> tuple[dict[int, type], set[int]]:
        """The classes that were met so far, with their bases, by id, and the ids of the globals of functions."""
        known = self._footprint.known
        classes = {id(base): base for one in known if isinstance(one, type) for base in one.__mro__}
        return classes, {id(one[1]) for one in known if isinstance(one, tuple)}

    def of_invariant(self) -> Hashable:
        """What the invariant reads from outside, and nothing else."""
        self._begin()
        self._judged()
        return tuple(self._out)

    def _rest(self, world: LiveRun, output: bool) -> None:
        """All but the frames: the shared object, what lies outside, an error, the output."""
        self._begin()
        if not self._by_value:
            self._constants()
        self._put(world.shared)
        if world.error is not None:
            self._out += (world.error[0], repr(world.error[1]))
        if output:
            self._out.append(world.output)

    def _outside(self, reach: Reach) -> None:
        """What lies outside, last: only now all code that can reach it is known."""
        if not (reach.places or reach.methods or reach.shared):
            return
        done = 0
        while done < len(reach.places):
            for namespace, name, _ in [*reach.places.values()][done:]:
                done += 1
                if name in namespace:
                    self._put(namespace[name])
                else:
                    self._out.append(UNSET)
        for function in list(reach.methods):
            if function.__closure__ or function.__defaults__ or function.__kwdefaults__ or function.__dict__:
                self._data_of(function)
        for namespace, name, label in reach.assigned(self._footprint.assigned):
            self._out.append(label)
            self._put(namespace[name])

    def _judged(self) -> None:
        """What the invariant reads; last, so that what is found here first was not looked through as a task's."""
        judge, footprint = self._judge, self._footprint
        if judge is None or (self._judges_alone and not footprint.changes_cells):
            return
        footprint.is_reading = True
        try:
            if type(judge) is FunctionType:
                self._data_of(judge)
            else:
                self._put(judge)
            self._outside(footprint.invariant)
        finally:
            footprint.is_reading = False

    def _constants(self) -> None:
        """The constants of all code: a value of the state can be one of these very objects."""
        for code in self._footprint.codes:
            for constant in (*code.co_consts, *code.co_names, *code.co_varnames):
                if type(constant) is not CodeType:
                    self._put(constant)

    def _frame(self, world: LiveRun, task: int) -> Hashable:
        """One frame for itself; None where it holds more that can change than the shared object."""
        generator: Any = world.tasks[task]
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            return ()
        out: list[Any] = [self._codes.get(id(code)) or self._code(code), frame.f_lasti, tuple(frame.f_locals)]
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


def _holds_nothing(function: FunctionType) -> bool:
    """Whether this function encloses only what nobody changes, unless a variable is assigned again."""
    atoms = all(_constant(cell) for cell in function.__closure__ or ())
    return atoms and not (function.__defaults__ or function.__kwdefaults__ or function.__dict__)


def _constant(cell: CellType) -> tuple[Any, Any] | None:
    """What a cell holds that nobody assigns again: an atom, nothing, or one of `preemptible`'s hooks; else None."""
    try:
        held = cell.cell_contents
    except ValueError:
        return CellType, UNSET
    if type(held) in ATOMS:
        return type(held), held
    return (FunctionType, id(held)) if type(held) is FunctionType and is_trusted(held.__globals__) else None
