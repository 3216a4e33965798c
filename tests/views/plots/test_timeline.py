"""What a timeline must show, read from its artists; the traces are those of real runs."""

import asyncio
import json
from io import BytesIO
from itertools import combinations

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from coro_lab import cores, costs
from coro_lab.engine.explore import explore, interleavings
from coro_lab.engine.recorder import record
from coro_lab.engine.scheduler import Scheduler
from coro_lab.engine.stepper import Stepper
from coro_lab.trace.events import Event, Kind, Lane
from coro_lab.trace.trace import Trace
from coro_lab.views import marks, palette
from coro_lab.views.plots.columns import OUTSIDE
from coro_lab.views.plots.cores import heat_map
from coro_lab.views.plots.costs import cost_curves
from coro_lab.views.plots.lattice import lattice
from coro_lab.views.plots.model import ROOM, LaneSpan
from coro_lab.views.plots.text_layout import plain
from coro_lab.views.plots.timeline import timeline
from tests.lines import line
from tests.programs import averager, consumer, produce
from tests.run_picture import read

mpl.use("agg")


@pytest.fixture(autouse=True)
def a_new_session():
    palette.reset()
    yield
    plt.close("all")
    palette.reset()


def A():
    for number in "123":
        print(number)
        yield


def B():
    for letter in "xyz":
        print(letter)
        yield


def inner():
    got = yield "ready"
    return got


def outer():
    return (yield from inner())


def worker():
    turn = 0
    while True:
        turn = yield turn


def round_robin(workers, turns):
    """Sends to this many workers in turns; each gives back what it was sent."""
    lanes = [worker() for _ in range(workers)]
    for turn in range(turns):
        lanes[turn % workers].send(turn if turn >= workers else None)


def scheduled(schedule):
    scheduler = Scheduler()
    scheduler.spawn(A())
    scheduler.spawn(B())
    return scheduler.run(schedule)


def bars(ax, gid):
    """The bars with this name, as (begin, end) in steps."""
    boxes = [path.get_extents() for bar in ax.collections if bar.get_gid() == gid for path in bar.get_paths()]
    return [(round(float(box.x0), 2), round(float(box.x1), 2)) for box in boxes]


def words(ax, gid="crossing"):
    """The texts of one sort, from left to right."""
    found = [text for text in ax.texts if text.get_gid() == gid]
    return [
        text.get_text().replace("\n(", "(").replace("\n", " ")
        for text in sorted(found, key=lambda text: text.get_position()[0])
    ]


def notes(ax):
    return ax.texts[0].get_text().split("\n")


def names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def arrows(ax):
    """Each arrow as (step, row it leaves, row it lands on)."""
    (drawn,) = [lines for lines in ax.collections if lines.get_gid() == "crossings"]
    rows = ax.get_yticks()

    def nearest(y):
        return min(range(len(rows)), key=lambda row: abs(rows[row] - y))

    return [(round(float(a[0]), 2), nearest(a[1]), nearest(b[1])) for a, b in drawn.get_segments()]


def overlaps(ax):
    """The pairs of labels that cover each other, apart from the empty margins of their lines."""
    ax.figure.canvas.draw()
    found = [text for text in ax.texts if text.get_gid() in ("crossing", "printed", "line")]
    boxes = [(text.get_text(), text.get_window_extent().shrunk(0.98, 0.8)) for text in found]
    return [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]


def test_the_producer_and_the_consumer_take_turns(capsys):
    ax = timeline(record(produce, consumer()))
    assert ax.get_title() == "2 lanes, 14 switches; produce and consumer take turns"
    assert names(ax) == ["produce", "consumer", "printed"]
    rounds = [word for n in range(1, 6) for word in (f"send({n})", "yield '200 OK'")]
    assert words(ax) == ["start", "yield ''", *rounds, "close()", "closed"]
    assert bars(ax, "running consumer") == [(step - 0.5, step + 0.5) for step in range(1, 14, 2)]
    assert bars(ax, "suspended consumer") == [(step - 0.5, step + 0.5) for step in range(2, 13, 2)]
    assert bars(ax, "waiting produce") == [(step - 0.5, step + 0.5) for step in range(1, 14, 2)]
    assert overlaps(ax) == []


def test_each_value_goes_from_the_lane_it_leaves_to_the_lane_it_lands_on(capsys):
    drawn = arrows(timeline(record(produce, consumer())))
    assert drawn == [(step + 0.5, step % 2, 1 - step % 2) for step in range(14)]


