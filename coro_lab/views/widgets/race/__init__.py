"""Race(one, ten): measured runs of a job on one clock, each coroutine a lane in real time, played in slow motion.

All that moves was measured: the widget gets the times of `cores.run`, and the front end needs no kernel.
"""

from __future__ import annotations

from typing import Any

import traitlets

from coro_lab.errors import ArgumentError, advice
from coro_lab.measure.cores.running import Run
from coro_lab.trace.safe_repr import describe
from coro_lab.views.palette import styles
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget

MODULES = (*frontend.PAGE, "race/race.js")
MOST_PAGES = 2_000
"""Pages of all runs together; each is a bar that is stored in the notebook."""


class Race(LabWidget):
    """Runs that `cores.run` returned, side by side on one clock: who waits, who computes, how many pages are done.

    A lane is a coroutine, and the lanes of a process have one colour; solid is computing, thin and hatched is waiting
    for a page or for a turn. `runs` holds the measured times in seconds, each from the begin of its run. Raises
    ArgumentError for anything but one or more Runs, and for more than 2,000 pages.

    >>> from coro_lab import cores
    >>> spans = (cores.Span(0, page=0, begin=5.0, computing=5.05, end=5.06),)
    >>> Race(cores.Run(cores.Job("127.0.0.1:8000"), 1, 1, {0: 3}, {}, 0, 0, seconds=0.06, lanes=((1, spans),)))
    Race(1 process × 1 coroutine: 1 page)
    """

    _esm = frontend.joined(*MODULES)
    _css = frontend.joined_styles("race/race.css")

    runs: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self, *runs: Run) -> None:
        wrong = [run for run in runs if not isinstance(run, Run)]
        if wrong or not runs:
            wrote = ", ".join(map(describe, runs))
            what = "A Race is between runs that cores.run returned."
            said = advice(what, f"Race({wrote})", "Race(cores.run(job, 1, 1), cores.run(job, 1, 10))")
            raise ArgumentError(said, argument="runs", given=wrote)
        pages = sum(len(spans) for run in runs for _, spans in run.lanes)
        if pages > MOST_PAGES:
            said = f"These runs have {pages:,} pages; a Race stores each of them, and takes {MOST_PAGES:,}."
            raise ArgumentError(f"{said}\n  Write: cores.Job(address, pages=100)", argument="runs", given=str(pages))
        super().__init__(runs=[_measured(run) for run in runs])

    def __repr__(self) -> str:
        return f"Race({'; '.join(f'{run["name"]}: {_count(run["pages"], "page")}' for run in self.runs)})"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _measured(run: Run) -> dict[str, Any]:
    """The times of a run, from its begin, for the front end."""
    begin = min((span.begin for _, spans in run.lanes for span in spans), default=0.0)
    looks = styles(f"process {number + 1}" for number, _ in enumerate(run.lanes))
    lanes = [
        {"process": number + 1, "coroutine": coroutine + 1, "light": look.colour, "dark": look.dark, "bars": bars}
        for number, (look, (_, spans)) in enumerate(zip(looks, run.lanes, strict=True))
        for coroutine in sorted({span.coroutine for span in spans})
        if (
            bars := [
                [round(at - begin, 5) for at in (span.begin, span.computing, span.end)]
                for span in spans
                if span.coroutine == coroutine
            ]
        )
    ]
    name = f"{_count(run.processes, 'process', 'processes')} × {_count(run.coroutines, 'coroutine')}"
    return {"name": name, "pages": len(run.primes), "lanes": lanes}
