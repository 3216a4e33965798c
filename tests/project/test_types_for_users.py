"""What a type checker finds in a program that uses coro_lab: the wrong values and arguments, and nothing else."""

import re
import subprocess
import sys

import pytest

from tests.places import ROOT

PROGRAM = """
import asyncio
from collections.abc import Generator, Iterator

from coro_lab import (
    Difference, Event, Exploration, Interleavings, Kind, Lane, Player, Scheduler, Stepper, Trace, costs, explore,
    interleavings, record,
)
from coro_lab.costs import Costs


def averager(start: int = 0) -> Generator[float, int, str]:
    total = float(start)
    while total < 100:
        total += yield total
    return "enough"


def numbers(to: int, *, by: int = 1) -> Iterator[int]:
    yield from range(0, to, by)


async def answer(after: float) -> int:
    await asyncio.sleep(after)
    return 42


# -- record takes what the program takes
trace: Trace = record(numbers, 3, by=2)
record(numbers, 3, by=2, lines=False, max_events=1_000)
record(answer, 0.1)
record(numbers, "3")  # call-overload
record(numbers)  # call-overload
record(answer, after="soon")  # call-overload


async def notebook() -> Trace:
    return await record(answer(0.1))


# -- a stepper knows what its generator yields, takes and returns
stepper: Stepper[float, int, str] = Stepper(averager, 10)
stepper.next().send(1).send("x")  # arg-type
value: float | str | None = stepper.value
text: str = stepper.value  # assignment
Stepper(averager, "10")  # call-overload
Stepper(averager, 10, max_events=50).next().send(None).back().close()
Stepper(answer, 0.1).next().throw(ValueError("no"))
Stepper(numbers, 3).next().send("anything")

# -- a trace is a sequence of events
first: Event = trace[0]
some: tuple[Event, ...] = trace[1:3]
values: list[str | None] = [event.value for event in trace.of("averager", kind="resume")]
name: str = first.lane.name
lane: Lane = trace.lane("numbers")
difference: Difference | None = trace.diff(record(numbers, 4))
trace.of("averager", kind=3)  # arg-type
trace.diff("another")  # arg-type

# -- widgets, schedulers, orders, measurements
Player(trace, index=3, title="a run")
Player(stepper)
Player(trace, indx=3)  # call-arg
scheduler = Scheduler()
scheduler.spawn(averager(), "A")
scheduler.spawn(averager)  # arg-type
found: Exploration = explore({"A": averager, "B": averager})
orders: Interleavings = interleavings({"A": averager})
spent: Costs = costs.measure()
kind: Kind = first.kind
"""


@pytest.mark.integration
def test_a_type_checker_finds_the_wrong_lines_and_no_others(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    options = ["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache")]
    # a separate process, because mypy changes how deep Python's stack may grow and when its garbage is collected
    command = [sys.executable, "-m", "mypy", *options, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    report, problem = done.stdout, done.stderr
    found = {int(line): kind for line, kind in re.findall(r"program\.py:(\d+): error: .*\[([\w-]+)\]", report)}
    marked = re.compile(r"  # ([\w-]+)$")
    wrong = {n: mark[1] for n, line in enumerate(PROGRAM.splitlines(), 1) if (mark := marked.search(line))}
    assert (found, problem) == (wrong, ""), report
