"""What `types.d.ts` says crosses between Python and JavaScript is what Python sends."""

from __future__ import annotations

import json
import re

import pytest
import traitlets

from coro_lab import record
from coro_lab.lessons.misconceptions import MISCONCEPTIONS
from coro_lab.lessons.widgets.chapters import ProgressMap
from coro_lab.lessons.widgets.exercise import ExerciseWidget
from coro_lab.lessons.widgets.glossary import Glossary
from coro_lab.lessons.widgets.learning import Learning, shown_fields
from coro_lab.lessons.widgets.parsons import ParsonsWidget
from coro_lab.lessons.widgets.prediction import Prediction
from coro_lab.trace.events import Kind
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget
from coro_lab.views.widgets.engines import Engines
from coro_lab.views.widgets.player import Player
from coro_lab.views.widgets.race import Race
from coro_lab.views.widgets.race.heat_map import HeatMap
from coro_lab.views.widgets.scheduler import SchedulerWidget
from coro_lab.views.widgets.scheduler.paths import Paths
from coro_lab.views.widgets.stepper import StepperWidget
from tests import racy
from tests.programs import A, B

TYPES = (frontend.FOLDER / "types.d.ts").read_text(encoding="utf-8")
WIDGETS = {
    "PlayerTraits": (Player, LabWidget),
    "StepperTraits": (StepperWidget, Player),
    "EnginesTraits": (Engines, Player),
    "SchedulerTraits": (SchedulerWidget, LabWidget),
    "PathsTraits": (Paths, LabWidget),
    "RaceTraits": (Race, LabWidget),
    "HeatTraits": (HeatMap, LabWidget),
    "LearningTraits": (Learning, LabWidget),
    "ExerciseTraits": (ExerciseWidget, Learning),
    "ParsonsTraits": (ParsonsWidget, ExerciseWidget),
    "PredictionTraits": (Prediction, Learning),
    "ProgressTraits": (ProgressMap, LabWidget),
    "GlossaryTraits": (Glossary, LabWidget),
}
SIMPLE = {
    "number": traitlets.Int,
    "boolean": traitlets.Bool,
    "string": (traitlets.Unicode, traitlets.Enum, traitlets.Instance),
}


def fields(interface: str) -> dict[str, str]:
    """Name -> type of what an interface adds to the one it extends."""
    body = re.search(rf"^interface {interface}(?: extends \w+)? \{{\n(.*?)^\}}", TYPES, re.MULTILINE | re.DOTALL)
    assert body, interface
    return dict(re.findall(r"^  (\w+)\??: (.*);", body[1], re.MULTILINE))


@pytest.mark.parametrize("interface", WIDGETS)
def test_the_traits_of_a_widget_are_those_of_python(interface):
    widget, base = WIDGETS[interface]
    traits = {name: trait for name, trait in widget.class_traits(sync=True).items() if name not in base.class_traits()}
    assert fields(interface).keys() == traits.keys()
    for name, written in fields(interface).items():
        if written in SIMPLE:
            assert isinstance(traits[name], SIMPLE[written]), name


def test_no_interface_of_traits_is_without_its_widget():
    assert set(re.findall(r"^interface (\w+Traits)\b", TYPES, re.MULTILINE)) == WIDGETS.keys()


def test_the_trace_document_has_the_keys_that_python_writes():
    assert list(fields("TraceDocument")) == list(json.loads(record(async_programs.task_group).to_json()))


def test_the_kinds_of_events_are_those_of_python():
    written = re.search(r"^type Kind =\n(.*?);", TYPES, re.MULTILINE | re.DOTALL)
    assert written and re.findall(r'"(\w+)"', written[1]) == [kind.value for kind in Kind]


def counter():
    yield 1


def test_what_the_stepper_shows_has_these_fields():
    assert fields("StepperNow").keys() == StepperWidget(counter).now.keys()


def test_a_run_on_an_engine_and_the_looks_have_these_fields():
    shown = Engines(A, B)
    assert fields("EngineRun").keys() == shown.runs[shown.engine].keys()
    look = re.search(r"^type LaneLook = \[(.*)\];", TYPES, re.MULTILINE)
    assert look and {len(one) for one in shown.looks} == {look[1].count(": string")}


def test_a_program_to_be_scheduled_has_these_fields():
    coroutines = {"A": racy.increment, "B": racy.increment}
    widget = SchedulerWidget(coroutines, setup=racy.Tally, invariant=racy.is_two)
    assert fields("Program").keys() == widget.program.keys()
    first, last = widget.program["states"][""], widget.program["states"]["0101"]
    assert first.keys() | {"finding"} == fields("ProgramState").keys() == last.keys()
    assert fields("Style").keys() <= widget.looks[0].keys()


def test_a_belief_has_these_fields():
    told = shown_fields(next(iter(MISCONCEPTIONS)))
    assert fields("Belief").keys() | fields("Place").keys() == told.keys()


def test_each_term_has_these_fields():
    written = [*fields("Place"), *fields("GlossaryTerm")]
    assert all(each.keys() == {*written} for each in Glossary().terms)


def test_each_chapter_has_these_fields():
    written = list(fields("ChapterRow"))
    assert [list(chapter) for chapter in ProgressMap().chapters] == [written] * len(ProgressMap().chapters)
