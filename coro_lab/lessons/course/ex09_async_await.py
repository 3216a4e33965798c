"""Exercises of notebook 09: what `await` does, and what it does not."""

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

# ---- polite ---------------------------------------------------------------------------------------------------------


def check_polite(answer: Answer) -> None:
    polite = coroutine_function(answer, "polite", "name")

    async def both() -> None:
        await asyncio.wait_for(asyncio.gather(polite("A"), polite("B")), 3)

    subject = "Two tasks, A and B, at the same time,"
    answer.prints("A 1\nB 1\nA 2\nB 2", f"{subject}", lambda: asyncio.run(both()))


POLITE = Exercise(
    name="polite",
    task="**Change one line.** Two tasks run `polite` in one event loop, and still `A` prints both of "
    "its lines before `B` "
    "begins. Make the `await` one that lets the other task run: `A 1`, `B 1`, `A 2`, `B 2`.",
    given="""
    import asyncio

    async def nothing():
        return None
    """,
    starter="""
        async def polite(name):
            for step in (1, 2):
                print(name, step)
                await nothing()
    """,
    solution="""
        async def polite(name):
            for step in (1, 2):
                print(name, step)
                await asyncio.sleep(0)
    """,
    check=check_polite,
    hints=(
        "`await` switches only if something inside it suspends. Does `nothing` suspend?",
        "Sleeping for no time at all suspends once: `asyncio` has it.",
    ),
    mistakes=(
        Mistake(
            """
            async def polite(name):
                for step in (1, 2):
                    print(name, step)
                    await nothing()
                    await nothing()
            """,
            "An `await` of something that never suspends goes straight on, however often you write it.",
        ),
        Mistake(
            """
            async def polite(name):
                for step in (1, 2):
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
                    print(name, step)
                    if name == "A":
                        await asyncio.sleep(0)
            """,
            "They take turns, but not in this order. One place to switch, after each line, is enough.",
        ),
        Mistake(
            """
            async def polite(name):
                for step in (1, 2):
                    print(name, step)
                    await None
            """,
            "Not everything can be awaited: a coroutine can, and so can what `asyncio` gives you to wait for.",
        ),
    ),
)

# ---- at_once --------------------------------------------------------------------------------------------------------


def check_at_once(answer: Answer) -> None:
    at_once = coroutine_function(answer, "at_once", "words")
    log: list[str] = []

    async def echo(word: str) -> str:
        log.append(f"{word} begins")
        await asyncio.sleep(0)
        log.append(f"{word} ends")
        return word.upper()

    answer.names["echo"] = echo

    async def main() -> Any:
        return await asyncio.wait_for(at_once(["a", "b"]), 3)

    trace = answer.run("at_once(['a', 'b'])", lambda: asyncio.run(main()))
    if trace.result != ["A", "B"]:
        got = describe(trace.result)
        raise NotYet(f"at_once(['a', 'b']) returns {got}; ['A', 'B'] is asked for.", trace=trace, index=-1)
    if log[:2] != ["a begins", "b begins"]:
        raise NotYet(
            f"What happens: {', '.join(log)}. Both are to begin before one of them ends.", trace=trace, index=-1
        )


AT_ONCE = Exercise(
    name="at_once",
    task="**Write it.** `echo(word)` is a coroutine that waits and then returns the word in capitals. "
    "`at_once(words)` runs "
    "it for all words at the same time, and returns the list of the results in the order of the words.",
    given="""
    import asyncio

    async def echo(word):
        await asyncio.sleep(0)
        return word.upper()
    """,
    starter="""
        async def at_once(words):
            ...
    """,
    solution="""
        async def at_once(words):
            return list(await asyncio.gather(*(echo(word) for word in words)))
    """,
    check=check_at_once,
    hints=(
        "One `await` after the other is one after the other. `asyncio.gather` takes several and awaits them together.",
        "`gather(*coroutines)` gives the results in the order of its arguments.",
    ),
    mistakes=(
        Mistake(
            """
            async def at_once(words):
                return [await echo(word) for word in words]
            """,
            "Each one is awaited to its end before the next one is even created.",
        ),
        Mistake(
            """
            async def at_once(words):
                return [asyncio.ensure_future(echo(word)).result() for word in words]
            """,
            "A task has no result before the loop has had a turn to run it: await it.",
        ),
        Mistake(
            """
            async def at_once(words):
                await asyncio.gather(*(echo(word) for word in words))
            """,
            "The results are there, and nobody returns them.",
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
    import types

    @types.coroutine
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
            "`await` needs somebody who drives; here it is you who does.",
        ),
    ),
)

EXERCISES = (ADD_UP, POLITE, AT_ONCE, DRIVE)
PREDICTIONS: dict[str, dict[str, str]] = {
    "hello() is called, and nothing else. What is printed?": {"hello": "a-call-runs-it"},
    "polite awaits for the first time. In which state is it after its first step?": {
        "suspended": "every-await-switches"
    },
    "Two deposits of 1, in turns. What is the balance?": {"2": "one-thread-no-race"},
}
