"""A run or a program in an address: it comes out whole, in Python and in the browser, or is refused in words."""

from __future__ import annotations

import base64
import inspect
import json
import random
import string
import zlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coro_lab import Trace, record, share
from coro_lab.errors import ArgumentError, TraceFormatError, UnavailableError
from coro_lab.trace.events import Event, Kind, Lane, Source
from coro_lab.trace.fragment import LARGEST, LONGEST, pack, unpack
from coro_lab.views import site_address
from coro_lab.views.widgets import frontend
from tests.node import Node
from tests.programs import GOLDEN, A

SITE = "https://example.org/course/"
TEXTS = st.text(st.characters() | st.sampled_from('\ud800\udce9<&"\\\u2028\ufeff\x00'))
SHORT = Trace((Event(0, 0, Kind.OUTPUT, 1, "hello\n"),), (Lane("main", "function"),))
HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node("links.js") as running:
        yield running


@st.composite
def runs(draw):
    """Any run of up to three lanes, with any text where a program's text can stand."""
    sources = st.none() | st.builds(Source, st.integers(1, 99), TEXTS)
    lanes = draw(
        st.lists(st.builds(Lane, TEXTS, st.sampled_from(["function", "generator"]), sources), min_size=1, max_size=3)
    )
    events = [
        Event(
            0, draw(st.integers(0, len(lanes) - 1)), draw(st.sampled_from([Kind.START, Kind.OUTPUT, Kind.RETURN])),
            draw(st.none() | st.integers(1, 99)), draw(st.none() | TEXTS),
            changed=tuple(draw(st.lists(st.tuples(TEXTS, st.none() | TEXTS), max_size=2))),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    steps = [draw(st.integers(0, 1)) for _ in events]
    events = [event._replace(step=sum(steps[: number + 1])) for number, event in enumerate(events)]
    return Trace(tuple(events), tuple(lanes), draw(st.none() | TEXTS), draw(st.none() | TEXTS))


def packed_in(link: str) -> str:
    assert link.startswith(f"{SITE}player/#run=")
    return link.removeprefix(f"{SITE}player/#run=")


@given(trace=runs(), title=TEXTS)
def test_a_run_is_whole_when_it_comes_out_of_its_link(node, trace, title):
    link = trace.link(site=SITE, title=title)
    assert set(link) <= {*string.ascii_letters, *string.digits, *"-_:/.#="}
    assert Trace.from_link(link) == trace
    shown = node.ask(["readRun", packed_in(link)])
    assert Trace.from_json(shown["trace"]) == trace
    assert (shown["looks"], shown["title"]) == (frontend.looks(trace), title)


@given(trace=runs(), title=TEXTS)
def test_the_button_of_the_player_makes_a_link_that_python_reads(node, trace, title):
    fragment = node.ask(["runFragment", frontend.given(trace, title=title)])
    assert Trace.from_link(f"{SITE}player/#{fragment}") == trace
    assert node.ask(["readRun", fragment.removeprefix("run=")])["title"] == title


@given(text=st.text())
def test_python_and_the_browser_pack_for_each_other(node, text):
    assert unpack(node.ask(["pack", text])) == text == node.ask(["unpack", pack(text)])


@given(st.data())
def test_a_damaged_link_is_refused_by_both_or_read_alike(node, data):
    """Only Node 20 ignores what follows behind the packed text; browsers refuse it, as the standard says."""
    packed = packed_in(SHORT.link(site=SITE))
    begin = data.draw(st.integers(0, len(packed)))
    end = data.draw(st.integers(begin, min(begin + 5, len(packed))))
    packed = packed[:begin] + data.draw(st.text("aZ9-_=+/% é\n", max_size=5)) + packed[end:]
    try:
        text = unpack(packed)
    except ValueError:
        answer = node.ask(["unpack", packed])
        assert answer == unpack(packed_in(SHORT.link(site=SITE))) or answer["fault"].startswith(
            "This link is damaged: "
        )
    else:
        assert node.ask(["unpack", packed]) == text


def as_packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        ("", "characters that no"),
        ("<script>", "characters that no"),
        ("abc\ndef", "characters that no"),
        ("ａｂｃ", "characters that no"),
        ("a" * (LONGEST + 1), "32,769 characters"),
        ("abcd", "cannot be unpacked"),
        ("a", "cannot be unpacked"),
        (as_packed(b"\xff"), "cannot be unpacked"),
        (as_packed(b" " * (LARGEST + 1)), "more than 4,000,000 bytes"),
        (as_packed(b"{}")[:-4], "is missing"),
        (base64.urlsafe_b64encode(zlib.compress(b"{}") + b"more").decode().rstrip("="), "is missing, or too much"),
    ],
    ids=lambda each: each[:12],
)
def test_what_no_link_holds_is_refused_in_words(packed, told, node):
    with pytest.raises(TraceFormatError, match=told):
        Trace.from_link(f"{SITE}player/#run={packed}")
    if "too much" not in told:  # Node 20 ignores it; browsers refuse it, as the standard says
        assert node.ask(["unpack", packed])["fault"].startswith("This link is damaged: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"looks": None},
        {"looks": []},
        {"looks": [["url(https://example.org)", "#000000", "#000000", "o"]]},
        {"looks": [["#000000;background:red", "#000000", "#000000", "o"]]},
        {"looks": [["#000000", "#000000", "#000000", HOSTILE]]},
        {"looks": [[["#000000"], "#000000", "#000000", "o"]]},
        {"lanes": None},
    ],
    ids=str,
)
def test_colours_that_are_none_are_refused_by_the_page(changes, node):
    document = {**json.loads(SHORT.to_json()), "looks": frontend.looks(SHORT), **changes}
    answer = node.ask(["readRun", pack(json.dumps(document))])
    assert answer == {"fault": "This link is damaged: it is not a run with its colours. Copy the whole link again."}


