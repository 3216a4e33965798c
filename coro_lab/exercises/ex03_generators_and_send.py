"""Exercises of notebook 03: next, send, return."""

from __future__ import annotations

from typing import Any

from coro_lab.description import describe
from coro_lab.exercises.answer import Answer
from coro_lab.exercises.exercise import Exercise, Mistake, NotYet, Parsons

NOTEBOOK = "03-generators-and-send"
TITLE = "Generators and send"


def _check_echo(answer: Answer) -> None:
    answer.generator_function("echo")
    answer.behaves("next, send('a'), send('b')", lambda names: _send(names["echo"](), None, "a", "b"))


ECHO = Exercise(
    name="echo",
    task="**Change one line.** `echo` shall yield back whatever it was sent last. At first, when nothing was sent yet, it yields "
    "`None`. Now it yields `'silence'` for ever.",
    starter="""\
def echo():
    word = None
    while True:
        word = yield "silence"
""",
    solution="""\
def echo():
    word = None
    while True:
        word = yield word
""",
    hints=(
        "What goes out of a `yield` stands to its right. What came in is bound to its left.",
        "`word` holds what was sent last. When the loop comes round, that is what should go out.",
        "Only the text `'silence'` has to go. Which name belongs in its place?",
    ),
    check=_check_echo,
    mistakes=(
        Mistake(
            "def echo():\n    word = None\n    while True:\n        yield word\n",
            "What is sent becomes the value of the whole `yield`; here nothing catches it. It needs a name to its left.",
        ),
        Mistake(
            "def echo():\n    word = None\n    while True:\n        word = yield\n",
            "A bare `yield` hands out None. Say to its right what shall go out.",
        ),
        Mistake(
            "def echo():\n    word = None\n    while True:\n        word = yield 'word'\n",
            "In quotes it is the text *word*; without them it is what the name holds.",
        ),
        Mistake(
            "def echo():\n    word = None\n    word = yield word\n    word = yield word\n",
            "An echo answers as long as somebody calls; yours has run out of lines.",
        ),
    ),
)


def _send(generator: Any, *values: object) -> list[object]:
    return [generator.send(value) for value in values]


def _check_average(answer: Answer) -> None:
    average = answer.generator_function("average")
    trace = answer.run("next, send(10), send(20), send(60)", lambda: _send(average(), None, 10, 20, 60), raises=True)
    if trace.error is not None:
        why = (
            "returns too early"
            if isinstance(trace.error, StopIteration)
            else f"raises {answer.told_error(trace.error)}"
        )
        raise NotYet(f"Sent 10, 20 and 60, average {why}.", trace=trace, index=len(trace.events) - 1)
    if trace.result[1:] != [10, 15, 30]:
        raise NotYet(
            f"Sent 10, 20 and 60, average yields {describe(trace.result[1:])}; [10, 15, 30] is asked for.",
            trace=trace,
            index=next((i for i, e in enumerate(trace.events) if e.kind == "suspend" and i > 0), 0),
        )
    again = answer.run("two averages at once", lambda: _two(average))
    if again.result != ([4.0, 5.0], [100.0, 50.0]):
        raise NotYet(
            f"Two generators of average at once yield {describe(again.result)}: they disturb each other.", trace=again
        )


def _two(average: Any) -> tuple[list[object], list[object]]:
    one, other = average(), average()
    next(one), next(other)
    first, second = one.send(4), other.send(100)
    return [first, one.send(6)], [second, other.send(0)]


AVERAGE = Exercise(
    name="average",
    task="**Write it.** `average()` is sent numbers and yields the average of all numbers so far. Sent 10, 20 and 60, it yields "
    "10, 15 and 30. What it yields before the first number does not matter.",
    starter="""\
def average():
    total = 0
    count = 0
    ...
""",
    solution="""\
def average():
    total = 0
    count = 0
    result = None
    while True:
        total = total + (yield result)
        count = count + 1
        result = total / count
""",
    hints=(
        "It goes on for ever, so it needs a loop; in the loop, one `yield` does both: it gives the average and takes a number.",
        "The first `yield` has no average to give yet. Bind a name to `None` before the loop, and yield that name.",
        "In the loop: `number = yield ...`, then `total` and `count` grow, and then the new average is made from them.",
    ),
    check=_check_average,
    mistakes=(
        Mistake(
            "def average():\n    total, count = 0, 0\n    while True:\n        number = yield\n        total = total + number\n"
            "        count = count + 1\n        yield total / count\n",
            "There are two yields in the loop, so every second number goes to the one that catches nothing. One `yield` can "
            "do both.",
        ),
        Mistake(
            "def average():\n    total, count = 0, 0\n    number = yield\n    total = total + number\n    count = count + 1\n"
            "    yield total / count\n",
            "Without a loop it answers once and is at its end.",
        ),
        Mistake(
            "def average():\n    result = None\n    while True:\n        number = yield result\n        result = number\n",
            "It forgets what was sent before. A generator keeps its locals while it is suspended: let `total` and `count` grow.",
        ),
        Mistake(
            "total = count = 0\ndef average():\n    global total, count\n    result = None\n    while True:\n"
            "        total = total + (yield result)\n        count = count + 1\n        result = total / count\n",
            "Make `total` and `count` locals of the generator: then each generator has its own.",
        ),
    ),
)


