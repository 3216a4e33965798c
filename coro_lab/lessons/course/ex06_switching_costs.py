"""Exercises of notebook 06: counting switches, and knowing when their price matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.events import Kind
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "06-switching-costs"
TITLE = "Switching costs"

# ---- per_switch -----------------------------------------------------------------------------------------------------


def check_per_switch(answer: Answer) -> None:
    function = answer.function("per_switch", "seconds", "turns", "tasks")
    for wanted, given in ((50.0, (0.5, 10_000, 1_000)), (200.0, (0.004, 20_000, 1))):
        call = f"per_switch{given}"
        trace = answer.run(call, function, *given)
        got = trace.result
        if not isinstance(got, int | float) or abs(got - wanted) > 1e-6:
            raise NotYet(f"{call} returns {describe(got)}; {wanted} is asked for.", trace=trace, index=-1)


PER_SWITCH = Exercise(
    name="per_switch",
    task="**Change one line.** A ring of `tasks` generators was turned `turns` times, which took `seconds` in all. "
    "`per_switch` shall return the nanoseconds of one task switch; now it returns those of one turn.",
    starter="""
        def per_switch(seconds, turns, tasks):
            return seconds / turns * 1e9
    """,
    solution="""
        def per_switch(seconds, turns, tasks):
            return seconds / (turns * tasks) * 1e9
    """,
    check=check_per_switch,
    hints=(
        "One turn resumes each task once. How many task switches are `turns` turns?",
        "Divide by the number of task switches. Mind the order of `/` and `*`: parentheses help.",
    ),
    mistakes=(
        Mistake(
            """
            def per_switch(seconds, turns, tasks):
                return seconds / turns * tasks * 1e9
            """,
            "Without parentheses, Python divides by `turns` and multiplies by `tasks`.",
        ),
        Mistake(
            """
            def per_switch(seconds, turns, tasks):
                return seconds / tasks * 1e9
            """,
            "Each of the turns makes as many task switches as there are tasks.",
        ),
        Mistake(
            """
            def per_switch(seconds, turns, tasks):
                return seconds / (turns * tasks)
            """,
            "That is in seconds; one second has 1e9 nanoseconds.",
        ),
    ),
)

# ---- turn_ring ------------------------------------------------------------------------------------------------------


def check_turn_ring(answer: Answer) -> None:
    turn_ring = answer.function("turn_ring", "ring", "turns")
    task = answer.get("task")

    def turned() -> Any:
        ring = [task() for _ in range(3)]
        for each in ring:
            each.send(None)
        return turn_ring(ring, 4)

    trace = answer.run("turn_ring, with 3 tasks and 4 turns,", turned)
    resumed = [event.lane.name for event in trace.of(kind=Kind.RESUME)]
    if len(resumed) != 12:
        raise NotYet(f"3 tasks and 4 turns make {len(resumed)} task switches; 12 are asked for.", trace=trace, index=-1)
    if resumed[:3] != ["task", "task 2", "task 3"]:
        order = ", ".join(resumed[:3])
        raise NotYet(f"The first three to be resumed are {order}; each of the three once is asked for.", trace=trace)
    if trace.result != 12:
        raise NotYet(
            f"turn_ring returns {describe(trace.result)}; the number of task switches, 12, is asked for.", trace=trace
        )


TURN_RING = Exercise(
    name="turn_ring",
    task="**Write it.** `turn_ring(ring, turns)` turns the ring `turns` times: each turn resumes every "
    "generator of the list once, one after the other. It returns how many task switches it has made.",
    given="""
    def task():
        while True:
            yield
    """,
    starter="""
        def turn_ring(ring, turns):
            switches = 0
            ...
            return switches
    """,
    solution="""
        def turn_ring(ring, turns):
            switches = 0
            for _ in range(turns):
                for each in ring:
                    each.send(None)
                    switches = switches + 1
            return switches
    """,
    check=check_turn_ring,
    hints=(
        "Two loops, one inside the other: turns outside, tasks inside.",
        "The generators were started already; `each.send(None)` resumes one of them.",
    ),
    mistakes=(
        Mistake(
            """
            def turn_ring(ring, turns):
                switches = 0
                for each in ring:
                    for _ in range(turns):
                        each.send(None)
                        switches = switches + 1
                return switches
            """,
            "The loops are the wrong way round: one task gets all of its turns at once.",
        ),
        Mistake(
            """
            def turn_ring(ring, turns):
                for each in ring:
                    each.send(None)
                return len(ring) * turns
            """,
            "The number is right, but the ring was turned only once.",
        ),
        Mistake(
            """
            def turn_ring(ring, turns):
                switches = 0
                for _ in range(turns):
                    for each in ring:
                        each.send(None)
                    switches = switches + 1
                return switches
            """,
            "That counts the turns. Each `send` is a switch to another task, so count there.",
        ),
    ),
)

# ---- share_of_switching ---------------------------------------------------------------------------------------------


def check_share(answer: Answer) -> None:
    share = answer.function("share_of_switching", "switch", "work")
    for wanted, given in ((0.5, (10, 10)), (0.2, (1, 4)), (0.0, (0, 7))):
        answer.returns(wanted, share, *given)


SHARE = Exercise(
    name="share_of_switching",
    task="**Write it.** A task works for `work` nanoseconds and then costs one `switch`, over and over. "
    "`share_of_switching` returns which part of all the time goes into switching: 0.5 where both take the same.",
    starter="""
        def share_of_switching(switch, work):
            ...
    """,
    solution="""
        def share_of_switching(switch, work):
            return switch / (switch + work)
    """,
    check=check_share,
    hints=(
        "A part of the time is the time for switching, divided by the whole time.",
        "The whole time is that of one switch and of the work before it.",
    ),
    mistakes=(
        Mistake(
            """
            def share_of_switching(switch, work):
                return switch / work
            """,
            "That compares the two with each other. The whole time is both together.",
        ),
        Mistake(
            """
            def share_of_switching(switch, work):
                return work / (switch + work)
            """,
            "That is the share of the work.",
        ),
        Mistake(
            """
            def share_of_switching(switch, work):
                return switch / switch + work
            """,
            "Python divides before it adds: parentheses are missing.",
        ),
    ),
)

# ---- measure --------------------------------------------------------------------------------------------------------


def check_measure(answer: Answer) -> None:
    measure = answer.function("measure", "ring", "turns", "clock")
    sends = 0

    def counting() -> Iterator[None]:
        nonlocal sends
        while True:
            yield
            sends += 1

    ring = [counting() for _ in range(3)]
    for each in ring:
        next(each)
    trace = answer.run("measure(ring, 4, clock)", lambda: measure(ring, 4, lambda: 5.0 * sends))
    if trace.result != 5.0:
        got = describe(trace.result)
        raise NotYet(
            f"With a clock that goes on by 5 at each task switch, measure returns {got}; 5.0 is asked for.",
            trace=trace,
            index=-1,
        )
    if sends != 12:
        raise NotYet(f"3 tasks and 4 turns make {sends} task switches; 12 are asked for.", trace=trace, index=-1)


MEASURE = Parsons(
    name="measure",
    task="**Put the lines in order.** `measure` looks at the clock, turns the ring, looks again, and "
    "returns the time of one task switch. Two lines are not needed.",
    solution="""
        def measure(ring, turns, clock):
            begin = clock()
            for _ in range(turns):
                for each in ring:
                    each.send(None)
            return (clock() - begin) / (turns * len(ring))
    """,
    distractors=("        each.send(None)", "            begin = clock()"),
    check=check_measure,
    hints=(
        "The clock is looked at once before everything, and once after.",
        "How many task switches are there in all?",
    ),
    mistakes=(
        Mistake(
            """
            def measure(ring, turns, clock):
                for _ in range(turns):
                    for each in ring:
                        each.send(None)
                begin = clock()
                return (clock() - begin) / (turns * len(ring))
            """,
            "Nothing happens between the two looks at the clock.",
        ),
        Mistake(
            """
            def measure(ring, turns, clock):
                begin = clock()
                for _ in range(turns):
                    for each in ring:
                        each.send(None)
                    each.send(None)
                return (clock() - begin) / (turns * len(ring))
            """,
            "The last task is resumed twice in each turn.",
        ),
        Mistake(
            """
            def measure(ring, turns, clock):
                for _ in range(turns):
                    for each in ring:
                        begin = clock()
                        each.send(None)
                return (clock() - begin) / (turns * len(ring))
            """,
            "The beginning is overwritten each time, so only the last task switch is measured.",
        ),
    ),
)

EXERCISES = (PER_SWITCH, TURN_RING, SHARE, MEASURE)
PREDICTIONS: dict[str, dict[str, str]] = {
    "One turn of 1,000 generators takes 30 microseconds. How long does one task switch take?": {
        "30 microseconds": "a-turn-is-one-switch"
    },
    "Which of these mechanisms need the kernel for every switch?": {
        "[]": "threads-belong-to-python",
        "['asyncio', 'thread, lock', 'thread, queue']": "asyncio-runs-tasks-in-threads",
    },
}
