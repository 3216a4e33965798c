"""The errors: the same mistake has the same class everywhere, and each error carries the data of the failure."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import json
import pickle
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coro_lab import (
    Condition,
    Engines,
    Player,
    Queue,
    Quiz,
    Scheduler,
    SchedulerWidget,
    Stepper,
    StepperWidget,
    Trace,
    awaits,
    cores,
    cost_curves,
    costs,
    errors,
    explore,
    heat_map,
    interleavings,
    lanes,
    lattice,
    laws,
    parsons,
    predict,
    preemptible,
    record,
    run_on,
    run_threads,
    timeline,
    waiting_bars,
)
from coro_lab.engine.stepper.forking import fork
from coro_lab.errors import (
    ArgumentError,
    CoroLabError,
    EndlessError,
    EngineError,
    FormatError,
    InvariantError,
    NotDeterministicError,
    NotebookError,
    NotMeasuredError,
    PredictionError,
    PreemptionError,
    RecordingError,
    ScheduleError,
    SharedSetupError,
    SpinningError,
    StepperError,
    TooManyOrdersError,
    TraceFormatError,
    UnavailableError,
    UnknownExerciseError,
    UnknownMisconceptionError,
    UnknownNameError,
)
from coro_lab.lessons.checker.catalogue import find
from coro_lab.lessons.checker.commands import answers_in
from coro_lab.lessons.misconceptions import named
from tests.places import ROOT


def A():
    yield 1


def B():
    yield 2


def two(left, right):
    yield left, right


COSTS, SURVEY = costs.reference(), cores.reference()


@functools.cache
def trace():
    return record(lambda: list(A()))


# -- the classes -------------------------------------------------------------------------------------------------------


def below(kind: type) -> list[type]:
    return [each for direct in kind.__subclasses__() for each in (direct, *below(direct))]


CLASSES = sorted({each for each in below(CoroLabError) if each.__module__ == errors.__name__}, key=lambda c: c.__name__)
BY_ANNOTATION: dict[str, Any] = {
    "str": "A",
    "str | None": "ValueError('x')",
    "int": 3,
    "int | None": 7,
    "tuple[str, ...]": ("A", "B"),
    "tuple[str, ...] | None": ("A", "B", "A"),
    "tuple[str | None, ...]": ("deadlock", None),
    "tuple[str | int, ...]": ("send", 100),
    "tuple[int, str] | None": (2, "who"),
    "Mapping[str, int | None] | None": {"A": 12, "B": None},
    "Path | None": Path("notebooks"),
    "Any": {1: 2},
}


def data_of(kind: type) -> dict[str, Any]:
    """A value for each datum of an error, other than its default."""
    if kind.__init__ is Exception.__init__:
        return {}
    _, message, *data = inspect.signature(kind.__init__).parameters.values()
    assert message.name == "message"
    assert all(each.kind is each.KEYWORD_ONLY for each in data)
    return {each.name: BY_ANNOTATION[each.annotation] for each in data}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_copy_and_a_pickle_keep_the_message_and_the_data(kind):
    data = data_of(kind)
    error = kind("What happened.\n  Write:     something", **data)
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(same) is kind
        assert str(same) == "What happened.\n  Write:     something"
        assert {name: getattr(same, name) for name in data} == data


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_datum_is_named_in_a_docstring(kind):
    said = "".join(each.__doc__ or "" for each in kind.__mro__ if issubclass(each, CoroLabError))
    assert kind.__doc__
    assert [name for name in data_of(kind) if f"`{name}`" not in said] == []


@functools.cache
def trees() -> dict[str, ast.Module]:
    """The syntax tree of each file of the package."""
    package = ROOT / "coro_lab"
    files = {file.relative_to(package).as_posix(): file for file in package.rglob("*.py")}
    return {path: ast.parse(file.read_text(encoding="utf-8")) for path, file in files.items()}


def test_every_error_of_coro_lab_is_defined_in_one_module():
    bases = {kind.__name__ for kind in CLASSES} | {"CoroLabError"}
    elsewhere = [
        (path, node.name)
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and bases & {ast.unparse(base) for base in node.bases} and path != "errors.py"
    ]
    assert elsewhere == []


PYTHONS_OWN = {
    "engine/backends/run_on.py": "RuntimeError, as of a generator that ignores GeneratorExit",
    "engine/backends/workers.py": "RuntimeError, as of a generator that ignores GeneratorExit",
    "engine/explore/asyncio_orders/loop.py": "RuntimeError, as of a loop of asyncio",
    "engine/explore/interleavings.py": "OverflowError, as of any len() that is too large",
    "engine/explore/sync.py": "RuntimeError, as of a lock of threading that is released by another thread",
    "engine/recorder/suspendables.py": "LookupError, which is caught there",
    "lessons/checker/outcome.py": "ValueError, which the sandbox catches",
    "lessons/course/ex13_families.py": "LookupError and OSError, which the answer has to bear",
    "lessons/course/ex14_stuck.py": "ValueError, which the answer has to bear",
    "lessons/file_lock.py": "TimeoutError of the operating system",
    "lessons/learner_progress.py": "ValueError, which ProgressFile catches",
    "lessons/progress_file.py": "OSError, which is caught there",
    "trace/fragment.py": "ValueError, which becomes a TraceFormatError in Trace.from_link",
    "trace/stored_document.py": "ValueError, which becomes a FormatError there",
    "views/file_replacement.py": "OSError of the operating system",
    "measure/counts.py": "ValueError, which becomes a FormatError in StoredDocument",
    "measure/cores/survey_results.py": "ValueError, which becomes a FormatError in StoredDocument",
}
"""Where an error of Python is raised, and why it is not one of Coro Lab's."""


