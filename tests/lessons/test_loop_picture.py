"""The picture of the learner's loop: each task is in one box at a time, and its line goes through its boxes."""

from __future__ import annotations

import socket

import matplotlib.pyplot as plt
import pytest

from coro_lab.lessons.event_loop import Loop, receive, send, sleep
from coro_lab.lessons.loop_picture import ASLEEP, READY, RUNS, SOCKET, boxes, watch


async def nap(name, seconds):
    await sleep(seconds)


@pytest.fixture
def naps():
    loop = Loop()
    loop.spawn(nap("slow", 0.1))
    loop.spawn(nap("quick", 0.05))
    return loop


def test_two_naps_are_asleep_at_the_same_time(naps):
    slow, quick = "nap('slow', 0.1)", "nap('quick', 0.05)"
    assert watch(naps) == [
        (0, {slow: RUNS, quick: READY}), (0.5, {quick: READY, slow: ASLEEP}),
        (1, {quick: RUNS, slow: ASLEEP}), (1.5, {quick: ASLEEP, slow: ASLEEP}),
        (2, {quick: RUNS, slow: ASLEEP}), (2.5, {slow: ASLEEP}),
        (3, {slow: RUNS}), (3.5, {}),
    ]  # fmt: skip


def test_a_task_at_a_socket_is_seen_and_equal_calls_are_numbered():
    loop, (near, far) = Loop(), socket.socketpair()

    async def talk(connection):
        with connection:
            await send(connection, b"x")
            await receive(connection)

    loop.spawn(talk(near))
    loop.spawn(talk(far))
    seen = watch(loop)
    assert set(seen[0].boxes) == {"talk", "talk 2"}
    assert any(set(glance.boxes.values()) == {SOCKET} for glance in seen)
    assert all(list(glance.boxes.values()).count(RUNS) == (glance.step == int(glance.step)) for glance in seen)


class Unfinished:
    """The first version of the lesson's loop, which only has a ready queue."""

    def __init__(self, *tasks):
        self.ready = list(tasks)

    def step(self):
        task = self.ready.pop(0)
        try:
            task.send(None)
            self.ready.append(task)
        except StopIteration:
            pass

    def run(self):
        while self.ready:
            self.step()


def test_an_unfinished_loop_can_be_watched_and_is_left_as_it_was():
    loop = Unfinished(nap("slow", 0.1), nap("quick", 0.05))
    assert {box for glance in watch(loop) for box in glance.boxes.values()} == {RUNS, READY}
    assert "step" not in vars(loop)


def test_the_picture_has_a_row_for_each_box_and_a_line_for_each_task(naps):
    ax = boxes(naps)
    assert [label.get_text() for label in ax.get_yticklabels()] == [ASLEEP, READY, RUNS]
    lines = {line.get_label(): line for line in ax.get_lines() if not str(line.get_label()).startswith("_")}
    assert list(lines) == ["nap('slow', 0.1)", "nap('quick', 0.05)"]
    assert [round(y) for y in lines["nap('quick', 0.05)"].get_ydata()] == [1, 1, 2, 0, 2]
    assert len({line.get_color() for line in lines.values()}) == 2
    plt.close(ax.figure)