def test_what_was_printed_stands_at_the_step_that_printed_it(capsys):
    ax = timeline(scheduled("AABBAB"))
    printed = [text for text in ax.texts if text.get_gid() == "printed"]
    assert [(text.get_position()[0], text.get_text()) for text in printed] == list(enumerate("12xy3z"))
    assert ax.get_title().endswith("they run in the order A A B B A B")


def test_all_fifteen_printed_lines_find_room(capsys):
    ax = timeline(record(produce, consumer()))
    assert sorted(words(ax, "printed")) == sorted(capsys.readouterr().out.splitlines())


def test_the_scheduler_is_a_grey_row_and_a_task_is_suspended_between_two_of_its_steps(capsys):
    ax = timeline(scheduled("AABBAB"))
    assert names(ax)[:3] == ["scheduler", "A", "B"]
    assert to_hex(ax.get_yticklabels()[0].get_color()).upper() == palette.GREY.text
    assert bars(ax, "suspended A")[0] == (0.5 - ROOM, 0.5 + ROOM)
    assert bars(ax, "suspended A")[1] == (1.5 - ROOM, 3.5 + ROOM)


def test_a_call_waits_for_what_it_called_and_nothing_is_suspended():
    def c():
        return "c"

    def b():
        return "b" + c()

    def a():
        return "a" + b()

    ax = timeline(record(a))
    assert ax.get_title() == "3 lanes, 4 switches; every call returns before its caller goes on"
    assert words(ax) == ["call", "call", "return 'c'", "return 'bc'"]
    assert bars(ax, "waiting a") == [(0.5, 3.5)] and bars(ax, "waiting b") == [(1.5, 2.5)]
    assert not any(str(bar.get_gid()).startswith("suspended") for bar in ax.collections)


def test_in_a_chain_the_inner_one_yields_and_the_outer_one_delegates():
    def main():
        chain = outer()
        next(chain)
        try:
            chain.send("hello")
        except StopIteration as stop:
            return stop.value

    ax = timeline(record(main))
    assert ax.get_title() == "3 lanes, 8 switches; inner yields, outer delegates"
    both = timeline(record(lambda: [list(outer()), list(outer())]))
    assert both.get_title().endswith("; inner and inner 2 yield, outer and outer 2 delegate")
    both = ["start", "send('hello')", "return 'hello'"]
    assert sorted(words(ax)) == sorted([*both, *both, "yield 'ready'", "yield from: 'ready'"])
    assert bars(ax, "suspended outer") == bars(ax, "suspended inner") == [(2.5, 3.5)]
    assert (2.5, 2, 1) in arrows(ax) and (2.5, 1, 0) in arrows(ax)
    assert overlaps(ax) == []


def test_your_own_steps_throw_and_close(capsys):
    ax = timeline(Stepper(averager).next().send(10).throw(ValueError("x")).trace)
    assert names(ax) == ["you", "averager"]
    assert words(ax) == ["start", "yield", "send(10)", "yield 10.0", "throw(ValueError('x'))", "raise ValueError('x')"]
    (cross,) = [mark for mark in ax.lines if mark.get_gid() == "raise averager"]
    assert cross.get_marker() == "x"


@pytest.mark.parametrize(
    "trace, gid, marker",
    [
        (lambda: Stepper(averager).next().close().trace, "close averager", "o"),
        (lambda: Stepper(inner).next().send(1).trace, "return inner", "s"),
    ],
)
def test_each_way_to_end_has_its_mark(trace, gid, marker):
    (mark,) = [mark for mark in timeline(trace()).lines if mark.get_gid() == gid]
    assert mark.get_marker() == marker


def test_running_is_solid_suspended_is_hatched_and_thinner():
    ax = timeline(Stepper(inner).next().send(1).trace)
    look = {bar.get_gid(): bar for bar in ax.collections}
    running, suspended = look["running inner"], look["suspended inner"]
    assert running.get_hatch() is None and suspended.get_hatch() == marks.HATCH
    assert running.get_paths()[0].get_extents().height == 2 * suspended.get_paths()[0].get_extents().height
    assert to_hex(running.get_facecolor()[0]).upper() == palette.style("inner").colour


def test_a_name_has_the_same_colour_in_the_next_picture(capsys):
    first = timeline(record(produce, consumer()))
    second = timeline(Stepper(consumer).next().trace)
    assert first.get_yticklabels()[1].get_color() == second.get_yticklabels()[1].get_color()


