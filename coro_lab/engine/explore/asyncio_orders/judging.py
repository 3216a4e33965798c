"""What is judged of an asyncio program: every order, one order of each class, or some drawn at random."""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from types import CodeType
from typing import Any

from coro_lab.engine.explore.asyncio_orders.judgement import judge_async
from coro_lab.engine.explore.asyncio_orders.names import Drawn, Prefix
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.reduced import ReducedSearch
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun, own_loop
from coro_lab.engine.explore.asyncio_orders.search import (
    EVERY,
    WALKS,
    not_deterministic_error,
    probed,
    run_all,
    run_some,
)
from coro_lab.engine.explore.limits import FOUND_FIRST, PART, REDUCED, Limits
from coro_lab.engine.explore.parallel import Tally
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import disagreement
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import SpinningError

FEW = 100
"""Orders that are run one by one, since that takes no longer than to put notes into the functions of a program."""
REPEATS = 2
CONFIRMED = 16
"""How many random orders are run to confirm that equivalent orders are judged alike."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged: the orders, how, and why not otherwise."""

    tally: Tally
    how: str
    reason: str = ""
    total: int | None = None  # the number of orders, if it is known
    runs: int | None = None  # how many were run, if not all that were judged


def judge_all(program: AsyncProgram, limits: Limits, seed: int, executor: Executor | None, report: Progress) -> Judged:
    """Every order, or one of each class, or a sample if these are more than `limits.orders`."""
    seen = _first(program)
    judged = _few(program, limits, executor, report) or _reduced(program, limits, seed, report)
    judged = judged or _every(program, limits, seed, executor, report)
    _check(program, seen)
    return judged


def _few(program: AsyncProgram, limits: Limits, executor: Executor | None, report: Progress) -> Judged | None:
    """Every order, if there are only few."""
    if not limits.reduces or program.order != "tasks":
        return None
    with suppress(SpinningError):
        tally = run_all(program, min(FEW, limits.orders), executor, report)
        if tally is not None:
            return Judged(tally, EVERY[program.order], total=tally.judged)
    return None


def _reduced(program: AsyncProgram, limits: Limits, seed: int, report: Progress) -> Judged | None:
    """One order of each class, if it can be seen what steps touch, and they are not too many."""
    if not limits.reduces or program.order != "tasks":
        return None
    found = ReducedSearch(program).judge_all(limits.orders, limits.counted, report)
    if found is None or (found.is_whole and limits.counted and not found.is_counted):
        return None
    tally = found.tally
    if tally.first is not None:
        with quietly(), own_loop():
            run = AsyncRun(program, Prefix(tally.first)).go()
            tally.first, tally.finding = run.names(), judge_async(run)
            run.close()
    if not found.is_whole:
        return Judged(tally, PART, tally.stopped or FOUND_FIRST)
    _confirm_kinds(program, tally, seed)
    return Judged(tally, REDUCED, "", tally.judged if found.is_counted else None, found.runs)


def _every(program: AsyncProgram, limits: Limits, seed: int, executor: Executor | None, report: Progress) -> Judged:
    """Every order, or `most` orders drawn at random if there are more."""
    most = limits.orders
    reason = f"there seem to be more than {most:,}"
    steps, weights = probed(program, seed)
    if not weights.exceed(most):
        reason = f"there are more than {most:,}"
        try:
            tally = run_all(program, most, executor, report)
        except SpinningError:  # the first order has ended
            tally, reason = None, "a task can loop for as long as others let it"
        if tally is not None:
            return Judged(tally, EVERY[program.order], total=tally.judged)
    return Judged(run_some(program, steps, limits.drawn(sum(steps)), seed, executor, report), WALKS, reason)


def _confirm_kinds(program: AsyncProgram, tally: Tally, seed: int) -> None:
    """Run some random orders; DisagreementError if one is judged differently from all others."""
    chance, kinds = Random(seed), set[str | None](tally.kinds)
    if sum(tally.kinds.values()) < tally.judged:
        kinds.add(None)
    with quietly(), own_loop():
        for _ in range(CONFIRMED):
            run = AsyncRun(program, Drawn(chance)).go()
            finding, names = judge_async(run), run.names()
            run.close()
            kind = finding.kind if finding else None
            if kind not in kinds:
                how, what = "Judging equivalent orders once", "Two steps in conflict"
                raise disagreement(program.abbreviate(names), names, kind, kinds, how, what)


def _first(program: AsyncProgram) -> object:
    """What can be seen of the first order; NotDeterministicError if it is not the same each time."""
    seen = _seen(program)
    for _ in range(REPEATS):
        if _seen(program) != seen:
            names = sorted({name for _, function, _ in program.begins for name in _globals_set_by(function)})
            raise not_deterministic_error(names)
    return seen


def _globals_set_by(function: Any) -> Iterator[str]:
    """The global variables that a function, or one defined in it, sets."""
    codes = [getattr(inspect.unwrap(function), "__code__", None)]
    while codes:
        code = codes.pop()
        if code is not None:
            yield from (each.argval for each in dis.get_instructions(code) if each.opname == "STORE_GLOBAL")
            codes += [each for each in code.co_consts if isinstance(each, CodeType)]


def _check(program: AsyncProgram, seen: object) -> None:
    """NotDeterministicError if the first order no longer does what it did."""
    if _seen(program) != seen:
        raise not_deterministic_error()


def _seen(program: AsyncProgram) -> object:
    """What can be seen of the first order, without the addresses that Python prints for objects.

    Output that the invariant does not see is left out: it may be the time of day.
    """
    with quietly(), own_loop():
        run = AsyncRun(program, Prefix()).go()
        finding, names = judge_async(run), run.names()
        run.close()
    printed = "" if program.invariant is None else run.output
    said = re.sub(r"0x[0-9a-fA-F]+", "0x", f"{printed}\n{finding}")
    return names, said
