"""Exercises of notebook 07: sharing work, and the two laws that bound it."""

from __future__ import annotations

from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "07-many-cores"
TITLE = "Many cores"

# ---- pages_per_second -----------------------------------------------------------------------------------------------


def check_pages(answer: Answer) -> None:
    pages = answer.function("pages_per_second", "coroutines", "wait")
    for wanted, given in ((20.0, (10, 0.5)), (2.0, (1, 0.5)), (25.0, (100, 4))):
        answer.returns(wanted, pages, *given)


PAGES = Exercise(
    name="pages_per_second",
    task="**Change one line.** Each coroutine waits `wait` seconds for a page, and all of them wait at "
    "the same time. How "
    "many pages a second do they fetch? Little's law says it; this line has it the wrong way round.",
    starter="""
        def pages_per_second(coroutines, wait):
            return wait / coroutines
    """,
    solution="""
        def pages_per_second(coroutines, wait):
            return coroutines / wait
    """,
    check=check_pages,
    hints=(
        "One coroutine that waits half a second gets two pages a second. Ten of them?",
        "More coroutines mean more pages; a longer wait means fewer.",
    ),
    mistakes=(
        Mistake(
            """
            def pages_per_second(coroutines, wait):
                return coroutines * wait
            """,
            "With this, a longer wait would bring more pages.",
        ),
        Mistake(
            """
            def pages_per_second(coroutines, wait):
                return 1 / wait
            """,
            "That is one coroutine. The others wait at the same time.",
        ),
        Mistake(
            """
            def pages_per_second(coroutines, wait):
                return coroutines // wait
            """,
            "The number is right, but `//` rounds it down: half a page a second would become 0.",
        ),
    ),
)

# ---- deal -----------------------------------------------------------------------------------------------------------


def check_deal(answer: Answer) -> None:
    deal = answer.function("deal", "pages", "processes")
    for pages, processes in ((6, 2), (7, 3), (2, 4)):
        call = f"deal(range({pages}), {processes})"
        trace = answer.run(call, lambda: [list(share) for share in deal(range(pages), processes)])  # noqa: B023
        shares: Any = trace.result
        dealt = sorted(page for share in shares for page in share)
        if len(shares) != processes:
            raise NotYet(f"{call} returns {len(shares)} shares: {describe(shares)}.", trace=trace, index=-1)
        if dealt != list(range(pages)):
            wrong = "more than once" if len(dealt) > pages else "to nobody"
            raise NotYet(f"{call} returns {describe(shares)}: some pages go {wrong}.", trace=trace, index=-1)
        if max(map(len, shares)) - min(map(len, shares)) > 1:
            raise NotYet(f"{call} returns {describe(shares)}: one process has more to do than it must.", trace=trace)


DEAL = Exercise(
    name="deal",
    task="**Write it.** `deal(pages, processes)` returns a list with one share of the pages for each "
    "process. Every page is in exactly one share, and no two shares differ by more than one page.",
    starter="""
        def deal(pages, processes):
            ...
    """,
    solution="""
        def deal(pages, processes):
            return [pages[first::processes] for first in range(processes)]
    """,
    check=check_deal,
    hints=(
        "Think of dealing cards: the first process gets pages 0, `processes`, 2 × `processes`, and so on.",
        "A slice with a stride does that: `pages[0::processes]` is the first share.",
    ),
    mistakes=(
        Mistake(
            """
            def deal(pages, processes):
                size = len(pages) // processes
                return [pages[n * size : (n + 1) * size] for n in range(processes)]
            """,
            "Some pages are left over when it does not divide evenly. They must go to some process, too.",
        ),
        Mistake(
            """
            def deal(pages, processes):
                return [pages for _ in range(processes)]
            """,
            "Each process gets all pages: everything is done as often as there are processes.",
        ),
        Mistake(
            """
            def deal(pages, processes):
                size = len(pages) // processes
                shares = [pages[n * size : (n + 1) * size] for n in range(processes - 1)]
                return shares + [pages[(processes - 1) * size :]]
            """,
            "The last process gets all pages that are left over, and the others wait for it.",
        ),
    ),
)

# ---- speed_up -------------------------------------------------------------------------------------------------------


