"""Exercises of notebook 03: next and send."""

from __future__ import annotations

from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "03-generators-and-send"
TITLE = "Generators and send"


def send(generator: Any, *values: object) -> list[object]:
    """What the generator yields for each of these values in turn."""
    return [generator.send(value) for value in values]


# ---- echo -----------------------------------------------------------------------------------------------------------


def check_echo(answer: Answer) -> None:
    answer.generator_function("echo")
    answer.behaves(
        "echo(), resumed by next, send('a') and send('b')", lambda names: send(names["echo"](), None, "a", "b")
    )


ECHO = Exercise(
    name="echo",
    task="**Change one line.** Now `echo` yields `'silence'` for ever. It shall yield back what it was sent last, "
    "and `None` before anything was sent.",
    starter="""
        def echo():
            word = None
            while True:
                word = yield "silence"
    """,
    solution="""
        def echo():
            word = None
            while True:
                word = yield word
    """,
    check=check_echo,
    hints=(
        "What goes out of a `yield` stands to its right. What came in is bound to the name on its left.",
        "`word` holds what was sent last. When the loop comes round, that is what should go out.",
        "Only the text `'silence'` has to go. Which name belongs in its place?",
    ),
    mistakes=(
        Mistake(
            """
            def echo():
                word = None
                while True:
                    yield word
            """,
            "What is sent becomes the value of the whole `yield`: write a name and `=` to the left of it.",
        ),
        Mistake(
            """
            def echo():
                word = None
                while True:
                    word = yield
            """,
            "A bare `yield` hands out None. Say to its right what shall go out.",
        ),
        Mistake(
            """
            def echo():
                word = None
                while True:
                    word = yield "word"
            """,
            "In quotes it is the text word; without them it is what the name holds.",
        ),
        Mistake(
            """
            def echo():
                word = None
                word = yield word
                word = yield word
            """,
            "An echo answers as long as somebody calls; yours has run out of lines.",
        ),
    ),
)

# ---- average --------------------------------------------------------------------------------------------------------


def check_average(answer: Answer) -> None:
    average = answer.generator_function("average")
    trace = answer.run(
        "average(), resumed by next and three sends", lambda: send(average(), None, 10, 20, 60)[1:], raises=True
    )
    if trace.error is not None or trace.result != [10, 15, 30]:
        did = did_instead(answer, trace.error, trace.result)
        raise NotYet(f"Sent 10, 20 and 60, average {did}; [10, 15, 30] is asked for.", trace=trace, index=-1)
    both = answer.run("two averages at once", lambda: two_at_once(average))
    if both.result != [4, 100, 5, 50]:
        raise NotYet(
            f"Two generators at once, one sent 4 and 6 and the other 100 and 0, yield {describe(both.result)} "
            f"instead of [4, 100, 5, 50]: they disturb each other.",
            trace=both,
            index=-1,
        )
    halves = answer.run("average(), sent 2 and 3", lambda: send(average(), None, 2, 3)[1:], raises=True)
    if halves.error is not None or halves.result != [2, 2.5]:
        did = did_instead(answer, halves.error, halves.result)
        raise NotYet(f"Sent 2 and 3, average {did}; [2, 2.5] is asked for.", trace=halves, index=-1)


def two_at_once(average: Any) -> list[object]:
    """What two generators yield when each is sent numbers in turn."""
    one, other = average(), average()
    send(one, None), send(other, None)
    return [one.send(4), other.send(100), one.send(6), other.send(0)]


def did_instead(answer: Answer, error: BaseException | None, result: object) -> str:
    """The end of a sentence about what a generator did with the values that it was sent."""
    if isinstance(error, StopIteration):
        return "returns before everything was sent"
    return f"yields {describe(result)}" if error is None else f"raises {answer.describe_error(error)}"


