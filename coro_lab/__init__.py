"""Coro Lab: coroutines, recorded, stepped, scheduled, explored and drawn.

`record` runs a program and returns a Trace; everything else makes one too, or shows one.

A name with a capital is a class: `Stepper`, `Player`, `Trace`. The widget of a class has its name and `Widget`:
`StepperWidget`, `SchedulerWidget`. A lower-case name is a function: it does something, and returns a value, a picture
or a widget to look at: `record`, `timeline`, `predict`.
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
from coro_lab.trace.events import Event, Kind, Lane, LaneIndex, Source
from coro_lab.trace.packages import needs
from coro_lab.trace.trace import VIEWERS, Difference, Trace

if TYPE_CHECKING:
    from coro_lab import cores, costs
    from coro_lab.engine.backends import run_on
    from coro_lab.engine.explore import (
        Condition,
        Exploration,
        Finding,
        Interleavings,
        Lock,
        Order,
        Queue,
        TaskWait,
        assert_every_order,
        explore,
        interleavings,
        preemptible,
        replay,
    )
    from coro_lab.engine.threads import ThreadsOutcome, run_threads
    from coro_lab.engine.waits import WaitRow, Waits, waits, watch_loop
    from coro_lab.lessons.widgets.chapters import ProgressMap, progress_map
    from coro_lab.lessons.widgets.glossary import Glossary
    from coro_lab.lessons.widgets.parsons import ParsonsBox, parsons
    from coro_lab.lessons.widgets.prediction import Prediction, PredictionBox, predict
    from coro_lab.lessons.widgets.quiz import Quiz
    from coro_lab.trace.awaits import Await, Awaits, awaits
    from coro_lab.trace.cancels import Cancel, Cancels, cancels
    from coro_lab.trace.families import Families, families
    from coro_lab.views.links import share
    from coro_lab.views.plots.cores import heat_map, lanes, laws
    from coro_lab.views.plots.costs import cost_curves, waiting_bars
    from coro_lab.views.plots.lattice import lattice
    from coro_lab.views.plots.timeline import timeline
    from coro_lab.views.plots.wait_graph import wait_graph
    from coro_lab.views.widgets.engines import Engines
    from coro_lab.views.widgets.player import Player
    from coro_lab.views.widgets.race import Race
    from coro_lab.views.widgets.race.heat_map import growing_map
    from coro_lab.views.widgets.scheduler import SchedulerWidget
    from coro_lab.views.widgets.scheduler.paths import Paths
    from coro_lab.views.widgets.stepper import StepperWidget

__version__ = "0.1.0"

__all__ = [
    "Await",
    "Awaits",
    "Cancel",
    "Cancels",
    "Condition",
    "CoroLabError",
    "Difference",
    "Engines",
    "Event",
    "Exploration",
    "Families",
    "Finding",
    "Glossary",
    "Interleavings",
    "Kind",
    "Lane",
    "LaneIndex",
    "Lock",
    "Order",
    "ParsonsBox",
    "Paths",
    "Player",
    "Prediction",
    "PredictionBox",
    "ProgressMap",
    "Queue",
    "Quiz",
    "Race",
    "Scheduler",
    "SchedulerWidget",
    "Source",
    "Stepper",
    "StepperWidget",
    "TaskWait",
    "ThreadsOutcome",
    "Trace",
    "WaitRow",
    "Waits",
    "assert_every_order",
    "awaits",
    "cancels",
    "cores",
    "cost_curves",
    "costs",
    "explore",
    "families",
    "growing_map",
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
    "replay",
    "run_on",
    "run_threads",
    "share",
    "timeline",
    "wait_graph",
    "waiting_bars",
    "waits",
    "watch_loop",
]

_LATER = {
    "Await": "coro_lab.trace.awaits",
    "Awaits": "coro_lab.trace.awaits",
    "Cancel": "coro_lab.trace.cancels",
    "Cancels": "coro_lab.trace.cancels",
    "Condition": "coro_lab.engine.explore",
    "Engines": "coro_lab.views.widgets.engines",
    "Exploration": "coro_lab.engine.explore",
    "Families": "coro_lab.trace.families",
    "Finding": "coro_lab.engine.explore",
    "Glossary": "coro_lab.lessons.widgets.glossary",
    "Interleavings": "coro_lab.engine.explore",
    "Lock": "coro_lab.engine.explore",
    "Order": "coro_lab.engine.explore",
    "ParsonsBox": "coro_lab.lessons.widgets.parsons",
    "Paths": "coro_lab.views.widgets.scheduler.paths",
    "Player": "coro_lab.views.widgets.player",
    "Prediction": "coro_lab.lessons.widgets.prediction",
    "PredictionBox": "coro_lab.lessons.widgets.prediction",
    "ProgressMap": "coro_lab.lessons.widgets.chapters",
    "Queue": "coro_lab.engine.explore",
    "Quiz": "coro_lab.lessons.widgets.quiz",
    "Race": "coro_lab.views.widgets.race",
    "SchedulerWidget": "coro_lab.views.widgets.scheduler",
    "StepperWidget": "coro_lab.views.widgets.stepper",
    "TaskWait": "coro_lab.engine.explore",
    "ThreadsOutcome": "coro_lab.engine.threads",
    "WaitRow": "coro_lab.engine.waits",
    "Waits": "coro_lab.engine.waits",
    "assert_every_order": "coro_lab.engine.explore",
    "awaits": "coro_lab.trace.awaits",
    "cancels": "coro_lab.trace.cancels",
    "cost_curves": "coro_lab.views.plots.costs",
    "explore": "coro_lab.engine.explore",
    "families": "coro_lab.trace.families",
    "growing_map": "coro_lab.views.widgets.race.heat_map",
    "heat_map": "coro_lab.views.plots.cores",
    "interleavings": "coro_lab.engine.explore",
    "lanes": "coro_lab.views.plots.cores",
    "lattice": "coro_lab.views.plots.lattice",
    "laws": "coro_lab.views.plots.cores",
    "parsons": "coro_lab.lessons.widgets.parsons",
    "predict": "coro_lab.lessons.widgets.prediction",
    "preemptible": "coro_lab.engine.explore",
    "progress_map": "coro_lab.lessons.widgets.chapters",
    "replay": "coro_lab.engine.explore",
    "run_on": "coro_lab.engine.backends",
    "run_threads": "coro_lab.engine.threads",
    "share": "coro_lab.views.links",
    "timeline": "coro_lab.views.plots.timeline",
    "wait_graph": "coro_lab.views.plots.wait_graph",
    "waiting_bars": "coro_lab.views.plots.costs",
    "waits": "coro_lab.engine.waits",
    "watch_loop": "coro_lab.engine.waits",
}
"""What needs ipywidgets or more is imported when it is first asked for, so that the engine alone starts fast."""

_PARTS = ("cores", "costs")  # modules, which are imported later as well


def _later(module: str, name: str) -> Callable[..., Any]:
    """The function of this name, whose module is imported when it is first called."""
    return lambda *given, **options: getattr(import_module(module), name)(*given, **options)


VIEWERS.update(
    link=_later("coro_lab.views.links", "link"),
    save_html=_later("coro_lab.views.html_page", "save"),
    _repr_mimebundle_=_later("coro_lab.views.display", "show"),
    _repr_html_=_later("coro_lab.views.display", "as_html"),
    _display_=_later("coro_lab.views.display", "view"),
    difference=_later("coro_lab.views.display", "show_difference"),
    solved=_later("coro_lab.lessons.progress_file", "keep_solved"),  # views lie below the lessons
)


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return import_module(f"coro_lab.{name}")
    if name not in _LATER:
        raise AttributeError(f"module 'coro_lab' has no attribute {name!r}")
    with needs(f"coro_lab.{name}"):
        return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
