"""The parts of a program in threads and processes: each waits at its end of a pipe for its turn."""

from __future__ import annotations

import pickle
import threading
from contextlib import redirect_stdout, suppress
from functools import partial
from io import StringIO
from typing import Any

from coro_lab.engine.backends import traces
from coro_lab.engine.backends.translation import Function, Translation
from coro_lab.engine.processes import pickler
from coro_lab.engine.recorder import LimitReached, record
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace


class Closing:
    """Sent to a part to close it."""


class Thrown:
    """Sent to a part to raise the exception that it holds pickled, as a generator's partner can."""

    def __init__(self, packed: bytes) -> None:
        self.packed = packed


UNPRIMED = "can't send non-None value to a just-started generator"
"""What Python says to a first send of a value; the other engines say the same."""


def packed(error: BaseException) -> bytes:
    """An exception for another part, as the call that makes it again."""
    made: bytes = pickler().dumps(error.__reduce_ex__(pickle.DEFAULT_PROTOCOL))
    return made


def packed_if_possible(error: BaseException | None) -> bytes | None:
    """The same; None for an exception that cannot be sent, or ends the whole program."""
    if not isinstance(error, Exception):
        return None
    try:
        made = packed(error)
        unpacked(made)
    except Exception:  # a learner's class may raise anything
        return None
    return made


def unpacked(made: bytes) -> BaseException:
    """The exception, made again as its own class says.

    Pickle alone would ask what libraries have registered for it: with tblib, which dask imports, a StopIteration loses
    its value.
    """
    make, arguments, *state = pickle.loads(made)
    error: BaseException = make(*arguments)
    if state and state[0] is not None:
        error.__setstate__(state[0])
    return error


class Partner:
    """A part's end of its pipe, and the program's `c`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._is_closed = False

    def send(self, value: Any = None) -> Any:
        """Hand over, with this value; returns what is sent with the next turn.

        As in a generator: raises GeneratorExit if the partner has closed this part meanwhile, StopIteration if the
        partner has returned, and the exception that has ended the partner.
        """
        if self._is_closed:
            raise RuntimeError("it was closed, and ignored GeneratorExit")
        print(traces.handing_over(describe(None if isinstance(value, Closing) else value)))
        self._connection.send(("hands over", value))
        turn, received = self.wait()
        if isinstance(received, Closing):
            self._is_closed = True
            print(traces.closed(turn))
            raise GeneratorExit
        if isinstance(received, Thrown):
            error = unpacked(received.packed)
            print(traces.thrown(turn, describe(error)))
            raise error
        print(traces.going_on(turn, describe(received)))
        return received

    def __next__(self) -> Any:
        """The partner's answer to None."""
        return self.send()

    def close(self) -> None:
        """Hand over, so that the partner ends."""
        with suppress(StopIteration):
            self.send(Closing())

    def wait(self) -> tuple[int, Any]:
        """Wait for the next turn; its number, and what is sent with it."""
        turn, received = self._connection.recv()
        return turn, received


_here = threading.local()  # its `partner` is that of the part in this thread


def answer(value: Any = None) -> Any:
    """The program's `switch` and `answer`: one function for all parts, which may share their globals."""
    return _here.partner.send(value)


def functions_of(program: Translation) -> list[Function]:
    """The functions of a program, with `switch` and `answer` for the part that calls them."""
    return program.functions(switch=answer, answer=answer)


class Worker:
    """One function of a program, at its end of the pipe."""

    def __init__(self, connection: Any, function: Function, *, begins_to_speak: bool) -> None:
        self._connection, self._partner = connection, Partner(connection)
        self._function = partial(function, self._partner) if begins_to_speak else function

    def play(self, max_events: int | None = None) -> None:
        """Wait for the first turn, run the function, and report how it ended; with `max_events`, record it."""
        recorded: tuple[int, str] | None = None
        problem: BaseException | None = None
        returned: Any = None
        _here.partner = self._partner
        try:
            turn, received = self._partner.wait()
            if isinstance(received, Closing):
                raise GeneratorExit  # before it has begun
            if max_events is not None:
                trace: Trace = record(self._function, max_events=max_events)
                recorded, problem = (turn, trace.to_json()), LimitReached(trace.cut) if trace.cut else trace.error
                returned = trace.result
            else:
                returned = self._function()
        except BaseException as error:  # the hub reports every kind of error
            problem = error
        failed = problem is not None and not isinstance(problem, GeneratorExit)
        last = packed_if_possible(
            problem if failed else StopIteration() if returned is None else StopIteration(returned)
        )
        with suppress(OSError):  # after an interrupt the hub has closed its end
            self._connection.send(("failed" if failed else "ended", describe(problem), recorded, last))
        self._connection.close()


def play_alone(connection: Any, program: Translation, number: int, max_events: int) -> None:
    """Run one part as a process; what it prints is in its Trace, and nowhere else."""
    with redirect_stdout(StringIO()):
        function = functions_of(program)[number]
        Worker(connection, function, begins_to_speak=program.converses and number == 0).play(max_events)
