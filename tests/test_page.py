"""A saved page holds one run and asks nothing of any network. How it looks is tested in browser/test_player.py."""

from __future__ import annotations

import json
import re

from coro_lab.events import Event, Kind, Lane, Trace
from coro_lab.widgets import page

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
