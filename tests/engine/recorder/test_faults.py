"""A fault of the recorder ends the recording, says so once, and the program runs on as it would alone."""

import asyncio
import contextlib
import io
import signal
import sys
import threading

import pytest

from coro_lab import Stepper, record
from coro_lab.engine.recorder import callbacks, cancelling, entering, leaving, threads, throwing
from coro_lab.trace.events import Kind


def numbers():
    total = 0
    while True:
        try:
            total += yield total
        except KeyError:
            print("caught")


async def waits(n):
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(n)
    return n


async def cancels():
    task = asyncio.create_task(waits(9))
    await asyncio.sleep(0)
    task.cancel()
    return await task


def program():
    it = numbers()
    next(it)
    got = [it.send(1), it.throw(KeyError), it.send(2)]
    it.close()
    print(got)
    for _ in range(3): pass  # fmt: skip  # noqa: E701
    in_thread: list[int] = []
    thread = threading.Thread(target=lambda: in_thread.extend(n for n in range(2)))
    _ = thread.start(), thread.join()  # one line, so only one of the two threads meets the fault
    return got, in_thread, asyncio.run(cancels())


def ends(run):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        result = run()
    return result, printed.getvalue()


class Fails:
    """Stands in for a method, and fails from the call with this number on."""

    def __init__(self, cls, name, first):
        self._real, self._left, self.failed = vars(cls)[name], first, 0

    def __get__(self, instance, owner=None):
        real = self._real.__get__(instance, owner)

        def call(*args, **kwargs):
            self._left -= 1
            if self._left < 0:
                self.failed += 1
                raise LookupError("a fault")
            return real(*args, **kwargs)

        call.__code__ = call.__code__.replace(co_filename=callbacks.__file__)  # as if it were the recorder's
        return call


INSIDE = {  # what each callback calls
    "a line": (callbacks.Checks, "check"),
    "a start": (entering.LaneTable, "add"),
    "a resume and a start": (entering.Control, "enter"),
    "an end": (leaving.Leaving, "_finish"),
    "a yield": (leaving.Leaving, "_yielded"),
    "a throw": (throwing.Throwing, "_throw"),
    "what is received": (entering.Entering, "_received"),
    "output": (callbacks.Callbacks, "_record_output"),
    "a call": (cancelling.Cancelling, "_ask"),
    "an await, a switch": (callbacks.Journal, "inside"),
    "another thread": (threads.RecordedThreads, "_take_turn"),
}


@pytest.mark.parametrize("first", [0, 1, 3])
@pytest.mark.parametrize("name", INSIDE)
def test_the_program_does_what_it_does_alone_and_the_trace_says_what_failed(name, first, monkeypatch):
    alone = ends(program)
    cls, method = INSIDE[name]
    fails = Fails(cls, method, first)
    monkeypatch.setattr(cls, method, fails)
    trace, printed = ends(lambda: record(program))
    assert (trace.result, printed, trace.error) == (*alone, None)
    if fails.failed:
        assert fails.failed == 1
        assert trace.cut.startswith(
            "The recording is incomplete: Coro Lab itself failed, by LookupError('a fault') in "
        )
        assert trace.text().count(trace.cut) == 1
    else:
        assert first and trace.cut is None


def test_most_of_these_faults_were_met(monkeypatch):
    met = []
    for cls, method in INSIDE.values():
        with monkeypatch.context() as patched:
            fails = Fails(cls, method, 0)
            patched.setattr(cls, method, fails)
            ends(lambda: record(program))
            met.append(fails.failed)
    assert met == [1] * len(INSIDE)


def test_what_was_recorded_before_the_fault_is_kept(monkeypatch):
    monkeypatch.setattr(throwing.Throwing, "_throw", Fails(throwing.Throwing, "_throw", 0))
    trace, _ = ends(lambda: record(program))
    assert [event.kind for event in trace if event.kind in (Kind.START, Kind.SUSPEND, Kind.RESUME)] == [
        *(Kind.START, Kind.START, Kind.SUSPEND),
        *(Kind.RESUME, Kind.SUSPEND),
    ]


def test_all_is_given_back_and_the_next_recording_is_whole(monkeypatch):
    before = sys.stdout, numbers.__code__, [sys.monitoring.get_tool(n) for n in range(6)]
    with monkeypatch.context() as patched:
        patched.setattr(leaving.Leaving, "_finish", Fails(leaving.Leaving, "_finish", 0))
        record(lambda: list(range(2)))
        assert (sys.stdout, numbers.__code__, [sys.monitoring.get_tool(n) for n in range(6)]) == before
    assert record(lambda: list(range(2))).cut is None


def test_a_stepper_goes_on_without_its_recording(monkeypatch):
    monkeypatch.setattr(throwing.Throwing, "_throw", Fails(throwing.Throwing, "_throw", 0))
    stepper = Stepper(numbers).next().send(1)
    stepper.throw(KeyError)
    assert "Coro Lab itself failed" in stepper.trace.cut


def test_a_cancellation_that_ends_the_program_after_a_fault_is_its_error(monkeypatch):
    async def main():
        raise asyncio.CancelledError("mine")

    monkeypatch.setattr(entering.Control, "enter", Fails(entering.Control, "enter", 0))
    assert repr(record(main).error) == "CancelledError('mine')"


# -- what leaves a callback and is no fault ---------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer that interrupts")
def test_what_a_signal_handler_of_the_program_raises_is_its_own():
    def handler(number, frame):
        raise ValueError("time is over")

    def spins():
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        it = numbers()
        next(it)
        while True:
            it.send(1)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        trace = record(spins, max_events=10_000_000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert repr(trace.error) == "ValueError('time is over')"
    assert trace.cut is None


def test_a_recursion_without_end_is_the_programs():
    def deeper(n):
        return deeper(n + 1)

    trace = record(deeper, 0)
    assert type(trace.error) is RecursionError
    assert trace.cut is None


def test_the_limit_is_no_fault():
    def endless():
        while True:
            yield

    trace = record(lambda: list(endless()), max_events=50)
    assert "incomplete" not in trace.cut
