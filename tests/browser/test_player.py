"""The player in a real browser: its controls and keys, what is drawn, the saved page, the notebook, what it costs."""

from __future__ import annotations

import json
from statistics import median
from urllib.parse import urlsplit

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from coro_lab import Stepper, Trace, record
from coro_lab.trace.events import Event, Kind, Lane, Source
from tests.browser.pages import run_all
from tests.browser.reading import read, read_all
from tests.programs import cell, consumer, produce

CONSUMER = cell(consumer, produce)
TRACE = "from coro_lab import Player, record\ntrace = record(lambda: produce(consumer()))\n"
EVIL = [
    "<script>window.caught = 1</script>",
    "</script>",
    "<img src=x onerror='window.caught = 2'>",
    "\"'`${1}",
    "a\u2028b\u2029",
]


def inner():
    received = yield "ready"
    yield received


def outer():
    yield from inner()


def chain():
    suspended = outer()
    next(suspended)
    suspended.send(3)


def many():
    tasks = [inner() for _ in range(30)]
    for task in tasks:
        next(task)
    return tasks


@pytest.fixture
def open_trace(open_file, tmp_path):
    """Opens the saved page of a trace."""

    def open_it(trace: Trace, **options):
        trace.save_html(tmp_path / "run.html", title="A run")
        page = open_file(tmp_path / "run.html", **options)
        page.locator(".coro-sentence").wait_for()
        return page

    return open_it


@pytest.fixture
def page(open_trace):
    """The producer and the consumer, at the first event."""
    return open_trace(record(lambda: produce(consumer())))


def sentence(page) -> str:
    return read(page.locator(".coro-sentence"))


def press(page, *keys: str) -> str:
    page.locator(".coro-slider").focus()
    for key in keys:
        page.keyboard.press(key)
    return sentence(page)


def click(page, name: str) -> str:
    """Click a button; one that is needed seldom is behind "more"."""
    button = page.get_by_role("button", name=name, exact=True)
    if not button.is_visible():
        page.get_by_role("button", name="more", exact=True).click()
    button.click()
    return sentence(page)


def look(page, lane: str) -> str:
    return page.locator(".coro-card", has=page.locator(f".coro-name:text-is('{lane}')")).get_attribute("data-look")


def card(page, lane: str) -> str:
    return read(page.locator(".coro-card", has=page.locator(f".coro-name:text-is('{lane}')")))


# ---- each control, each key


def test_the_buttons_step_through_the_run(page):
    assert sentence(page) == "<lambda> is called."
    assert "is at line" in click(page, "forward")
    assert click(page, "next switch") == "<lambda> calls produce, c = <generator consumer>."
    assert click(page, "next switch") == "produce starts consumer."
    assert click(page, "last").startswith("<lambda> returns")
    assert click(page, "previous switch") == "produce returns None to <lambda>."
    assert click(page, "back") == "consumer is closed for good."
    assert click(page, "first") == "<lambda> is called."


def test_the_keys_do_the_same(page):
    assert press(page, "n", "n") == "produce starts consumer."
    assert press(page, "p") == "<lambda> calls produce, c = <generator consumer>."
    assert press(page, "Control+ArrowRight") == "produce starts consumer."
    assert press(page, "Control+ArrowLeft") == "<lambda> calls produce, c = <generator consumer>."
    assert press(page, "End").startswith("<lambda> returns")
    assert press(page, "ArrowLeft") == "produce returns None to <lambda>."
    assert press(page, "Home") == "<lambda> is called."
    assert "is at line" in press(page, "ArrowRight")


def test_what_is_needed_seldom_and_the_help_for_the_keys_are_one_visible_button_away(page):
    buttons = page.locator(".coro-controls .coro-button:visible")
    assert read_all(buttons) == ["← back", "forward →", "▶ play", "more"]
    click(page, "more")
    assert "play, stop" in read(page.locator(".coro-keys"))
    assert len(set(read_all(buttons))) == buttons.count() == 8, "no two of one name"
    press(page, "?")
    assert not page.locator(".coro-keys").is_visible()


