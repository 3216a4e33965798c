"""An interrupt is never lost, wherever it arrives in a recording, and comes with the trace so far.

Each program is recorded again and again, and each time the interrupt is sent at the next place in the recorder where
Python looks for signals, until a run has no further one.
"""

import dis
import gc
import io
import os
import signal
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import coro_lab
from coro_lab import Trace, record
from coro_lab.engine.recorder import interrupts
from coro_lab.engine.recorder.recorder import Recorder
from coro_lab.engine.recorder.rewriting import Listener

# In thousands of places, before anything is borrowed.
LOOKS_FOR_FUNCTIONS = (
    "patching.py",
    "user_code.py",
    "rewriting.py",
)
RECORDER = str(Path(coro_lab.__file__).parent / "engine" / "recorder")


def numbers():
    got = yield 1
    yield got


def outer():
    yield from numbers()


def drops():
    any(numbers())
    return "to the end"


def closes():
    it = outer()
    next(it)
    it.close()
    return "to the end"


def delegates():
    it = outer()
    next(it)
    it.send(5)
    return "to the end"


def fails():
    try:
        raise KeyError
    except KeyError:
        return "to the end"


def collects():
    knot = [numbers()]
    next(knot[0])
    knot.append(knot)
    del knot
    gc.collect()
    return "to the end"


class Interrupting:
    """Sends an interrupt at the place of this number, of those in the recorder where Python looks for signals.

    It looks where a function is entered, and where a call of a function written in C has ended.
    """

    def __init__(self, number):
        self.left = number
        self.sent = False

    def __call__(self, frame, event, argument):
        file = frame.f_code.co_filename
        if self.sent or not file.startswith(RECORDER) or file.endswith(LOOKS_FOR_FUNCTIONS):
            return
        if event == "c_return" or (event == "call" and looks_for_signals_at_entry(frame.f_code)):
            self.left -= 1
            if self.left < 0:
                self.sent = True
                signal.raise_signal(signal.SIGINT)


def looks_for_signals_at_entry(code):
    resume = next(instruction for instruction in dis.get_instructions(code) if instruction.opname == "RESUME")
    return resume.arg & 3 < 2


def interrupted_at(number, program):
    """What comes of a recording: how it ended, whether the interrupt was sent at all, and what was thrown away."""
    interrupting, lost = Interrupting(number), []
    hook, sys.unraisablehook = sys.unraisablehook, lambda ignored: lost.append(ignored.exc_value)
    sys.setprofile(interrupting)
    try:
        with redirect_stdout(io.StringIO()):
            ended = record(program)
    except KeyboardInterrupt as error:
        ended = error
    finally:
        sys.setprofile(None)
        sys.unraisablehook = hook
    return ended, interrupting.sent, lost


STRIDE = 1 if os.environ.get("CORO_LAB_EVERY_PLACE") else 3  # of the places at which an interrupt is sent


@pytest.mark.integration
@pytest.mark.parametrize("program", [drops, closes, delegates, fails, collects], ids=lambda program: program.__name__)
def test_an_interrupt_reaches_the_caller_from_everywhere(program):
    record(program)  # what is known of its code is kept
    tools = [tool for tool in range(6) if sys.monitoring.get_tool(tool)]
    for number in range(1, 2_000, STRIDE):  # at 0 `record` itself is entered, and nothing has begun
        ended, sent, lost = interrupted_at(number, program)
        assert not lost
        assert Recorder._open is None
        assert Listener.heard is None
        assert [tool for tool in range(6) if sys.monitoring.get_tool(tool)] == tools
        assert "write" not in vars(sys.stdout)
        if not sent:
            assert ended.result == "to the end"
            return
        assert isinstance(ended, KeyboardInterrupt), number
        assert isinstance(ended.trace, Trace), number
    pytest.fail("the program passes more lines than this test has patience for")


def test_a_callback_that_is_interrupted_while_it_looks_for_its_frame_is_called_again_with_that_frame(monkeypatch):
    def interrupted(depth):
        monkeypatch.setattr(interrupts, "_getframe", sys._getframe)
        raise KeyboardInterrupt

    monkeypatch.setattr(interrupts, "_getframe", interrupted)
    given, postponed = [], []

    def postpone(error):
        postponed.append(type(error))
        return True

    call = interrupts.sheltered(lambda *arguments, frame: given.append((arguments, frame)), lambda _: False, postpone)
    call("code", 2)
    assert postponed == [KeyboardInterrupt]
    assert given == [(("code", 2), sys._getframe())]


@pytest.mark.parametrize("lines", [True, False])
def test_an_interrupt_that_would_be_lost_where_it_arrives_stops_the_program_at_its_next_line(lines, monkeypatch):
    reached = []

    def interrupted(depth):
        monkeypatch.setattr(interrupts, "_getframe", sys._getframe)
        raise KeyboardInterrupt

    def program():
        it = numbers()
        next(it)
        monkeypatch.setattr(interrupts, "_getframe", interrupted)
        del it  # it is closed, and what is raised meanwhile Python would throw away
        reached.append("the next line")

    with pytest.raises(KeyboardInterrupt) as error:
        record(program, lines=lines)
    assert reached == []
    assert error.value.trace.lanes[0].name.endswith("program")