@pytest.mark.parametrize("text", ["", "[]", "null", "5", "{", '"x"'])
def test_another_text_is_no_run(text, node):
    assert "fault" in node.ask(["readRun", pack(text)])
    with pytest.raises(TraceFormatError, match="not a trace"):
        Trace.from_link(f"#run={pack(text)}")


@pytest.mark.parametrize("given", ["", "https://example.org/", "https://example.org/player/#program=abc", None])
def test_an_address_without_a_run_is_said_to_be_none(given):
    with pytest.raises(TraceFormatError, match="not a link to a run"):
        Trace.from_link(given)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_runs_of_the_lessons_fit_into_a_message(name):
    assert len(record(GOLDEN[name]).link(site=SITE)) < 2_000


def noise(size: int) -> Trace:
    letters = "".join(random.Random(1).choices(string.ascii_letters, k=size))
    return replace(SHORT, events=(Event(0, 0, Kind.OUTPUT, 1, letters),))


def test_a_run_too_large_for_an_address_names_the_page_to_save():
    assert len(noise(20_000).link(site=SITE)) <= LONGEST
    with pytest.raises(ArgumentError, match="too large for an address") as raised:
        noise(40_000).link(site=SITE)
    assert 'trace.save_html("run.html")' in str(raised.value)
    with pytest.raises(ArgumentError, match="too large"):  # it would pack well, and no page would unpack it
        replace(SHORT, events=(Event(0, 0, Kind.OUTPUT, 1, "a" * LARGEST),)).link(site=SITE)


# -- where a link leads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "site", ["http://127.0.0.1:8000", "http://127.0.0.1:8000/", "https://a.b/c/index.html", "file:///site/"]
)
def test_a_link_leads_to_the_player_page_of_the_site(site):
    link = SHORT.link(site=site)
    page = "index.html" if site.startswith("file:") else ""
    assert link.startswith(f"{site.removesuffix('index.html').rstrip('/')}/player/{page}#run=")


def test_without_a_site_that_of_the_environment_or_the_package_is_taken(monkeypatch):
    monkeypatch.delenv(site_address.VARIABLE, raising=False)
    monkeypatch.setattr(site_address, "_of_the_package", lambda: "")
    with pytest.raises(UnavailableError, match="no site is known here") as raised:
        SHORT.link()
    assert 'trace.link(site="http://127.0.0.1:8000/")' in str(raised.value)
    with pytest.raises(UnavailableError, match=r"You wrote: share\(program\)\n  Write:     share\(program, site="):
        share("print(1)")
    monkeypatch.setattr(site_address, "_of_the_package", lambda: "https://fork.example/")
    assert SHORT.link().startswith("https://fork.example/player/#run=")
    monkeypatch.setenv(site_address.VARIABLE, SITE)
    assert SHORT.link().startswith(SITE)
    assert frontend.given(SHORT)["site"] == SITE


@pytest.mark.parametrize("site", ["example.org", "", 5, "javascript:alert(1)", f"{SITE}#x", f"{SITE}?q=1"])
def test_what_is_no_address_of_a_site_is_refused(site):
    with pytest.raises(ArgumentError, match="site is the address of a site") as raised:
        SHORT.link(site=site)
    assert raised.value.argument == "site"


def test_a_title_is_a_text():
    with pytest.raises(ArgumentError, match="title is a text"):
        SHORT.link(site=SITE, title=5)  # type: ignore[arg-type]


# -- programs ----------------------------------------------------------------------------------------------------------


@given(st.text())
def test_a_program_is_whole_when_it_comes_out_of_its_link(text):
    begin, packed = share(text, site=SITE).split("#program=")
    assert (begin, unpack(packed)) == (f"{SITE}player/", text)


def test_a_function_is_shared_as_its_source():
    def inner():
        yield 1

    assert unpack(share(A, site=SITE).partition("#program=")[2]) == inspect.getsource(A)
    assert unpack(share(inner, site=SITE).partition("#program=")[2]) == "def inner():\n    yield 1\n"


@pytest.mark.parametrize(
    ("given", "instead"), [(5, "share(function)"), (len, "share(function)"), (SHORT, "trace.link()")]
)
def test_what_is_no_program_is_refused(given, instead):
    with pytest.raises(ArgumentError, match="share takes the text of a program") as raised:
        share(given, site=SITE)
    assert instead in str(raised.value)


@pytest.mark.parametrize("text", ["x = 1\n" * 20_000, "".join(random.Random(1).choices(string.printable, k=40_000))])
def test_a_program_too_large_for_a_page_is_refused(text):
    with pytest.raises(ArgumentError, match="This program is too large"):
        share(text, site=SITE)
