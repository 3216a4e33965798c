"""The order in which a reader looks for names: groups, each with the modules whose names it holds.

A name goes to the group with the longest module name that its own begins with, so a new name has a group at once.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.reference.names import Entry, entries


class Group(NamedTuple):
    """A part of the page."""

    title: str
    about: str
    modules: tuple[str, ...]  # in the order in which their names stand in the group


GROUPS = (
    Group(
        "Record a run, and look at it",
        "`record` runs a program and returns a `Trace`. All the others show a `Trace`, or are found in one.",
        (
            "coro_lab.engine.recorder",
            "coro_lab.trace.trace",
            "coro_lab.trace",
            "coro_lab.views.plots.timeline",
            "coro_lab.views.widgets.player",
            "coro_lab.trace.awaits",
            "coro_lab.views",
            "coro_lab.ipython",
            "coro_lab",
        ),
    ),
    Group(
        "Step a generator by hand",
        "You resume a generator or a coroutine, one operation at a time, and can go back.",
        ("coro_lab.engine.stepper", "coro_lab.views.widgets.stepper"),
    ),
    Group(
        "Schedule: who runs next, and on what",
        "The tasks take turns, or follow a schedule: as generators, in asyncio, in threads or in processes.",
        (
            "coro_lab.engine.scheduler",
            "coro_lab.views.widgets.scheduler",
            "coro_lab.engine.backends",
            "coro_lab.engine.threads",
            "coro_lab.views.widgets.engines",
            "coro_lab.engine",
        ),
    ),
    Group(
        "Explore every order",
        "Every order in which tasks can take their steps is run and judged, and the first broken one is kept.",
        (
            "coro_lab.engine.explore.explorer",
            "coro_lab.engine.explore.verdict",
            "coro_lab.engine.explore.interleavings",
            "coro_lab.views.plots.lattice",
            "coro_lab.engine.explore.preemption",
            "coro_lab.engine.explore",
        ),
    ),
    Group(
        "Measure: what a switch costs, and what many cores gain",
        "Import two modules, `from coro_lab import costs, cores`; what draws their results is in `coro_lab` itself.",
        (
            "coro_lab.costs",
            "coro_lab.measure.costs.measuring",
            "coro_lab.measure.costs.waiting",
            "coro_lab.measure.costs.kernel",
            "coro_lab.measure.costs.results",
            "coro_lab.measure.costs.mechanisms",
            "coro_lab.measure.costs",
            "coro_lab.views.plots.costs",
            "coro_lab.cores",
            "coro_lab.measure.page_server",
            "coro_lab.measure.cores.jobs",
            "coro_lab.measure.cores.running",
            "coro_lab.measure.cores.worker_loop",
            "coro_lab.measure.cores.surveying",
            "coro_lab.measure.cores.survey_results",
            "coro_lab.measure.cores.executors",
            "coro_lab.measure.cores.parallelism",
            "coro_lab.measure",
            "coro_lab.views.plots.cores",
        ),
    ),
    Group(
        "The widgets of the course",
        "The notebooks ask questions, set exercises and show the progress with these.",
        ("coro_lab.lessons",),
    ),
    Group(
        "Errors",
        "Import them from `coro_lab.errors`. Each text says what was written, and what to write instead.",
        ("coro_lab.errors",),
    ),
)


def grouped() -> list[tuple[Group, list[Entry]]]:
    """Each group with its names: by module, and within a module functions first, then as they stand in the source."""
    places = {module: (g, m) for g, group in enumerate(GROUPS) for m, module in enumerate(group.modules)}

    def place(entry: Entry) -> tuple[int, int, bool, int]:
        path = entry.item.path
        home = max((module for module in places if f"{path}.".startswith(f"{module}.")), key=len)
        return *places[home], entry.item.is_class, entry.item.lineno or 0

    ordered = sorted(entries(), key=place)
    return [(group, [entry for entry in ordered if place(entry)[0] == number]) for number, group in enumerate(GROUPS)]
