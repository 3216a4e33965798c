"""The player's timeline of a run with more lanes than rows, by the words on its canvas."""

from __future__ import annotations

from itertools import pairwise

import pytest

from coro_lab import record

GO = """async (index) => {
  const pen = CanvasRenderingContext2D.prototype;
  const [fillText, words] = [pen.fillText, []];
  pen.fillText = function (text, ...place) { words.push(text); fillText.call(this, text, ...place); };
  if (index === null) {
    [...document.querySelectorAll('.coro-hide')].find((label) => label.innerText === 'show what comes').click();
  } else {
    const slider = document.querySelector('.coro-slider');
    slider.value = index;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  pen.fillText = fillText;
  return words;
}"""


def turn():
    while True:
        yield


def round_robin(lanes, rounds):
    turns = [turn() for _ in range(lanes)]
    for _ in range(rounds):
        for one in turns:
            next(one)


@pytest.fixture
def open_run(open_file, tmp_path):
    """Opens the saved page of this many lanes in turns; gives the page and the trace."""

    def open_it(lanes, rounds):
        trace = record(round_robin, lanes, rounds, lines=False)
        trace.save_html(tmp_path / "run.html")
        page = open_file(tmp_path / "run.html", viewport={"width": 1100, "height": 900})
        page.locator(".coro-sentence").wait_for()
        return page, trace

    return open_it


def drawn_words(page, index):
    """The words on the canvas when it is drawn for this event; None: when the box `show what comes` is ticked."""
    return {word for word in page.evaluate(GO, index) if not word.isdigit()}


def test_what_is_still_to_come_is_not_drawn_until_it_was_seen_or_asked_for(open_file, tmp_path):
    def echo():
        heard = yield "ready"
        yield heard

    def program():
        lane = echo()
        next(lane)
        lane.send("later")

    trace = record(program, lines=False)
    trace.save_html(tmp_path / "run.html")
    page = open_file(tmp_path / "run.html", viewport={"width": 1100, "height": 900})
    page.locator(".coro-sentence").wait_for()
    later = {"send('later')", "yield 'later'"}
    assert "start" in drawn_words(page, 1) and not later & drawn_words(page, 2)
    assert later <= drawn_words(page, None)
    assert "start" in drawn_words(page, None) and "yield 'later'" not in drawn_words(page, 3)
    assert later <= drawn_words(page, len(trace) - 1)
    assert not page.get_by_label("show what comes").is_visible()
    assert not drawn_words(page, 0), "all of it was drawn, and stays"


def test_a_lane_at_work_has_a_row_with_its_name(open_run):
    page, trace = open_run(200, 3)
    for index in (len(trace.events) - 5, len(trace.events) // 2, 600, 40):
        drawn = page.evaluate(GO, index)
        event = trace.events[index]
        at_work = {trace.lanes[lane].name for lane in (event.lane, event.peer) if lane is not None}
        names = {words.partition(" ")[2] for words in drawn}
        assert {"round_robin", "187 more"} < names and at_work <= names, f"at {index}: {drawn}"


def test_the_rows_follow_step_by_step(open_run):
    page, trace = open_run(200, 1)
    page.evaluate(GO, 200)
    seen = {words for index in range(201, 260) for words in page.evaluate(GO, index)}
    lanes = {event.lane.name for event in trace.events[201:260]}
    assert lanes <= {words.partition(" ")[2] for words in seen}


def test_the_numbers_of_a_long_axis_stand_apart(open_run):
    page, trace = open_run(40, 400)
    drawn = page.evaluate(GO, len(trace.events) - 200)
    steps = sorted({int(words) for words in drawn if words.isdigit()})
    assert len(steps) > 3 and {after - before for before, after in pairwise(steps)} == {5}
