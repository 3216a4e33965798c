"""Exercises of notebook 10: which await gives way, and what blocks the loop of asyncio."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.lessons.course.ex09_async_await import coroutine_function
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "10-asyncio"
TITLE = "asyncio"

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

# ---- hear -----------------------------------------------------------------------------------------------------------

PATIENCE = 30.0  # seconds; only an answer that is wrong waits so long


class Signal(threading.Event):
    """A signal that says at once where it would block a loop: on the thread of that loop nobody can give it."""

    def __init__(self) -> None:
        super().__init__()
        self._loop_thread = threading.get_ident()
        self.blocked_the_loop = self.waited = False

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the signal is given; in another thread it may still come."""
        self.waited = True
        if threading.get_ident() != self._loop_thread:
            return super().wait(PATIENCE)
        self.blocked_the_loop = True
        return self.is_set()


def check_hear(answer: Answer) -> None:
    hear = coroutine_function(answer, "hear", "signal")
    signal = Signal()

    async def give() -> None:
        for _ in range(5):  # an answer that only gives way for a moment is not helped by it
            await asyncio.sleep(0)
        signal.set()

    async def main() -> Any:
        return (await asyncio.gather(hear(signal), give()))[0]

    trace = answer.run("hear(signal)", lambda: asyncio.run(main()))
    got = trace.result
    if signal.blocked_the_loop:
        what = "hear(signal) waits on the loop's own thread, so nobody else can go on and give the signal."
        raise NotYet(what, trace=trace, index=-1)
    if got is True and not signal.waited:
        raise NotYet("hear(signal) does not call `signal.wait`, which was to run in a thread.", trace=trace, index=-1)
    if got is not True:
        if inspect.iscoroutine(got):
            got.close()  # or it would warn that it was never awaited
        raise NotYet(f"hear(signal) returns {describe(got)}; True is asked for.", trace=trace, index=-1)


HEAR = Exercise(
    name="hear",
    task="**Change one line.** `hear` shall return whether the signal arrives, and the task beside it gives the "
    "signal. But `signal` is a `threading.Event`, and its `wait` blocks the loop. Let it wait in a thread, so that the "
    "signal arrives.",
    given="""
    import asyncio
    """,
    starter="""
        async def hear(signal):
            return signal.wait(1)
    """,
    solution="""
        async def hear(signal):
            return await asyncio.to_thread(signal.wait, 1)
    """,
    check=check_hear,
    hints=(
        "`asyncio` has a function that calls another function in a thread, and whose call can be awaited.",
        "It takes the function and its arguments, one by one: do not call the function yourself.",
    ),
    mistakes=(
        Mistake(
            """
            async def hear(signal):
                return await signal.wait(1)
            """,
            "`wait` is not a coroutine function: it blocks first, and what comes out is True or False.",
        ),
        Mistake(
            """
            async def hear(signal):
                return await asyncio.to_thread(signal.wait(1))
            """,
            "The parentheses call `wait` here, on the thread of the loop. `to_thread` wants the function itself.",
        ),
        Mistake(
            """
            async def hear(signal):
                return asyncio.to_thread(signal.wait, 1)
            """,
            "`to_thread` makes a coroutine, and nobody has awaited it.",
        ),
        Mistake(
            """
            async def hear(signal):
                await asyncio.sleep(0)
                return signal.wait(1)
            """,
            "To give way before a blocking call does not help: the call itself has to leave this thread.",
        ),
    ),
)

EXERCISES = (POLITE, AT_ONCE, HEAR)
PREDICTIONS: dict[str, dict[str, str]] = {
    "hello() is called, and nothing else. What is printed?": {"hello": "a-call-runs-it"},
    "polite awaits for the first time. In which state is it after its first step?": {
        "suspended": "every-await-switches"
    },
}
