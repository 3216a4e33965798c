"""What all tests share: the switch that rewrites golden traces, and hypothesis without a clock."""

import gc
import signal
import threading

import matplotlib.pyplot as plt  # a quarter of what the tests have in memory; here, to be set aside as well
import pytest
from hypothesis import settings

from coro_lab.views import palette

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


def pytest_sessionstart() -> None:
    """Set aside what was there before the tests, pytest with its plugins and the libraries.

    To find the learner's functions a recording walks through everything in memory, three times as much as it has a
    reason to in a process with every test in it. None of the learner's is in what was there before.
    """
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that set aside all there is for a while come last: with theirs they give back what was set aside here."""
    items.sort(key=lambda item: "few_objects" in getattr(item, "fixturenames", ()))
