"""The player's timeline of a run with more lanes than rows, by the words on its canvas."""

from __future__ import annotations

from itertools import pairwise

import pytest

from coro_lab import record

GO = """async (index) => {
  const pen = CanvasRenderingContext2D.prototype;
  const [fillText, words] = [pen.fillText, []];
  pen.fillText = function (text, ...place) { words.push(text); fillText.call(this, text, ...place); };
  const slider = document.querySelector('.coro-slider');
  slider.value = index;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
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
    lanes = {trace.lanes[event.lane].name for event in trace.events[201:260]}
    assert lanes <= {words.partition(" ")[2] for words in seen}


def test_the_numbers_of_a_long_axis_stand_apart(open_run):
    page, trace = open_run(40, 400)
    drawn = page.evaluate(GO, len(trace.events) - 200)
    steps = sorted({int(words) for words in drawn if words.isdigit()})
    assert len(steps) > 3 and {after - before for before, after in pairwise(steps)} == {5}