def test_elsewhere_no_error_of_python_is_raised():
    pythons = {"TypeError", "ValueError", "KeyError", "LookupError", "IndexError", "RuntimeError", "OSError"}
    pythons |= {"ImportError", "OverflowError", "TimeoutError", "Exception"}
    found = {
        path
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, (ast.Call, ast.Name))
        if ast.unparse(node.exc).partition("(")[0] in pythons
    }
    assert found == PYTHONS_OWN.keys()


# -- the mistakes: what is wrong, and every function that can be given it ----------------------------------------------


def scheduler() -> Scheduler:
    ready = Scheduler()
    ready.spawn(A())
    ready.spawn(B())
    return ready


def entered(manager: Any) -> None:
    manager.__enter__()


MISTAKES: dict[tuple[str, type[CoroLabError]], dict[str, Callable[[], Any]]] = {
    ("something else than a run", ArgumentError): {
        "timeline": lambda: timeline(3),
        "awaits": lambda: awaits(A),
        "Player": lambda: Player("run.json"),
        "lattice": lambda: lattice(trace()),
        "heat_map": lambda: heat_map(trace()),
        "laws": lambda: laws(None),
        "lanes": lambda: lanes(trace()),
        "cost_curves": lambda: cost_curves(SURVEY),
        "waiting_bars": lambda: waiting_bars([]),
        "Trace.diff": lambda: trace().diff(A),
        "faster": lambda: cores.faster(trace(), trace()),
        "cheaper": lambda: costs.cheaper(SURVEY, "send", "asyncio", tasks=1),
    },
    ("what cannot be called", ArgumentError): {
        "record": lambda: record(3),
        "Stepper": lambda: Stepper(3),
        "StepperWidget": lambda: StepperWidget(3),
        "preemptible": lambda: preemptible(3),
        "run_on": lambda: run_on("threads", 3),
        "Engines": lambda: Engines(3),
        "run_threads": lambda: run_threads(A=3),
        "explore": lambda: explore({"A": 3}),
        "interleavings": lambda: interleavings({"A": 3}),
        "SchedulerWidget": lambda: SchedulerWidget({"A": 3}),
        "setup": lambda: explore({"A": A}, setup=3),
        "invariant": lambda: explore({"A": A}, invariant=True),
        "predict": lambda: predict("How many?", 3, choices=[1, 2]),
        "Quiz": lambda: Quiz(3, {0: "who"}),
        "spawn": lambda: Scheduler().spawn(3),
    },
    ("a generator instead of its function", ArgumentError): {
        "record": lambda: record(A()),
        "Stepper": lambda: Stepper(A()),
        "StepperWidget": lambda: StepperWidget(A()),
        "preemptible": lambda: preemptible(A()),
        "run_on": lambda: run_on("threads", A()),
        "explore": lambda: explore({"A": A()}),
        "interleavings": lambda: interleavings({"A": A()}),
        "SchedulerWidget": lambda: SchedulerWidget({"A": A()}),
        "run_threads": lambda: run_threads(A=A()),
    },
    ("a function without a yield", ArgumentError): {
        "Stepper": lambda: Stepper(lambda: 3),
        "StepperWidget": lambda: StepperWidget(lambda: 3),
        "run_on": lambda: run_on("threads", lambda: 3),
        "explore": lambda: explore({"A": lambda: 3}),
        "interleavings": lambda: list(interleavings({"A": lambda: 3})),
    },
    ("a function that needs other arguments", ArgumentError): {
        "explore": lambda: explore({"A": two}),
        "interleavings": lambda: interleavings({"A": two}),
        "setup": lambda: explore({"A": A}, setup=two),
        "invariant": lambda: explore({"A": A}, invariant=lambda a, b, c: True),
        "no setup": lambda: explore({"A": lambda box: (yield)}),
    },
    ("functions without names", ArgumentError): {
        "explore a list": lambda: explore([A]),
        "explore one": lambda: explore(A),
        "explore two": lambda: explore(A, B),
        "explore by keywords": lambda: explore(A=A, B=B),
        "interleavings a list": lambda: interleavings([A]),
        "interleavings two": lambda: interleavings(A, B),
        "interleavings by keywords": lambda: interleavings(A=A, B=B),
        "SchedulerWidget": lambda: SchedulerWidget([A]),
        "run_threads one": lambda: run_threads(A),
        "run_threads two": lambda: run_threads(A, B),
        "run_on without an engine": lambda: run_on(A, B),
    },
    ("nothing to run", ArgumentError): {
        "explore": lambda: explore({}),
        "interleavings": lambda: interleavings({}),
        "run_on": lambda: run_on("asyncio"),
        "Engines": lambda: Engines(),
    },
    ("a name that is no text", ArgumentError): {
        "spawn": lambda: Scheduler().spawn(A(), 3),
        "explore": lambda: explore({3: A}),
        "run_on": lambda: run_on(3, A),
        "parsons": lambda: parsons(3),
        "costs": lambda: costs.measure([3]),
    },
    ("a number that is too small", ArgumentError): {
        "record": lambda: record(A, max_events=0),
        "Stepper": lambda: Stepper(A, max_events=-1),
        "StepperWidget": lambda: StepperWidget(A, max_events=-1),
        "Scheduler.run": lambda: scheduler().run(max_events=0),
        "run_on": lambda: run_on("threads", A, max_events=0),
        "Engines": lambda: Engines(A, max_events=0),
        "explore max_schedules": lambda: explore({"A": A}, max_schedules=0),
        "explore max_steps": lambda: explore({"A": A}, max_steps=0),
        "interleavings": lambda: interleavings({"A": A}, max_steps=-1),
        "run_threads": lambda: run_threads(-1, A=A),
        "costs.measure tasks": lambda: costs.measure(["send"], [0]),
        "costs.measure repetitions": lambda: costs.measure(["send"], [1], repetitions=0),
        "costs.wait": lambda: costs.wait(0),
        "cores.run processes": lambda: cores.run(cores.Job("127.0.0.1:1"), 0),
        "cores.run coroutines": lambda: cores.run(cores.Job("127.0.0.1:1"), 1, 0),
        "cores.run retries": lambda: cores.run(cores.Job("127.0.0.1:1"), retries=-1),
        "cores.survey": lambda: cores.survey(cores.Job("127.0.0.1:1"), [0]),
        "cores.workers": lambda: entered(cores.workers(0)),
        "cores.serve": lambda: entered(cores.serve(-1)),
    },
    ("no such place in a run", ArgumentError): {
        "timeline": lambda: timeline(trace(), steps=range(100, 200)),
        "fork": lambda: fork(Stepper(A).next(), 99, 1),
    },
    ("another kind of argument", ArgumentError): {
        "the Axes of timeline": lambda: timeline(trace(), range(2)),
        "the Axes of lattice": lambda: lattice(interleavings({"A": A}), ax=3),
        "the Axes of heat_map": lambda: heat_map(SURVEY, "title"),
        "the schedule of lattice": lambda: lattice(interleavings({"A": A}), 3),
        "the schedule of run": lambda: scheduler().run(3),
        "the schedule of run_bare": lambda: scheduler().run_bare(3),
        "what is thrown": lambda: Stepper(A).next().throw("no"),
        "the choices of predict": lambda: predict("How many?", lambda: 1, choices=1),
        "the marks of Quiz": lambda: Quiz(trace(), ["who"]),
        "the path of a page": lambda: trace().save_html(3),
        "the job of run": lambda: cores.run("127.0.0.1:1"),
        "the job of survey": lambda: cores.survey("127.0.0.1:1"),
        "the address of a Fetcher": lambda: cores.Fetcher("nowhere"),
        "the faults of a server": lambda: entered(cores.serve(faults=["error"])),
        "the mechanisms": lambda: costs.measure("send"),
        "the lock of a Condition": lambda: Condition("filled"),
        "the size of a Queue": lambda: Queue("tasks"),
    },
    ("a name that nothing has", UnknownNameError): {
        "an engine": lambda: run_on("thread", A),
        "a mechanism": lambda: costs.measure(["sends"]),
        "an exercise": lambda: find("nope"),
        "a Parsons problem": lambda: parsons("nope"),
        "an exercise that is no Parsons problem": lambda: parsons("echo"),
        "a misconception": lambda: named("nope"),
        "a fault of a page": lambda: entered(cores.serve(faults={1: ["explode"]})),
        "a lane": lambda: trace().lane("consumer"),
        "the lane of events": lambda: trace().of("consumer"),
        "a kind of event": lambda: trace().of("A", kind="sent"),
        "a choice": lambda: predict("How many?", lambda: 1, choices=[1, 2]).question._question.judge("3"),
    },
    ("a task that no schedule can name", ScheduleError): {
        "Scheduler.run": lambda: scheduler().run("AXB"),
        "Scheduler.run_bare": lambda: scheduler().run_bare(["A", "X"]),
        "Scheduler without tasks": lambda: Scheduler().run("AB"),
        "a task that has ended": lambda: scheduler().run("AAA"),
        "lattice": lambda: lattice(interleavings({"A": A, "B": B}), "AX"),
    },
    ("a text that to_json has not written", FormatError): {
        "Trace, no JSON": lambda: Trace.from_json("{"),
        "Costs, no JSON": lambda: costs.Costs.from_json("{"),
        "Survey, no JSON": lambda: cores.Survey.from_json("{"),
        "Trace, another document": lambda: Trace.from_json(COSTS.to_json()),
        "Costs, another document": lambda: costs.Costs.from_json(SURVEY.to_json()),
        "Survey, another document": lambda: cores.Survey.from_json(trace().to_json()),
        "Trace, nothing in it": lambda: Trace.from_json('{"coro_lab_trace": 3}'),
        "Costs, nothing in it": lambda: costs.Costs.from_json('{"coro_lab_costs": 1}'),
        "Survey, nothing in it": lambda: cores.Survey.from_json('{"coro_lab_survey": 1}'),
        "Trace, a newer one": lambda: Trace.from_json('{"coro_lab_trace": 9}'),
        "Costs, a newer one": lambda: costs.Costs.from_json('{"coro_lab_costs": 9}'),
        "Survey, a newer one": lambda: cores.Survey.from_json('{"coro_lab_survey": 9}'),
        "Trace, no text": lambda: Trace.from_json(None),
        "Costs, no text": lambda: costs.Costs.from_json(3),
        "Survey, a list": lambda: cores.Survey.from_json("[]"),
    },
    ("what a generator cannot do in its state", StepperError): {
        "send before the first yield": lambda: Stepper(A).send(3),
        "next after the end": lambda: Stepper(A).next().next().next(),
        "back before the first step": lambda: Stepper(A).back(),
    },
    ("a recording inside a recording", RecordingError): {
        "record": lambda: record(lambda: record(A)),
        "Stepper": lambda: record(lambda: Stepper(A)),
        "Scheduler.run": lambda: record(lambda: scheduler().run()),
        "a stepper inside itself": lambda: stepped_inside(),
    },
}


