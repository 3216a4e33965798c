"""A long exploration shows its progress; a short one shows nothing."""

from __future__ import annotations

import math
from contextlib import contextmanager

import pytest

from coro_lab.engine import progress_bar
from coro_lab.engine.explore import explore
from tests import racy


@pytest.fixture
def told(monkeypatch):
    """What a bar is told, beginning with its title."""
    heard = []

    @contextmanager
    def bar(title):
        heard.append(title)
        yield lambda share, doing="": heard.append((share, doing))

    monkeypatch.setattr(progress_bar, "progress", bar)
    monkeypatch.setattr(progress_bar, "_OFTEN", 0.0)
    return heard


def race(**rest):
    tasks = dict.fromkeys("ABC", racy.increment)
    return explore(setup=racy.Tally, coroutines=tasks, invariant=lambda tally: tally.value == 3, **rest)


@pytest.mark.parametrize("how", [{}, {"merge": False}, {"merge": False, "max_schedules": 50}])
def test_what_takes_long_shows_how_far_it_has_come(how, told, monkeypatch):
    monkeypatch.setattr(progress_bar, "LONG", 0.0)
    race(**how)
    title, *shares = told
    assert title == "exploring"
    assert all(0 <= share <= 1 for share, _ in shares)
    assert shares[-1][1].endswith(" orders" if how else " steps")


@pytest.mark.parametrize("how", [{}, {"merge": False}])
def test_what_is_quick_shows_nothing(how, told, monkeypatch):
    monkeypatch.setattr(progress_bar, "LONG", math.inf)
    race(**how)
    assert told == []


def test_it_is_shown_at_once_or_never_where_that_is_asked_for(told, monkeypatch):
    monkeypatch.setattr(progress_bar, "LONG", 0.0)
    race(progress=False)
    assert told == []
    monkeypatch.setattr(progress_bar, "LONG", math.inf)
    race(progress=True)
    assert told[0] == "exploring"
