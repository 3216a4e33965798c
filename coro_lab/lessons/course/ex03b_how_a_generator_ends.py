"""Exercises of notebook 03b: return, close, throw."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.lessons.course.ex03_generators_and_send import did_instead, send
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "03b-how-a-generator-ends"
TITLE = "How a generator ends"

# ---- farewell -------------------------------------------------------------------------------------------------------


def check_farewell(answer: Answer) -> None:
    farewell = answer.generator_function("farewell")
    alive = farewell()  # kept here, so that it does not end in the recording
    counted = answer.run("farewell(), resumed by next three times", lambda: send(alive, None, None, None), raises=True)
    if counted.error is not None or counted.result != [1, 2, 3]:
        did = did_instead(answer, counted.error, counted.result)
        raise NotYet(f"Resumed three times, farewell {did}; [1, 2, 3] is asked for.", trace=counted, index=-1)
    if counted.output:
        said = f"farewell prints {describe(counted.output.strip())} while it still counts, and nothing has ended it."
        raise NotYet(said, trace=counted, index=-1)
    closed = answer.run("farewell(), resumed by next and closed", lambda: end(farewell(), GeneratorExit()))
    if closed.output.split() != ["goodbye"]:
        said = f"Closed, farewell prints {describe(closed.output.strip())}; 'goodbye' is asked for."
        raise NotYet(said, trace=closed, index=-1)
    thrown = answer.run("farewell(), ended by a ValueError", lambda: end(farewell(), ValueError("no")), raises=True)
    if thrown.output.split() != ["goodbye"]:
        printed = describe(thrown.output.strip())
        said = f"Ended by throw(ValueError('no')), farewell prints {printed}; 'goodbye' is asked for."
        raise NotYet(said, trace=thrown, index=-1)
    if not isinstance(thrown.error, ValueError):
        said = "The ValueError that is thrown in does not come out of farewell again: something in it keeps the error."
        raise NotYet(said, trace=thrown, index=-1)


def end(generator: Generator[Any, Any, Any], error: BaseException) -> None:
    """Bring it to its first `yield`, and end it there: close it, or throw the error in."""
    next(generator)
    if isinstance(error, GeneratorExit):
        generator.close()
    else:
        generator.throw(error)


FAREWELL = Exercise(
    name="farewell",
    task="**Change it.** `farewell` counts 1, 2, 3 and so on for ever, so its last line is never reached. It shall "
    "print `goodbye` when it ends, whether it is closed or an error is thrown into it, and let the error go on.",
    starter="""
        def farewell():
            n = 0
            while True:
                n = n + 1
                yield n
            print("goodbye")
    """,
    solution="""
        def farewell():
            n = 0
            try:
                while True:
                    n = n + 1
                    yield n
            finally:
                print("goodbye")
    """,
    check=check_farewell,
    hints=(
        "`close` and `throw` raise an exception at the `yield`. Which lines run, however `try` is left?",
        "The whole loop goes under `try`, and the last line under `finally`.",
    ),
    mistakes=(
        Mistake(
            """
            def farewell():
                n = 0
                while True:
                    n = n + 1
                    try:
                        yield n
                    finally:
                        print("goodbye")
            """,
            "Here every turn of the loop says goodbye. Put the whole loop under `try`.",
        ),
        Mistake(
            """
            def farewell():
                n = 0
                try:
                    while True:
                        n = n + 1
                        yield n
                except GeneratorExit:
                    print("goodbye")
            """,
            "`GeneratorExit` comes only from `close`. `finally` runs for every exception.",
        ),
        Mistake(
            """
            def farewell():
                n = 0
                try:
                    while True:
                        n = n + 1
                        yield n
                except:
                    print("goodbye")
            """,
            "`except` without a name catches every exception and lets none go on. `finally` runs, and the exception "
            "goes on by itself.",
        ),
    ),
)

# ---- shout ----------------------------------------------------------------------------------------------------------


def check_shout(answer: Answer) -> None:
    shout = answer.generator_function("shout")
    trace = answer.run(
        "shout(), resumed by next and two sends", lambda: send(shout(), None, "hi", "ho")[1:], raises=True
    )
    if trace.error is not None or trace.result != ["HI", "HO"]:
        did = did_instead(answer, trace.error, trace.result)
        raise NotYet(f"Sent 'hi' and 'ho', shout {did}; ['HI', 'HO'] is asked for.", trace=trace, index=-1)
    ended = answer.run("shout(), sent 'hi' and an empty text", lambda: send(shout(), None, "hi", ""), raises=True)
    if not isinstance(ended.error, StopIteration):
        did = did_instead(answer, ended.error, ended.result and ended.result[-1])
        raise NotYet(f"Sent an empty text, shout {did}; it should return.", trace=ended, index=-1)


SHOUT = Exercise(
    name="shout",
    task="**Write it.** `shout()` yields back in capitals each text it is sent, and returns when it is "
    "sent an empty text. What is its very first `yield` for?",
    starter="""
        def shout():
            ...
    """,
    solution="""
        def shout():
            text = yield
            while text:
                text = yield text.upper()
    """,
    check=check_shout,
    hints=(
        "`'hi'.upper()` is `'HI'`, and an empty text is false: `while text:` ends with it.",
        "The very first `yield` only brings it to a place where it can receive; nothing has to go out there.",
        "One `yield` before the loop receives the first text; the one inside answers it and receives the next.",
    ),
    mistakes=(
        Mistake(
            """
            def shout():
                while True:
                    text = yield
                    yield text.upper()
            """,
            "One `yield` receives and another answers, so 'ho' arrives at the one that only answers. Answer and "
            "receive in the same `yield`.",
        ),
        Mistake(
            """
            def shout():
                text = yield
                while True:
                    text = yield text.upper()
            """,
            "Nothing checks whether the text is empty.",
        ),
        Mistake(
            """
            def shout():
                text = yield
                while text:
                    text = yield text
            """,
            "The text comes back as it went in: `text.upper()` makes capitals of it.",
        ),
    ),
)

# ---- forgetful ------------------------------------------------------------------------------------------------------


def check_forgetful(answer: Answer) -> None:
    forgetful = answer.generator_function("forgetful")
    trace = answer.run("forgetful(), resumed by next and two sends", lambda: send(forgetful(), None, 3, 4), raises=True)
    if trace.error is not None or trace.result != [0, 3, 7]:
        did = did_instead(answer, trace.error, trace.result)
        raise NotYet(f"Started, then sent 3 and 4, forgetful {did}; [0, 3, 7] is asked for.", trace=trace, index=-1)
    reset = answer.run("forgetful(), with a ValueError in between", lambda: with_error(forgetful), raises=True)
    if isinstance(reset.error, StopIteration):
        raise NotYet("forgetful ends when a ValueError is thrown in; it should go on.", trace=reset, index=-1)
    if reset.error is not None or reset.result != [0, 5]:
        did = did_instead(answer, reset.error, reset.result)
        said = f"Sent 3, then given a ValueError, then sent 5, forgetful {did} at the end; [0, 5] is asked for."
        raise NotYet(said, trace=reset, index=-1)


def with_error(forgetful: Callable[[], Generator[Any, Any, Any]]) -> list[object]:
    """What it yields for a ValueError and then for 5, after it was sent 3."""
    one = forgetful()
    send(one, None, 3)
    return [one.throw(ValueError("forget it")), one.send(5)]


FORGETFUL = Exercise(
    name="forgetful",
    task="**Write it.** `forgetful()` is sent numbers and yields their sum so far; the first thing it yields is 0. "
    "When a `ValueError` is thrown in, it forgets the sum and yields 0 again.",
    starter="""
        def forgetful():
            total = 0
            ...
    """,
    solution="""
        def forgetful():
            total = 0
            while True:
                try:
                    total = total + (yield total)
                except ValueError:
                    total = 0
    """,
    check=check_forgetful,
    hints=(
        "The error arrives where a sent value would: at the `yield`. So the `yield` stands under `try`.",
        "It goes on for ever, so `while True:` comes first, and `try` inside it.",
        "Under `except ValueError:` only the sum has to change; the loop brings it to the next `yield`.",
    ),
    mistakes=(
        Mistake(
            """
            def forgetful():
                total = 0
                while True:
                    total = total + (yield total)
            """,
            "Nothing catches the error: put the `yield` under `try`, with an `except ValueError:`.",
            anywhere=True,
        ),
        Mistake(
            """
            def forgetful():
                total = 0
                try:
                    while True:
                        total = total + (yield total)
                except ValueError:
                    total = 0
            """,
            "After the `except`, nothing brings it to a `yield` again: put `try` inside the loop, without a `return`.",
        ),
        Mistake(
            """
            def forgetful():
                total = 0
                while True:
                    try:
                        total = total + (yield total)
                    except ValueError:
                        pass
            """,
            "It goes on with the old sum: set it to 0 where the error is caught.",
        ),
    ),
)

# ---- result_of ------------------------------------------------------------------------------------------------------


def check_result_of(answer: Answer) -> None:
    result_of = answer.function("result_of", "c")
    for value in ("done", 7):
        answer.returns(value, result_of, ending_with(value))


def ending_with(value: object) -> Generator[int, None, object]:
    yield 1
    yield 2
    return value


RESULT_OF = Parsons(
    name="result_of",
    task="**Put the lines in order.** `result_of(c)` resumes the generator `c` until it ends, and returns what the "
    "generator returned. Two of the lines are not needed.",
    solution="""
        def result_of(c):
            try:
                while True:
                    next(c)
            except StopIteration as end:
                return end.value
    """,
    distractors=("            return next(c)", "        return end"),
    check=check_result_of,
    hints=(
        "The generator is resumed again and again, so there is a loop. What ends it is an exception.",
        "The exception has a name here, and carries what the generator returned.",
    ),
    mistakes=(
        Mistake(
            """
            def result_of(c):
                try:
                    while True:
                        return next(c)
                except StopIteration as end:
                    return end.value
            """,
            "That returns the first value that is yielded, and does not wait for the end.",
        ),
        Mistake(
            """
            def result_of(c):
                try:
                    while True:
                        next(c)
                except StopIteration as end:
                    return end
            """,
            "`end` is the exception itself; what the generator returned is its `value`.",
        ),
    ),
)

EXERCISES = (FAREWELL, SHOUT, FORGETFUL, RESULT_OF)
PREDICTIONS: dict[str, dict[str, str]] = {
    "Which number does the goodbye name?": {
        "1": "a-yield-assigns-at-once",
        "10": "what-is-sent-replaces-what-was-yielded",
    },
    "After close, what does next give?": {"2": "closed-can-go-on", "1": "a-generator-restarts"},
    "A generator was listed to its end. What does a second list of it hold?": {"[1, 2, 3]": "a-generator-restarts"},
}
