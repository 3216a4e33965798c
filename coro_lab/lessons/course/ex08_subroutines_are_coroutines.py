"""Exercises of notebook 08: calls made of coroutines, and coroutines as equals."""

from __future__ import annotations

from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "08-subroutines-are-coroutines"
TITLE = "Subroutines are coroutines"

TRAMPOLINE = """
    def trampoline(first):
        stack, value = [first], None
        while stack:
            try:
                called = stack[-1].send(value)
                stack.append(called)
                value = None
            except StopIteration as end:
                stack.pop()
                value = end.value
        return value
"""
TRANSFER = """
    def transfer(name, coroutines):
        while name:
            name = next(coroutines[name], None)
"""
DEEP = 1_500  # more than Python's own stack holds


def trampoline(first: Any) -> Any:
    """The trampoline of the notebook; here it is not recorded, because a deep recursion makes too many events."""
    stack, value = [first], None
    while stack:
        try:
            stack.append(stack[-1].send(value))
            value = None
        except StopIteration as end:
            stack.pop()
            value = end.value
        except AttributeError:
            raise NotYet(f"The trampoline was handed {describe(stack[-1])}, which is not a coroutine.") from None
    return value


def on_trampoline(answer: Answer, wanted: object, function: Any, n: int) -> None:
    """Require that `function(n)` returns `wanted` when the trampoline runs it."""
    subject = f"trampoline({function.__name__}({n}))"
    trace = answer.run(subject, lambda: trampoline(function(n)))
    if trace.result != wanted:
        raise NotYet(
            f"{subject} returns {describe(trace.result)}; {describe(wanted)} is asked for.", trace=trace, index=-1
        )


# ---- total ----------------------------------------------------------------------------------------------------------


