"""What all tests share: the switch that rewrites golden traces, hypothesis without a clock, quick recordings."""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from types import FunctionType, ModuleType

import pytest
from hypothesis import settings

from coro_lab.views import palette
from tests.places import ROOT

TESTS = str(ROOT / "tests")
FUNCTIONS: list[FunctionType] = []
"""Those that the modules of the tests define."""

settings.register_profile("coro_lab", deadline=None)  # a busy machine is no failure
settings.load_profile("coro_lab")


@pytest.fixture(autouse=True)
def colours_begin_anew():
    """A name keeps its colour through a session of Python; here through a test."""
    palette.reset()


@pytest.fixture(autouse=True)
def figures_are_closed():
    """Pyplot keeps each figure until somebody closes it, and warns of many."""
    yield
    if plt := sys.modules.get("matplotlib.pyplot"):
        plt.close("all")


@pytest.fixture(autouse=True, scope="session")
def interrupts_are_heard():
    """As in a program that is started by hand; what a shell starts in the background ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def distributed():
    """dask.distributed. Its thread that watches a loop ends a moment after the loop, and other tests count threads."""
    yield pytest.importorskip("distributed")
    for thread in threading.enumerate():
        if thread.name == "Profile":
            thread.join(30)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that replaces builtins runs in a copy of this process, which has none of its other threads.

    They would take the replaced builtins, too. The thread by which a worker of xdist hears of its tests then ends, and
    the worker waits for ever.
    """
    if not pyfuncitem.get_closest_marker("replaces_builtins") or not hasattr(os, "fork"):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    copy = multiprocessing.get_context("fork").Process(target=pyfuncitem.obj, kwargs=arguments)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # that other threads are not copied
        copy.start()
    copy.join()
    assert copy.exitcode == 0, f"it ended with {copy.exitcode}; its traceback is on stderr"
    return True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write the golden traces anew; review the difference like code",
    )


@pytest.fixture
def few_objects(functions_of_the_module):
    """As in the checker's own process: no functions of the tests are there when a recording looks for functions."""
    gc.freeze()
    yield
    set_aside_all_but(functions_of_the_module)


@pytest.fixture
def collected_only_when_told():
    """The garbage collector runs only where it is called, so it finds what it closes in the order of its making."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True, scope="module")
def functions_of_the_module(request: pytest.FixtureRequest) -> list[FunctionType]:
    """Those that its tests can call: its own, and those of what it imports. All other objects are set aside.

    To find the learner's functions a recording walks through everything in memory. With pytest, the libraries and the
    functions of all collected tests this takes 20 times as long as the rest of a short recording.
    """
    modules = _imported(request.module, {})
    functions = [function for function in FUNCTIONS if id(function.__globals__) in modules]
    gc.collect()
    set_aside_all_but(functions)
    return functions


@pytest.hookimpl(trylast=True)  # xdist has looked for groups by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For several workers: what takes long begins first, each test by itself, so that none of them waits at the end.

    The tests of one `xdist_group` run in one worker. xdist 3.8 notes that in a test's `_nodeid`, but pytest 9.2 reads
    the id from `_id`.
    """
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and "@" not in item.nodeid.rpartition("]")[2]:
            item._id = type(item.id).parse(f"{item.nodeid}@{group.args[0]}")
    items.sort(key=lambda item: not item.get_closest_marker("integration"))


def pytest_collection_finish() -> None:
    """Note the functions of the tests before the first of them is set aside."""
    FUNCTIONS.extend(thing for thing in gc.get_objects() if isinstance(thing, FunctionType) and _is_of_tests(thing))


def set_aside_all_but(functions: list[FunctionType]) -> None:
    """gc can only set aside all there is; what it begins to track afterwards is seen."""
    gc.freeze()
    for function in functions:
        ctypes.pythonapi.PyObject_GC_UnTrack(ctypes.py_object(function))
        ctypes.pythonapi.PyObject_GC_Track(ctypes.py_object(function))


def _imported(module: ModuleType, found: dict[int, ModuleType]) -> dict[int, ModuleType]:
    """This module and those of the tests that it takes something from, by the id of their global names."""
    if id(vars(module)) not in found:
        found[id(vars(module))] = module
        for value in list(vars(module).values()):
            name = getattr(value, "__module__", None)
            source = value if isinstance(value, ModuleType) else sys.modules.get(str(name))
            if str(getattr(source, "__file__", "")).startswith(TESTS):
                _imported(source, found)
    return found


def _is_of_tests(function: FunctionType) -> bool:
    return str(function.__globals__.get("__file__", TESTS)).startswith(TESTS)
