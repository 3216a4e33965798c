"""Builtins in the constructors of named tuples, which `collections` makes without any."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from tests.places import ROOT

ROOMS = ("trace", "engine")
TUPLES = sorted(
    {
        thing
        for room in ROOMS
        for path in (ROOT / "coro_lab" / room).rglob("*.py")
        for module in [import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))]
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if issubclass(thing, tuple) and hasattr(thing, "_fields") and thing.__module__ == module.__name__
    },
    key=lambda each: each.__qualname__,
)


@pytest.mark.parametrize("each", TUPLES)
def test_python_can_import_what_it_needs_in_the_middle_of_a_constructor(each):
    assert "__import__" in each.__new__.__builtins__


FORGOTTEN = """
from coro_lab import record

async def forgotten():
    pass

def in_a_circle():
    circle = [forgotten()]
    circle.append(circle)

def program():
    for _ in range(300):
        in_a_circle()
        list(x for x in range(5))

trace = record(program)
trace.text(), trace.to_json()
"""


@pytest.mark.integration
def test_the_garbage_collector_warns_of_a_forgotten_await_wherever_it_runs():
    run = subprocess.run([sys.executable, "-c", FORGOTTEN], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "was never awaited" in run.stderr
    assert "Exception ignored" not in run.stderr