def test_play_goes_to_the_end_and_space_stops_it(page):
    press(page, "?")
    page.get_by_label("speed").select_option("very fast")
    click(page, "play")
    page.get_by_role("button", name="stop", exact=True).wait_for()
    press(page, " ")
    page.get_by_role("button", name="play", exact=True).wait_for()
    press(page, " ")
    page.locator(".coro-sentence", has_text="<lambda> returns").wait_for()
    page.get_by_role("button", name="play", exact=True).wait_for()


def test_the_slider_goes_anywhere(page):
    page.locator(".coro-slider").fill("3")
    assert "event 4 of" in read(page.locator(".coro-where"))


def test_a_click_on_a_printed_line_goes_to_where_it_was_printed(page):
    press(page, "End")
    page.locator(".coro-output").evaluate("box => box.scrollTop = 0")
    page.locator(".coro-print", has_text="[CONSUMER] Consuming 1...").click()
    assert sentence(page) == r"consumer prints '[CONSUMER] Consuming 1...\n'."
    assert read(page.locator(".coro-print.coro-fresh")).split() == [
        "▶",
        "[CONSUMER]",
        "Consuming",
        "1...",
    ]


def test_up_and_down_go_from_printed_line_to_printed_line(page):
    page.locator(".coro-output").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert sentence(page) == r"consumer prints '[CONSUMER] Consuming 1...\n'."
    page.keyboard.press("ArrowUp")
    assert sentence(page) == r"produce prints '[PRODUCER] Producing 1...\n'."


def test_a_click_on_the_timeline_goes_there(page):
    box = page.locator(".coro-detail").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + 10)
    assert sentence(page).startswith("<lambda> returns")
    page.mouse.click(box["x"] + 118, box["y"] + 10)
    assert sentence(page) == "<lambda> is called."


def test_with_lines_hidden_only_switches_and_outputs_are_stops(page):
    press(page, "?")
    page.get_by_label("hide lines").check()
    seen = [press(page, "ArrowRight") for _ in range(6)]
    assert not any("is at line" in told for told in seen)
    assert [told.split()[1] for told in seen] == ["calls", "starts", "yields", "prints", "sends", "prints"]
    assert press(page, "End").startswith("<lambda> returns")


def test_a_button_with_nothing_to_do_says_so(page):
    assert page.get_by_role("button", name="back", exact=True).get_attribute("aria-disabled") == "true"
    press(page, "End")
    assert page.get_by_role("button", name="forward", exact=True).get_attribute("aria-disabled") == "true"
    page.get_by_role("button", name="forward", exact=True).click(force=True)
    assert sentence(page).startswith("<lambda> returns")


# ---- what is seen


def test_the_value_goes_in_along_an_arrow_and_comes_back(page):
    told = press(page, *"nnnn")
    assert told == f"produce sends 1 to consumer, which resumes at line {told.split()[-1]}"
    assert read(page.locator(".coro-pill")) == "send(1)"
    assert (look(page, "consumer"), look(page, "produce")) == ("running", "waiting")
    assert "waiting for consumer" in card(page, "produce")
    assert "resumed by produce" in card(page, "consumer")
    press(page, "n")
    assert read(page.locator(".coro-pill")) == "yield '200 OK'"
    assert (look(page, "consumer"), look(page, "produce")) == ("suspended", "running")


def test_a_suspended_coroutine_stays_with_its_line_its_locals_and_no_caller(page):
    press(page, *"nnnnn")
    assert "suspended at line" in card(page, "consumer")
    assert "no caller; its frame is kept" in card(page, "consumer")
    assert "r\n'200 OK'" in card(page, "consumer")
    assert page.locator(".coro-loose").text_content() == "cut off"


def test_a_local_that_changed_is_marked_in_words(page):
    press(page, *"nnnn", "ArrowRight")
    assert read(page.locator(".coro-changed")).split("\n") == ["n", "1 ● changed"]


