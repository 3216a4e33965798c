"""Before and after all orders are judged: does the program do the same each time that it takes the same order?

What is compared is what can be seen of a run, without the addresses that Python prints for objects.
"""

from __future__ import annotations

import re

from coro_lab.interleaving.admission import check_tasks
from coro_lab.interleaving.faults import NotDeterministicError, leftovers
from coro_lab.interleaving.findings import judge
from coro_lab.interleaving.footprint import UnknownStateError
from coro_lab.interleaving.program import Program
from coro_lab.interleaving.state import Fingerprints
from coro_lab.interleaving.world import World, quietly

PROBES = 8


def probe(program: Program) -> tuple[list[int], bool, object]:
    """How many steps each task takes in the first order, whether any of them ever waits, and what comes out of it.

    Runs that order a few times. SharedSetupError or NotDeterministicError if it does not do the same each time.
    """
    with quietly():
        one, other = program.start(), program.start()
        check_tasks(one)
        start = _written(one)
        if one.shared is other.shared and not _is_constant(one.shared):
            raise leftovers()
        if start != _written(other):
            raise _fickle_setup()
        one.finish()
        outcome = _outcome(one)
        for number in range(PROBES):
            fresh = program.start()
            if start != _written(fresh):
                raise leftovers() if number == 0 else _fickle_setup()
            if outcome != _outcome(fresh.finish()):
                raise fresh.otherwise()
            fresh.close()
        steps = [one.schedule.count(task) for task in range(len(program.names))]
        one.close()
        other.close()
        return steps, one.waited, outcome


def check_first(program: Program, outcome: object) -> None:
    """SharedSetupError if the first order, run once more after all others, does not come out as it did."""
    with quietly():
        world = program.start().finish()
        if _outcome(world) != outcome:
            raise leftovers()
        world.close()


def _written(world: World) -> object:
    """The shared object as a value to compare, as far as it can be read."""
    try:
        return Fingerprints().of_value(world.shared)
    except UnknownStateError:
        return None


def _outcome(world: World) -> object:
    """What can be seen of an ended run, without the addresses that Python prints for objects."""
    seen = f"{world.output}\n{world.error!r}"
    return tuple(world.schedule), re.sub(r"0x[0-9a-fA-F]+", "0x", seen), _written(world), _verdict(world)


def _verdict(world: World) -> str | None:
    finding = judge(world)
    return finding.kind if finding else None


def _is_constant(value: object) -> bool:
    return value is None or isinstance(value, (int, float, str, bytes, tuple, frozenset))


def _fickle_setup() -> NotDeterministicError:
    return NotDeterministicError(
        "`setup` makes something else each time; it has to make the same, afresh, for each run."
    )