AVERAGE = Exercise(
    name="average",
    task="**Write it.** `average()` is sent numbers and yields the average of all of them so far: sent 10, 20 "
    "and 60, it yields 10, 15 and 30. What it yields before the first number does not matter.",
    starter="""
        def average():
            total = 0
            count = 0
            ...
    """,
    solution="""
        def average():
            total = 0
            count = 0
            result = None
            while True:
                total = total + (yield result)
                count = count + 1
                result = total / count
    """,
    check=check_average,
    hints=(
        "It goes on for ever, so it needs a loop. In the loop, one `yield` does both: it gives the average and takes a "
        "number.",
        "The first `yield` has no average to give yet. Bind a name to `None` before the loop, and yield that name.",
        "In the loop: `number = yield ...`, then let `total` and `count` grow, then make the new average of them.",
    ),
    mistakes=(
        Mistake(
            """
            def average():
                total, count = 0, 0
                while True:
                    number = yield
                    total = total + number
                    count = count + 1
                    yield total / count
            """,
            "There are two yields in the loop, so every second number arrives where nothing takes it. One "
            "`yield` can do both.",
        ),
        Mistake(
            """
            def average():
                number = yield
                yield number
            """,
            "Without a loop it answers once and is at its end.",
        ),
        Mistake(
            """
            def average():
                result = None
                while True:
                    result = yield result
            """,
            "It forgets what was sent before. A generator keeps its locals while it is suspended: let `total` and "
            "`count` grow.",
        ),
        Mistake(
            """
            total = count = 0
            def average():
                global total, count
                result = None
                while True:
                    total = total + (yield result)
                    count = count + 1
                    result = total / count
            """,
            "Make `total` and `count` locals of the generator: then each generator has its own.",
        ),
        Mistake(
            """
            def average():
                total = 0
                count = 0
                result = None
                while True:
                    total = total + (yield result)
                    count = count + 1
                    result = total // count
            """,
            "The average of whole numbers need not be whole: `/` keeps what stands behind the point, and `//`, "
            "`int` and `round` drop it.",
        ),
    ),
)

# ---- countdown ------------------------------------------------------------------------------------------------------


def check_countdown(answer: Answer) -> None:
    answer.generator_function("countdown", "n", example=(3,))
    answer.behaves("countdown(3), resumed by next four times", lambda names: send(names["countdown"](3), *[None] * 4))
    answer.behaves(
        "countdown(2), resumed by next, send(5) and next", lambda names: send(names["countdown"](2), None, 5, None)
    )


COUNTDOWN = Parsons(
    name="countdown",
    task="**Put the lines in order.** `countdown(n)` counts down to 1 when it is resumed by `next`; sent a "
    "number, it goes on from there. Two of the lines are not needed.",
    solution="""
        def countdown(n):
            while n > 0:
                sent = yield n
                if sent is None:
                    n = n - 1
                else:
                    n = sent
    """,
    distractors=("        yield n", "    while True:"),
    check=check_countdown,
    hints=(
        "The line that hands `n` out is also the one that receives. Which of the two yields keeps what it received?",
        "It has to end after 1, so the loop needs a condition.",
        "`next` sends None: that is the case in which it counts.",
    ),
    mistakes=(
        Mistake(
            """
            def countdown(n):
                while n > 0:
                    sent = yield n
                    if sent is None:
                        n = sent
                    else:
                        n = n - 1
            """,
            "The two cases are the wrong way round: None is what `next` sends.",
        ),
        Mistake(
            """
            def countdown(n):
                while True:
                    sent = yield n
                    if sent is None:
                        n = n - 1
                    else:
                        n = sent
            """,
            "`while True` never looks at `n`.",
        ),
        Mistake(
            """
            def countdown(n):
                while n > 0:
                    yield n
                    if sent is None:
                        n = n - 1
                    else:
                        n = sent
            """,
            "A `yield` without a name on its left drops what was sent.",
        ),
    ),
)

EXERCISES = (ECHO, AVERAGE, COUNTDOWN)
PREDICTIONS: dict[str, dict[str, str]] = {
    "Which two numbers does next give?": {"[1, 1]": "yield-is-return"},
    "In which state is a generator before the first next?": {
        "running": "a-call-runs-it",
        "suspended": "a-call-runs-it",
    },
    "next gives 1. What comes back for send(10)?": {
        "1": "a-yield-assigns-at-once",
        "10": "what-is-sent-replaces-what-was-yielded",
        "None": "a-send-answers-the-next-yield",
    },
    "The generator is only created. What does send(10) give?": {"1": "send-before-next", "11": "send-before-next"},
    "next and send(10) as before, then send(100) instead of send(5). What is yielded?": {
        "100": "what-is-sent-replaces-what-was-yielded",
        "116": "a-send-answers-the-next-yield",
    },
    "How many numbers does the loop get?": {"4": "for-and-send-do-not-disturb"},
}
