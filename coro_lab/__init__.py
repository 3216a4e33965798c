"""Coro Lab: coroutines, recorded, stepped, scheduled, explored and drawn.

`record` runs a program and returns a Trace; everything else makes one too, or shows one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from coro_lab.engine.recorder import record
from coro_lab.engine.scheduler import Scheduler
from coro_lab.engine.stepper import Stepper
from coro_lab.errors import CoroLabError
from coro_lab.ipython import load_ipython_extension
from coro_lab.trace.events import Event, Kind, Lane
from coro_lab.trace.trace import VIEWERS, Trace

if TYPE_CHECKING:
    from coro_lab.engine.backends import run_on
    from coro_lab.engine.explore import Condition, Lock, Queue, explore, interleavings, preemptible
    from coro_lab.engine.threads import run_threads
    from coro_lab.lessons.widgets.chapters import progress_map
    from coro_lab.lessons.widgets.parsons import parsons
    from coro_lab.lessons.widgets.prediction import Quiz, predict
    from coro_lab.measure import cores, costs
    from coro_lab.trace.awaits import awaits
    from coro_lab.views.plots import timeline
    from coro_lab.views.plots.cores import heat_map, lanes, laws
    from coro_lab.views.plots.costs import cost_curves, waiting_bars
    from coro_lab.views.plots.lattice import lattice
    from coro_lab.views.widgets.engines import EnginesWidget
    from coro_lab.views.widgets.player import Player
    from coro_lab.views.widgets.scheduler import SchedulerWidget
    from coro_lab.views.widgets.stepper import StepperWidget

__all__ = [
    "Condition",
    "CoroLabError",
    "EnginesWidget",
    "Event",
    "Kind",
    "Lane",
    "Lock",
    "Player",
    "Queue",
    "Quiz",
    "Scheduler",
    "SchedulerWidget",
    "Stepper",
    "StepperWidget",
    "Trace",
    "awaits",
    "cores",
    "cost_curves",
    "costs",
    "explore",
    "heat_map",
    "interleavings",
    "lanes",
    "lattice",
    "laws",
    "load_ipython_extension",
    "parsons",
    "predict",
    "preemptible",
    "progress_map",
    "record",
    "run_on",
    "run_threads",
    "timeline",
    "waiting_bars",
]

_LATER = {
    "Condition": "coro_lab.engine.explore",
    "EnginesWidget": "coro_lab.views.widgets.engines",
    "Lock": "coro_lab.engine.explore",
    "Player": "coro_lab.views.widgets.player",
    "Queue": "coro_lab.engine.explore",
    "Quiz": "coro_lab.lessons.widgets.prediction",
    "SchedulerWidget": "coro_lab.views.widgets.scheduler",
    "StepperWidget": "coro_lab.views.widgets.stepper",
    "awaits": "coro_lab.trace.awaits",
    "cost_curves": "coro_lab.views.plots.costs",
    "explore": "coro_lab.engine.explore",
    "heat_map": "coro_lab.views.plots.cores",
    "interleavings": "coro_lab.engine.explore",
    "lanes": "coro_lab.views.plots.cores",
    "lattice": "coro_lab.views.plots.lattice",
    "laws": "coro_lab.views.plots.cores",
    "parsons": "coro_lab.lessons.widgets.parsons",
    "predict": "coro_lab.lessons.widgets.prediction",
    "preemptible": "coro_lab.engine.explore",
    "progress_map": "coro_lab.lessons.widgets.chapters",
    "run_on": "coro_lab.engine.backends",
    "run_threads": "coro_lab.engine.threads",
    "timeline": "coro_lab.views.plots",
    "waiting_bars": "coro_lab.views.plots.costs",
}
"""What needs ipywidgets or more is imported when it is first asked for, so that the engine alone starts fast."""

_PARTS = ("cores", "costs")  # modules of coro_lab.measure


def _later(module: str, name: str) -> Callable[..., Any]:
    """The function of this name, whose module is imported when it is first called."""
    return lambda *given, **options: getattr(import_module(module), name)(*given, **options)


VIEWERS.update(
    save_html=_later("coro_lab.views.html_page", "save"),
    _repr_mimebundle_=_later("coro_lab.views.display", "show"),
    _repr_html_=_later("coro_lab.views.display", "as_html"),
    _display_=_later("coro_lab.views.display", "view"),
)


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return import_module(f"coro_lab.measure.{name}")
    if name not in _LATER:
        raise AttributeError(f"module 'coro_lab' has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
