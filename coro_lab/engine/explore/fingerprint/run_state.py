"""A canonical key for the state of a run: runs with equal keys go on alike.

A key holds, by value, the shared object, the frames, and what their code can reach outside. A frame is its position,
the names that are bound in it, and what it refers to: its locals, and also what lies on its stack, such as the iterator
of a `for` loop (`gc.get_referents` shows both).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable
from contextlib import suppress
from types import CellType, CodeType, FrameType, FunctionType
from typing import Any

from coro_lab.engine.explore.fingerprint.containers import ATOMS, RANGE_ITERATOR
from coro_lab.engine.explore.fingerprint.effects import Reach
from coro_lab.engine.explore.fingerprint.pure_builtins import is_trusted
from coro_lab.engine.explore.fingerprint.values import AGAIN, UNSET, MadeBySetup, Values, after_code
from coro_lab.engine.explore.run import LiveRun, repr_of_error
from coro_lab.errors import UnknownStateError

RETURNED = "what `setup` returns"


class Parts(tuple[int, ...]):
    """A key that was written part by part, each as a number: what all tasks share, and the frame of each task.

    A step reads and changes the first part and the frame that runs, and no other.
    """

    __slots__ = ()

    @property
    def ready(self) -> tuple[int, ...]:
        """The tasks that can go on: those whose frame has not ended."""
        return tuple(task for task, frame in enumerate(self[1:]) if frame != ENDED_FRAME)

    def before(self, task: int) -> tuple[int, int, int]:
        """The parts on which the next step of this task depends, and the task."""
        return task, self[0], self[task + 1]

    def after(self, task: int, step: tuple[int, int]) -> Parts:
        """The key after a step of this task, which leads to these two parts."""
        return Parts((step[0], *self[1 : task + 1], step[1], *self[task + 2 :]))


ENDED_FRAME = 0
"""The number of the frame of a task that has ended."""


class Fingerprints:
    """Writes keys for the states of one program. Raises UnknownStateError where a state cannot be read reliably.

    Most frames hold nothing that can change except the shared object. Then a key is written part by part. Otherwise the
    whole state is written together.
    """

    def __init__(self, judge: Callable[..., object] | None = None, made: MadeBySetup | None = None) -> None:
        """What the invariant, `judge`, reads from outside belongs to the state as well."""
        self._values = Values(made)
        self._effects = effects = self._values.effects
        self._judge = judge
        self._numbers: dict[Hashable, int] = {(): ENDED_FRAME}  # of the parts of keys
        self._is_pure = False  # the invariant reads nothing from outside that can change
        if isinstance(judge, FunctionType):
            with effects.reading():
                effects.add_function(judge)
            self._is_pure = _holds_nothing(judge) and effects.invariant.is_empty

    def of(self, run: LiveRun, *, output: bool = False, before: Hashable = None, ran: int | None = None) -> Hashable:
        """The key for the state of this run; with `output`, what was printed belongs to it.

        `before` is the key of the state from which task number `ran` took the last step.
        """
        values = self._values
        if before is None:
            for task in run.tasks:
                values.look_through(task)
        values.by_value = not self._effects.compares_identity
        self._write_all_but_frames(run, output)
        if values.is_apart and not run.waits and values.by_value:
            ran = ran or 0
            if isinstance(before, Parts):
                frames = [*before[1 : ran + 1], self._frame(run, ran), *before[ran + 2 :]]
            else:
                frames = [self._frame(run, task) for task in range(len(run.tasks))]
            if None not in frames:
                self._write_outside(self._effects.tasks)
                self._write_invariant()
                return Parts((self._number(tuple(values.out)), *frames))  # type: ignore[arg-type]
        for task in run.tasks:
            values.put(task)
        for number, wait in sorted(run.waits.items()):
            values.out += (number, wait.task, wait.what)
            values.put(wait.on)
        self._write_outside(self._effects.tasks)
        self._write_invariant()
        return tuple(values.out)

    def of_invariant(self) -> Hashable:
        """The key for what the invariant reads from outside."""
        self._values.begin()
        self._write_invariant()
        return tuple(self._values.out)

    def of_value(self, value: object) -> Hashable:
        """The key for one value; None if it cannot be read reliably."""
        try:
            return self._values.key(value)
        except (UnknownStateError, RecursionError):
            return None

    def by_name(self, run: LiveRun) -> dict[str, Hashable]:
        """What a fresh run can read: the key of each part, by a name for it; None for a part that cannot be read."""
        with suppress(UnknownStateError, RecursionError):
            self.of(run)
        keys: dict[str, Hashable] = {RETURNED: self.of_value(run.shared)}
        for name, task in zip(run.program.names, run.tasks, strict=True):
            keys[f"what {name} begins with"] = self.of_value(task)
        reach = self._effects.tasks
        for namespace, name, label in (*reach.places.values(), *reach.assigned(self._effects.assigned)):
            keys[label] = self.of_value(namespace[name]) if name in namespace else UNSET
        return keys

    def found(self) -> tuple[dict[int, type], set[int]]:
        """The classes that were met so far and their bases, by id, and the ids of the globals of functions."""
        known = self._effects.known
        classes = {id(base): base for one in known if isinstance(one, type) for base in one.__mro__}
        return classes, {id(one[1]) for one in known if isinstance(one, tuple)}

    def _write_all_but_frames(self, run: LiveRun, output: bool) -> None:
        """The shared object, errors, the output."""
        values = self._values
        values.begin()
        if not values.by_value:
            self._write_constants()
        values.put(run.shared)
        for task in sorted(run.errors):
            values.out += (task, repr_of_error(run.errors[task]))
        if output:
            values.out.append(run.output)

    def _write_outside(self, reach: Reach) -> None:
        """What lies outside the frames. Last, because only now all code that can reach it is known."""
        if reach.is_empty:
            return
        values, done = self._values, 0
        while done < len(reach.places):
            for namespace, name, _ in [*reach.places.values()][done:]:
                done += 1
                if name in namespace:
                    values.put(namespace[name])
                else:
                    values.out.append(UNSET)
        for function in list(reach.methods):
            if function.__closure__ or function.__defaults__ or function.__kwdefaults__ or function.__dict__:
                values.data_of(function)
        for namespace, name, label in reach.assigned(self._effects.assigned):
            values.out.append(label)
            values.put(namespace[name])

    def _write_invariant(self) -> None:
        """What the invariant reads. Last, so that code that tasks share with it was looked through as the tasks'."""
        judge = self._judge
        if judge is None or (self._is_pure and not self._effects.changes_cells):
            return
        with self._effects.reading():
            if type(judge) is FunctionType:
                self._values.data_of(judge)
            else:
                self._values.put(judge)
            self._write_outside(self._effects.invariant)

    def _write_constants(self) -> None:
        """The constants of all code: a value of the state can be the same object as one of them."""
        for code in self._effects.codes:
            for constant in (*code.co_consts, *code.co_names, *code.co_varnames):
                if type(constant) is not CodeType:
                    self._values.put(constant)

    def _number(self, part: Hashable) -> int:
        return self._numbers.setdefault(part, len(self._numbers))

    def _frame(self, run: LiveRun, task: int) -> int | None:
        """The number of one frame; None where it holds more that can change than the shared object."""
        generator: Any = run.tasks[task]
        code, frame = generator.gi_code, generator.gi_frame
        if frame is None:
            return ENDED_FRAME
        out: list[Any] = [self._values.code_number(code), frame.f_lasti, frozenset(frame.f_locals)]
        held = gc.get_referents(generator)
        for value in held[after_code(held, code) :]:
            kind = type(value)
            if id(kind) in ATOMS:
                out += (kind, value)
            elif value is run.shared:
                out.append(AGAIN)
            elif kind is RANGE_ITERATOR:
                _, (left,), at = value.__reduce__()
                out += (RANGE_ITERATOR, left, at)
            elif kind is CellType and not self._effects.changes_cells:
                constant = _constant(value)
                if constant is None:
                    return None
                out += constant
            elif kind is not FrameType:
                return None
        return self._number(tuple(out))


def _holds_nothing(function: FunctionType) -> bool:
    """Whether this function encloses only constants, as long as no variable is assigned again."""
    atoms = all(_constant(cell) for cell in function.__closure__ or ())
    return atoms and not (function.__defaults__ or function.__kwdefaults__ or function.__dict__)


def _constant(cell: CellType) -> tuple[Any, Any] | None:
    """The key for a cell that holds an atom, nothing, or a function that split code calls; None for any other."""
    try:
        held = cell.cell_contents
    except ValueError:
        return CellType, UNSET
    if id(type(held)) in ATOMS:
        return type(held), held
    return (FunctionType, id(held)) if type(held) is FunctionType and is_trusted(held.__globals__) else None