def stepped_inside() -> Trace:
    def again():
        stepper.next()
        yield

    stepper = Stepper(again)
    return stepper.next().trace


@pytest.mark.parametrize(
    ("mistake", "kind", "call"),
    [
        pytest.param(mistake, kind, call, id=f"{mistake}: {name}")
        for (mistake, kind), calls in MISTAKES.items()
        for name, call in calls.items()
    ],
)
def test_the_same_mistake_has_the_same_class(mistake, kind, call):
    """An error that ends a recorded program is the `error` of its trace."""
    try:
        result = call()
    except CoroLabError as error:
        raised: Any = error
    else:
        raised = result.error
    assert isinstance(raised, kind), f"{mistake}: {raised!r}"
    if kind is ArgumentError:
        assert isinstance(raised, TypeError) and isinstance(raised, ValueError)
        assert raised.argument and raised.given


def test_what_is_not_installed_is_one_class(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnavailableError, match=r"%pip install 'dask\[distributed\]'") as told:
        entered(cores.cluster(2))
    assert told.value.package == "dask[distributed]"
    assert isinstance(told.value, ImportError)


@pytest.mark.parametrize("call", [lambda: record(), lambda: explore(), lambda: timeline(trace(), widht=3)])
def test_another_number_of_arguments_is_pythons_own_error(call):
    with pytest.raises(TypeError, match="missing 1 required|unexpected keyword") as told:
        call()
    assert not isinstance(told.value, CoroLabError)


