"""Before and after all orders are judged: does the program do the same each time that it takes the same order?

What is compared is what can be seen of a run, without the addresses that Python prints for objects.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass

from coro_lab.engine.explore.faults import (
    ExplorationError,
    NotDeterministicError,
    SpinningError,
    leftovers,
    same_each_time,
)
from coro_lab.engine.explore.findings import judge
from coro_lab.engine.explore.fingerprint.effects import UnknownStateError
from coro_lab.engine.explore.fingerprint.run_state import RETURNED, Fingerprints
from coro_lab.engine.explore.fingerprint.values import Made, Values
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.step_limit import quietly

PROBES = 8


@dataclass(frozen=True)
class Probe:
    """What a first order showed."""

    steps: list[int]  # how many each task takes
    waits: bool  # some task had to wait
    spins: SpinningError | None  # the order of the names does not end; this one takes turns
    made: Made  # what setup makes anew each time
    schedule: Schedule
    outcome: object
    start: dict[str, Hashable]  # what a run begins with


def probe(program: Program) -> Probe:
    """What comes out of the first order, and how many steps each task takes in it.

    Runs that order a few times. SharedSetupError or NotDeterministicError if it does not do the same each time.
    """
    with quietly():
        one, other = LiveRun(program), LiveRun(program)
        _check_tasks(one)
        if one.shared is other.shared and not _is_constant(one.shared):
            raise same_each_time()
        made = _made(one, other)
        start = _written(one, made)
        if start != _written(other, made):
            raise _fickle_setup()
        begins = Fingerprints(None, made).by_name(other)
        one, spins = _first(one)
        schedule, outcome = tuple(one.schedule), _outcome(one, made)
        _check_start(program, begins, made)
        for number in range(PROBES):
            fresh = LiveRun(program)
            if start != _written(fresh, made):
                _check_start(program, begins, made)
                raise leftovers() if number == 0 else _fickle_setup()
            _repeat(fresh, schedule, outcome, begins, made)
        steps = [schedule.count(task) for task in range(len(program.names))]
        one.close()
        other.close()
        return Probe(steps, one.has_waited, spins, made, schedule, outcome, begins)


def _check_tasks(run: LiveRun) -> None:
    """ExplorationError where something that was called did not return a generator."""
    for name, task, function in zip(run.program.names, run.tasks, run.program.coroutines.values(), strict=True):
        if not inspect.isgenerator(task):
            word = getattr(function, "__name__", "f").replace("<lambda>", "f")
            raise ExplorationError(
                f"{name!r} is a plain function without a yield, so nobody can be switched to inside it.\n"
                f'  Write a yield where it may be left, or explore it as a thread: {{"{name}": preemptible({word})}}'
            )


def check_first(program: Program, first: Probe) -> None:
    """SharedSetupError if a run no longer begins as the first one did, or does not come out as that did."""
    with quietly():
        _check_start(program, first.start, first.made)
        world = LiveRun(program).follow(first.schedule)
        if _outcome(world, first.made) != first.outcome:
            raise leftovers()
        world.close()


def _repeat(world: LiveRun, schedule: Schedule, outcome: object, begins: dict[str, Hashable], made: Made) -> None:
    """Run the first order again; SharedSetupError or NotDeterministicError if something else comes out of it."""
    try:
        if _outcome(world.follow(schedule), made) != outcome:
            raise world.not_deterministic_error()
    except NotDeterministicError:
        _check_start(world.program, begins, made)
        raise
    world.close()


def _check_start(program: Program, start: dict[str, Hashable], made: Made) -> None:
    world = LiveRun(program)
    now = Fingerprints(None, made).by_name(world)
    world.close()
    changed = [label for label in {**start, **now} if start.get(label) != now.get(label)]
    if changed:
        outside = [label for label in changed if not label.startswith("what ")]
        raise leftovers(outside or [label for label in changed if RETURNED not in changed])


def _first(world: LiveRun) -> tuple[LiveRun, SpinningError | None]:
    """The first order, run to its end; where a task spins in it, an order in which the tasks take turns."""
    try:
        return world.finish(), None
    except SpinningError as found:
        turns = LiveRun(world.program)
        with suppress(SpinningError):
            return turns.take_turns(), found
        raise


def _made(one: LiveRun, other: LiveRun) -> Made:
    """What `setup` makes anew for each run: what two runs do not have in common."""
    classes, globals_ = [], []
    for world in (one, other):
        fingerprints = Fingerprints()
        with suppress(UnknownStateError, RecursionError):
            fingerprints.of_value(world.shared)
        with suppress(UnknownStateError, RecursionError):
            fingerprints.of(world)
        found, namespaces = fingerprints.found()
        classes.append(found)
        globals_.append(namespaces)
    before, after = classes
    fresh = frozenset((cls.__module__, cls.__qualname__) for number, cls in after.items() if number not in before)
    return Made(fresh, bool(globals_[1] - globals_[0]))


def _written(world: LiveRun, made: Made) -> object:
    """The shared object as a value to compare, as far as it can be read."""
    try:
        return Values(made).of_value(world.shared)
    except (UnknownStateError, RecursionError):
        return None


def _outcome(world: LiveRun, made: Made) -> object:
    """What can be seen of an ended run, without the addresses that Python prints for objects."""
    seen = f"{world.output}\n{world.error!r}"
    return tuple(world.schedule), re.sub(r"0x[0-9a-fA-F]+", "0x", seen), _written(world, made), _verdict(world)


def _verdict(world: LiveRun) -> str | None:
    finding = judge(world)
    return finding.kind if finding else None


def _is_constant(value: object) -> bool:
    return value is None or isinstance(value, (int, float, str, bytes, tuple, frozenset))


def _fickle_setup() -> NotDeterministicError:
    return NotDeterministicError(
        "`setup` makes something else each time; it has to make the same, afresh, for each run."
    )
