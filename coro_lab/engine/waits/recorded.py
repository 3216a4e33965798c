"""Who waits for what at one step of a recorded run, as far as its events say.

A recording keeps no objects, only what each lane awaits, as its author wrote it. So it does not say who holds a lock.
"""

from __future__ import annotations

from coro_lab.engine.waits.members import numbered
from coro_lab.engine.waits.result import RUNS, WAITS, Wait, Waits
from coro_lab.trace.events import LEAVES, SWITCHES, Event, Kind
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.trace import Trace

keep_builtins(globals())


def look_back(trace: Trace, step: int) -> Waits:
    """Who waits for what at the end of this step."""
    switched: dict[int, Event] = {}  # by lane: how control came to it or left it last
    awaited: dict[int, Event] = {}  # by lane: its last await
    tasks: dict[str | int, list[int]] = {}  # the lanes of each task that have begun, in order
    runs: int | None = None
    for event in trace.events:
        if event.step > step:
            break
        if event.kind is Kind.AWAIT:
            awaited[event.lane] = event
        elif event.kind in SWITCHES:
            if event.lane not in switched:
                tasks.setdefault(trace.lanes[event.lane].task or event.lane, []).append(event.lane)
            switched[event.lane] = event
            runs = None if event.kind in LEAVES and event.peer is None else event.lane
    rows = []
    for lanes in tasks.values():
        alive = [each for each in lanes if switched[each].kind not in (Kind.RETURN, Kind.RAISE)]
        if alive and trace.lanes[lanes[0]].kind != "function":
            rows.append(_row(trace, lanes[0], alive[-1], switched[alive[-1]], awaited.get(alive[-1]), runs in lanes))
    names = numbered([row.task for row in rows])
    return Waits(
        tuple(Wait(name, row.does, row.what, row.where, stuck=False) for name, row in zip(names, rows, strict=True))
    )


def _row(trace: Trace, outermost: int, innermost: int, left: Event, awaited: Event | None, runs: bool) -> Wait:
    """One task whose innermost lane was left by this event."""
    where = f"line {left.line} in {trace.lanes[innermost].name}" if left.line else ""
    if runs:
        return Wait(trace.lanes[outermost].name, RUNS, "", where, stuck=False)
    what = (awaited and awaited.value) or "its next turn"
    return Wait(trace.lanes[outermost].name, WAITS, what, where, stuck=False)
