"""Exercises of notebook 13: no task is left behind, and no error unseen."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet, require
from coro_lab.lessons.course.ex09_async_await import coroutine_function
from coro_lab.lessons.course.ex11_every_order import in_every_order

NOTEBOOK = "13-families"
TITLE = "Families"

PAGE = """
    import asyncio

    async def page(name):
        await asyncio.sleep(0)
        if name == "missing":
            raise LookupError(name)
        return name.upper()
"""


def right_in_every_order(
    subject: str, main: Callable[[], Any], invariant: Callable[[Any], bool], broken: str, order: str = "tasks"
) -> None:
    """Raise NotYet with the first order that is wrong; `broken` is what it does where the invariant does not hold."""
    found = in_every_order(main, invariant, order)
    if found.finding is not None:
        what = broken if found.finding.kind == "invariant" else found.finding.text
        raise NotYet(f"{subject}, in the order {found.schedule}: {what}.", trace=found.counterexample, index=-1)


# ---- site -----------------------------------------------------------------------------------------------------------


def check_site(answer: Answer) -> None:
    site = coroutine_function(answer, "site", "names")
    log: list[str] = []

    async def page(name: str) -> str:
        log.append(f"{name} begins")
        await asyncio.sleep(0)
        if name == "missing":
            raise LookupError(name)
        if name == "slow":
            await asyncio.sleep(0)
        log.append(f"{name} ends")
        return name.upper()

    answer.names["page"] = page
    trace = answer.run("site(['slow', 'b'])", lambda: asyncio.run(site(["slow", "b"])))
    require(trace, "site(['slow', 'b']) returns", trace.result, ["SLOW", "B"])
    if log[:2] != ["slow begins", "b begins"]:
        what = f"What happens: {', '.join(log)}. Both are to begin before one of them ends."
        raise NotYet(what, trace=trace, index=-1)
    _missing(answer, site)


def _missing(answer: Answer, site: Any) -> None:
    runs: list[str] = []

    async def page(name: str) -> str:
        runs.append(name)
        try:
            await asyncio.sleep(0)
            if name == "missing":
                raise LookupError(name)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            raise
        finally:
            runs.remove(name)
        return name.upper()

    answer.names["page"] = page

    async def main() -> tuple[str, list[str]]:
        runs.clear()
        try:
            await site(["missing", "b"])
        except (LookupError, ExceptionGroup):
            return "an error", list(runs)
        return "no error", list(runs)

    subject = "site(['missing', 'b'])"
    right_in_every_order(subject, main, lambda end: end[0] == "an error", "it raises no error")
    right_in_every_order(subject, main, lambda end: not end[1], "the page b is still being fetched when site has ended")


SITE = Exercise(
    name="site",
    task="**Write it.** `page(name)` fetches a page, or raises an error. `site(names)` returns the list of the pages, "
    "in the order of the names, fetched at the same time. Let it leave no task behind where one of the pages is "
    "missing.",
    given=PAGE,
    starter="""
        async def site(names):
            return list(await asyncio.gather(*(page(name) for name in names)))
    """,
    solution="""
        async def site(names):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(page(name)) for name in names]
            return [task.result() for task in tasks]
    """,
    check=check_site,
    hints=(
        "Who waits for the other tasks when one fails: `gather`, or the block of a group?",
        "Keep the tasks of the group in a list. Behind the block each of them has its result.",
    ),
    mistakes=(
        Mistake(
            """
            async def site(names):
                return list(await asyncio.gather(*(page(name) for name in names), return_exceptions=True))
            """,
            "Nobody is left behind, but the error stands among the pages now, where nobody expects it.",
        ),
        Mistake(
            """
            async def site(names):
                return [await page(name) for name in names]
            """,
            "Each page is awaited to its end before the next one begins.",
        ),
        Mistake(
            """
            async def site(names):
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(page(name)) for name in names]
                    return [task.result() for task in tasks]
            """,
            "Inside the block the tasks have not ended yet; the results are there behind it.",
        ),
    ),
)

# ---- quicker --------------------------------------------------------------------------------------------------------


def check_quicker(answer: Answer) -> None:
    quicker = coroutine_function(answer, "quicker", "first", "second")
    for near_is_first in (True, False):
        _race(quicker, near_is_first=near_is_first)


def _race(quicker: Any, *, near_is_first: bool) -> None:
    async def main() -> tuple[Any, str, float]:
        far_is = "not begun"
        clock = asyncio.get_running_loop().time
        begin = clock()

        async def near() -> str:
            await asyncio.sleep(1)
            return "near"

        async def far() -> str:
            nonlocal far_is
            try:
                await asyncio.sleep(60)
                far_is = "awaited to its end"
            except asyncio.CancelledError:
                await asyncio.sleep(0)
                far_is = "cancelled"
                raise
            return "far"

        result = await quicker(*((near, far) if near_is_first else (far, near)))
        return result, far_is, clock() - begin

    subject = "quicker(near, far)" if near_is_first else "quicker(far, near)"
    broken = "the result is not that of near, or far is not cancelled"
    right_in_every_order(subject, main, lambda end: end[:2] == ("near", "cancelled"), broken)
    late = "near ends after one second, and quicker later"
    right_in_every_order(subject, main, lambda end: end[2] == 1, late)


QUICKER = Exercise(
    name="quicker",
    task="**Write it.** `first` and `second` are coroutine functions that fetch the same thing. `quicker` returns the "
    "result of the one that ends first, but leaves the other one behind. Let it cancel that one, and wait until it has "
    "ended.",
    given="""
        import asyncio
    """,
    starter="""
        async def quicker(first, second):
            both = [asyncio.create_task(first()), asyncio.create_task(second())]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return next(task.result() for task in both if task.done())
    """,
    solution="""
        async def quicker(first, second):
            both = [asyncio.create_task(first()), asyncio.create_task(second())]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in both:
                task.cancel()
            await asyncio.wait(both)
            return next(task.result() for task in both if not task.cancelled())
    """,
    check=check_quicker,
    hints=(
        "To cancel a task that has ended already does nothing, so you need not know which one it is.",
        "`cancel` only leaves a note. What waits for tasks without passing on what they raise?",
        "At the end both have ended, so ask each of them whether it was cancelled.",
    ),
    mistakes=(
        Mistake(
            """
            async def quicker(first, second):
                both = [asyncio.create_task(first()), asyncio.create_task(second())]
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                won = next(task.result() for task in both if task.done())
                for task in both:
                    task.cancel()
                return won
            """,
            "Nobody waits for the slower one: it may be cancelled already, but it has not ended.",
        ),
        Mistake(
            """
            async def quicker(first, second):
                both = [asyncio.create_task(first()), asyncio.create_task(second())]
                await asyncio.wait(both)
                return both[0].result()
            """,
            "Two things are asked for: the result of the quicker one, and no minute of waiting for the other.",
        ),
        Mistake(
            """
            async def quicker(first, second):
                both = [asyncio.create_task(first()), asyncio.create_task(second())]
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                both[0].cancel()
                both[1].cancel()
                await asyncio.wait(both)
                return both[0].result()
            """,
            "The first one of the two need not be the one that ended first.",
        ),
    ),
)

# ---- report ---------------------------------------------------------------------------------------------------------


def check_report(answer: Answer) -> None:
    report = coroutine_function(answer, "report")

    def run() -> None:
        made = asyncio.run(report())
        if inspect.iscoroutine(made):
            made.close()

    answer.prints("a page is missing\nno connection", "report()", run)

    async def one_error() -> None:
        raise ExceptionGroup("only a page", [LookupError("missing")])

    answer.names["broken_site"] = one_error
    answer.prints("a page is missing", "Where only a page is missing, report()", run)


REPORT = Parsons(
    name="report",
    task="**Put the lines in order.** `report` awaits `broken_site`, and prints one line for each kind of error in its "
    "exception group: first for a `LookupError`, then for an `OSError`. Two lines are not needed.",
    given=PAGE
    + """
    async def train():
        raise OSError("no train")

    async def broken_site():
        async with asyncio.TaskGroup() as group:
            group.create_task(page("missing"))
            group.create_task(train())
