"""Exercises of notebook 02: places to stop, and who runs next."""

from __future__ import annotations

from typing import Any

from coro_lab.engine.scheduler import Scheduler
from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet

NOTEBOOK = "02-coroutines"
TITLE = "Coroutines"

A_AND_B = """
    def A():
        print("1")
        yield
        print("2")
        yield
        print("3")

    def B():
        print("x")
        yield
        print("y")
        yield
        print("z")
"""


def in_turns(schedule: Any, *tasks: Any) -> None:
    """Run these tasks in the order of a schedule, without a recording inside the recording of the check."""
    scheduler = Scheduler()
    for task in tasks:
        scheduler.spawn(task)
    scheduler.run_bare(schedule)


def printed_in_turns(answer: Answer, wanted: str, *names: str) -> None:
    """Require that the tasks of these names print these words, one a line, when the answer's `schedule` runs them."""
    schedule = answer.get("schedule")
    if not isinstance(schedule, str):
        raise NotYet(f"`schedule` is {schedule!r}; a text is asked for, one letter for each turn.")
    subject = f"The schedule {schedule!r}"
    trace = answer.run(subject, lambda: in_turns(schedule, *(answer.get(name)() for name in names)))
    if trace.output.split() != wanted.split():
        printed = " ".join(trace.output.split()) or "nothing"
        raise NotYet(f"{subject} prints {printed}; {wanted} is asked for.", trace=trace, index=-1)


# ---- letters_first --------------------------------------------------------------------------------------------------


LETTERS_FIRST = Exercise(
    name="letters_first",
    task="**Change one line.** `A` and `B` are as above, with all their yields. Choose a schedule that prints "
    "`x y z 1 2 3`.",
    given=A_AND_B,
    starter="""
        schedule = "ABABAB"
    """,
    solution="""
        schedule = "BBBAAA"
    """,
    check=lambda answer: printed_in_turns(answer, "x y z 1 2 3", "A", "B"),
    hints=(
        "Each letter of the schedule is one turn, and one turn prints one line.",
        "Who prints `x`, `y` and `z`? Write that letter three times.",
    ),
    mistakes=(
        Mistake('schedule = "AAABBB"', "Those are the numbers first. Who prints the letters?"),
        Mistake('schedule = "BBB"', "The letters are all there, but the other coroutine has had no turn yet."),
        Mistake(
            'schedule = "BABABA"', "They take turns; let one of them go through to its end before the other begins."
        ),
        Mistake('schedule = "xyz123"', "A schedule names the coroutines that run, not what they print."),
    ),
)

# ---- room -----------------------------------------------------------------------------------------------------------


def check_room(answer: Answer) -> None:
    plus = answer.generator_function("C")
    first = answer.run("C(), in its first turn", lambda: next(plus(), None))
    if first.output.split() != ["+"]:
        printed = " ".join(first.output.split()) or "nothing"
        raise NotYet(f"In its first turn C prints {printed}; only + is asked for.", trace=first, index=-1)
    answer.prints("+\n1\n-", "the schedule CAC", lambda: in_turns("CAC", plus(), answer.get("A")()))


ROOM = Exercise(
    name="room",
    task="**Add one line.** Make room in `C`, so that the schedule `CAC` prints `+ 1 -`.",
    given=A_AND_B,
    starter="""
        def C():
            print("+")
            print("-")
    """,
    solution="""
        def C():
            print("+")
            yield
            print("-")
    """,
    check=check_room,
    hints=(
        "Where must `C` stop, so that `A` can print its `1` in between?",
        "One new line is enough, with one word on it.",
    ),
    mistakes=(
        Mistake(
            """
            def C():
                print("+")
                print("-")
                yield
            """,
            "It stops when everything is printed. The place to stop is between the two.",
        ),
        Mistake(
            """
            def C():
                yield
                print("+")
                print("-")
            """,
            "It stops before anything is printed. The place to stop is between the two.",
        ),
        Mistake(
            """
            def C():
                print("+")
                return
                print("-")
            """,
            "`return` ends `C`, and the line below it never runs. Use the word that stops here and goes on later.",
        ),
    ),
)

# ---- braid ----------------------------------------------------------------------------------------------------------


BRAID = Exercise(
    name="braid",
    task="**Write it.** Now three of them: `A`, `B`, and `C`, which prints `+` and `-` with a place to "
    "stop in between. Choose the schedule that prints `1 x + 2 y - 3 z`.",
    given=A_AND_B
    + """
    def C():
        print("+")
        yield
        print("-")
""",
    starter="""
        schedule = ""
    """,
    solution="""
        schedule = "ABCABCAB"
    """,
    check=lambda answer: printed_in_turns(answer, "1 x + 2 y - 3 z", "A", "B", "C"),
    hints=(
        "Eight lines, eight turns. Write under each printed word who prints it.",
        "The first three turns belong to three different coroutines, and so do the next three.",
    ),
    mistakes=(
        Mistake('schedule = "ABCABCABC"', "`C` prints two lines only, so it has no third turn to take."),
        Mistake('schedule = "ABCABC"', "After that `A` and `B` still have one line each to print."),
        Mistake('schedule = "AABBCCAB"', "One turn prints one line: two turns in a row print two lines in a row."),
    ),
)

# ---- traffic --------------------------------------------------------------------------------------------------------


def check_traffic(answer: Answer) -> None:
    traffic = answer.generator_function("traffic")
    for turns, wanted in ((1, "red"), (2, "red\ngreen"), (3, "red\ngreen\nyellow")):
        subject = f"traffic(), after {turns} turn{'s' * (turns > 1)},"
        answer.prints(wanted, subject, lambda turns=turns: in_turns(["traffic"] * turns, traffic()))


TRAFFIC = Parsons(
    name="traffic",
    task="**Put the lines in order.** `traffic` prints `red` in its first turn, `green` in its second "
    "and `yellow` in its third. One line is not needed.",
    solution="""
        def traffic():
            print("red")
            yield
            print("green")
            yield
            print("yellow")
    """,
    distractors=('    print("red", "green")',),
    check=check_traffic,
    hints=("A turn ends at a place to stop, or at the end.", "Three turns, so two places to stop."),
    mistakes=(
        Mistake(
            """
            def traffic():
                print("red")
                print("green")
                yield
                yield
                print("yellow")
            """,
            "Two lights in one turn: there is no place to stop between them.",
        ),
        Mistake(
            """
            def traffic():
                print("red")
                yield
                print("red", "green")
                yield
                print("yellow")
            """,
            "In the second turn one light is on, not two.",
        ),
        Mistake(
            """
            def traffic():
                yield
                print("red")
                yield
                print("green")
                print("yellow")
            """,
            "It stops in its first turn before any light is on.",
        ),
    ),
)

EXERCISES = (LETTERS_FIRST, ROOM, BRAID, TRAFFIC)
PREDICTIONS: dict[str, dict[str, str]] = {
    "A and B get one turn each. What is printed?": {"1 2 3 x y z": "a-turn-runs-to-the-end"},
    "Will there be an arrow from A to B?": {"yes": "coroutines-call-each-other"},
    "Turn by turn: what happens next?": {},
    "Make them print 1 2 x y 3 z": {},
    "The output that no path gives": {},
}
