"""A Trace at the end of a cell is a Player in a notebook, and its text anywhere else."""

from __future__ import annotations

import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest

from coro_lab import Player, Trace, record
from coro_lab.trace.events import Event, Kind, Lane
from coro_lab.views import display
from coro_lab.views import html_page as page


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


@pytest.mark.integration
def test_showing_a_trace_in_a_terminal_loads_no_widgets():
    code = "import sys, coro_lab; coro_lab.record(print)._repr_mimebundle_(); print({'ipywidgets'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_difference_is_a_sentence_in_a_terminal_and_a_player_in_a_notebook(monkeypatch):
    difference = record(program).diff(record(lambda: None))
    assert difference._repr_mimebundle_() == {"text/plain": repr(difference)}
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    bundle = difference._repr_mimebundle_()
    assert bundle["text/plain"] == repr(difference)
    assert "model_id" in bundle["application/vnd.jupyter.widget-view+json"]


NOTHING = Trace((), (), cut="Nothing of <it> ran.")
HOSTILE = Trace((Event(0, 0, Kind.OUTPUT, 1, "</script><script>\"'&amp;\ud800"),), (Lane('"><script>', "function"),))


def test_marimo_is_given_the_player_to_show():
    trace = record(program)
    shown = trace._display_()
    assert isinstance(shown, Player) and shown.trace is trace


def test_marimo_is_given_the_sentence_where_nothing_has_run():
    assert NOTHING._display_() == f"{NOTHING!r}\nNothing of <it> ran."


class Elements(HTMLParser):
    """The elements of a piece of HTML, each with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_front_end_that_shows_only_html_gets_the_saved_page_in_a_frame():
    ((tag, given),) = Elements(HOSTILE._repr_html_() or "").found
    assert (tag, given["sandbox"]) == ("iframe", "allow-scripts")  # it runs, and reaches nothing of the page around it
    assert given["srcdoc"] == page.html(HOSTILE).encode("utf-8", "backslashreplace").decode()


def test_where_nothing_has_run_html_is_the_sentence_and_no_markup():
    text = NOTHING._repr_html_() or ""
    assert [tag for tag, _ in Elements(text).found] == ["pre"]
    assert "Nothing of <it> ran." in unescape(text)


def test_a_notebook_is_given_the_widget_alone_and_stores_no_page(monkeypatch):
    monkeypatch.setattr(display, "in_notebook", lambda: True)
    assert record(program)._repr_html_() is None
