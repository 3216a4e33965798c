"""Turns for threads and processes: each part of a program waits at its end of a pipe until the hub gives it the turn.

Between threads and processes nothing differs but what is started. Threads share their globals, and are seen by the
recording of the whole; a process has globals of its own, records itself, and sends its Trace at the end.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import Pipe
from typing import Any

from coro_lab.engine.backends import traces as telling
from coro_lab.engine.backends.translation import Translation
from coro_lab.engine.backends.workers import Worker, functions_of, play_alone
from coro_lab.engine.processes import Spawned
from coro_lab.engine.recorder import record
from coro_lab.engine.scheduler import take_turns
from coro_lab.errors import EngineError
from coro_lab.trace.trace import Trace


class Hub:
    """Gives the turns. A step of a part lasts until it hands over, as a step of a generator until it yields."""

    def __init__(self, program: Translation) -> None:
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


def on_threads(program: Translation, max_events: int) -> Trace:
    """The Trace of a program whose parts are threads."""
    functions = functions_of(program)
    hub = Hub(program)
    parts = [
        Worker(theirs, function, begins_to_speak=program.converses and number == 0)
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


def on_processes(program: Translation, max_events: int) -> Trace:
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