def test_a_closed_one_says_how(page):
    press(page, "End")
    assert "closed\nby close()" in card(page, "consumer")


def test_a_chain_is_one_chain_with_the_innermost_suspended(open_trace):
    page = open_trace(record(chain))
    told = press(page, *"nnnn")
    assert told.startswith("outer delegates at line")
    assert "delegates to inner; its frame is kept" in card(page, "outer")
    assert "innermost; its frame is kept" in card(page, "inner")
    assert page.locator(".coro-wire.coro-delegates").count() == 1
    assert page.locator(".coro-loose").count() == 1, "only the outermost end is loose"


def test_folded_lanes_are_counted_named_and_can_be_shown(open_trace):
    page = open_trace(record(many))
    press(page, "End")
    seated = page.locator(".coro-card").count()
    assert read(page.locator(".coro-count")).startswith(f"{31 - seated} of 31 lanes folded")
    page.locator(".coro-chip").first.click()
    page.get_by_role("button", name="show all 31").click()
    assert page.locator(".coro-card").count() == 31
    page.get_by_role("button", name="fold").click()
    assert page.locator(".coro-card").count() == seated


def test_the_lane_that_runs_next_is_never_a_folded_one(open_trace):
    def read_lines():
        yield from ["4", "7"]

    def doubled(numbers):
        for number in numbers:
            yield number * 2

    def report():
        for number in doubled(doubled(doubled(doubled(map(int, read_lines()))))):
            print(number)

    trace = record(report, lines=False)
    page = open_trace(trace, viewport={"width": 870, "height": 900})  # as in JupyterLab, 1280 pixels wide
    for event in [*trace.switches()][1:]:
        shown = read_all(page.locator(".coro-name"))
        asked = {trace.lanes[end].name for end in (event.lane, event.peer) if end is not None}
        assert asked <= set(shown) and len(shown) == 4
        press(page, "n")


def test_a_trace_without_events_shows_its_lanes(open_trace):
    page = open_trace(Stepper(inner).trace)
    assert sentence(page) == "Nothing has run yet."


@pytest.mark.parametrize(
    "text, said", [("{", "not JSON"), ('{"coro_lab_trace": 9}', "format 9"), ('{"coro_lab_trace": 3}', "damaged")]
)
def test_a_trace_that_cannot_be_shown_gets_one_sentence(open_file, tmp_path, text, said):
    record(chain).save_html(tmp_path / "run.html")
    page = open_file(tmp_path / "run.html")
    page.evaluate("document.querySelector('main').replaceChildren()")
    source = (tmp_path / "run.html").read_text(encoding="utf-8")
    start = source.index('<script type="application/json">') + len('<script type="application/json">')
    given = json.loads(source[start : source.index("</script>", start)])
    broken = json.dumps({**given, "trace": text}).replace("<", "\\u003c")
    (tmp_path / "broken.html").write_text(
        source[:start] + broken + source[source.index("</script>", start) :], encoding="utf-8"
    )
    page.goto((tmp_path / "broken.html").as_uri())
    assert said in read(page.get_by_role("alert"))
    assert not page.locator(".coro-body").is_visible()


def hostile() -> Trace:
    lanes = tuple(Lane(text, "generator", Source(1, f"x = {text!r}\n{text}")) for text in EVIL)
    events = [Event(0, 0, Kind.START, 1, None, None, None, tuple((text, text) for text in EVIL))]
    events += [Event(0, 0, Kind.OUTPUT, 1, f"{text}\n") for text in EVIL]
    events += [Event(0, 0, Kind.RAISE, 1, text, 1, 2) for text in EVIL]
    return Trace(tuple(events), lanes, driver=EVIL[2], cut=EVIL[0])


def test_nothing_that_a_program_makes_becomes_markup(open_trace, tmp_path):
    page = open_trace(hostile())
    for _ in hostile().events:
        press(page, "ArrowRight")
    assert page.evaluate("window.caught") is None
    assert page.locator("main script, main img").count() == 0
    assert read(page.locator(".coro-print").first).endswith(EVIL[0])
    assert read(page.locator(".coro-name").first) == EVIL[0]


