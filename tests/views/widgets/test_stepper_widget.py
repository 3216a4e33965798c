"""StepperWidget without a browser: what each button does, what the panel is told, and the still form."""

from __future__ import annotations

import json

import pytest

from coro_lab.engine.stepper import Stepper
from coro_lab.errors import ArgumentError
from coro_lab.trace.events import Kind
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets.stepper import StepperWidget
from coro_lab.views.widgets.value_box import exception, literal
from tests.lines import line
from tests.programs import averager, consumer

CONSUMER_YIELDS = line(consumer, 4)
AVERAGER_YIELDS = line(averager, 4)


def test_the_learner_is_the_producer():
    widget = StepperWidget(consumer)
    widget.press("next")
    crossed = []
    for n in range(1, 6):
        widget.press("send", str(n))
        crossed.append((widget.now["in"], widget.now["out"]))
    widget.press("close")
    assert crossed == [(f"send({n})", "yield '200 OK'") for n in range(1, 6)]
    assert widget.now["state"] == "closed"
    assert widget.trace.output == "".join(f"[CONSUMER] Consuming {n}...\n" for n in range(1, 6))


def test_every_press_shows_the_run_so_far():
    widget = StepperWidget(averager)
    for verb, written in (("next", ""), ("send", "10"), ("send", "20")):
        widget.press(verb, written)
        assert widget.trace == widget.stepper.trace
    assert widget.now["told"] == f"In: send(20). Out: yield 15.0. averager is suspended at line {AVERAGER_YIELDS}."
    assert widget.now["line"] == AVERAGER_YIELDS


def test_before_anything_ran_the_source_is_there():
    lane, *others = StepperWidget(consumer).trace.lanes
    assert others == []
    assert (lane.name, lane.kind) == ("consumer", "generator")
    assert lane.source.text.startswith("def consumer() -> ")


def test_the_lane_stays_the_same_when_it_starts():
    widget = StepperWidget(consumer)
    created = widget.trace.lanes
    widget.press("next")
    assert widget.trace.lanes == created


def test_a_created_generator_takes_no_value_but_none():
    widget = StepperWidget(consumer)
    assert set(widget.now["refusals"]) == {"send", "back"}
    widget.press("send", "1")
    assert widget.now["state"] == "created"
    assert widget.now["problem"] == (
        "consumer was only created: it has not reached a yield, so nothing receives a value. "
        "Start it with next, or send None."
    )
    widget.press("send", "None")
    assert (widget.now["in"], widget.now["out"]) == ("send(None)", "yield ''")
    assert widget.now["refusals"] == {}


def test_a_closed_generator_says_why_nothing_resumes_it():
    widget = StepperWidget(consumer)
    for verb, written in (("next", ""), ("send", "0")):
        widget.press(verb, written)
    assert widget.now["out"] == "return"
    assert set(widget.now["refusals"]) == {"next", "send", "throw"}
    widget.press("next")
    assert widget.now["problem"] == "consumer is closed: it has no frame left to resume."
    widget.press("close")
    assert widget.now["told"] == "close() did nothing: consumer was closed already."


def test_closing_what_never_ran():
    widget = StepperWidget(consumer)
    widget.press("close")
    assert (widget.now["state"], widget.now["out"]) == ("closed", "nothing: closed")
    assert [event.kind for event in widget.trace.events] == [Kind.CLOSE, Kind.RAISE]


def test_an_exception_is_thrown_in_and_comes_out():
    widget = StepperWidget(consumer)
    widget.press("next")
    widget.press("throw", "ValueError('no')")
    assert (widget.now["in"], widget.now["out"]) == ("throw(ValueError('no'))", "raise ValueError('no')")
    assert widget.now["state"] == "closed"


def test_back_takes_the_last_operation_back():
    widget = StepperWidget(averager)
    widget.press("next")
    before = widget.trace
    widget.press("send", "10")
    widget.press("back")
    assert widget.trace == before
    assert widget.now["told"] == f"send(10) is taken back. averager is suspended at line {AVERAGER_YIELDS}."
    assert (widget.now["in"], widget.now["out"]) == ("next()", "yield None")
    widget.press("back")
    assert widget.now["state"] == "created"
    assert widget.now["refusals"]["back"] == "There is nothing to take back: averager has only been created."


def test_what_the_program_prints_goes_to_the_player_only(capsys):
    widget = StepperWidget(consumer)
    widget.press("next")
    widget.press("send", "'<b>1</b>'")
    assert capsys.readouterr() == ("", "")
    assert widget.trace.output == "[CONSUMER] Consuming <b>1</b>...\n"


def test_a_run_that_does_not_end_is_cut_and_reported():
    def never():
        n = 0
        while True:
            n += 1
        yield n

    widget = StepperWidget(never, max_events=200)
    widget.press("next")
    assert widget.trace.cut == (
        "The run was stopped after 200 events; StepperWidget(..., max_events=...) sets another limit."
    )
    assert (widget.now["state"], widget.now["out"]) == ("closed", "nothing: stopped")


def test_an_object_that_cannot_be_stepped_is_refused_in_the_words_of_the_reader():
    with pytest.raises(ArgumentError, match=r"You wrote: StepperWidget\(averager\(...\)\)\n  Write: +StepperWidget"):
        StepperWidget(averager())


