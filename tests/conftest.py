"""What all tests share: the switch that rewrites golden traces, hypothesis without a clock, quick recordings."""

import ctypes
import gc
import signal
import sys
import threading
from types import FunctionType

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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write the golden traces anew; review the difference like code",
    )


@pytest.fixture
def few_objects():
    """As in the checker's own process: no functions of the tests are there when a recording looks for functions."""
    gc.freeze()
    yield
    set_aside_all_but(FUNCTIONS)


def pytest_collection_finish() -> None:
    """Set aside what is there before the first test, except the functions of the tests.

    To find the learner's functions a recording walks through everything in memory. With pytest, the libraries and
    2,700 collected tests this takes 20 ms a recording; the tests' own functions, which it must find, take less.
    """
    FUNCTIONS.extend(thing for thing in gc.get_objects() if isinstance(thing, FunctionType) and _is_of_tests(thing))
    set_aside_all_but(FUNCTIONS)


def set_aside_all_but(functions: list[FunctionType]) -> None:
    """gc can only set aside all there is; what it begins to track afterwards is seen."""
    gc.freeze()
    for function in functions:
        ctypes.pythonapi.PyObject_GC_UnTrack(ctypes.py_object(function))
        ctypes.pythonapi.PyObject_GC_Track(ctypes.py_object(function))


def _is_of_tests(function: FunctionType) -> bool:
    return str(function.__globals__.get("__file__", TESTS)).startswith(TESTS)
