"""Where a message to a widget is handled: JupyterLab handles it in a separate thread."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from coro_lab import record
from coro_lab.views.widgets.stepper import StepperWidget


def thread_names():
    while True:
        yield threading.current_thread().name


def impatient():
    os.kill(os.getpid(), signal.SIGINT)
    yield


def press(widget, verb):
    """A click, as its message arrives from the browser."""
    content = {"ask": "press", "verb": verb}
    widget._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def press_from_a_thread(widget, verb):
    """What JupyterLab does with a click: the message arrives in a thread, which goes on."""
    thread = threading.Thread(target=press, args=[widget, verb])
    thread.start()
    thread.join()


def test_a_message_waits_until_the_loop_is_free_and_is_handled_in_its_thread():
    async def cell():
        widget = StepperWidget(thread_names)
        press_from_a_thread(widget, "next")
        before = widget.stepper.state
        await asyncio.sleep(0)
        return before, widget.stepper.state, widget.stepper.value

    assert asyncio.run(cell()) == ("created", "suspended", threading.main_thread().name)


def test_a_click_during_a_recording_is_answered_after_it():
    async def cell():
        widget = StepperWidget(thread_names)
        trace = record(press_from_a_thread, widget, "next")
        await asyncio.sleep(0)
        return trace.error, widget.now["problem"], widget.stepper.state

    assert asyncio.run(cell()) == (None, "", "suspended")


def test_while_a_recording_waits_in_the_loop_a_click_says_to_await_it():
    async def cell():
        widget, release = StepperWidget(thread_names), asyncio.Event()
        waiting = asyncio.create_task(record(release.wait()))
        await asyncio.sleep(0)
        press_from_a_thread(widget, "next")
        await asyncio.sleep(0)
        problem = widget.now["problem"]
        release.set()
        await waiting
        widget.press("next")
        return problem, widget.stepper.state

    problem, state = asyncio.run(cell())
    assert "Write: await the recording that waits in the event loop, and then go on." in problem
    assert state == "suspended"


@pytest.mark.skipif(os.name != "posix", reason="a process can send itself an interrupt on POSIX only")
@pytest.mark.parametrize("arrives", [press, press_from_a_thread])
def test_an_interrupt_reaches_the_step_and_neither_the_loop_nor_what_comes_next(arrives):
    async def cell():
        widget = StepperWidget(impatient)
        arrives(widget, "next")
        await asyncio.sleep(0)
        return widget.now["problem"]

    ignored_between_cells = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert asyncio.run(cell()).startswith("next ended in KeyboardInterrupt()")
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, ignored_between_cells)


def test_without_a_loop_a_message_is_handled_where_it_arrives():
    widget = StepperWidget(thread_names)
    press_from_a_thread(widget, "next")
    assert widget.stepper.state == "suspended"