# -- the messages that were poor ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda: Scheduler().run("AB"),
            "There is no task to run: none was spawned, or all have come to their end.\n"
            "  You wrote: run('AB')\n"
            "  Write:     spawn(A()) and so on, with a call for each task, and then run('AB')",
        ),
        (
            lambda: Scheduler().run_bare(iter("AB")),
            "There is no task to run: none was spawned, or all have come to their end.\n"
            "  You wrote: run_bare(...)\n"
            "  Write:     spawn(A()) and so on, with a call for each task, and then run_bare(...)",
        ),
        (lambda: explore([A]), 'Each coroutine needs a name.\n  You wrote: [A]\n  Write:     {"A": A}'),
        (lambda: explore(A), 'Each coroutine needs a name.\n  You wrote: A\n  Write:     {"A": A}'),
        (lambda: explore([A, A]), 'Each coroutine needs a name.\n  You wrote: [A, A]\n  Write:     {"A": A, "B": A}'),
        (
            lambda: explore(A, B),
            "The coroutines stand in one dict, each with its name.\n"
            "  You wrote: explore(A, B)\n"
            '  Write:     explore({"A": A, "B": B})',
        ),
        (
            lambda: interleavings(first=A, second=A),
            "The coroutines stand in one dict, each with its name.\n"
            "  You wrote: interleavings(first=A, second=A)\n"
            '  Write:     interleavings({"first": A, "second": A})',
        ),
        (
            lambda: run_threads(A, B),
            "Each thread needs a name.\n  You wrote: run_threads(A, B)\n  Write:     run_threads(A=f, B=g)",
        ),
        (
            lambda: run_on(A, B),
            "The engine goes by its name, and stands before the functions.\n"
            "  You wrote: run_on(A, B)\n"
            '  Write:     run_on("threads", A, B), or generators, asyncio, threads, processes',
        ),
        (
            lambda: lattice(trace()),
            "lattice shows all orders of a program, and a Trace is the run of one order.\n"
            "  You wrote: lattice(trace)\n"
            '  Write:     timeline(trace), or lattice(interleavings({"A": A, "B": B}))',
        ),
        (
            lambda: parsons("trafic"),
            "There is no Parsons problem 'trafic'.\n  You wrote: parsons('trafic')\n  Write:     parsons(\"traffic\")",
        ),
        (
            lambda: heat_map(trace().output),
            "heat_map shows what cores.survey returned.\n"
            "  You wrote: heat_map('')\n"
            "  Write:     heat_map(cores.survey(job))",
        ),
        (
            lambda: costs.Costs.from_json('{"coro_lab_costs": 1}'),
            "This result of costs.measure is damaged: 'costs' is missing.",
        ),
        (
            lambda: cores.Survey.from_json('{"coro_lab_survey": 1}'),
            "This result of cores.survey is damaged: 'delay' is missing.",
        ),
        (
            lambda: cores.Survey.from_json('{"coro_lab_survey": 9}'),
            "This result of cores.survey has format 9, and this Coro Lab reads format 1.\n"
            "  Update Coro Lab, or measure again.",
        ),
        (
            lambda: Trace.from_json("run.json"),
            "This is not a trace: it is not JSON (Expecting value: line 1 column 1 (char 0)).\n"
            "  It is the name of a file.\n"
            "  Write: Path('run.json').read_text(encoding=\"utf-8\")",
        ),
        (
            lambda: Queue("tasks"),
            "maxsize is how many items there is room for, so a whole number from 0.\n"
            "  You wrote: Queue('tasks')\n"
            "  Write:     Queue(3), or Queue(name='tasks')",
        ),
    ],
)
def test_the_message_says_what_to_write(call, says):
    with pytest.raises(CoroLabError) as told:
        call()
    assert str(told.value) == says


