"""Exploring: running every order, merging equal states, and the bank-account race beside frontrun and detangle.

A child process runs the two others, since both patch what they watch. They are of the bench extra; without them their
lines say so.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from coro_lab.engine.explore import explore, interleavings, preemptible
from coro_lab.engine.explore.program import Program
from coro_lab.engine.explore.schedules import every
from coro_lab.engine.explore.step_limit import quietly
from tests import racy


def run() -> None:
    """Print the figures."""
    running_every_order()
    merging(2, 10, 1.0)
    merging(3, 8, 10.0)
    same_race()


# -- every order, run to its output -----------------------------------------------------------------------------------


def A():
    print("a"); yield; print("b"); yield; print("c"); yield; print("d")  # fmt: skip  # noqa: E702


def B():
    print("e"); yield; print("f"); yield; print("g"); yield; print("h")  # fmt: skip  # noqa: E702


def C():
    print("i"); yield; print("j"); yield; print("k"); yield; print("l")  # fmt: skip  # noqa: E702


def running_every_order() -> None:
    """4 x 4 x 4 steps, beside a loop that replays ready-made schedules and does nothing else."""
    schedules = list(multiset((4, 4, 4)))
    bare = best(lambda: replay(schedules))
    ours = best(lambda: outputs(Program({"A": A, "B": B, "C": C})))
    listed = best(lambda: sum(1 for _ in interleavings({"A": A, "B": B, "C": C})))
    print(f"{len(schedules):,} orders of 4 x 4 x 4 steps, each run to its output: {ours:.2f} s (goal 0.6 s)")
    print(f"  {ours / bare:.2f} times the barest replay loop, which takes {bare:.2f} s (goal 3 times)")
    print(f"  as interleavings() lists them: {listed:.2f} s, {listed / bare:.2f} times")


def multiset(left: tuple[int, ...]):
    """Every order of this many steps each."""
    if not any(left):
        yield ()
    for task, own in enumerate(left):
        if own:
            for rest in multiset((*left[:task], own - 1, *left[task + 1 :])):
                yield (task, *rest)


def replay(schedules: list[tuple[int, ...]]) -> int:
    """The barest loop: fresh coroutines, one resume after the other, the output kept."""
    page, seen = sys.stdout, set()
    try:
        for schedule in schedules:
            out = sys.stdout = io.StringIO()
            tasks = A(), B(), C()
            for task in schedule:
                next(tasks[task], None)
            seen.add(out.getvalue())
    finally:
        sys.stdout = page
    return len(seen)


def outputs(program: Program) -> int:
    with quietly():
        return len({run.output for run in every(program)})


def best(measured: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs, in seconds."""
    taken = []
    for _ in range(times):
        begin = perf_counter()
        measured()
        taken.append(perf_counter() - begin)
    return min(taken)


# -- equal states merged ----------------------------------------------------------------------------------------------


def counter(steps: int) -> Callable[[Any], Any]:
    """A coroutine of this many steps that counts up, each time with a yield between read and write."""

    def count_up(tally):
        for _ in range(steps - 1):
            seen = tally.value
            yield
            tally.value = seen + 1

    return count_up


def merging(tasks: int, steps: int, goal: float) -> None:
    coroutines = dict(zip("ABC"[:tasks], [counter(steps)] * tasks))
    begin = perf_counter()
    right = tasks * (steps - 1)
    found = explore(setup=racy.Tally, coroutines=coroutines, invariant=lambda tally: tally.value == right, count=True)
    taken = perf_counter() - begin
    print(f"{tasks} counters of {steps} steps, {found.total:,} orders judged exactly: {taken:.2f} s (goal {goal:g} s)")
    print(f"  {found.how}: {found.runs:,} states, {found.total - found.broken:,} orders are right")


# -- the same race, found by others -----------------------------------------------------------------------------------


def same_race() -> None:
    """Two withdrawals of 80 from an account with 100: time until a counterexample is in hand, in a warm process."""
    print("the bank-account race: time to the counterexample, and schedules tried")
    threads = {"A": preemptible(racy.take_eighty), "B": preemptible(racy.take_eighty)}
    account = {"setup": racy.Account, "coroutines": threads, "invariant": racy.is_covered}
    found = explore(**account)
    ours = best(lambda: explore(**account).counterexample)
    steps = len(found.program.parse(found.schedule))
    judged = f"all {found.total} orders judged, {found.broken} broken; the shortest has {steps} steps"
    print(f"  coro_lab   {ours * 1000:8.1f} ms   {judged}")
    for name in ("frontrun", "detangle"):
        start = [str(Path(sys.executable).with_name("frontrun"))] if name == "frontrun" else []
        command = [*start, sys.executable, "-m", "tests.bench.interleaving", name]
        done = subprocess.run(command, capture_output=True, text=True)
        print(
            done.stdout.rstrip()
            or f"  {name:10} not measured: {(done.stderr.strip().splitlines() or ['no answer'])[-1]}"
        )


def frontrun_finds_it() -> None:
    import frontrun

    def look() -> Any:
        return frontrun.explore(setup=racy.Account, workers=racy.take_eighty, count=2, invariant=racy.is_covered)

    result = look()
    taken = best(look)
    tried = f"{result.num_explored} schedules tried, found: {not result.property_holds}"
    print(f"  frontrun   {taken * 1000:8.1f} ms   {tried}")


def detangle_finds_it() -> None:
    import asyncio

    import detangle

    async def race() -> None:
        account = racy.Account()

        async def withdraw() -> None:
            if account.balance >= 80:
                await asyncio.sleep(0.01)
                account.balance -= 80

        await asyncio.gather(withdraw(), withdraw())
        assert account.balance >= 0

    def look() -> Any:
        try:
            detangle.explore(race, database=False)
        except detangle.BugFound as bug:
            return bug
        return None

    bug = look()
    taken = best(look)
    print(f"  detangle   {taken * 1000:8.1f} ms   coroutines, not threads: {str(bug).splitlines()[0]}")


if __name__ == "__main__":
    {"frontrun": frontrun_finds_it, "detangle": detangle_finds_it}[sys.argv[1]]()