""",
    solution="""
        async def report():
            try:
                await broken_site()
            except* LookupError:
                print("a page is missing")
            except* OSError:
                print("no connection")
    """,
    distractors=("    except LookupError:", "    except* ExceptionGroup:"),
    check=check_report,
    hints=(
        "What comes out of the site is a group, and a plain `except` looks at the group alone, not at what is in it.",
        "Each `except*` takes out its own kind, from the top down.",
    ),
    mistakes=(
        Mistake(
            """
            async def report():
                try:
                    await broken_site()
                except LookupError:
                    print("a page is missing")
                except* OSError:
                    print("no connection")
            """,
            "After one `try` stand either plain lines with `except`, or lines with a star.",
        ),
        Mistake(
            """
            async def report():
                try:
                    await broken_site()
                except* ExceptionGroup:
                    print("a page is missing")
                except* OSError:
                    print("no connection")
            """,
            "The star looks into the group by itself: name the kind of error that lies in it.",
        ),
        Mistake(
            """
            async def report():
                try:
                    await broken_site()
                except* OSError:
                    print("no connection")
                except* LookupError:
                    print("a page is missing")
            """,
            "Both lines are there, in the other order: the upper `except*` comes first.",
        ),
    ),
)

EXERCISES = (SITE, QUICKER, REPORT)
PREDICTIONS: dict[str, dict[str, str]] = {
    "gather has passed on the error of flight. How many of its tasks still run?": {"0": "gather-ends-all"},
    "flight and hotel fail in the same moment, in gather. Which errors does the caller get?": {
        "['OSError', 'ValueError']": "every-error-comes-out"
    },
    "remind fails in a task that nobody awaits. What does sell hear of it?": {"OSError": "an-error-is-always-heard"},
    "near has answered, and race has returned. What does far do?": {"it has ended": "the-first-one-ends-the-rest"},
}