def test_a_name_that_is_no_problem_lists_the_problems_and_no_magic():
    with pytest.raises(UnknownExerciseError, match="There is no Parsons problem 'nope'") as told:
        parsons("nope")
    assert "%%check" not in str(told.value)
    assert all(f'parsons("{name}")' in str(told.value) for name in told.value.known)


# -- the data of a failure ---------------------------------------------------------------------------------------------


def raised(kind: type[CoroLabError], call: Callable[[], Any]) -> Any:
    with pytest.raises(kind) as told:
        call()
    return told.value


def data(error: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(error).items() if not name.startswith("__")}


def test_a_schedule_says_where_it_cannot_be_followed():
    error = raised(ScheduleError, lambda: scheduler().run("ABXB"))
    assert data(error) == {"task": "X", "turn": 3, "ready": ("A", "B"), "schedule": ("A", "B", "X", "B")}
    error = raised(ScheduleError, lambda: scheduler().run(iter("AAA")))
    assert data(error) == {"task": "A", "turn": 3, "ready": ("B",), "schedule": None}
    error = raised(ScheduleError, lambda: lattice(interleavings({"A": A, "B": B}), ["A", "X"]))
    assert data(error) == {"task": "X", "turn": 2, "ready": ("A", "B"), "schedule": ("A", "X")}