def check_total(answer: Answer) -> None:
    total = answer.generator_function("total", "n", example=(3,))
    for n in (0, 3, DEEP):
        on_trampoline(answer, n * (n + 1) // 2, total, n)


TOTAL = Exercise(
    name="total",
    task="**Change one line.** `total(n)` is `n + (n - 1) + ... + 1`. It calls itself, so Python's stack "
    "is too small for a large `n`. Let the trampoline make the calls.",
    given=TRAMPOLINE,
    starter="""
        def total(n):
            return 0 if n == 0 else n + total(n - 1)
    """,
    solution="""
        def total(n):
            return 0 if n == 0 else n + (yield total(n - 1))
    """,
    check=check_total,
    hints=(
        "On the trampoline, a call is a `yield` of the one that is to run.",
        "What it returned is the value of that `yield`. Parentheses around it let you add.",
    ),
    mistakes=(
        Mistake(
            """
            def total(n):
                yield 0 if n == 0 else n + (yield total(n - 1))
            """,
            "Yielding is calling. The result is handed back by `return`.",
        ),
        Mistake(
            """
            def total(n):
                return 0 if n == 0 else n + (yield from total(n - 1))
            """,
            "`yield from` keeps each caller on Python's own stack. `yield` alone gives way to the trampoline.",
        ),
        Mistake(
            """
            def total(n):
                return 0 if n == 0 else (yield total(n - 1))
            """,
            "Each call must add its own `n` to what it is handed.",
        ),
    ),
)

# ---- fib ------------------------------------------------------------------------------------------------------------


def check_fib(answer: Answer) -> None:
    fib = answer.generator_function("fib", "n", example=(3,))
    for n, wanted in ((0, 0), (1, 1), (2, 1), (7, 13)):
        on_trampoline(answer, wanted, fib, n)


FIB = Exercise(
    name="fib",
    task="**Write it.** `fib(n)` for the trampoline: 0 for `n = 0`, 1 for `n = 1`, and else the sum of "
    "`fib(n - 1)` and `fib(n - 2)`. Before you record `fib(3)`: how many lanes will there be?",
    given=TRAMPOLINE,
    starter="""
        def fib(n):
            ...
    """,
    solution="""
        def fib(n):
            if n < 2:
                return n
            one = yield fib(n - 1)
            other = yield fib(n - 2)
            return one + other
    """,
    check=check_fib,
    hints=(
        "Two calls, so two yields; keep what each of them gives in a name.",
        "The small cases return `n` itself.",
    ),
    mistakes=(
        Mistake(
            """
            def fib(n):
                if n < 2:
                    return n
                return fib(n - 1) + fib(n - 2)
                yield
            """,
            "A call only creates a coroutine, and two of them cannot be added. Yield each, and add what comes back.",
            anywhere=True,
        ),
        Mistake(
            """
            def fib(n):
                if n < 2:
                    return n
                return (yield fib(n - 1)) + fib(n - 2)
            """,
            "Only one of the two calls is made by the trampoline.",
            anywhere=True,
        ),
        Mistake(
            """
            def fib(n):
                if n < 2:
                    return 1
                one = yield fib(n - 1)
                other = yield fib(n - 2)
                return one + other
            """,
            "Look at the smallest case again: `fib(0)` is 0.",
        ),
    ),
)

# ---- equals ---------------------------------------------------------------------------------------------------------


def check_equals(answer: Answer) -> None:
    for name in "ABC":
        answer.generator_function(name)

    def run() -> None:
        coroutines = {name: answer.get(name)() for name in "ABC"}
        name: Any = "A"
        while name:
            name = next(coroutines[name], None)
            if name is not None and name not in coroutines:
                raise NotYet(f"Control is to go to {describe(name)}, and there are only A, B and C.")

    answer.prints("1\nx\n+\n2\ny\n3\nz", "transfer, beginning with A,", run)


EQUALS = Exercise(
    name="equals",
    task="**Write it.** Add a coroutine `C` that prints `+`, and let `A`, `B` and `C` transfer to each other so that "
    "`1 x + 2 y 3 z` is printed, one a line.",
    given=TRANSFER,
    starter="""
        def A():
            print("1")
            print("2")
            yield "B"
            print("3")
            yield "B"

        def B():
            print("x")
            print("y")
            yield "A"
            print("z")
    """,
    solution="""
        def A():
            print("1")
            yield "B"
            print("2")
            yield "B"
            print("3")
            yield "B"

        def B():
            print("x")
            yield "C"
            print("y")
            yield "A"
            print("z")

        def C():
            print("+")
            yield "A"
    """,
    check=check_equals,
    hints=(
        "Write under each printed word who prints it: A B C A B A B. Each change of letter is a transfer.",
        "`C` prints one word and hands over to the one that prints `2`.",
    ),
    mistakes=(
        Mistake(
            """
            def A():
                print("1")
                yield "B"
                print("2")
                yield "B"
                print("3")
                yield "B"

            def B():
                print("x")
                yield "C"
                print("y")
                yield "A"
                print("z")

            def C():
                print("+")
                yield
            """,
            "A bare `yield` names nobody, so everything ends there.",
        ),
        Mistake(
            """
            def A():
                print("1")
                yield "B"
                print("2")
                print("3")
                yield "B"

            def B():
                print("x")
                yield "C"
                print("y")
                print("z")

            def C():
                print("+")
                yield "A"
            """,
            "Between two of these words nobody hands over.",
        ),
        Mistake(
            """
            def A():
                print("1")
                yield "b"

            def B():
                print("x")

            def C():
                yield
            """,
            "The name must be one of the coroutines', to the letter.",
        ),
    ),
)

# ---- parity ---------------------------------------------------------------------------------------------------------


def check_parity(answer: Answer) -> None:
    even = answer.generator_function("even", "n", example=(2,))
    answer.generator_function("odd", "n", example=(2,))
    for n, wanted in ((0, True), (1, False), (2, True), (7, False)):
        on_trampoline(answer, wanted, even, n)


PARITY = Parsons(
    name="parity",
    task="**Put the lines in order.** `even` and `odd` call each other on the trampoline, one less each "
    "time, until 0 is reached. Two lines are not needed.",
    given=TRAMPOLINE,
    solution="""
        def even(n):
            return True if n == 0 else (yield odd(n - 1))
        def odd(n):
            return False if n == 0 else (yield even(n - 1))
    """,
    distractors=(
        "    return True if n == 0 else (yield even(n - 1))",
        "    return False if n == 0 else (yield odd(n - 1))",
    ),
    check=check_parity,
    hints=("0 is even, and it is not odd.", "A number is even if the one below it is odd."),
    mistakes=(
        Mistake(
            """
            def even(n):
                return True if n == 0 else (yield even(n - 1))
            def odd(n):
                return False if n == 0 else (yield odd(n - 1))
            """,
            "Each of them asks itself. They have to ask each other.",
        ),
        Mistake(
            """
            def even(n):
                return False if n == 0 else (yield odd(n - 1))
            def odd(n):
                return True if n == 0 else (yield even(n - 1))
            """,
            "0 is even.",
        ),
    ),
)

EXERCISES = (TOTAL, FIB, EQUALS, PARITY)
PREDICTIONS: dict[str, dict[str, str]] = {
    "With which number does A end?": {
        "41": "a-result-goes-past-the-caller",
        "None": "a-yield-has-no-value",
    },
    "What becomes of A while B is on top of the trampoline?": {
        "running": "suspended-is-waiting",
        "closed": "yield-is-return",
    },
    "A is in the middle of b.send(None). What does a.send(None) give?": {"None": "a-running-one-can-be-resumed"},
}
