"""A Trace at the end of a cell is a Player in a notebook, and its text anywhere else."""

from __future__ import annotations

import subprocess
import sys

from coro_lab import record
from coro_lab.widgets import display


def program():
    return "done"


def test_outside_a_notebook_a_trace_is_its_text():
    trace = record(program)
    assert trace._repr_mimebundle_() == {"text/plain": repr(trace)}


def test_in_a_notebook_a_trace_is_a_player_with_the_text_beside_it(monkeypatch):
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    trace = record(program)
    bundle = trace._repr_mimebundle_()
    assert bundle["text/plain"] == repr(trace)
    assert "model_id" in bundle["application/vnd.jupyter.widget-view+json"]


def test_showing_a_trace_in_a_terminal_loads_no_widgets():
    code = "import sys, coro_lab; coro_lab.record(print)._repr_mimebundle_(); print({'ipywidgets'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "set()"