def test_a_stepper_says_its_state_and_what_was_asked_for():
    error = raised(StepperError, lambda: Stepper(A).send(3))
    assert data(error) == {"function": "A", "state": "created", "operation": "send(3)"}
    error = raised(StepperError, lambda: Stepper(A).back())
    assert data(error) == {"function": "A", "state": "created", "operation": "back()"}


def test_a_recording_says_what_is_recording():
    assert record(lambda: Stepper(A)).error.running == "record"
    assert stepped_inside().error.running == "Stepper"


def test_an_unknown_name_comes_with_the_known_ones():
    error = raised(UnknownNameError, lambda: run_on("thread", A))
    assert data(error) == {"name": "thread", "known": ("generators", "asyncio", "threads", "processes")}
    assert "echo" in raised(UnknownExerciseError, lambda: find("eccho")).known
    assert "a-generator-restarts" in raised(UnknownMisconceptionError, lambda: named("restart")).known


def stuck():
    while True:
        pass
    yield


def spins():
    while True:
        yield


def line_in(function: Any, number: int) -> int:
    """The line in this file of line `number` of a function, counted from 0."""
    return int(function.__code__.co_firstlineno + number)


def test_an_order_without_an_end_says_who_goes_round_and_where():
    error = raised(EndlessError, lambda: explore({"A": A, "B": stuck}))
    assert (error.schedule[-1], error.limit) == ("B", 1_000_000)
    assert error.loops["B"] in (line_in(stuck, 1), line_in(stuck, 2))
    error = raised(SpinningError, lambda: explore({"A": A, "B": spins}, max_steps=20, merge=False))
    assert (error.loops, error.limit, error.schedule[-1]) == ({"B": line_in(spins, 1)}, 20, "B")
    error = raised(EndlessError, lambda: explore({"A": A}, setup=lambda: next(stuck())))
    assert list(error.loops) == ["stuck"]


