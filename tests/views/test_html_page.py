"""A saved page holds one run and asks nothing of any network. How it looks is tested in browser/test_player.py."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from coro_lab.trace.events import Event, Kind, Lane
from coro_lab.trace.trace import Trace
from coro_lab.views import html_page as page

HOSTILE = "</script><script>alert(1)</script><!-- & \u2028\u2029"


def test_the_run_is_in_the_page_and_comes_back_from_it(tmp_path):
    trace = Trace((Event(0, 0, Kind.OUTPUT, 1, HOSTILE),), (Lane(HOSTILE, "function"),))
    trace.save_html(tmp_path / "run.html")
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    given = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)[1])
    assert Trace.from_json(given["trace"]) == trace


def test_what_the_program_made_is_never_markup():
    text = page.html(Trace((Event(0, 0, Kind.OUTPUT, 1, HOSTILE),), (Lane(HOSTILE, "function"),)), title=HOSTILE)
    assert "alert(1)</script>" not in text
    assert text.count("<script") == 2
    assert not re.search("[\u2028\u2029]", re.sub(r"<title>.*?</title>", "", text, flags=re.DOTALL))


def test_the_page_forbids_itself_every_request():
    text = page.html(Trace((), ()))
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=", text)


def test_half_characters_can_be_written_and_come_back(tmp_path):
    trace = Trace((Event(0, 0, Kind.OUTPUT, 1, "\ud800"),), (Lane("\ud800", "function"),))
    trace.save_html(tmp_path / "run.html", title="caf\udce9")
    text = (tmp_path / "run.html").read_text(encoding="utf-8")
    given = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)[1])
    assert Trace.from_json(given["trace"]) == trace
    assert given["title"] == "caf\udce9"
    assert r"<title>caf\udce9</title>" in text


@pytest.mark.parametrize(
    "title, told", [(5, "5"), (["A"], "['A']"), (None, "None")], ids=["a number", "a list", "None"]
)
def test_a_page_that_cannot_be_made_leaves_the_file_that_is_there(tmp_path, title, told):
    path = tmp_path / "run.html"
    path.write_text("an older page", encoding="utf-8")
    with pytest.raises(TypeError) as error:
        Trace((), ()).save_html(str(path), title=title)
    assert str(error.value).splitlines()[0] == "save_html takes the path of a file, and a title in words."
    assert f"title={told}" in str(error.value)
    assert path.read_text(encoding="utf-8") == "an older page"


def test_a_page_that_cannot_be_written_whole_leaves_the_file_that_is_there(tmp_path, monkeypatch):
    path = tmp_path / "run.html"
    path.write_text("an older page", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="the disk is full"):
        Trace((), ()).save_html(path)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"run.html": "an older page"}


def test_a_pipe_takes_the_page_as_it_comes(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor() as reader:
        read = reader.submit((tmp_path / "pipe").read_text)
        Trace((), ()).save_html(tmp_path / "pipe")
        assert read.result().startswith("<!DOCTYPE html>")


def test_a_page_cannot_replace_a_folder(tmp_path):
    with pytest.raises(IsADirectoryError):
        Trace((), ()).save_html(tmp_path)


def test_without_a_path_nothing_is_saved():
    with pytest.raises(TypeError) as error:
        Trace((), ()).save_html(None)
    assert str(error.value).splitlines() == [
        "save_html takes the path of a file, and a title in words.",
        "  You wrote: save_html(None)",
        '  Write:     save_html("run.html"), or save_html("run.html", title="A run")',
    ]
