"""growing_map(job): measure a job over processes × coroutines, in a heat map that fills while it measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from coro_lab.engine.progress_bar import in_notebook
from coro_lab.measure.cores.jobs import Job
from coro_lab.measure.cores.survey_results import Cell, Survey
from coro_lab.measure.cores.surveying import COROUTINES, planned, survey
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget

MODULES = (*frontend.PAGE, "race/heat_map.js")


class HeatMap(LabWidget):
    """The pages a second that were measured so far, over processes and coroutines."""

    _esm = frontend.joined(*MODULES)
    _css = frontend.joined_styles("race/heat_map.css")

    processes: traitlets.List[int] = traitlets.List().tag(sync=True)
    coroutines: traitlets.List[int] = traitlets.List().tag(sync=True)
    planned = traitlets.Int(0).tag(sync=True)
    cells: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    over = traitlets.Bool(False).tag(sync=True)

    def add(self, cell: Cell) -> None:
        """One more cell was measured."""
        seen = {"processes": cell.processes, "coroutines": cell.coroutines, "throughput": cell.throughput}
        self.cells = [*self.cells, seen]

    def __repr__(self) -> str:
        return "HeatMap of pages a second, over processes and coroutines"


def growing_map(
    job: Job, processes: Sequence[int] | None = None, coroutines: Sequence[int] = COROUTINES, *, budget: float = 20.0
) -> Survey:
    """Measure a job as `cores.survey` does, and show a heat map that fills while it measures. Returns the Survey.

    A cell shows the pages a second of some processes with some coroutines each; more is darker. The last one
    measured has a frame. `budget` is in seconds. Outside of a notebook nothing is shown. Raises JobError and
    ArgumentError as `cores.survey` does.

    >>> from coro_lab import cores
    >>> with cores.serve() as address:
    ...     growing_map(cores.Job(address, delay=0.0), [1], [1, 2], budget=1)
    <Survey of up to 1 × 2 coroutines: 2 cells>
    """
    rows, columns = planned(processes, coroutines)
    shown = HeatMap(processes=rows, coroutines=columns, planned=len(rows) * len(columns))
    if in_notebook():
        from IPython.display import display

        display(shown)
    try:
        return survey(job, processes, coroutines, budget=budget, shown=False, report=shown.add)
    finally:
        shown.over = True