def test_an_order_that_no_longer_ends_says_which_loops_are_left():
    error = raised(SpinningError, lambda: explore({"A": A, "B": spins}))
    assert (error.loops, error.limit) == ({"B": line_in(spins, 1)}, 1_000)


def test_two_runs_of_one_schedule_are_told_apart():
    def rolls():
        yield
        print(random.random())

    error = raised(NotDeterministicError, lambda: explore({"A": rolls}))
    assert (error.schedule, error.step) == (("A", "A"), None)
    assert error.first != error.second
    assert error.first.endswith(" (not broken)") and error.second.endswith(" (not broken)")


def test_a_run_that_ends_early_says_at_which_step(tmp_path):
    """No state shows what stands in a file."""
    file = tmp_path / "runs"
    file.write_text("", encoding="utf-8")

    def grows_tired():
        file.write_text(file.read_text() + "|", encoding="utf-8")
        yield from range(3 if file.read_text() == "|" else 1)

    error = raised(NotDeterministicError, lambda: explore({"A": grows_tired}))
    assert (error.schedule, error.step) == (("A", "A", "A"), 2)
    assert "the schedule A A A did one thing" in str(error)


def test_an_invariant_that_raises_says_after_which_order():
    error = raised(InvariantError, lambda: explore({"A": A}, invariant=lambda output: 1 / 0))
    assert (error.schedule, error.raised) == (("A", "A"), "ZeroDivisionError: division by zero")
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert raised(InvariantError, lambda: explore({"A": A}, invariant=lambda output: None)).raised is None


def test_what_an_earlier_run_has_changed_is_named():
    shared: list[int] = []

    def appends():
        yield
        shared.append(1)

    error = raised(SharedSetupError, lambda: explore({"A": appends}))
    assert len(error.changed) == 1 and error.changed[0] in str(error)


def with_match(box):
    match box:
        case _:
            return 1


def test_a_function_that_cannot_be_split_says_at_which_line():
    error = raised(PreemptionError, lambda: preemptible(with_match))
    assert data(error) == {"function": "with_match", "line": line_in(with_match, 1)}
    assert data(raised(PreemptionError, lambda: preemptible(A))) == {"function": "A", "line": None}


@pytest.mark.integration
def test_too_many_orders_say_how_many_could_be_shown():
    def long():
        for _ in range(12):
            yield

    assert raised(TooManyOrdersError, lambda: lattice(interleavings({"A": long, "B": long}))).limit == 50_000


def delegates():
    yield from A()


def fails():
    yield
    raise KeyError("k")


def test_an_engine_says_which_function_it_cannot_run():
    error = raised(EngineError, lambda: run_on("threads", delegates))
    assert data(error) == {"engine": "threads", "function": "delegates", "raised": None}
    error = run_on("threads", fails).error
    assert data(error) == {"engine": "threads", "function": "fails", "raised": "KeyError('k')"}


def test_what_was_not_measured_is_named():
    assert raised(NotMeasuredError, lambda: COSTS.ns("sends", 3)).asked == ("sends", 3)
    assert raised(NotMeasuredError, lambda: SURVEY.throughput(77, 3)).asked == (77, 3)