def test_a_program_with_no_way_back_says_so():
    calls = []

    def forgetful():
        calls.append(1)
        yield len(calls)
        yield "more"

    widget = StepperWidget(forgetful)
    widget.press("next")
    widget.press("next")
    widget.press("back")
    assert widget.now["problem"].startswith("forgetful did something else when it ran again")


def test_an_error_in_a_press_is_shown_and_not_raised(monkeypatch):
    widget = StepperWidget(consumer)
    monkeypatch.setattr(widget.stepper, "next", lambda: 1 / 0)
    widget.press("next")
    assert widget.now["problem"] == "next ended in ZeroDivisionError('division by zero'). consumer is created."
    widget.press("dance")
    assert widget.now["problem"] == "There is no button 'dance' here."


def test_an_interrupted_step_is_shown_and_the_kernel_lives():
    def endless():
        yield 1
        raise KeyboardInterrupt

    widget = StepperWidget(endless)
    widget.press("next")
    widget.press("next")
    assert widget.now["problem"] == "next ended in KeyboardInterrupt(). endless is closed."


def test_a_message_from_the_browser_is_a_press():
    widget = StepperWidget(consumer)
    widget._handle_custom_msg({"ask": "press", "verb": "next", "written": ""}, [])
    assert widget.now["out"] == "yield ''"


def test_one_press_is_one_message(monkeypatch):
    widget = StepperWidget(consumer)
    sent = []
    monkeypatch.setattr(widget, "_send", lambda message, buffers=None: sent.append(message))
    widget.press("next")
    assert [message["method"] for message in sent] == ["update"]
    assert {"trace", "now"} <= set(sent[0]["state"])
    assert len(json.dumps(sent[0]["state"])) < 3000


@pytest.mark.parametrize(
    "written, value",
    [("3", 3), (" 'a' ", "a"), ("[1, {2: (None,)}]", [1, {2: (None,)}]), ("-1.5", -1.5), ("None", None)],
)
def test_the_box_takes_any_literal(written, value):
    assert literal(written) == value


@pytest.mark.parametrize(
    "written, said",
    [
        ("", "The box is empty. Write a value to send, such as 3, 'text', [1, 2] or None."),
        ("hello", "hello is not a Python literal, so it cannot be sent. A text takes quotes: 'hello'."),
        ("1 +", "1 + is not a Python literal, so it cannot be sent. Write 3, 'text', [1, 2] or None, say."),
        ("exit()", "exit() is not a Python literal, so it cannot be sent. Write 3, 'text', [1, 2] or None, say."),
    ],
)
def test_a_text_that_is_not_a_literal_is_refused_with_what_to_write(written, said):
    with pytest.raises(ArgumentError) as error:
        literal(written)
    assert str(error.value) == said


def test_any_built_in_exception_can_be_thrown():
    assert exception("ValueError") is ValueError
    thrown = exception(" OSError(2, 'no such file') ")
    assert (type(thrown), thrown.args) == (FileNotFoundError, (2, "no such file"))


@pytest.mark.parametrize(
    "written", ["", "3", "print('x')", "Nonsense('x')", "ValueError(print('x'))", "int('3')", "a b"]
)
def test_a_text_that_is_not_an_exception_is_refused_with_what_to_write(written, capsys):
    with pytest.raises(ArgumentError, match=r"Write one to throw, such as ValueError\('no'\) or ValueError\.$"):
        exception(written)
    assert capsys.readouterr().out == ""


def test_a_stepper_goes_on_where_it_is():
    widget = StepperWidget(Stepper(averager).next().send(10))
    assert (widget.now["in"], widget.now["out"]) == ("send(10)", "yield 10.0")
    with pytest.raises(ArgumentError, match="already has its arguments"):
        StepperWidget(Stepper(averager), 1)


def test_a_generator_is_refused_with_what_to_write():
    with pytest.raises(ArgumentError, match="not a generator"):
        StepperWidget(consumer())


def test_three_lanes_of_one_chain():
    def inner():
        yield (yield 1)

    def middle():
        yield from inner()

    def outer():
        yield from middle()

    widget = StepperWidget(outer)
    widget.press("next")
    widget.press("send", "'x'")
    assert [lane.name for lane in widget.trace.lanes] == ["outer", "middle", "inner"]
    assert widget.now["out"] == "yield 'x'"


def test_a_coroutine_awaits():
    class Once:
        def __await__(self):
            return (yield "please wait")

    async def asker():
        return await Once()

    widget = StepperWidget(asker)
    widget.press("next")
    assert widget.now["out"] == "await 'please wait'"
    widget.press("send", "7")
    assert widget.now["out"] == "return 7"


def test_the_still_form_is_one_stable_line():
    widget = StepperWidget(consumer)
    assert repr(widget) == "<StepperWidget of consumer: created, nothing has run yet>"
    widget.press("next")
    bundle, _ = widget._repr_mimebundle_()
    assert repr(widget) == f"<StepperWidget of consumer: suspended at line {CONSUMER_YIELDS}, it yielded ''>"
    assert bundle["text/plain"] == repr(widget)
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_stored_state_shows_the_run_without_a_kernel():
    widget = StepperWidget(Stepper(consumer).next())
    stored = json.loads(json.dumps({name: value for name, value in widget.get_state().items() if name != "layout"}))
    assert Trace.from_json(stored["trace"]) == widget.stepper.trace
    assert stored["now"]["out"] == "yield ''"
    assert stored["_esm"].count("export default") == 1
