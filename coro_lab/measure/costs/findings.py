"""The finding of a measurement of switches or connections: the sentence above its figure.

It compares the pair that the lesson is about. If that was not measured, it compares the dearest and the cheapest
mechanism with the same number of tasks; if there is only one, it says what that costs.
"""

from __future__ import annotations

from collections.abc import Sequence

from coro_lab.measure.costs.results import Cost, Costs, in_bytes
from coro_lab.measure.costs.waiting import Waiting

PAIR = frozenset({"send", "thread, lock"})
EQUAL = 1.05  # up to this ratio two costs are called the same
PHRASES = {
    "function call": "a function call",
    "send": "a send",
    "Scheduler": "a Scheduler switch",
    "asyncio": "an asyncio switch",
    "greenlet": "a greenlet switch",
    "thread, lock": "a thread hand-over",
    "thread, queue": "a thread hand-over by queue",
}


def finding(result: Costs) -> str:
    """What the figure of these costs shows, in one sentence; the result has at least one cost."""
    by_tasks = {tasks: [cost for cost in result.costs if cost.tasks == tasks] for tasks in result.tasks}
    pairs = [cost for costs in by_tasks.values() if _names(costs) >= PAIR for cost in costs if cost.mechanism in PAIR]
    _, tasks = max((len(costs), tasks) for tasks, costs in by_tasks.items())
    compared = sorted(pairs[-2:] or by_tasks[tasks], key=lambda cost: cost.ns)
    if len(compared) < 2:
        return _describe_each(result)
    cheap, dear = compared[0], compared[-1]
    beginning = f"With {_alive(cheap.tasks)}, {_phrase(dear)} costs "
    if dear.ns < EQUAL * cheap.ns:
        return f"{beginning}as much as {_phrase(cheap)}"
    return f"{beginning}{times(dear.ns / cheap.ns)} {_phrase(cheap)}"


def waiting_finding(waits: Sequence[Waiting]) -> str:
    """What the bar chart of these ways to wait shows, in one sentence."""
    first, last = waits[0], waits[-1]
    if first is last or min(last.throughput, first.memory, last.memory) <= 0:
        parts = [f"{w.way}: {w.throughput:,.0f} replies a second, {in_bytes(w.memory)} a connection" for w in waits]
        return _capitalized("; ".join(parts))
    replies, memory = first.throughput / last.throughput, first.memory / last.memory
    return _capitalized(f"{first.way}: {times(replies)} the replies of {last.way}, {times(memory)} the memory")


def times(ratio: float) -> str:
    """A ratio in words, rounded to the digits that a measurement can support.

    >>> times(1224.6), times(6.43), times(0.94), times(0.0042)
    ('1,225 times', '6.4 times', '0.9 times', '0.004 times')
    """
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times" if ratio >= 0.1 else f"{ratio:.1g} times"


def in_time(ns: float) -> str:
    """A number of nanoseconds in a unit that is easy to read.

    >>> in_time(36.2), in_time(2900), in_time(1_000_000)
    ('36 ns', '2.9 µs', '1 ms')
    """
    unit, size = next((u, s) for u, s in (("ms", 1e6), ("µs", 1e3), ("ns", 1)) if ns >= s or u == "ns")
    return f"{ns / size:.2g} {unit}" if ns / size < 10 else f"{ns / size:.0f} {unit}"


def _describe_each(result: Costs) -> str:
    """What each mechanism costs with its fewest and its most tasks, for a result in which no two can be compared."""
    parts = []
    for name in dict.fromkeys(cost.mechanism for cost in result.costs):
        few, most = result.of(name)[0], result.of(name)[-1]
        part = f"{_phrase(few)} costs {in_time(few.ns)} with {_alive(few.tasks)}"
        parts.append(part if few is most else f"{part}, {in_time(most.ns)} with {most.tasks:,}")
    return _capitalized("; ".join(parts))


def _capitalized(text: str) -> str:
    return text[0].upper() + text[1:]


def _names(costs: Sequence[Cost]) -> set[str]:
    return {cost.mechanism for cost in costs}


def _phrase(cost: Cost) -> str:
    return PHRASES.get(cost.mechanism, f"a switch by {cost.mechanism}")


def _alive(tasks: int) -> str:
    return f"{tasks:,} task{'s' * (tasks > 1)} alive"