# ---- themes, sizes, everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("trace", [chain, many, lambda: produce(consumer())], ids=["chain", "many", "consumer"])
def test_an_accessibility_audit_has_no_serious_finding(open_trace, scheme, trace):
    page = open_trace(record(trace), color_scheme=scheme)
    for keys in (["?"], ["n"] * 3, ["n"] * 2, ["ArrowRight"], ["End"]):
        press(page, *keys)
        found = [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in audit(page)]
        assert found == [], f"after {keys}"


def audit(page, part: str = "body") -> list[dict]:
    return [one for one in Axe().run(page, part).response["violations"] if one["impact"] in ("serious", "critical")]


INKS = """() => {
  const canvas = document.querySelector('.coro-detail');
  const ink = getComputedStyle(canvas).color.match(/\\d+/g).map(Number);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let [solid, coloured] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 255 && ink.every((part, place) => data[at + place] === part)) solid += 1;
    if (data[at] !== data[at + 1] || data[at + 1] !== data[at + 2]) coloured += 1;
  }
  return [solid, coloured];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states_and_selection_show_where_the_system_forces_its_colours(open_trace, scheme):
    """As in the high contrast of Windows: nothing that matters is told by a background, a shadow or a hue."""
    page = open_trace(record(lambda: produce(consumer())), forced_colors="active", color_scheme=scheme)
    press(page, "n", "n", "n")
    assert page.locator(".coro").get_attribute("data-theme") == "contrast"
    outline = "(all) => all.map((one) => [one.dataset.look ?? '', getComputedStyle(one).outlineStyle])"
    outlined = page.locator(".coro-card").evaluate_all(outline)
    assert [look for look, style in outlined if style == "solid"] == ["running"] and len(outlined) == 3
    assert {style for _, style in page.locator(".coro-here").evaluate_all(outline)} == {"solid"}
    assert page.locator(".coro-cursor").first.evaluate("(one) => getComputedStyle(one).borderRightStyle") == "solid"
    solid, coloured = page.evaluate(INKS)
    assert solid > 1000 and coloured == 0
    assert audit(page) == []


def test_a_screen_reader_hears_the_sentence(page):
    assert page.locator(".coro-sentence").get_attribute("aria-live") == "polite"
    press(page, "n")
    assert page.locator(".coro-slider").get_attribute("aria-valuetext") == "event 3 of 85, step 1"


@pytest.mark.parametrize("width", [800, 640, 400])
def test_nothing_is_wider_than_the_page(open_trace, width):
    """400 pixels are 800 at 200 % zoom."""
    page = open_trace(record(many), viewport={"width": width, "height": 700})
    press(page, "n", "n", "n")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".coro-card").count() >= 2, "both ends of the crossing"


TRAVELLING = """() => {
  const root = document.querySelector('.coro');
  root.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }));
  const [traveller, stage] = ['.coro-traveller', '.coro-stage'].map((part) => root.querySelector(part));
  const base = stage.getBoundingClientRect();
  const middle = (box) => [box.left + box.width / 2 - base.left, box.top + box.height / 2 - base.top].map(Math.round);
  const ends = ['.coro-leaves', '.coro-lands'].map((part) => root.querySelector(part));
  const [motion] = traveller.getAnimations();
  const frames = motion?.effect.getKeyframes().map(({ transform }) => transform.match(/-?[\\d.]+(?=px)/g).map(Number));
  return {
    ends: ends.map((end) => end?.textContent), places: ends.map((end) => end && middle(end.getClientRects()[0])),
    words: motion && traveller.textContent, time: motion?.currentTime,
    way: motion && [frames.at(0), frames.at(-1)].map((point) => point.map(Math.round)),
    told: root.querySelector('.coro-sentence').textContent,
  };
}"""


def test_a_value_travels_from_its_expression_to_its_name_and_no_key_waits_for_it(open_trace):
    page = open_trace(record(lambda: produce(consumer())), reduced_motion="no-preference")
    seen = [page.evaluate(TRAVELLING) for _ in range(5)]
    assert [one["told"].split()[1] for one in seen] == ["calls", "starts", "yields", "sends", "yields"]
    assert [one["time"] for one in seen] == [0] * 5, "each sets out at once"
    assert [one["ends"] for one in seen[2:]] == [["r", "c.send(None)"], ["n", "n"], ["r", "r"]]
    assert [one["words"] for one in seen[2:]] == ["''", "1", "'200 OK'"]
    assert all(one["way"] == one["places"] for one in seen[2:])


def test_for_those_who_asked_for_less_motion_both_ends_are_marked_and_nothing_moves(open_trace):
    page = open_trace(record(lambda: produce(consumer())), reduced_motion="reduce")
    (*_, sent) = [page.evaluate(TRAVELLING) for _ in range(4)]
    assert (sent["ends"], sent.get("words")) == (["n", "n"], None)
    assert page.evaluate("() => document.getAnimations().length") == 0


@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_jumps_about_while_stepping(open_trace, width):
    """The controls, the cards and the timeline keep their places from the first event to the last."""
    page = open_trace(record(lambda: produce(consumer())), viewport={"width": width, "height": 900})
    places = """() => ['.coro-slider', '.coro-deck', '.coro-timeline', '.coro-output'].map(
      (part) => Math.round(document.querySelector(part).getBoundingClientRect().top))"""
    seen = {tuple(page.evaluate(places))}
    for _ in range(84):
        press(page, "ArrowRight")
        seen.add(tuple(page.evaluate(places)))
    assert len(seen) == 1


# ---- in JupyterLab


def test_a_notebook_plays_while_a_cell_runs_and_after_the_kernel_died(write_notebook, open_notebook, watched):
    page = open_notebook(write_notebook("player.ipynb", CONSUMER, TRACE + "Player(trace)"))
    page.locator(".coro-sentence").wait_for()
    assert press(page, "n", "n") == "produce starts consumer."
    page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code: 'while True: pass' }) }"
    )
    assert press(page, "p", "n") == "produce starts consumer.", "while a cell runs"
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel")
    assert press(page, "p", "n", "n").startswith("consumer yields ''")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2, "no key of the player reached the notebook"
    watched.forgive_errors()


def test_controls_code_timeline_and_output_are_on_one_screen_beside_the_list_of_files(write_notebook, open_notebook):
    name = write_notebook("player.ipynb", CONSUMER, TRACE + "trace")
    page = open_notebook(name, viewport={"width": 1280, "height": 900})
    page.locator(".coro-slider").wait_for()
    press(page, "n", "n", "n", "n", "n")
    buttons = page.locator(".coro-controls .coro-button:visible")
    assert len(set(buttons.evaluate_all("(all) => all.map((button) => button.offsetTop)"))) == 1
    screen = page.locator(".jp-NotebookPanel-notebook").bounding_box()
    assert page.locator(".coro").bounding_box()["height"] <= screen["height"]
    rows = (
        page.locator(".coro-output").bounding_box()["height"]
        / page.locator(".coro-print").first.bounding_box()["height"]
    )
    assert rows < 6, "no empty lines are kept for all that will be printed"


def test_a_new_trace_is_followed_without_losing_the_focus(write_notebook, open_notebook):
    cells = (
        CONSUMER,
        "from coro_lab import Player, Stepper\nstepper = Stepper(consumer).next()",
        "player = Player(stepper.trace, follow=True)\nplayer",
    )
    page = open_notebook(write_notebook("follow.ipynb", *cells))
    page.locator(".coro-sentence", has_text="yields ''").wait_for()
    page.locator(".coro-slider").focus()
    page.evaluate("() => { window.kept = document.querySelector('.coro-card') }")
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code: 'player.trace = stepper.send(1).trace' }).done.then(() => null)"
    )
    page.locator(".coro-sentence", has_text="yields '200 OK'").wait_for()
    assert page.evaluate("document.activeElement.className") == "coro-slider"
    assert page.evaluate("document.querySelector('.coro-card') === window.kept")
    page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code: 'player.index = 4' }).done.then(() => null)"
    )
    page.locator(".coro-sentence", has_text="yields ''").wait_for()


# ---- keys after a click

PLACES = {
    "the sentence": ".coro-sentence",
    "the head of a card": ".coro-name >> nth=0",
    "a line of code": ".coro-line >> nth=1",
    "an empty place": ".coro-where",
    "the timeline": ".coro-timeline canvas >> nth=0",
    "the output": ".coro-output",
}


def the_keys_come_after_a_click(page, place: str) -> None:
    page.locator(place).click()
    assert page.evaluate("() => getComputedStyle(document.activeElement.closest('.coro')).outlineStyle") == "solid"
    page.keyboard.press("Home")
    assert sentence(page) == "<lambda> is called."
    page.keyboard.press("ArrowRight")
    assert "is at line" in sentence(page)


@pytest.mark.parametrize("place", PLACES)
def test_a_click_anywhere_gives_the_player_the_keys(page, place):
    the_keys_come_after_a_click(page, PLACES[place])


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_a_trace_at_the_end_of_a_cell_plays_and_they_come_in_a_notebook_too(
    app, write_notebook, open_notebook, watched
):
    page = open_notebook(write_notebook("keys.ipynb", CONSUMER, TRACE + "trace"), app=app, run=False)
    watched.forgive_errors()  # Notebook's own while it starts; no cell has run yet
    run_all(page)
    page.locator(".coro-sentence").wait_for()
    assert press(page, "n", "n") == "produce starts consumer."
    for place in [*PLACES.values(), "role=button[name='back']", "role=button[name='forward']"]:
        the_keys_come_after_a_click(page, place)


def test_a_fork_shows_both_runs_and_their_first_difference(write_notebook, open_notebook):
    cells = (CONSUMER, "from coro_lab import Player, Stepper\nPlayer(Stepper(consumer).next().send(1).send(2))")
    page = open_notebook(write_notebook("fork.ipynb", *cells))
    page.locator(".coro-sentence").wait_for()
    press(page, "n", "n")
    assert "What if I send instead of 1:" in read(page.locator(".coro-ask"))
    page.locator(".coro-value").fill("open('x')")
    page.locator(".coro-value").press("Enter")
    page.locator(".coro-said", has_text="is not a Python literal").wait_for()
    page.locator(".coro-value").fill("0")
    page.get_by_role("button", name="try it").click()
    page.locator(".coro-said", has_text="▼ marks the first difference.").wait_for()
    answer = read(page.locator(".coro-answer"))
    assert "▼ consumer resumes at line" in answer and "and receives 1." in answer and "and receives 0." in answer
    assert page.locator(".coro-answer canvas.coro-detail").count() == 2


def test_two_runs_stand_side_by_side_where_they_first_differ_also_without_a_kernel(write_notebook, open_notebook):
    code = (
        "from coro_lab import Player, record\n"
        "record(lambda: produce(consumer())).diff(record(lambda: next(consumer())))"
    )
    page = open_notebook(write_notebook("difference.ipynb", CONSUMER, code))
    page.locator(".coro-said", has_text="▼ marks the first difference.").wait_for()
    region = page.get_by_role("group", name="the two runs")
    answer = read(region)
    assert "as it was" in answer and "the other run" in answer
    assert "What if" not in answer
    assert page.locator(".coro-answer canvas.coro-detail").count() == 2
    assert [one["id"] for one in audit(page, ".coro")] == []


def test_a_dark_notebook_has_a_dark_player(write_notebook, open_notebook):
    page = open_notebook(write_notebook("dark.ipynb", CONSUMER, TRACE + "Player(trace)"))
    page.locator(".coro-sentence").wait_for()
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })")
    page.locator(".coro[data-theme=dark]").wait_for()
    press(page, "n", "n", "n")
    assert [one["id"] for one in audit(page, ".coro")] == []
    page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })")
    page.locator(".coro[data-theme=light]").wait_for()


# ---- what it costs: figures for the report, with bounds that only a defect reaches

PAINTED = """async (key) => {
  const root = document.querySelector('.coro');
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  const times = [];
  for (let turn = 0; turn < 50; turn += 1) {
    await new Promise((done) => setTimeout(done, (turn * 7) % 16));
    const start = performance.now();
    if (typeof key === 'string') root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    else {
      const slider = root.querySelector('.coro-slider');
      slider.value = Math.floor((((turn * 7919) % 1000) / 1000) * key);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    await painted();
    times.push(performance.now() - start);
  }
  return times;
}"""


def busy(events: int) -> Trace:
    """A generator and the one that drives it, of about this many events, with outputs among them."""

    def numbers(count):
        for number in range(count):
            doubled = number * 2
            if number % 4 == 0:
                print(doubled)
            yield doubled

    def drive(count):
        for _ in numbers(count):
            pass

    trace = record(drive, events // 6, max_events=events)
    assert len(trace.events) >= 0.9 * events
    return trace


@pytest.mark.parametrize("events", [1_000, 100_000])
def test_what_a_step_costs(open_trace, figure, capsys, events):
    trace = busy(events)
    capsys.readouterr()
    page = open_trace(trace)
    painted = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"  # there once it is painted
    opened = page.wait_for_function(painted).json_value()
    steps, jumps = page.evaluate(PAINTED, "ArrowRight"), page.evaluate(PAINTED, len(trace.events))
    switches = page.evaluate(PAINTED, "n")
    figure(f"{len(trace.events):,} events: step to paint p50", f"{median(steps):.1f} ms")
    figure(f"{len(trace.events):,} events: next switch to paint p50", f"{median(switches):.1f} ms")
    figure(
        f"{len(trace.events):,} events: jump to paint p50 and slowest", f"{median(jumps):.1f} and {max(jumps):.1f} ms"
    )
    figure(f"{len(trace.events):,} events: page opened to first paint", f"{opened:.0f} ms")
    figure(f"{len(trace.events):,} events: the trace as JSON", f"{len(trace.to_json().encode()) / 1e6:.2f} MB")
    assert median(steps) < 500 and median(jumps) < 1000 and opened < 30_000


# ---- elsewhere


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A notebook that was executed and saved with the state of its widgets."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (CONSUMER, TRACE + "trace")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    folder = tmp_path_factory.mktemp("stored")
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def test_a_page_made_by_nbconvert_asks_only_for_the_widget_managers_scripts(stored, tmp_path, chromium, figure):
    assert len(nbformat.writes(stored)) < 200_000
    (tmp_path / "page.html").write_text(HTMLExporter().from_notebook_node(stored)[0], encoding="utf-8")
    context = chromium.new_context(offline=True)
    asked = []
    context.on("request", lambda request: asked.append(urlsplit(request.url).hostname))
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    context.close()
    figure("a page by nbconvert asks", ", ".join(sorted(set(filter(None, asked)))))
    assert set(filter(None, asked)) <= {"cdnjs.cloudflare.com", "unpkg.com", "cdn.jsdelivr.net"}


def test_a_run_of_many_lanes_is_no_slower(open_trace, figure):
    def crowd():
        tasks = [inner() for _ in range(2_000)]
        for _ in range(2):
            for task in tasks:
                next(task)
        for task in tasks:
            task.close()

    trace = record(crowd)
    page = open_trace(trace)
    steps, jumps = page.evaluate(PAINTED, "n"), page.evaluate(PAINTED, len(trace.events))
    figure(
        f"{len(trace.lanes):,} lanes: next switch and jump to paint p50",
        f"{median(steps):.1f} and {median(jumps):.1f} ms",
    )
    assert "lanes folded" in read(page.locator(".coro-count"))
    assert median(steps) < 500 and median(jumps) < 1000
