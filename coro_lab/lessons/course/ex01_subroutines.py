"""Exercises of notebook 01: calls, returns, and the stack."""

from __future__ import annotations

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.events import Kind
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

NOTEBOOK = "01-subroutines"
TITLE = "Subroutines"

# ---- pass_it_up -----------------------------------------------------------------------------------------------------


def check_pass_it_up(answer: Answer) -> None:
    top = answer.function("A")
    answer.function("B"), answer.function("C")
    trace = answer.returns(42, top)
    called = [event.lane.name for event in trace.of(kind=Kind.START)]
    if called != ["A", "B", "C"]:
        raise NotYet(
            f"A() returns 42, but the calls are {', '.join(called)}; A, B, C is asked for.", trace=trace, index=-1
        )
    passes_on(answer, trace)


def passes_on(answer: Answer, trace: Trace) -> None:
    """Require that the 42 comes from `C` through `B`: `A` does not call `C`, and `B` does not write 42 itself."""
    (called, *_) = trace.of("C", kind=Kind.START)
    if called.peer is None or called.peer.name != "B":
        raise NotYet("A() returns 42, but C is called by A; B is asked to call it.", trace=trace, index=-1)
    for event in trace.of(kind=Kind.RETURN):
        if event.value != "42":
            raise NotYet(
                f"A() returns 42, but {event.lane.name} returns {event.value}; 42 is asked for.", trace=trace, index=-1
            )
    kept = answer.names["C"]
    answer.names["C"] = lambda: 7
    seven = answer.run("A(), where C returns 7,", answer.names["A"])
    answer.names["C"] = kept
    if seven.result != 7:
        raise NotYet(
            f"A() returns 42, but where C returns 7, A() returns {describe(seven.result)}; 7 is asked for.",
            trace=seven,
            index=-1,
        )


PASS_IT_UP = Exercise(
    name="pass_it_up",
    task="**Change two lines.** `C` returns 42, and nobody keeps it. Let it pass up through `B`, so that "
    "`A()` returns 42.",
    starter="""
        def A():
            B()

        def B():
            C()

        def C():
            return 42
    """,
    solution="""
        def A():
            return B()

        def B():
            return C()

        def C():
            return 42
    """,
    check=check_pass_it_up,
    hints=(
        "A value that is returned goes to the caller, and one step up only.",
        "`C()` stands for 42 in the line of `B` that calls it. What must `B` do with it?",
        "Both `A` and `B` have to return what they were given.",
    ),
    mistakes=(
        Mistake(
            """
            def A():
                return B()

            def B():
                C()

            def C():
                return 42
            """,
            "One of the functions on the way drops what it is given: a call without `return` in front of it.",
        ),
        Mistake(
            """
            def A():
                print(B())

            def B():
                return C()

            def C():
                return 42
            """,
            "One of the functions prints the value where it should give it to its caller.",
        ),
        Mistake(
            """
            def A():
                return 42

            def B():
                return C()

            def C():
                return 42
            """,
            "The number is right, but it did not come from `C`.",
        ),
        Mistake(
            """
            def A():
                B()
                return C()

            def B():
                return 1

            def C():
                return 42
            """,
            "One step at a time: `A` asks `B` only, and `B` asks `C`.",
        ),
        Mistake(
            """
            def A():
                B()
                return 42

            def B():
                return C()

            def C():
                return 42
            """,
            "One of the functions on the way has the number written in it. Let it return what its call gave.",
        ),
        Mistake(
            """
            def A():
                return B

            def B():
                return C()

            def C():
                return 42
            """,
            "A name without `()` is the function itself; nothing has called it.",
        ),
    ),
)

# ---- around ---------------------------------------------------------------------------------------------------------


def check_around(answer: Answer) -> None:
    answer.function("outer"), answer.function("inner")
    answer.behaves("outer()", lambda names: names["outer"](), returned=False)


AROUND = Exercise(
    name="around",
    task="**Write it.** Calling `outer()` prints `before`, `inside` and `after`, one a line. The word in the middle is "
    "printed by `inner`, which `outer` calls; the other two are printed by `outer`.",
    starter="""
        def outer():
            ...

        def inner():
            ...
    """,
    solution="""
        def outer():
            print("before")
            inner()
            print("after")

        def inner():
            print("inside")
    """,
    check=check_around,
    hints=(
        "A call stands in the caller's lines like any other line: what stands above it runs before, "
        "what stands below after.",
        "`inner` has one line, and `outer` has three.",
    ),
    mistakes=(
        Mistake(
            """
            def outer():
                print("before")
                print("inside")
                print("after")

            def inner():
                pass
            """,
            "The middle word has to come from `inner`, one layer further up on the stack.",
        ),
        Mistake(
            """
            def outer():
                print("before")
                print("after")
                inner()

            def inner():
                print("inside")
            """,
            "`outer` calls too late: it still has a line to print after the call.",
        ),
        Mistake(
            """
            def outer():
                print("before")
                inner()

            def inner():
                print("inside")
                print("after")
            """,
            "The last word is printed by the caller, after the call has returned.",
        ),
    ),
)

# ---- factorial ------------------------------------------------------------------------------------------------------


def check_factorial(answer: Answer) -> None:
    factorial = answer.function("factorial", "n")
    for n, wanted in ((1, 1), (3, 6), (5, 120), (0, 1)):
        trace = answer.returns(wanted, factorial, n)
        if n == 3 and len(trace.lanes) < 3:
            raise NotYet(
                f"factorial(3) is right, but the stack never held more than {len(trace.lanes)} of it.", trace=trace
            )


FACTORIAL = Exercise(
    name="factorial",
    task="**Write it.** `factorial(n)` is 1 for `n` up to 1; for a larger `n` it calls itself for `n - "
    "1` and multiplies "
    "what comes back by `n`. Before you record `factorial(3)`: how many lanes will there be?",
    starter="""
        def factorial(n):
            ...
    """,
    solution="""
        def factorial(n):
            if n <= 1:
                return 1
            return n * factorial(n - 1)
    """,
    check=check_factorial,
    hints=(
        "Two cases, two returns: the small one that needs no further call, and the other one.",
        "What the inner call returns can be used at once: `n * factorial(...)`.",
        "Without the small case first, the calls never stop going deeper.",
    ),
    mistakes=(
        Mistake(
            """
            def factorial(n):
                return n * factorial(n - 1)
            """,
            "Nothing ends the calls: look for the case that needs no further call, before anything else.",
            anywhere=True,
        ),
        Mistake(
            """
            def factorial(n):
                if n == 0:
                    return 0
                return n * factorial(n - 1)
            """,
            "A product that meets 0 once stays 0. What should the smallest case return?",
        ),
        Mistake(
            """
            def factorial(n):
                product = 1
                for k in range(1, n + 1):
                    product = product * k
                return product
            """,
            "A loop does it without a stack, and that is often better. Here let it call itself.",
        ),
        Mistake(
            """
            def factorial(n):
                if n <= 1:
                    print(1)
                else:
                    print(n * factorial(n - 1))
            """,
            "The outer call can only multiply what the inner call returned, and yours returns nothing.",
        ),
    ),
)

EXERCISES = (PASS_IT_UP, AROUND, FACTORIAL)
PREDICTIONS: dict[str, dict[str, str]] = {
    "Five lines will be printed. Which one comes last?": {
        "C is here": "lines-run-as-they-stand",
        "B ends": "the-caller-does-not-wait",
    },
    "Who runs next, when calls go up and returns come back?": {},
    "What does the second visit to C print?": {"C, visit 2": "locals-outlive-the-call"},
}
