"""Exercises of notebook 16: a line that is left in its middle, and generators that delegate."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet, require

NOTEBOOK = "16-inside"
TITLE = "Inside"

# ---- pay ------------------------------------------------------------------------------------------------------------


def check_pay(answer: Answer) -> None:
    pay = answer.generator_function("pay", "till")
    till = answer.get("Till")

    def alone() -> tuple[Any, Any, Any]:
        shared = till()
        shared.money = 5
        one = pay(shared)
        return next(one), one.send(7), shared.money

    def together() -> Any:
        shared = till()
        ann, bob = pay(shared), pay(shared)
        for each in (ann, bob):
            each.send(None)
        for each in (ann, bob):
            each.send(10)
        return shared.money

    asked = ("how much?", "thanks", 12)
    trace = answer.run("pay(till), sent 7", alone)
    require(trace, "With 5 in the till and 7 sent, pay asks, replies and leaves", trace.result, asked)
    trace = answer.run("Two of pay(till), both asked and then sent 10", together)
    require(trace, "Where two are asked and then pay 10 each, the till holds", trace.result, 20)


PAY = Exercise(
    name="pay",
    task="**Change one line.** When two are asked before one of them answers, `pay` loses money. Let it lose nothing, "
    "and go on asking the same.",
    given="""
        class Till:
            money = 0
    """,
    starter="""
        def pay(till):
            till.money = till.money + (yield "how much?")
            yield "thanks"
    """,
    solution="""
        def pay(till):
            amount = yield "how much?"
            till.money = till.money + amount
            yield "thanks"
    """,
    check=check_pay,
    hints=(
        "What does the line read before it is left in its middle?",
        "Let the answer come first, and read the till after it.",
        "One line may become two: the `yield` alone in the first one.",
    ),
    mistakes=(
        Mistake(
            """
            def pay(till):
                till.money += yield "how much?"
                yield "thanks"
            """,
            "`+=` reads the till before the `yield`, too: it is the same line in other words.",
        ),
        Mistake(
            """
            def pay(till):
                till.money = yield "how much?"
                yield "thanks"
            """,
            "What was in the till before is gone: what is paid has to be added to it.",
        ),
    ),
)

# ---- innermost ------------------------------------------------------------------------------------------------------


def check_innermost(answer: Answer) -> None:
    innermost = answer.function("innermost", "generator")

    def level(below: int) -> Generator[str]:
        if below:
            yield from level(below - 1)
        yield "name?"

    for count in (2, 1, 0, 5):
        outermost = level(count)
        next(outermost)
        _is_the_last(answer, innermost, outermost, count)


def _is_the_last(answer: Answer, innermost: Any, outermost: Any, count: int) -> None:
    subject = f"innermost(g), where {count} delegate one to the next,"
    trace = answer.run(subject, innermost, outermost)
    found = trace.result
    if not inspect.isgenerator(found):
        raise NotYet(f"{subject} returns no generator.", trace=trace, index=-1)
    if below := inspect.getgeneratorlocals(found)["below"]:
        raise NotYet(f"{subject} returns one that delegates: {below} more are below it.", trace=trace, index=-1)


INNERMOST = Exercise(
    name="innermost",
    task="**Write it.** Several generators delegate, each to the next one. `innermost` takes the outermost one and "
    "returns the generator at the end, which delegates to nobody.",
    starter="""
        def innermost(generator):
            ...
    """,
    solution="""
        def innermost(generator):
            while generator.gi_yieldfrom is not None:
                generator = generator.gi_yieldfrom
            return generator
    """,
    check=check_innermost,
    hints=(
        "`gi_yieldfrom` is the next one; for the one at the end it is None.",
        "Go on to the next one while there is a next one.",
    ),
    mistakes=(
        Mistake(
            """
            def innermost(generator):
                return generator.gi_yieldfrom
            """,
            "That is the next one. It may delegate as well, so this has to be done again and again.",
        ),
        Mistake(
            """
            def innermost(generator):
                while generator is not None:
                    generator = generator.gi_yieldfrom
                return generator
            """,
            "The loop goes one too far: it ends when there is no generator left.",
        ),
    ),
)

# ---- greet ----------------------------------------------------------------------------------------------------------


def check_greet(answer: Answer) -> None:
    greet = answer.generator_function("greet")

    def first() -> str:
        asked = next(greet())
        return "a generator" if inspect.isgenerator(asked) else "name?" if asked == "name?" else "no question"

    def talk() -> tuple[Any, Any]:
        one = greet()
        next(one)
        said = one.send("Ann")
        try:
            next(one)
        except StopIteration as end:
            return said, end.value
        return said, "nothing: it yields again"

    trace = answer.run("greet()", first)
    require(trace, "greet() first yields", trace.result, "name?")
    trace = answer.run("greet(), sent 'Ann'", talk)
    require(trace, "Sent 'Ann', greet() yields and then returns", trace.result, ("hello Ann", 3))


GREET = Parsons(
    name="greet",
    task="**Put the lines in order.** `greet` asks for a name by `question`, yields `hello` and the name, and returns "
    "how many letters the name has. Two lines are not needed.",
    given="""
        def question(text):
            answer = yield text
            return answer
    """,
    solution="""
        def greet():
            name = yield from question("name?")
            yield f"hello {name}"
            return len(name)
    """,
    distractors=('    yield from question("name?")', '    name = yield question("name?")'),
    check=check_greet,
    hints=(
        "A plain call of `question` asks nobody. Which word hands the channel to it?",
        "`yield from` gives what `question` returns.",
    ),
    mistakes=(
        Mistake(
            """
            def greet():
                yield from question("name?")
                yield f"hello {name}"
                return len(name)
            """,
            "`yield from` gives back the answer, and here nothing keeps it: it needs the name `name`.",
        ),
        Mistake(
            """
            def greet():
                name = yield question("name?")
                yield f"hello {name}"
                return len(name)
            """,
            "That hands the generator itself to the caller, who wanted a question.",
        ),
    ),
)

EXERCISES = (PAY, INNERMOST, GREET)
PREDICTIONS: dict[str, dict[str, str]] = {
    "ask is suspended and then resumed. In which frame does it go on?": {"a copy": "a-frame-is-copied"},
    "Ann and Bob are both asked first, and then pay 10 each. How much is in the till?": {
        "20": "a-resumed-line-begins-anew"
    },
    "survey calls question twice, and yields once itself. What does list(survey()) hold?": {
        "['name?', 'age?', 'thanks']": "a-helper-yields-for-me"
    },
}
