"""Exercises of notebook 12: a task that is cancelled ends, and leaves nothing half done."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet, require
from coro_lab.lessons.course.ex09_async_await import coroutine_function
from coro_lab.lessons.course.ex11_every_order import in_every_order
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "12-cancelled"
TITLE = "Cancelled"


async def cancel(task: asyncio.Task[Any]) -> bool:
    """Cancel this task; whether it was in time."""
    return task.cancel()


# ---- get ------------------------------------------------------------------------------------------------------------


def failing(*errors: BaseException, calls: list[str]) -> Callable[[], Awaitable[str]]:
    """A `fetch` that raises these errors, one a call, and then returns a page; each call is added to `calls`."""
    left = list(errors)

    async def fetch() -> str:
        calls.append("fetch")
        await asyncio.sleep(0)
        if left:
            raise left.pop(0)
        return "page"

    return fetch


def check_get(answer: Answer) -> None:
    get = coroutine_function(answer, "get", "fetch")
    lost = OSError("connection lost")
    _outcome(answer, get, "fails twice with an OSError", [lost, lost], "'page'")
    for mistake in (ValueError("no such page"), KeyError("page"), RuntimeError("closed")):
        name = type(mistake).__name__
        _outcome(answer, get, f"fails once with a {name}", [mistake], name)
    _outcome(answer, get, "is cancelled once", [asyncio.CancelledError()], "CancelledError")
    _outcome(answer, get, "fails every time with an OSError", [lost] * 9, None)


def _outcome(answer: Answer, get: Any, when: str, errors: list[BaseException], wanted: str | None) -> None:
    """What `get` ends with must be `wanted`, what it returned or raised, as text; None: all is right.

    It must call `fetch` as often as there are errors that a second attempt may repair, and at most three times.
    """
    calls: list[str] = []
    raised: tuple[type[BaseException], ...] = (OSError, *(type(each) for each in errors))

    async def main() -> str:
        try:
            return describe(await get(failing(*errors, calls=calls)))
        except raised as error:
            return type(error).__name__

    subject = f"When fetch {when}, get(fetch)"
    trace = answer.run(subject, lambda: asyncio.run(main()))
    if wanted is not None and trace.result != wanted:
        raise NotYet(f"{subject} ends with {trace.result}; {wanted} is asked for.", trace=trace, index=-1)
    attempts = min(3, 1 + sum(isinstance(each, OSError) for each in errors))
    require(trace, f"When fetch {when}, the number of attempts is", len(calls), attempts)


GET = Exercise(
    name="get",
    task="**Change one line.** `get` calls `fetch`, which fails now and then with an `OSError`, and tries again up to "
    "three times. But it goes on when it is cancelled, and when there is a mistake in the program. Let it try again "
    "after an `OSError`, and after nothing else.",
    starter="""
        async def get(fetch):
            for attempt in (1, 2, 3):
                try:
                    return await fetch()
                except BaseException:
                    print("attempt", attempt, "failed")
    """,
    solution="""
        async def get(fetch):
            for attempt in (1, 2, 3):
                try:
                    return await fetch()
                except OSError:
                    print("attempt", attempt, "failed")
    """,
    check=check_get,
    hints=(
        "Which errors does the line with `except` name, and which of them can a second attempt repair?",
        "Name the one error that may go away by itself.",
    ),
    mistakes=(
        Mistake(
            """
            async def get(fetch):
                for attempt in (1, 2, 3):
                    try:
                        return await fetch()
                    except Exception:
                        print("attempt", attempt, "failed")
            """,
            "That catches too much: another attempt does not repair a mistake in the program, it only hides it.",
        ),
        Mistake(
            """
            async def get(fetch):
                for attempt in (1, 2, 3):
                    try:
                        return await fetch()
                    except (OSError, asyncio.CancelledError):
                        print("attempt", attempt, "failed")
            """,
            "The cancellation is swallowed: somebody asked the task to end, and it begins another attempt.",
        ),
        Mistake(
            """
            async def get(fetch):
                for attempt in (1, 2, 3):
                    try:
                        return await fetch()
                    except asyncio.CancelledError:
                        print("attempt", attempt, "failed")
            """,
            "It is the other way round: a lost connection is worth another attempt, a cancellation is not.",
        ),
    ),
    given="""
        import asyncio
    """,
)

# ---- rent -----------------------------------------------------------------------------------------------------------


def check_rent(answer: Answer) -> None:
    rent = coroutine_function(answer, "rent", "bikes")
    bikes, outside = ["red"], []

    async def ride() -> None:
        outside.append(list(bikes))
        await asyncio.sleep(0)

    answer.names["ride"] = ride
    trace = answer.run("rent(['red']), alone,", lambda: asyncio.run(rent(bikes)))
    require(trace, "rent(['red']), alone, leaves", bikes, ["red"])
    if outside != [[]]:
        where = f"the rider rides {len(outside)} times" if len(outside) != 1 else "the bike is there during the ride"
        raise NotYet(f"rent(['red']), alone: {where}; one ride is asked for, with the bike.", trace=trace, index=-1)
    answer.names["ride"] = _ride
    for times in (1, 2):
        _cancelled(rent, times)


async def _ride() -> None:
    await asyncio.sleep(0)


def _cancelled(rent: Any, times: int) -> None:
    """Cancel the rider this often, in every order: the bike comes back, and the task counts as cancelled."""

    async def main() -> tuple[list[str], bool]:
        bikes = ["red"]
        task = asyncio.create_task(rent(bikes))
        _, *said = await asyncio.gather(task, *(cancel(task) for _ in range(times)), return_exceptions=True)
        return bikes, task.cancelled() or True not in said

    found = in_every_order(main, lambda end: end == (["red"], True))
    if found.finding is not None:
        ran = found.counterexample
        gone = ran is not None and ran.result is not None and ran.result[0] != ["red"]
        what = "the bike is gone" if gone else "the bike is back, but the task does not count as cancelled"
        said = f"When the rider is cancelled {'once' if times == 1 else 'twice'}, in the order {found.schedule}"
        raise NotYet(f"{said}, {what}.", trace=ran, index=-1)


RENT = Exercise(
    name="rent",
    task="**Write it.** `rent` takes a bike, rides it, and brings it back. Where the rider is cancelled on the way, "
    "the bike is gone. Let it come back in every order, and let the task count as cancelled all the same.",
    given="""
        import asyncio

        async def ride():
            await asyncio.sleep(0)
    """,
    starter="""
        async def rent(bikes):
            bike = bikes.pop()
            await ride()
            bikes.append(bike)
    """,
    solution="""
        async def rent(bikes):
            bike = bikes.pop()
            try:
                await ride()
            finally:
                bikes.append(bike)
    """,
    check=check_rent,
    hints=(
        "The error is thrown at the `await`. Which word makes a line run, however the lines above it end?",
        "Nothing has to be caught: what stands in `finally` runs, and then the error goes on.",
    ),
    mistakes=(
        Mistake(
            """
            async def rent(bikes):
                bike = bikes.pop()
                try:
                    await ride()
                except asyncio.CancelledError:
                    pass
                bikes.append(bike)
            """,
            "The cancellation is caught and goes no further, so the task has swallowed it.",
        ),
        Mistake(
            """
            async def rent(bikes):
                bike = bikes.pop()
                await asyncio.shield(ride())
                bikes.append(bike)
            """,
            "The line that brings the bike back stands behind the `await` at which the error is thrown.",
        ),
        Mistake(
            """
            async def rent(bikes):
                bike = bikes.pop()
                try:
                    await ride()
                finally:
                    await asyncio.sleep(0)
                    bikes.append(bike)
            """,
            "Until the bike is back there must not be another `await`: a cancellation can land in it as well.",
        ),
        Mistake(
            """
            async def rent(bikes):
                bike = bikes.pop()
                bikes.append(bike)
                await ride()
            """,
            "Another rider could take the same bike now.",
        ),
    ),
)

# ---- page_or --------------------------------------------------------------------------------------------------------


def check_page_or(answer: Answer) -> None:
    page_or = coroutine_function(answer, "page_or", "default", "seconds")
    for seconds, wanted in ((10, "page"), (0.01, "nothing yet")):
        call = f"page_or('nothing yet', {seconds})"
        trace = answer.run(call, lambda seconds=seconds: asyncio.run(page_or("nothing yet", seconds)))
        if inspect.iscoroutine(trace.result):
            trace.result.close()  # or it would warn that it was never awaited
        require(trace, f"{call} returns", trace.result, wanted)


PAGE_OR = Parsons(
    name="page_or",
    task="**Put the lines in order.** `page_or` fetches a page, and returns `default` where that takes longer than "
    "`seconds`. Two lines are not needed.",
    given="""
        import asyncio

        async def fetch_slowly():
            await asyncio.sleep(0.2)
            return "page"
    """,
    solution="""
        async def page_or(default, seconds):
            try:
                async with asyncio.timeout(seconds):
                    return await fetch_slowly()
            except TimeoutError:
                return default
    """,
    distractors=("    except asyncio.CancelledError:", "            return fetch_slowly()"),
    check=check_page_or,
    hints=(
        "The time limit makes another error of the cancellation, at the end of its block.",
        "Only a task that is suspended can be cancelled, so the page has to be awaited inside the block.",
    ),
    mistakes=(
        Mistake(
            """
            async def page_or(default, seconds):
                try:
                    async with asyncio.timeout(seconds):
                        return await fetch_slowly()
                except asyncio.CancelledError:
                    return default
            """,
            "What leaves the block is not a cancellation any more: the limit has made a `TimeoutError` of it.",
        ),
        Mistake(
            """
            async def page_or(default, seconds):
                try:
                    async with asyncio.timeout(seconds):
                        return fetch_slowly()
                except TimeoutError:
                    return default
            """,
            "A call alone only makes a coroutine: the block is left at once, and no limit is needed.",
        ),
    ),
)

EXERCISES = (GET, RENT, PAGE_OR)
PREDICTIONS: dict[str, dict[str, str]] = {
    "page.cancel() has just returned. Is the task at an end?": {"True": "cancel-ends-at-once"},
    "fetch catches all that can be raised, and is cancelled. Does the task count as cancelled?": {
        "True": "cancelled-means-ended"
    },
    "visit awaits in its finally. When does a cancellation leave the connection open?": {
        "in some order": "cancelled-cannot-await"
    },
}
