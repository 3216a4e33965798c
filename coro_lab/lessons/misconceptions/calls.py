"""Misconceptions about calls and turns, for notebooks 01 and 02."""

from __future__ import annotations

from coro_lab.lessons.misconceptions.misconception import Misconception

CALLS = (
    Misconception(
        name="lines-run-as-they-stand",
        belief="Lines run in the order in which they stand on the page.",
        truth="Lines run in the order of the calls. A `def` only makes a function; its lines run when it is called.",
        program="""
            def outer():
                inner()
                print("the upper line")

            def inner():
                print("the lower line")

            outer()
        """,
        believed="the upper line\nthe lower line",
        notebook="01-subroutines",
        heading="A calls B, and B calls C",
    ),
    Misconception(
        name="the-caller-does-not-wait",
        belief="A caller goes on while the function that it called is still at work.",
        truth="A caller waits until its call has returned. Only then does its next line run.",
        program="""
            def caller():
                called()
                print("caller ends")

            def called():
                print("called begins")
                print("called ends")

            caller()
        """,
        believed="called begins\ncaller ends\ncalled ends",
        notebook="01-subroutines",
        heading="The stack grows and shrinks",
    ),
    Misconception(
        name="locals-outlive-the-call",
        belief="A function remembers its locals from one call to the next.",
        truth="Each call has its own locals, and they are gone when it returns.",
        program="""
            def visit():
                visits = 0
                visits = visits + 1
                return visits

            print(visit(), visit())
        """,
        believed="1 2",
        notebook="01-subroutines",
        heading="One entry, one return",
    ),
    Misconception(
        name="a-turn-runs-to-the-end",
        belief="A coroutine that gets a turn runs to its end.",
        truth="A turn ends at the next `yield`. The coroutine is suspended there until its next turn.",
        program="""
            def count():
                print("1")
                yield
                print("2")

            turn = count()
            next(turn)
        """,
        believed="1\n2",
        notebook="02-coroutines",
        heading="A place to stop",
    ),
    Misconception(
        name="coroutines-call-each-other",
        belief="Coroutines that take turns call each other.",
        truth="Each of them only stops. A third one, the scheduler, decides who is resumed next.",
        program="""
            import sys

            def A():
                yield sys._getframe(1).f_code.co_name

            def B():
                yield sys._getframe(1).f_code.co_name

            def scheduler():
                return next(A()), next(B())

            print(*scheduler())
        """,
        believed="scheduler A",
        notebook="02-coroutines",
        heading="A never calls B",
    ),
)