def test_the_bars_name_the_lines_where_control_lands_and_leaves():
    ax = timeline(Stepper(inner).next().send(1).trace)
    assert words(ax, "line") == [str(line(inner, number)) for number in (1, 2, 2, 3)]
    assert words(timeline(Stepper(inner).next().trace, lines=False), "line") == []


def test_six_lanes_and_sixty_steps_are_readable_untouched():
    ax = timeline(record(round_robin, 5, 29))
    assert len(arrows(ax)) == 58 and len(words(ax)) == 29 + 24 + 5
    assert overlaps(ax) == []
    assert ax.figure.get_size_inches()[0] == 8


def test_values_are_shown_as_plain_text():
    def odd():
        yield "$x^2$ \\frac{}"
        yield "中文"
        yield "long " * 30

    ax = timeline(Stepper(odd).next().next().next().trace)
    ax.figure.canvas.draw()
    assert not any(text.get_parse_math() for text in [*ax.texts, ax.title, *ax.get_yticklabels()])
    assert any(word.startswith("yield '$x^2$") for word in words(ax))
    assert max(map(len, words(ax))) <= len("yield ") + 24


def test_a_character_without_a_glyph_is_written_as_its_number():
    assert plain("中\n") == "\\u4e2d\\n"
    assert plain("x" * 50, 10) == "x" * 9 + "…"


def test_a_long_run_is_folded_and_says_so():
    trace = record(round_robin, 2, 500)
    ax = timeline(trace)
    assert names(ax) == ["round_robin", "worker", "worker 2"]
    assert notes(ax)[0].startswith("each column is ") and notes(ax)[1].startswith("not drawn: 1,000 arrows;")
    assert words(ax, "arrivals") == [
        "control arrives 500 times", "control arrives 250 times", "control arrives 250 times"
    ]  # fmt: skip
    shares = {patch.get_gid(): sum(patch.get_data().baseline - patch.get_data().values) for patch in ax.patches}
    assert shares["running round_robin"] == pytest.approx(2 * shares["running worker"], rel=0.01)


def test_a_forgotten_generator_is_closed_without_an_arrow():
    ax = timeline(record(round_robin, 2, 4))
    assert names(ax) == ["round_robin", "worker", "worker 2"]
    assert [mark.get_marker() for mark in ax.lines if mark.get_gid() == "close worker"] == ["o"]


def test_a_part_of_a_long_run_is_drawn_step_by_step():
    ax = timeline(record(round_robin, 2, 500), steps=range(100, 112))
    assert words(ax)[:3] == ["yield 49", "send(50)", "yield 50"]
    assert 99 < ax.get_xlim()[0] < 100 and 111 < ax.get_xlim()[1] < 113


def test_steps_that_the_run_does_not_have_are_refused_with_what_to_write():
    with pytest.raises(ValueError, match=r"Write:     steps=range\(0, 2\)"):
        timeline(Stepper(inner).next().send(1).trace, steps=range(50, 60))
    with pytest.raises(ValueError, match=r"You wrote: steps=60\n  Write:     steps=range\(0, 2\)"):
        timeline(Stepper(inner).next().send(1).trace, steps=60)


@pytest.mark.parametrize(
    "given, wrote, instead",
    [
        (lambda: 5, "5", "record(program)"),
        (lambda: inner, "inner", "record(inner)"),
        (lambda: Stepper(inner), "stepper", "stepper.trace"),
        (lambda: explore(coroutines={"A": inner}), "exploration", "exploration.counterexample"),
    ],
    ids=["a number", "a function", "a stepper", "an exploration"],
)
def test_an_object_that_is_not_a_trace_is_refused_with_what_to_write(given, wrote, instead):
    with pytest.raises(TypeError) as error:
        timeline(given())
    assert str(error.value).splitlines() == [
        "timeline shows a run, which is a Trace.",
        f"  You wrote: timeline({wrote})",
        f"  Write:     timeline({instead})",
    ]


def told_of_a_recording(program):
    recording = record(program())
    with pytest.raises(TypeError) as error:
        timeline(recording)
    return recording, str(error.value).splitlines()