def changed(text: str, *place: Any, to: Any = None) -> str:
    """A document with one place of it replaced; without `to`, removed."""
    document = part = json.loads(text)
    for step in place[:-1]:
        part = part[step]
    if to is None:
        del part[place[-1]]
    else:
        part[place[-1]] = to
    return json.dumps(document)


@pytest.mark.parametrize(
    ("read", "text", "place", "found"),
    [
        (Trace.from_json, lambda: changed(trace().to_json(), "events", 2, 3, to="here"), "events[2].line", "'here'"),
        (Trace.from_json, lambda: changed(trace().to_json(), "events", 2, 1, to=99), "events[2].lane", "99"),
        (Trace.from_json, lambda: changed(trace().to_json(), "lanes", 0, 0, to=5), "lanes[0].name", "5"),
        (Trace.from_json, lambda: changed(trace().to_json(), "texts"), "texts", None),
        (Trace.from_json, lambda: changed(trace().to_json(), "cut", to=5), "cut", "5"),
        (Trace.from_json, lambda: changed(trace().to_json(), "coro_lab_trace", to=9), "coro_lab_trace", "9"),
        (Trace.from_json, lambda: '{"events": \n  [1, 2', "line 2, column 8", "'{\"events\": \\n  [1, 2'"),
        (costs.Costs.from_json, lambda: changed(COSTS.to_json(), "costs", 1, "samples"), "costs[1].samples", None),
        (
            costs.Costs.from_json,
            lambda: changed(COSTS.to_json(), "costs", 1, "tasks", to="ten"),
            "costs[1].tasks",
            "'ten'",
        ),
        (
            costs.Costs.from_json,
            lambda: changed(COSTS.to_json(), "costs", 0, "samples", to=["x"]),
            "costs[0].samples",
            "['x']",
        ),
        (costs.Costs.from_json, lambda: changed(COSTS.to_json(), "machine", "cores"), "machine.cores", None),
        (costs.Costs.from_json, lambda: changed(COSTS.to_json(), "machine"), "machine", None),
        (costs.Costs.from_json, lambda: changed(COSTS.to_json(), "seconds"), "seconds", None),
        (cores.Survey.from_json, lambda: changed(SURVEY.to_json(), "cells", 3, "pages"), "cells[3].pages", None),
        (cores.Survey.from_json, lambda: changed(SURVEY.to_json(), "cells", 0, "more", to=1), "cells[0].more", "1"),
        (cores.Survey.from_json, lambda: changed(SURVEY.to_json(), "missing", to=[[1]]), "missing", "[[1]]"),
        (cores.Survey.from_json, lambda: changed(SURVEY.to_json(), "machine", "gil", to="no"), "machine.gil", "'no'"),
    ],
)
def test_a_damaged_document_says_where_and_what_was_found(read, text, place, found):
    error = raised(FormatError, lambda: read(text()))
    assert (error.place, error.found) == (place, found)
    assert place.startswith("line ") or place == "coro_lab_trace" or place in str(error)
    assert isinstance(error, TraceFormatError) == (read == Trace.from_json)


def test_a_measurement_that_an_earlier_version_wrote_can_be_read():
    """Before `visits` and `missing` were counted, they were not stored."""
    older = changed(COSTS.to_json(), "costs", 0, "visits")
    assert costs.Costs.from_json(older).costs[0].visits == 1
    assert cores.Survey.from_json(changed(SURVEY.to_json(), "missing")).missing == ()


def test_a_question_says_what_left_it_without_an_answer():
    error = raised(PredictionError, lambda: predict("What?", lambda: 1 / 0, choices=[1, 2]))
    assert (error.question, error.raised) == ("What?", "ZeroDivisionError('division by zero')")
    assert raised(PredictionError, lambda: Quiz(trace(), {99: "who"})).mark == (99, "who")


def test_a_damaged_notebook_is_named(tmp_path):
    damaged = tmp_path / "damaged.ipynb"
    damaged.write_text("{", encoding="utf-8")
    assert raised(NotebookError, lambda: answers_in(damaged)).path == damaged
