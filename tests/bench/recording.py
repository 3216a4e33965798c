"""What does it cost to record, to schedule, to import and to draw?

Each figure is a ratio of two things measured in turns in one run, and told as the median of the turns where nothing
else is said. Beside it stands the most that it may be.
"""

from __future__ import annotations

import bdb
import gc
import runpy
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Generator
from statistics import median
from types import FrameType

from coro_lab import Scheduler, Trace, record

ITEMS = 2_000
TURNS = 25


def consumer() -> Generator[str, int, None]:
    r = ""
    while True:
        n = yield r
        if not n:
            return
        r = "200 OK"


def produce(items: int) -> str:
    c = consumer()
    c.send(None)  # type: ignore[arg-type]  # the first send starts it
    for n in range(1, items + 1):
        r = c.send(n)
    c.close()
    return r


class Notebook(bdb.Bdb):
    """What one would write without Coro Lab: each line's number, and the repr of every local there."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[tuple[int, dict[str, str]]] = []

    def user_line(self, frame: FrameType) -> None:
        self.pages.append((frame.f_lineno, {name: repr(value) for name, value in frame.f_locals.items()}))


def by_bdb() -> None:
    Notebook().runcall(produce, ITEMS)


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def ratio(work: Callable[[], object], base: Callable[[], object], turns: int = TURNS) -> float:
    """How many times as long the one takes as the other."""
    work(), base()
    return median(seconds(work) / seconds(base) for _ in range(turns))


# -- recording --------------------------------------------------------------------------------------------------------


def recorded(**options: bool) -> Callable[[], Trace]:
    return lambda: record(produce, ITEMS, max_events=1_000_000, **options)


def elsewhere() -> Callable[[], int]:
    """Work that is not the learner's, as a library's is: its file lies in the library."""
    source = "def work():\n    total = 0\n    for n in range(400_000):\n        total += helper(n)\n    return total\n"
    source += "def helper(n):\n    return n % 7\n"
    namespace: dict[str, Callable[[], int]] = {}
    exec(compile(source, subprocess.__file__, "exec"), namespace)
    return namespace["work"]


def foreign_code_while_recording() -> float:
    work, taken = elsewhere(), []

    def program() -> None:
        produce(10)
        taken.append(seconds(work))

    def turn() -> float:
        alone = seconds(work)
        record(program)
        return taken.pop() / alone

    turn()
    return median(turn() for _ in range(TURNS))


def learners_code_after_recording() -> float:
    """The program, once it was recorded, over a copy of it that never was; each turn has copies of its own, for how
    fast code is depends by some hundredths on where in memory it happens to lie."""

    def copy() -> Callable[[int], object]:
        program: Callable[[int], object] = runpy.run_path(__file__)["produce"]
        return program

    def turn() -> float:
        once, never = copy(), copy()
        record(once, 10)
        times = [(seconds(lambda: once(20_000)), seconds(lambda: never(20_000))) for _ in range(5)]
        return min(after for after, _ in times) / min(alone for _, alone in times)

    return median(turn() for _ in range(TURNS))


def steps(generators: list[Generator[None, None, None]]) -> float:
    """How long a recorded program takes to resume each of these once."""
    taken: list[float] = []
    record(lambda: taken.append(seconds(lambda: [next(each) for each in generators])), max_events=1_000_000)
    return taken[0]


def generators_made_before() -> float:
    """Generators that were begun before the recording, with half a million objects more in memory and without."""

    def begun() -> list[Generator[None, None, None]]:
        generators = [task(2) for _ in range(ITEMS)]
        for each in generators:
            next(each)
        return generators

    def turn() -> float:
        few = steps(begun())
        crowd = [[number] for number in range(500_000)]
        many = steps(begun())
        return many / few if crowd else 0.0

    return median(turn() for _ in range(TURNS // 2))


# -- importing, scheduling, drawing -----------------------------------------------------------------------------------


def import_seconds() -> float:
    """How long `import coro_lab` takes in a fresh process, over a bare one."""

    def process(code: str) -> float:
        return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    process("import coro_lab")
    return median(process("import coro_lab") - process("pass") for _ in range(TURNS))


def task(steps: int) -> Generator[None, None, None]:
    for _ in range(steps):
        yield


def bare_round_robin() -> None:
    ready = deque(task(20_000) for _ in range(10))
    while ready:
        current = ready.popleft()
        try:
            next(current)
        except StopIteration:
            continue
        ready.append(current)


def scheduled() -> None:
    scheduler = Scheduler()
    for _ in range(10):
        scheduler.spawn(task(20_000))
    scheduler.run_bare()


def trace_of(events: int) -> Trace:
    """The first `events` events of the consumer and producer."""
    trace = record(produce, events, max_events=1_000_000)
    return Trace(trace.events[:events], trace.lanes)


def timeline_seconds(events: int) -> float:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from coro_lab import timeline

    def drawn() -> None:
        timeline(trace).figure.canvas.draw()
        plt.close("all")

    trace = trace_of(events)
    drawn()
    return median(seconds(drawn) for _ in range(5))


# -- the figures ------------------------------------------------------------------------------------------------------


def run() -> None:
    """Print each figure, what was asked for, and whether it is met."""
    tell("recording with lines, values and locals / bdb", ratio(recorded(), by_bdb), 0.7)
    tell("recording without lines / bdb", ratio(recorded(lines=False), by_bdb), 0.25)
    trace = record(produce, ITEMS, max_events=1_000_000)
    read = seconds(lambda: trace.events) / len(trace.events) * 1e6
    print(f"{len(trace.events):,} events, when they are first read: {read:.2f} µs each")
    tell("code that is not recorded, while recording / alone", foreign_code_while_recording(), 1.05)
    tell("the learner's code, once it was recorded / never", learners_code_after_recording(), 1.05)
    tell("generators made before, with 500,000 objects more / without", generators_made_before(), 1.5)
    tell("Scheduler.run_bare / bare deque", ratio(scheduled, bare_round_robin), 1.6)
    tell("import coro_lab", import_seconds(), 0.15, " s")
    tell("timeline() of 60 events, drawn", timeline_seconds(60), 0.25, " s")
    tell("timeline() of 10,000 events, drawn", timeline_seconds(10_000), 3, " s")


def tell(what: str, figure: float, asked: float, unit: str = "") -> None:
    met = "met" if figure <= asked else "missed"
    print(f"{what}: {figure:.3f}{unit} (at most {asked}{unit}: {met})", flush=True)


if __name__ == "__main__":
    run()
