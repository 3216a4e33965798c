"""Whether the program does the same each time that it takes the same order, before and after all orders are judged.

It compares what can be seen of a run, without the addresses that Python prints for objects.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from coro_lab.engine.explore.fingerprint.run_state import RETURNED, Fingerprints
from coro_lab.engine.explore.fingerprint.values import MadeBySetup, Values
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.run import LiveRun, repr_of_error
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import judge
from coro_lab.errors import (
    ArgumentError,
    NotDeterministicError,
    SharedSetupError,
    SpinningError,
    UnknownStateError,
)
from coro_lab.trace.own_builtins import with_builtins
from coro_lab.trace.safe_repr import describe

REPEATS = 8


@with_builtins
class RunOutcome(NamedTuple):
    """What can be seen of a run that has ended, without the addresses that Python prints for objects."""

    schedule: Schedule
    seen: str  # what was printed, and then the error
    shared: object
    kind: str | None  # of what is wrong with it
    shown: str  # what was printed and what is wrong, for a reader

    def is_like(self, other: RunOutcome) -> bool:
        """Whether the other run did the same."""
        return self[:-1] == other[:-1]


@dataclass(frozen=True)
class FirstOrder:
    """What the first order showed."""

    steps: list[int]  # how many each task takes
    has_waited: bool  # some task had to wait
    spins: SpinningError | None  # set if the order of the names does not end; then the tasks took turns
    made: MadeBySetup
    schedule: Schedule
    outcome: RunOutcome
    beginning: dict[str, Hashable]  # what a run begins with


def run_first(program: Program) -> FirstOrder:
    """What comes out of the first order, and how many steps each task takes in it.

    Runs that order a few times. SharedSetupError or NotDeterministicError if it does not do the same each time.
    """
    with quietly():
        one, other = LiveRun(program), LiveRun(program)
        _check_tasks(one)
        if one.shared is other.shared and not _is_constant(one.shared):
            raise _same_object_error()
        made = _made_by_setup(one, other)
        shared = _shared_key(one, made)
        if shared != _shared_key(other, made):
            raise _random_setup_error()
        beginning = Fingerprints(None, made).by_name(other)
        one, spins = _to_the_end(one)
        schedule, outcome = tuple(one.schedule), _outcome(one, made)
        _check_beginning(program, beginning, made)
        for number in range(REPEATS):
            fresh = LiveRun(program)
            if shared != _shared_key(fresh, made):
                _check_beginning(program, beginning, made)
                raise _leftovers_error() if number == 0 else _random_setup_error()
            _repeat(fresh, schedule, outcome, beginning, made)
        steps = [schedule.count(task) for task in range(len(program.names))]
        one.close()
        other.close()
        return FirstOrder(steps, one.has_waited, spins, made, schedule, outcome, beginning)


def check_again(program: Program, first: FirstOrder) -> None:
    """SharedSetupError if a run no longer begins as the first one did, or has another outcome."""
    with quietly():
        _check_beginning(program, first.beginning, first.made)
        run = LiveRun(program).follow(first.schedule)
        if not _outcome(run, first.made).is_like(first.outcome):
            raise _leftovers_error()
        run.close()


def _check_tasks(run: LiveRun) -> None:
    """ArgumentError where a function that was called did not return a generator."""
    for name, task, function in zip(run.program.names, run.tasks, run.program.coroutines.values(), strict=True):
        if not inspect.isgenerator(task):
            said = _not_a_generator(name, function, task)
            raise ArgumentError(said, argument="coroutines", given=describe({name: function}))


def _not_a_generator(name: str, function: object, made: object) -> str:
    """Why this function, which returned `made` and not a generator, cannot be explored, and what to write instead."""
    word = getattr(function, "__name__", "f").replace("<lambda>", "f")
    if inspect.isasyncgen(made):
        return (
            f"{name!r} is an async generator function; a task begins with a generator function or an async function.\n"
            f"  Write an async function that has `async for ... in {word}()`, and explore that."
        )
    if inspect.isgeneratorfunction(getattr(function, "__wrapped__", None)):
        return (
            f"{name!r} is decorated, and a call of it returns {describe(made)} and not a generator.\n"
            f'  Write:     {{"{name}": {word}.__wrapped__}}   (without the decorator)'
        )
    return (
        f"{name!r} is a plain function without a yield, so it has no switch point.\n"
        f'  Write a yield at each switch point, or explore it as a thread: {{"{name}": preemptible({word})}}'
    )


def _repeat(
    run: LiveRun, schedule: Schedule, outcome: RunOutcome, start: dict[str, Hashable], made: MadeBySetup
) -> None:
    """Run the first order again; SharedSetupError or NotDeterministicError if the outcome differs."""
    try:
        again = _outcome(run.follow(schedule), made)
        if not again.is_like(outcome):
            raise run.not_deterministic_error(first=outcome.shown, second=again.shown)
    except NotDeterministicError:
        _check_beginning(run.program, start, made)
        raise
    run.close()


def _check_beginning(program: Program, beginning: dict[str, Hashable], made: MadeBySetup) -> None:
    """SharedSetupError if a fresh run begins with something else; it names what an earlier run has changed."""
    run = LiveRun(program)
    now = Fingerprints(None, made).by_name(run)
    run.close()
    changed = [label for label in {**beginning, **now} if beginning.get(label) != now.get(label)]
    if changed:
        outside = [label for label in changed if not label.startswith("what ")]
        raise _leftovers_error(outside or [label for label in changed if RETURNED not in changed])


def _to_the_end(run: LiveRun) -> tuple[LiveRun, SpinningError | None]:
    """The first order, run to its end; where a task spins in it, an order in which the tasks take turns."""
    try:
        return run.finish(), None
    except SpinningError as found:
        turns = LiveRun(run.program)
        with suppress(SpinningError):
            return turns.take_turns(), found
        raise


def _made_by_setup(one: LiveRun, other: LiveRun) -> MadeBySetup:
    """The classes and globals that these two runs do not have in common."""
    classes, globals_ = [], []
    for run in (one, other):
        fingerprints = Fingerprints()
        fingerprints.of_value(run.shared)
        with suppress(UnknownStateError, RecursionError):
            fingerprints.of(run)
        found, namespaces = fingerprints.found()
        classes.append(found)
        globals_.append(namespaces)
    before, after = classes
    fresh = frozenset((cls.__module__, cls.__qualname__) for number, cls in after.items() if number not in before)
    return MadeBySetup(fresh, bool(globals_[1] - globals_[0]))


def _shared_key(run: LiveRun, made: MadeBySetup) -> object:
    """The shared object as a key, or None if it cannot be read."""
    try:
        return Values(made).key(run.shared)
    except (UnknownStateError, RecursionError):
        return None


def _outcome(run: LiveRun, made: MadeBySetup) -> RunOutcome:
    errors = "".join(f"\n{task} {repr_of_error(run.errors[task])}" for task in sorted(run.errors))
    seen = re.sub(r"0x[0-9a-fA-F]+", "0x", f"{run.output}{errors}")
    shared = _shared_key(run, made)  # before the invariant, which may change it
    finding = judge(run)
    shown = f"{run.output.strip()} ({finding.text if finding else 'not broken'})".strip()
    return RunOutcome(tuple(run.schedule), seen, shared, finding.kind if finding else None, shown)


def _is_constant(value: object) -> bool:
    return value is None or isinstance(value, (int, float, str, bytes, tuple, frozenset))


# -- errors ------------------------------------------------------------------------------------------------------------

_MAKE_ANEW = (
    "  You wrote something like: setup=lambda: tally\n"
    "  Write:                    setup=Tally   (a function that makes a new one each time)"
)


def _leftovers_error(changed: Sequence[str] = ()) -> SharedSetupError:
    """The error for a run that begins with what an earlier run has left; `changed` names it where that is known."""
    if changed:
        what, it = ", ".join(changed), "it" if len(changed) == 1 else "them"
        return SharedSetupError(
            f"An earlier run has changed {what}, and `setup` does not set {it} back, so each order would begin where "
            "the last one ended.\n"
            f"  Write a `setup` in which {what} becomes what it has to be before each run,\n"
            "  or keep it in the object that `setup` makes.",
            changed=tuple(changed),
        )
    return SharedSetupError(
        "`setup` returns what an earlier run has changed, so each order would begin where the last one ended.\n"
        f"{_MAKE_ANEW}"
    )


def _same_object_error() -> SharedSetupError:
    """The error for two runs that would share one object, even if `setup` resets it."""
    return SharedSetupError(
        "`setup` gives the same object each time, but each order needs a new one: several are alive at once.\n"
        f"{_MAKE_ANEW}"
    )


def _random_setup_error() -> NotDeterministicError:
    return NotDeterministicError(
        "`setup` makes a different object each time.\n"
        "  Write a `setup` that makes an equal object for each run, without random numbers or times."
    )
