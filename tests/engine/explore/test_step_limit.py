"""What exploring borrows from the interpreter comes back, wherever an interrupt arrives."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from coro_lab.engine.explore import EndlessError, explore, step_limit
from coro_lab.engine.explore import run as live_run


def count_up(box):
    seen = box[0]
    yield
    box[0] = seen + 1


def spin(box):
    while box:
        pass
    yield


def explored():
    return explore(setup=lambda: [0], coroutines={"A": count_up, "B": count_up}, invariant=lambda box: box == [2])


def state():
    """What a run may change in the interpreter: tools and their events, the page, the collector, the lock."""
    tools = [(tool, sys.monitoring.get_tool(tool)) for tool in range(6)]
    events = [(tool, sys.monitoring.get_events(tool)) for tool, name in tools if name]
    return tools, events, sys.stdout, gc.get_threshold(), list(step_limit._open), step_limit._ONE_AT_A_TIME._is_owned()


def turn():
    """A plain loop of the kernel's, long enough for whatever was left behind to find out that it was."""
    for _ in range(3 * step_limit._LOOK_EVERY):
        pass


class Interrupting:
    """A trace function that raises KeyboardInterrupt at one line or call of what borrows and gives back."""

    def __init__(self, at):
        self.left = at
        self.events = {"call", "line", "return"}

    def __call__(self, frame, event, argument):
        if frame.f_code.co_filename != step_limit.__file__ or not self.is_borrowing(frame):
            return None
        frame.f_trace_opcodes = False
        return self.local(frame, event, argument)

    def is_borrowing(self, frame):
        owner = frame.f_code.co_qualname.partition(".")[0]
        return owner in ("Borrowed", "quietly", "_end", "_give_back", "_is_mine")

    def local(self, frame, event, argument):
        if event in self.events:
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
        return self.local


def interrupted(at):
    """Explore with an interrupt at this place; False if there are fewer places."""
    trace = Interrupting(at)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        explored()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return trace.left <= 0


@pytest.mark.integration
def test_all_is_given_back_wherever_an_interrupt_arrives():
    before, at = state(), 1
    while interrupted(at):
        turn()
        assert state() == before, f"after an interrupt at place {at}"
        at += 1
    assert at > 100
    assert (explored().broken, state()) == (4, before)


@pytest.mark.parametrize("call", ["get_tool", "use_tool_id", "register_callback", "set_events", "free_tool_id"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupt_around_any_call_of_the_monitor_leaves_nothing(call, when, monkeypatch):
    before = state()
    for number in range(1, 30):
        with monkeypatch.context() as patched:
            monitor = Watched(call, number, when)
            patched.setattr(step_limit, "_MONITOR", monitor)
            try:
                explored()
            except KeyboardInterrupt:
                pass
        turn()
        assert state() == before, f"{call} number {number}"
        if not monitor.is_spent:
            return


class Watched:
    """sys.monitoring, with an interrupt before or after one call of one function."""

    def __init__(self, name, number, when):
        self.name, self.left, self.when, self.is_spent = name, number, when, False

    def __getattr__(self, name):
        real = getattr(sys.monitoring, name)
        return real if name != self.name else lambda *arguments: self.called(real, arguments)

    def called(self, real, arguments):
        self.left -= 1
        self.is_spent = self.is_spent or self.left == 0
        if self.left == 0 and self.when == "before":
            raise KeyboardInterrupt
        result = real(*arguments)
        if self.left == 0:
            raise KeyboardInterrupt
        return result


def test_what_was_left_behind_is_found_out_by_the_next_exploration():
    def leave():
        step_limit.quietly().__enter__()

    before = state()
    leave()
    assert explored().broken == 4
    turn()
    assert state() == before


def test_what_was_left_behind_is_given_back_by_any_long_loop():
    def leave():
        step_limit.quietly().__enter__()

    before = state()
    leave()
    turn()
    assert state() == before


def test_an_exploration_inside_another_leaves_it_its_own():
    def setup():
        explored()
        return [0]

    before = state()
    with pytest.raises(EndlessError, match="spin runs in a loop"):
        explore(setup=setup, coroutines={"A": spin})
    assert state() == before


def test_the_lock_is_free_for_other_threads_afterwards():
    interrupted(5)
    found = []
    thread = threading.Thread(target=lambda: found.append(explored().broken))
    thread.start()
    thread.join()
    assert found == [4]


@pytest.mark.integration
@pytest.mark.parametrize("free", range(6))
def test_whichever_tool_id_is_left_will_do(free):
    taken = [tool for tool in range(6) if tool != free and sys.monitoring.get_tool(tool) is None]
    for tool in taken:
        sys.monitoring.use_tool_id(tool, "another tool")
    try:
        with pytest.raises(EndlessError, match="spin runs in a loop"):
            explore(setup=lambda: [0], coroutines={"A": spin})
    finally:
        for tool in taken:
            sys.monitoring.free_tool_id(tool)


@pytest.mark.integration
def test_a_setup_that_loops_for_long_does_not_end_the_watch():
    def setup():
        turn()
        return [0]

    with pytest.raises(EndlessError, match="spin runs in a loop"):
        explore(setup=setup, coroutines={"A": spin})


def test_the_loops_of_another_thread_are_not_counted(monkeypatch):
    """They would leave the step that runs meanwhile less than its limit."""
    monkeypatch.setattr(live_run, "MOST_JUMPS", 1_000)

    def waits_for_a_thread(box):
        thread = threading.Thread(target=lambda: [box.append(n) for n in range(2_000)])
        thread.start()
        thread.join()
        box.extend(n for n in range(3))
        yield

    result = explore(setup=list, coroutines={"A": waits_for_a_thread}, invariant=lambda box: len(box) == 2_003)
    assert result.counterexample is None
