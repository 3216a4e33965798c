"""Turns for threads and processes: each part of a program waits at its end of a pipe until the hub gives it the turn.

Between threads and processes nothing differs but what is started. Threads share their globals, and are seen by the
recording of the whole; a process has globals of its own, records itself, and sends its Trace at the end.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from functools import partial
from io import StringIO
from multiprocessing import Pipe
from typing import Any

from coro_lab.description import describe
from coro_lab.engines import telling
from coro_lab.engines.programs import EngineError, Function, Program
from coro_lab.events import Trace
from coro_lab.processes import Spawned
from coro_lab.recorder import Cut, record
from coro_lab.scheduler import take_turns


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


def functions_of(program: Program) -> list[Function]:
    """The functions of a program, ready for whatever thread plays them."""
    return program.functions(switch=answer, answer=answer)


class Part:
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
                said, problem = (turn, trace.to_json()), Cut(trace.cut) if trace.cut else trace.error
            else:
                self._function()
        except BaseException as error:  # whatever it is, the hub has to be told
            problem = error
        failed = problem is not None and not isinstance(problem, GeneratorExit)
        with suppress(OSError):  # after an interrupt nobody listens any more
            self._connection.send(("failed" if failed else "ended", describe(problem), said))
        self._connection.close()


def play_alone(connection: Any, program: Program, number: int, max_events: int) -> None:
    """What a process does; what it prints is in its Trace, and nowhere else."""
    with redirect_stdout(StringIO()):
        function = functions_of(program)[number]
        Part(connection, function, begins_to_speak=program.converses and number == 0).play(max_events)


class Hub:
    """Gives the turns. A step of a part lasts until it hands over, as a step of a generator until it yields."""

    def __init__(self, program: Program) -> None:
        pipes = [Pipe() for _ in program.names]
        self.program = program
        self.mine, self.theirs = [mine for mine, _ in pipes], [theirs for _, theirs in pipes]
        self.ended: dict[int, Any] = {}  # the parts that have, and what each of them said at its end
        self._turns = itertools.count()

    def step(self, number: int, value: Any = None) -> Any:
        """Give a part its turn, with this value; what it hands over with comes back. Its end is a StopIteration."""
        self.mine[number].send((next(self._turns), value))
        how, result, *said = self._heard(number)
        if how == "hands over":
            return result
        self.ended[number] = said[0]
        if how == "failed":
            raise EngineError(f"{self.program.names[number]} raised {result}.")
        raise StopIteration

    def run(self) -> None:
        """Give turns until nobody is left: round robin, or to and fro."""
        if self.program.converses:
            self._converse()
        else:
            take_turns([partial(self.step, number) for number in range(len(self.mine))])

    def _converse(self) -> None:
        value = None
        for number in itertools.cycle((0, 1)):
            try:
                value = self.step(number, value) if number not in self.ended else None
            except StopIteration:
                value = None
            if 0 in self.ended:
                return

    @contextmanager
    def open(self) -> Iterator[None]:
        """At the end, parts that still wait for a turn are told that there will be none."""
        try:
            yield
        finally:
            for number, connection in enumerate(self.mine):
                if number not in self.ended:
                    self._dismiss(number)
                connection.close()

    def _dismiss(self, number: int) -> None:
        try:
            self.mine[number].send((None, None))
            *_, self.ended[number] = self._heard(number)
        except (OSError, EngineError):  # it is gone already
            pass

    def _heard(self, number: int) -> Any:
        try:
            return self.mine[number].recv()
        except (EOFError, ConnectionError):
            self.ended[number] = None
            raise EngineError(f"{self.program.names[number]} was stopped before its end.") from None


def on_threads(program: Program, max_events: int) -> Trace:
    """The Trace of a program whose parts are threads."""
    functions = functions_of(program)
    hub = Hub(program)
    parts = [
        Part(theirs, function, begins_to_speak=program.converses and number == 0)
        for number, (function, theirs) in enumerate(zip(functions, hub.theirs))
    ]
    threads = [threading.Thread(target=part.play, name=name) for part, name in zip(parts, program.names)]

    def run() -> None:
        for thread in threads:
            thread.start()
        try:
            with hub.open():
                hub.run()
        finally:
            for thread in threads:
                thread.join()

    trace: Trace = record(run, max_events=max_events)
    return telling.of_threads(trace)


def on_processes(program: Program, max_events: int) -> Trace:
    """The Trace of a program whose parts are processes."""
    hub, error = Hub(program), None
    processes = [
        Spawned(target=play_alone, args=(theirs, program, number, max_events), name=name, daemon=True)
        for number, (name, theirs) in enumerate(zip(program.names, hub.theirs))
    ]
    try:
        for process, theirs in zip(processes, hub.theirs):
            process.start()
            theirs.close()
        with hub.open():
            hub.run()
    except EngineError as problem:
        error = problem
    finally:
        for process in processes:
            if process.pid is not None:
                process.terminate()
                process.join()
    return telling.of_processes([hub.ended[number] for number in sorted(hub.ended)], error)
