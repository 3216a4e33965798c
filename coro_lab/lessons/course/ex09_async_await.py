"""Exercises of notebook 09: what await does, and the smallest loop."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "09-async-await"
TITLE = "async and await"


def coroutine_function(answer: Answer, name: str, *parameters: str) -> Any:
    """The coroutine function of this name."""
    function = answer.function(name, *parameters)
    if inspect.isasyncgenfunction(function):
        raise NotYet(
            f"`{name}` has a `yield` in it, so it is an asynchronous generator; a coroutine function has none."
        )
    if not inspect.iscoroutinefunction(function):
        raise NotYet(f"`{name}` is a plain function. A coroutine function begins with `async def`.")
    return function


def in_a_loop(answer: Answer, subject: str, *coroutines: Any) -> Any:
    """The trace of an event loop that runs these coroutine functions at the same time."""

    async def main() -> list[Any]:
        return await asyncio.wait_for(asyncio.gather(*(function() for function in coroutines)), 3)

    return answer.run(subject, lambda: asyncio.run(main()))


# ---- add_up ---------------------------------------------------------------------------------------------------------


def check_add_up(answer: Answer) -> None:
    add_up = coroutine_function(answer, "add_up")
    trace = in_a_loop(answer, "add_up()", add_up)
    got = trace.result[0]
    if got != 5:
        raise NotYet(f"add_up() returns {describe(got)}; 5 is asked for.", trace=trace, index=-1)


ADD_UP = Exercise(
    name="add_up",
    task="**Change one line.** `two` and `three` are coroutine functions, and `add_up` shall return the "
    "sum of what they return. Something is missing, twice.",
    given="""
    async def two():
        return 2

    async def three():
        return 3
    """,
    starter="""
        async def add_up():
            return two() + three()
    """,
    solution="""
        async def add_up():
            return await two() + await three()
    """,
    check=check_add_up,
    hints=(
        "A call of a coroutine function only creates a coroutine, and two of them cannot be added.",
        "What runs a coroutine and stands for its result is `await`.",
    ),
    mistakes=(
        Mistake(
            """
            async def add_up():
                return await two() + three()
            """,
            "One of the two has not run: each of them needs its own `await`.",
            anywhere=True,
        ),
        Mistake(
            """
            async def add_up():
                return await (two() + three())
            """,
            "The parentheses make Python add first, and await what comes of it.",
        ),
        Mistake(
            """
            def add_up():
                return 2 + 3
            """,
            "`await` is possible only in such a function.",
        ),
    ),
)

# ---- both_answers ---------------------------------------------------------------------------------------------------


def check_both_answers(answer: Answer) -> None:
    both_answers = coroutine_function(answer, "both_answers")
    trace = answer.run("both_answers(), resumed and sent 'a' and 'b',", _talk, both_answers)
    handed, returned = trace.result
    if handed != ["ready", "ready"]:
        raise NotYet(f"both_answers() hands out {describe(handed)}; 'ready' twice is asked for.", trace=trace, index=-1)
    if returned != ["a", "b"]:
        what = f"both_answers(), sent 'a' and 'b', returns {describe(returned)}; ['a', 'b'] is asked for."
        raise NotYet(what, trace=trace, index=-1)


def _talk(function: Any) -> tuple[list[Any], Any]:
    """What the coroutine hands out when it is sent None, 'a' and 'b', and what it returns."""
    running, handed = function(), list[Any]()
    try:
        for sent in (None, "a", "b"):
            handed.append(running.send(sent))
    except StopIteration as end:
        return handed, end.value
    finally:
        running.close()
    return handed, None


BOTH_ANSWERS = Exercise(
    name="both_answers",
    task="**Write it.** `wait` is the one from the beginning: it hands out `'ready'`, and returns what it is sent. "
    "`both_answers` is a coroutine function that awaits it twice, and returns a list of the two answers.",
    given="""
    from types import coroutine

    @coroutine
    def wait():
        answer = yield "ready"
        return answer
    """,
    starter="""
        async def both_answers():
            ...
    """,
    solution="""
        async def both_answers():
            first = await wait()
            second = await wait()
            return [first, second]
    """,
    check=check_both_answers,
    hints=(
        "`await wait()` stands for one answer, and suspends until it is sent.",
        "Keep the first answer in a name, then await the second one.",
    ),
    mistakes=(
        Mistake(
            """
            async def both_answers():
                return [wait(), wait()]
            """,
            "Nobody has awaited `wait` here, so it has not asked for anything.",
        ),
        Mistake(
            """
            async def both_answers():
                answer = await wait()
                return [answer, answer]
            """,
            "One `await` asks once: each answer needs its own.",
        ),
        Mistake(
            """
            async def both_answers():
                yield await wait()
                yield await wait()
            """,
            "The answers go to the caller by `return`, at the end.",
        ),
        Mistake(
            """
            async def both_answers():
                await wait()
                await wait()
            """,
            "The answers were there, and nobody has kept and returned them.",
        ),
    ),
)

# ---- drive ----------------------------------------------------------------------------------------------------------


def check_drive(answer: Answer) -> None:
    drive = answer.function("drive", "coroutine")
    nested = answer.get("nested")
    trace = answer.run("drive(nested(3))", lambda: drive(nested(3)))
    if trace.result != "3 rests":
        got = describe(trace.result)
        raise NotYet(f"drive(nested(3)) returns {got}; '3 rests' is asked for.", trace=trace, index=-1)


DRIVE = Parsons(
    name="drive",
    task="**Put the lines in order.** `drive` is the smallest event loop: it resumes one coroutine until it ends, and "
    "returns what it returned. Two lines are not needed.",
    given="""
    from types import coroutine

    @coroutine
    def rest():
        yield

    async def nested(times):
        for _ in range(times):
            await rest()
        return f"{times} rests"
    """,
    solution="""
        def drive(coroutine):
            while True:
                try:
                    coroutine.send(None)
                except StopIteration as end:
                    return end.value
    """,
    distractors=("            next(coroutine)", "            await coroutine"),
    check=check_drive,
    hints=(
        "A coroutine is resumed like a generator, by `send(None)`; `next` is for generators alone.",
        "How do you hear that it has ended, and with what?",
    ),
    mistakes=(
        Mistake(
            """
            def drive(coroutine):
                while True:
                    try:
                        next(coroutine)
                    except StopIteration as end:
                        return end.value
            """,
            "`next` takes generators and other iterators; a coroutine has `send` only.",
        ),
        Mistake(
            """
            def drive(coroutine):
                while True:
                    try:
                        await coroutine
                    except StopIteration as end:
                        return end.value
            """,
            "`await` needs a loop that resumes it, and `drive` is that loop.",
        ),
    ),
)

EXERCISES = (ADD_UP, BOTH_ANSWERS, DRIVE)
PREDICTIONS: dict[str, dict[str, str]] = {
    "'go' is sent to task. Which of the two receives it at a yield?": {"task": "the-outermost-one-receives"},
}