def test_a_recording_that_was_not_awaited_gets_its_own_message():
    async def nap():
        pass

    async def notebook():
        recording, told = told_of_a_recording(nap)
        await recording
        return told

    assert asyncio.run(notebook()) == [
        "timeline shows a run, and this one has not begun: its await was forgotten.",
        "  You wrote: t = record(nap())",
        "  Write:     t = await record(nap())",
    ]


def test_in_a_script_where_await_is_a_syntax_error_the_message_says_to_record_the_function():
    async def nap():
        pass

    recording, told = told_of_a_recording(nap)
    asyncio.run(recording)
    assert told == [
        "timeline shows a run, and this one has not begun.",
        "  You wrote: t = record(nap())",
        "  Write:     t = record(nap)",
    ]


def test_lanes_beyond_the_fortieth_share_a_row_and_the_picture_says_so():
    ax = timeline(record(round_robin, 60, 60))
    assert len(names(ax)) == 40 and names(ax)[-1] == "22 more lanes"
    assert "22 lanes share the last row" in notes(ax)


async def turns(number):
    for _ in range(number):
        await asyncio.sleep(0)


async def many_tasks(tasks, number):
    await asyncio.gather(*(turns(number) for _ in range(tasks)))


@pytest.mark.integration
def test_ten_thousand_tasks_are_folded_and_the_picture_says_what_is_not_drawn():
    trace = record(many_tasks, 10_000, 1, lines=False, max_events=1_000_000)
    ax = timeline(trace)
    assert names(ax)[:3] == ["event loop", "many_tasks", "<genexpr>"] and names(ax)[-1] == "9,963 more lanes"
    counts = f"{len(trace.lanes):,} lanes, {len(trace.events):,} switches;"
    assert ax.get_title().split("\n") == [counts, "<genexpr> yields, 10,001 lanes delegate"]
    assert outside_the_figure(ax) == []
    told = " ".join(notes(ax))
    assert "9,963 lanes share the last row" in told
    assert "each column is 381 steps" in told
    assert "not drawn: 60,006 arrows" in told
    assert len(ax.patches) + len(ax.collections) <= 3 * len(names(ax))
    part = timeline(trace, steps=range(20_003, 20_010))
    assert names(part)[-7:] == ["turns", *(f"turns {number}" for number in range(2, 8))]


def outside_the_figure(ax):
    """The words of which something lies beyond the figure's edge."""
    ax.figure.canvas.draw()
    drawn = [ax.title, *ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), *ax.get_legend().get_texts()]
    figure = ax.figure.bbox
    boxes = [(text.get_text(), text.get_window_extent()) for text in drawn if text.get_text()]
    return [words for words, box in boxes if box.x0 < figure.x0 or box.x1 > figure.x1 or box.y1 > figure.y1]


def long_run(steps, name="worker"):
    """Two lanes that take turns for this many steps."""
    events = [Event(step, step % 2, Kind.RESUME if step > 1 else Kind.START) for step in range(steps)]
    return Trace(tuple(events), (Lane("main", "function"), Lane(name, "generator")), driver="you")


@pytest.mark.integration
@pytest.mark.parametrize("steps", [9_999, 100_001, 129_990, 130_004, 1_000_001])
def test_the_words_of_a_very_long_timeline_lie_within_the_figure(steps):
    ax = timeline(long_run(steps, name="a_name_of_22_letters__"))
    assert outside_the_figure(ax) == []
    left, right = ax.get_xlim()
    shown = [tick for tick in ax.get_xticks() if left <= tick <= right]
    assert len(shown) > 3 and min(shown) >= 0 and max(shown) < steps


def test_on_given_axes_the_finding_takes_one_line():
    _, ax = plt.subplots(figsize=(5, 4))
    timeline(record(many_tasks, 100, 1, lines=False), ax)
    assert "\n" not in ax.get_title() and ax.get_title().endswith("…")


def test_values_that_found_no_room_are_counted():
    ax = timeline(record(round_robin, 3, 75))
    assert f"{75 + 72 - len(words(ax))} of the values that cross found no room" in notes(ax)[0]


def test_given_axes_are_drawn_on_and_keep_their_size():
    _, axes = plt.subplots(1, 2, figsize=(10, 4))
    size = axes[0].get_position().bounds
    assert timeline(Stepper(inner).next().trace, axes[0], title="mine") is axes[0]
    assert axes[0].get_title() == "mine" and axes[0].get_position().bounds == size
    assert not axes[1].has_data()


