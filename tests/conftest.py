"""What all tests share: the switch that rewrites golden traces, and hypothesis without a clock."""

import pytest
from hypothesis import settings

from coro_lab import palette

settings.register_profile("coro_lab", deadline=None)  # a busy machine is no failure
settings.load_profile("coro_lab")


@pytest.fixture(autouse=True)
def colours_begin_anew():
    """A name keeps its colour through a session of Python; here through a test."""
    palette.reset()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write tests/golden anew; review the difference like code"
    )
