"""Orders of an asyncio program: every one, depth first, or some drawn at random. Each is a run from the beginning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from random import Random

from coro_lab.engine.explore.asyncio_orders.judgement import judge_async
from coro_lab.engine.explore.asyncio_orders.names import Drawn, Prefix, Spelled
from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun, own_loop
from coro_lab.engine.explore.parallel import DRAWS, PORTIONS, Counted, Tally, added_up, ignore, until_stopped
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.engine.explore.verdict import Finding
from coro_lab.engine.explore.weights import PROBES, Weights
from coro_lab.engine.progress_bar import Progress
from coro_lab.errors import InfinitelyManyError, NotDeterministicError, SpinningError

EVERY = {
    "tasks": "every order run",
    "time": "every order run, with every passing of time",
    "asyncio": "every order run that keeps asyncio's first in, first out",
}
WALKS = "random walks through the ready tasks"

MOST_COUNTED = 100_000
type Places = tuple[int, ...]
"""A beginning of orders: the place of each choice among what was ready."""


def every_async(
    program: AsyncProgram, below: Places = (), begin: Callable[[AsyncProgram, Prefix], AsyncRun] = AsyncRun
) -> Iterator[tuple[AsyncRun, Prefix]]:
    """Each order that begins with these choices, run to its end; to be used in `quietly` and `own_loop`.

    `begin` makes the run.
    """
    choices = Prefix(below)
    while True:
        try:
            yield begin(program, choices).go(), choices
        except NotDeterministicError:
            raise not_deterministic_error() from None
        taken, widths = choices.taken, choices.widths
        at = len(widths) - 1
        while at >= len(below) and taken[at] + 1 >= widths[at]:
            at -= 1
        if at < len(below):
            return
        choices = Prefix([*taken[:at], taken[at] + 1], widths[: at + 1])


def run_all(program: AsyncProgram, most: int, executor: Executor | None, report: Progress) -> Tally | None:
    """All orders, run and judged; None if there are more than `most`."""
    with quietly(), own_loop():
        beginnings = _beginnings(program)
    portions = [partial(all_below, program, each, most) for each in beginnings]
    whole = added_up(portions, executor, report, most)
    return None if whole.judged > most else whole


def count_async(program: AsyncProgram) -> int:
    """The number of orders; InfinitelyManyError where there are more than `MOST_COUNTED`."""
    number = 0
    with quietly(), own_loop(), suppress(SpinningError):
        for run, _ in every_async(program):
            run.close()
            number += 1
            if number > MOST_COUNTED:
                break
        else:
            return number
    raise InfinitelyManyError(
        f"There are more than {min(number, MOST_COUNTED):,} orders, perhaps infinitely many.\n"
        "  Look at some of them, itertools.islice(orders, 10), or judge a sample: explore(...)"
    )


def run_some(
    program: AsyncProgram, steps: Sequence[int], most: int, seed: int, executor: Executor | None, report: Progress
) -> Tally:
    """`most` orders, drawn at random, run and judged; `steps` is how many each task takes."""
    sizes = [min(DRAWS, most - done) for done in range(0, most, DRAWS)]
    portions = [partial(some, program, steps, size, f"{seed} {number}") for number, size in enumerate(sizes)]
    return added_up(portions, executor, report)


def all_below(program: AsyncProgram, below: Places, most: int, report: Counted = ignore) -> Tally:
    """Judge the orders that begin with these choices; stop at one more than `most`."""
    tally = Tally()
    with quietly(), own_loop(), until_stopped(tally):
        for run, _ in every_async(program, below):
            _count(tally, run)
            report(tally.judged)
            if tally.judged > most:
                break
    return tally


def some(program: AsyncProgram, steps: Sequence[int], size: int, seed: str, report: Counted = ignore) -> Tally:
    """Judge `size` orders, drawn with this seed."""
    tally, chance = Tally(weights=Weights(Drawn(None, steps).unit)), Random(seed)
    with quietly(), own_loop(), until_stopped(tally):
        while tally.judged < size:
            choices = Drawn(chance, steps)
            finding = _count(tally, AsyncRun(program, choices).go())
            tally.weights.add(choices.weight, is_broken=finding is not None)
            report(tally.judged)
    return tally


def probed(program: AsyncProgram, seed: int) -> tuple[list[int], Weights]:
    """How many steps each task takes at most in a few random orders, by its number, and the weights of these orders."""
    chance, most, weights = Random(f"{seed} probes"), Counter[int](), Weights()
    with quietly(), own_loop():
        for _ in range(PROBES):
            choices = Drawn(chance)
            run = AsyncRun(program, choices).go()
            most |= Counter(one.number for one in run.loop.chosen if hasattr(one, "number"))
            weights.add(choices.weight, is_broken=False)
            run.close()
    return [most[number] for number in range(max(most, default=-1) + 1)], weights


def _count(tally: Tally, run: AsyncRun) -> Finding | None:
    finding = judge_async(run)
    if finding is not None and (tally.first is None or len(run.loop.chosen) <= len(tally.first)):
        tally.keep(run.names(), finding)
    tally.count(finding)
    run.close()
    return finding


def _beginnings(program: AsyncProgram) -> list[Places]:
    """Beginnings of equal length that together begin every order; an order with fewer choices is one, too."""
    ended: list[Places] = []
    level: list[Places] = [()]
    while 0 < len(level) < PORTIONS:
        longer: list[Places] = []
        for beginning in level:
            choices = Prefix(beginning)
            AsyncRun(program, choices).go().close()
            if len(choices.widths) == len(beginning):
                ended.append(beginning)
            else:
                longer += [(*beginning, place) for place in range(choices.widths[len(beginning)])]
        level = longer
    return sorted([*ended, *level])


def not_deterministic_error(names: Sequence[str] = ()) -> NotDeterministicError:
    """The error for a program that does not do the same in the same order; `names` are globals that it changes."""
    if names:
        which = ", ".join(names)
        return NotDeterministicError(
            f"The program did not do the same the second time. It changes the global {which}, and a run begins with "
            "what the one before has left, unless main sets it anew.\n"
            f"  Write: {which} = ... at the beginning of main, after `global {which}`; or keep it in a variable of main"
        )
    return NotDeterministicError(
        "The program is not deterministic: with the same choices it did one thing the first time and another the "
        "second.\n"
        "  What it does may depend only on the order of its tasks: use no random numbers, times or input,\n"
        "  and make everything that a run changes inside main, or in `setup`."
    )


def confirm_async(program: AsyncProgram, schedule: Sequence[str], finding: Finding) -> None:
    """NotDeterministicError if this order, run once more by its names, is judged differently."""
    with quietly(), own_loop():
        run = AsyncRun(program, Spelled(program.spell(schedule))).go()
        again = judge_async(run)
        run.close()
    if again is None or again.kind != finding.kind:
        raise not_deterministic_error()