def test_no_setting_outlives_the_call():
    before = dict(mpl.rcParams)
    timeline(Stepper(inner).next().trace)
    assert dict(mpl.rcParams) == before


def test_a_dark_style_of_the_reader_leaves_the_picture_on_white():
    with plt.style.context("dark_background"):
        ax = timeline(Stepper(inner).next().trace)
    assert to_hex(ax.get_facecolor()) == to_hex(ax.figure.get_facecolor()) == "#ffffff"
    assert to_hex(ax.title.get_color()).upper() == palette.INK


@pytest.mark.parametrize("lanes", [(), (Lane("never", "generator"),)])
def test_a_run_in_which_nothing_happens_is_a_picture_too(lanes):
    ax = timeline(Trace((), lanes))
    ax.figure.canvas.draw()
    assert names(ax) == [lane.name for lane in lanes]
    assert ax.get_title() == f"{len(lanes)} lane{'s' * (len(lanes) != 1)}, 0 switches"


def test_a_title_too_long_for_the_picture_is_cut():
    ax = timeline(Stepper(inner).next().trace, title="why " * 100)
    ax.figure.canvas.draw()
    assert ax.get_title().endswith("…")
    assert ax.title.get_window_extent().x1 <= ax.figure.bbox.x1


def test_steps_are_whole_numbers():
    ax = timeline(Stepper(inner).next().trace)
    assert ax.get_xlabel() == "step" and all(tick == int(tick) for tick in ax.get_xticks())


def test_a_run_is_read_into_spans_that_leave_no_gap():
    run = read(Stepper(inner).next().send(1).trace)
    assert run.order == [0] and {OUTSIDE} < {crossing.origin for crossing in run.crossings}
    assert run.spans == [
        LaneSpan(0, -0.5 + ROOM, 0.5 - ROOM, "running"),
        LaneSpan(0, 0.5 - ROOM, 0.5 + ROOM, "suspended"),
        LaneSpan(0, 0.5 + ROOM, 1.5 - ROOM, "running"),
    ]


def test_a_print_in_pieces_is_one_line():
    pieces = [Event(0, 0, Kind.START)] + [Event(0, 0, Kind.OUTPUT, value=piece) for piece in ("a", " b", "\n", "c")]
    run = read(Trace(tuple(pieces), (Lane("main", "function"),)))
    assert [(item.step, item.lines) for item in run.prints] == [(0, ["a b", "c"])]


def test_an_arrow_says_what_it_says_in_the_player(capsys):
    for trace in (record(produce, consumer()), record(round_robin, 2, 3), Stepper(averager).next().send(10).trace):
        types = json.loads(trace.to_json())["types"]
        told = {row[3] for row in types if len(row) > 3 and row[3]}
        shown = {crossing.label for crossing in read(trace).crossings}
        assert shown and shown <= told


def test_an_arrow_has_the_colour_of_the_lane_that_it_leaves_and_is_dashed_where_something_ends(capsys):
    ax = timeline(record(produce, consumer()))
    (drawn,) = [lines for lines in ax.collections if lines.get_gid() == "crossings"]
    colours = [to_hex(colour).upper() for colour in drawn.get_colors()]
    assert colours == [palette.style(name).colour for name in ["produce", "consumer"] * 7]
    dashed = [dashes is not None for _, dashes in drawn.get_linestyles()]
    assert dashed == [False] * 12 + [True] * 2  # close() and closed


@pytest.mark.integration
def test_a_figure_is_a_card_with_round_corners_that_is_transparent_outside_of_it(capsys):
    pictures = [
        timeline(record(produce, consumer())),
        lattice(interleavings({"A": A, "B": B})),
        lattice(interleavings({"A": A, "B": B, "C": A})),
        heat_map(cores.reference()),
        cost_curves(costs.reference()),
    ]
    for ax in pictures:
        file = BytesIO()
        ax.figure.savefig(file, bbox_inches="tight", facecolor=ax.figure.get_facecolor())  # as a notebook does
        seen = (plt.imread(BytesIO(file.getvalue()), format="png") * 255).round().astype(int)
        high, wide = seen.shape[:2]
        corners = [seen[y, x][3] for y in (0, high - 1) for x in (0, wide - 1)]
        assert max(corners) == 0
        assert all(seen[y, x][3] == 255 for y, x in [(high // 2, 3), (3, wide // 2), (high - 4, wide // 2)])
        assert to_hex(seen[6, wide // 2] / 255).upper() == palette.PAPER