def check_speed_up(answer: Answer) -> None:
    speed_up = answer.function("speed_up", "alone", "processes")
    for wanted, given in ((4.0, (0.0, 4)), (1.0, (1.0, 8)), (1.6, (0.25, 2)), (2.5, (0.2, 4))):
        call = f"speed_up{given}"
        trace = answer.run(call, speed_up, *given)
        got = trace.result
        if not isinstance(got, int | float) or abs(got - wanted) > 1e-9:
            raise NotYet(f"{call} returns {describe(got)}; {wanted} is asked for.", trace=trace, index=-1)


SPEED_UP = Exercise(
    name="speed_up",
    task="**Write it.** Amdahl's law: a part `alone` of the work (between 0 and 1) cannot be shared, and the rest is "
    "divided among the processes. `speed_up(alone, processes)` returns how many times faster it gets at most.",
    starter="""
        def speed_up(alone, processes):
            ...
    """,
    solution="""
        def speed_up(alone, processes):
            return 1 / (alone + (1 - alone) / processes)
    """,
    check=check_speed_up,
    hints=(
        "First the time: how long does it take, if all of it takes 1 in one process?",
        "The part that cannot be shared stays as it is; the rest is divided. The speed-up is 1 divided by that.",
    ),
    mistakes=(
        Mistake(
            """
            def speed_up(alone, processes):
                return alone + (1 - alone) / processes
            """,
            "That is the time it takes. The speed-up is 1 divided by it.",
        ),
        Mistake(
            """
            def speed_up(alone, processes):
                return 1 / alone + (1 - alone) / processes
            """,
            "Parentheses: 1 is divided by the whole sum.",
        ),
        Mistake(
            """
            def speed_up(alone, processes):
                return processes * (1 - alone)
            """,
            "The part that cannot be shared still takes its time, and in the end it is all that counts.",
        ),
    ),
)

# ---- worker ---------------------------------------------------------------------------------------------------------


def check_worker(answer: Answer) -> None:
    worker = answer.generator_function("worker", "pages", "found")

    def two() -> list[list[int]]:
        pages, found = iter(range(5)), list[int]()
        tasks, after = [worker(pages, found), worker(pages, found)], []
        while tasks:
            tasks = [task for task in tasks if next(task, found) is not found]
            after.append(list(found))
        return after

    trace = answer.run("Two workers in turns, with 5 pages,", two)
    rounds: list[list[int]] = trace.result
    first, second = [*rounds, [], []][:2]
    found = max(rounds, key=len)
    if sorted(found) != [0, 1, 2, 3, 4]:
        raise NotYet(f"Two workers share pages 0 to 4, and find {describe(found)}.", trace=trace, index=-1)
    if first:
        raise NotYet(
            f"{len(first)} pages are found in the first turn, before anybody has waited.", trace=trace, index=-1
        )
    if second != [0, 1]:
        raise NotYet(
            f"After two turns each, {describe(second)} is found: only one of the two works.", trace=trace, index=-1
        )


WORKER = Parsons(
    name="worker",
    task="**Put the lines in order.** Several workers share one iterator `pages` without a lock. Each "
    "takes a page, waits for it (`yield`), and then adds it to `found`. Two lines are not needed.",
    solution="""
        def worker(pages, found):
            for page in pages:
                yield
                found.append(page)
    """,
    distractors=("    for page in list(pages):", "        found.append(next(pages))"),
    check=check_worker,
    hints=(
        "The `for` loop takes the next page each time it comes round, and no other worker can come between.",
        "The page is there after the wait, so the wait comes first.",
    ),
    mistakes=(
        Mistake(
            """
            def worker(pages, found):
                for page in pages:
                    found.append(page)
                    yield
            """,
            "The page is there only after the wait.",
        ),
        Mistake(
            """
            def worker(pages, found):
                for page in pages:
                    yield
                    found.append(next(pages))
            """,
            "The loop has taken a page already; `next` takes another one, and the first gets lost.",
        ),
        Mistake(
            """
            def worker(pages, found):
                for page in list(pages):
                    yield
                    found.append(page)
            """,
            "`list` takes all pages at once, and leaves none for the other worker.",
        ),
    ),
)

EXERCISES = (PAGES, DEAL, SPEED_UP, WORKER)
PREDICTIONS: dict[str, dict[str, str]] = {
    "Page 3 fails once, and page 8 twice. Which pages will be missing?": {"[3, 8]": "what-fails-once-is-lost"},
    "Two threads run tally.value += 1. How many of the 6 orders lose an update?": {"0": "add-and-assign-is-one-action"},
}