def _check_shout(answer: Answer) -> None:
    shout = answer.generator_function("shout")
    trace = answer.run("next, send('hi'), send('ho')", lambda: _send(shout(), None, "hi", "ho")[1:], raises=True)
    if trace.error is not None or trace.result != ["HI", "HO"]:
        got = f"yields {describe(trace.result)}" if trace.error is None else f"raises {answer.told_error(trace.error)}"
        raise NotYet(
            f"Sent 'hi' and 'ho', shout {got}; ['HI', 'HO'] is asked for.", trace=trace, index=len(trace.events) - 1
        )
    ended = answer.run("next, send('hi'), send('')", lambda: _send(shout(), None, "hi", ""), raises=True)
    if not isinstance(ended.error, StopIteration):
        what = "suspended" if ended.error is None else f"raising {type(ended.error).__name__}"
        raise NotYet(
            f"After an empty text shout is still there, {what}; it should have returned.", trace=ended, index=-1
        )


SHOUT = Exercise(
    name="shout",
    task="**Write it.** `shout()` yields back in capitals whatever text it is sent, and returns when it is sent an empty text. What "
    "is its very first `yield` for?",
    starter="""\
def shout():
    ...
""",
    solution="""\
def shout():
    text = yield
    while text:
        text = yield text.upper()
""",
    hints=(
        "`'hi'.upper()` is `'HI'`, and an empty text is false: `while text:` ends with it.",
        "The very first `yield` only brings it to a place where it can receive; nothing has to go out there.",
        "One `yield` before the loop receives the first text; the one inside answers it and receives the next.",
    ),
    check=_check_shout,
    mistakes=(
        Mistake(
            "def shout():\n    while True:\n        text = yield\n        yield text.upper()\n",
            "One `yield` receives and another answers, so the answer to 'hi' takes 'ho' in and drops it. Answer and receive in "
            "the same `yield`.",
        ),
        Mistake(
            "def shout():\n    text = yield\n    while True:\n        text = yield text.upper()\n",
            "Nothing looks whether the text is empty.",
        ),
        Mistake(
            "def shout():\n    text = yield\n    while text:\n        text = yield text\n",
            "The text comes back as it went in: `text.upper()` makes capitals of it.",
        ),
    ),
)


def _check_countdown(answer: Answer) -> None:
    answer.generator_function("countdown", "n", example=(3,))
    answer.behaves("countdown(3), from next to next", lambda names: _send(names["countdown"](3), *[None] * 4))
    answer.behaves("countdown(2), sent 5 once", lambda names: _send(names["countdown"](2), None, 5, None))


COUNTDOWN = Parsons(
    name="countdown",
    task="**Put the lines in order.** `countdown(n)` counts down to 1 when it is resumed by `next`; when a number is sent, it goes on "
    "from there. Two lines are not needed.",
    solution="""\
def countdown(n):
    while n > 0:
        sent = yield n
        if sent is None:
            n = n - 1
        else:
            n = sent
""",
    distractors=("        yield n", "    while True:"),
    hints=(
        "The line that hands `n` out is also the one that receives. Which of the two yields keeps what it received?",
        "It has to end after 1, so the loop needs a condition.",
        "`next` sends None: that is the case in which it counts.",
    ),
    check=_check_countdown,
    mistakes=(
        Mistake(
            "def countdown(n):\n    while n > 0:\n        sent = yield n\n        if sent is None:\n            n = sent\n"
            "        else:\n            n = n - 1\n",
            "The two cases are the wrong way round: None is what `next` sends.",
        ),
        Mistake(
            "def countdown(n):\n    while True:\n        sent = yield n\n        if sent is None:\n            n = n - 1\n"
            "        else:\n            n = sent\n",
            "`while True` never looks at `n`.",
        ),
        Mistake(
            "def countdown(n):\n    while n > 0:\n        yield n\n        if sent is None:\n            n = n - 1\n"
            "        else:\n            n = sent\n",
            "A `yield` without a name on its left drops what was sent.",
        ),
    ),
)

EXERCISES = (ECHO, AVERAGE, SHOUT, COUNTDOWN)
PREDICTIONS: dict[str, dict[str, str]] = {}
