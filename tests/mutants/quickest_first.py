"""A plugin of pytest: the tests that take least run first, so that most mutants are killed before the slow ones begin.

The first run, which is without a mutant, writes down how long each test takes, and the runs after it go by that.
"""

import json
from pathlib import Path

import pytest

SECONDS = Path("../seconds-of-tests.json")  # beside the copies of the project, which share it

_taken: dict[str, float] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    _taken[report.nodeid] = _taken.get(report.nodeid, 0.0) + report.duration


@pytest.hookimpl(tryfirst=True)  # what conftest.py puts last stays there
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = _known()
    items.sort(key=lambda item: known.get(item.nodeid, 0.0))


def pytest_sessionfinish() -> None:
    known = _known()
    if _taken.keys() - known:
        SECONDS.write_text(json.dumps(_taken | known))


def _known() -> dict[str, float]:
    """Test -> how many seconds it took."""
    known: dict[str, float] = json.loads(SECONDS.read_text()) if SECONDS.exists() else {}
    return known
