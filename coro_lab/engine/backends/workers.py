"""The parts of a program in threads and processes: each waits at its end of a pipe until it is given the turn."""

from __future__ import annotations

import threading
from contextlib import redirect_stdout, suppress
from functools import partial
from io import StringIO
from typing import Any

from coro_lab.engine.backends import traces as telling
from coro_lab.engine.backends.translation import Function, Translation
from coro_lab.engine.recorder import LimitReached, record
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace


class Closing:
    """What is sent to a part to close it."""


class Speaker:
    """A part's end of its pipe, and the program's `c`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._is_closed = False

    def send(self, value: Any = None) -> Any:
        """Hand over, with this value; at the next turn, what has been sent meanwhile comes back.

        If the other one has closed this part meanwhile, that is a GeneratorExit, as in a generator.
        """
        if self._is_closed:
            raise RuntimeError("it was closed, and ignored GeneratorExit")
        print(telling.handing_over(describe(None if isinstance(value, Closing) else value)))
        self._connection.send(("hands over", value))
        turn, received = self.wait()
        if isinstance(received, Closing):
            self._is_closed = True
            print(telling.closed(turn))
            raise GeneratorExit
        print(telling.going_on(turn, describe(received)))
        return received

    def __next__(self) -> Any:
        """What the other one answers to None."""
        return self.send()

    def close(self) -> None:
        """Hand over, so that the other one ends."""
        self.send(Closing())

    def wait(self) -> tuple[int, Any]:
        """The number of my next turn, and what is sent to me."""
        turn, received = self._connection.recv()
        if turn is None:
            raise GeneratorExit  # nobody will ever give a turn again: end as a generator is closed
        return turn, received


_here = threading.local()  # its speaker: that of the part that runs in this thread


def answer(value: Any = None) -> Any:
    """The program's `switch` and `answer`: one function for all parts, which may share their globals."""
    return _here.speaker.send(value)


def functions_of(program: Translation) -> list[Function]:
    """The functions of a program, ready for whatever thread plays them."""
    return program.functions(switch=answer, answer=answer)


class Worker:
    """One function of a program, at its end of the pipe."""

    def __init__(self, connection: Any, function: Function, *, begins_to_speak: bool) -> None:
        self._connection, self._speaker = connection, Speaker(connection)
        self._function = partial(function, self._speaker) if begins_to_speak else function

    def play(self, max_events: int | None = None) -> None:
        """Wait for the first turn, run the function, and say how it ended; a process records so many events of it."""
        said: tuple[int, str] | None = None
        problem: BaseException | None = None
        _here.speaker = self._speaker
        try:
            turn, received = self._speaker.wait()
            if isinstance(received, Closing):
                raise GeneratorExit  # before it has begun
            if max_events is not None:
                trace: Trace = record(self._function, max_events=max_events)
                said, problem = (turn, trace.to_json()), LimitReached(trace.cut) if trace.cut else trace.error
            else:
                self._function()
        except BaseException as error:  # whatever it is, the hub has to be told
            problem = error
        failed = problem is not None and not isinstance(problem, GeneratorExit)
        with suppress(OSError):  # after an interrupt nobody listens any more
            self._connection.send(("failed" if failed else "ended", describe(problem), said))
        self._connection.close()


def play_alone(connection: Any, program: Translation, number: int, max_events: int) -> None:
    """What a process does; what it prints is in its Trace, and nowhere else."""
    with redirect_stdout(StringIO()):
        function = functions_of(program)[number]
        Worker(connection, function, begins_to_speak=program.converses and number == 0).play(max_events)
