"""Turns for threads and processes: each part of a program waits at its end of a pipe until the hub gives it a turn.

Threads and processes differ only in what is started. Threads share their globals, and one recording sees them all; a
process has its own globals, records itself, and sends its Trace at the end.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import Pipe
from typing import Any

from coro_lab.engine.backends import traces
from coro_lab.engine.backends.translation import Translation
from coro_lab.engine.backends.workers import UNPRIMED, Closing, Thrown, Worker, functions_of, packed, play_alone
from coro_lab.engine.processes import GUARD, Spawned
from coro_lab.engine.recorder import record
from coro_lab.engine.scheduler import take_turns
from coro_lab.errors import EngineError
from coro_lab.trace.trace import Trace


class Hub:
    """Gives the turns. A step of a part lasts until it hands over, as a step of a generator until it yields."""

    def __init__(self, program: Translation, engine: str) -> None:
        pipes = [Pipe() for _ in program.names]
        self.program, self.engine = program, engine
        self.mine, self.theirs = [mine for mine, _ in pipes], [theirs for _, theirs in pipes]
        self.ended: dict[int, Any] = {}  # the parts that have ended, and what each of them recorded
        self._begun: set[int] = set()
        self._last: bytes | None = None  # the exception of the part that ended last, pickled; StopIteration: returned
        self._turns = itertools.count()

    def step(self, number: int, value: Any = None) -> Any:
        """Give a part its turn, with this value; returns the value that it hands over. StopIteration if it ends."""
        self.mine[number].send((next(self._turns), value))
        how, result, *rest = self._receive(number)
        self._begun.add(number)
        if how == "hands over":
            return result
        self.ended[number], self._last = rest
        if how == "failed":
            name = self.program.names[number]
            raise EngineError(f"{name} raised {result}.", engine=self.engine, function=name, raised=result)
        raise StopIteration

    def run(self) -> None:
        """Give turns until all parts have ended: round robin, or between two partners."""
        if self.program.converses:
            self._converse()
        else:
            take_turns(deque(partial(self.step, number) for number in range(len(self.mine))))

    def _converse(self) -> None:
        said, failure = None, None
        while True:
            try:
                said = self.step(0, said)
            except StopIteration:
                return
            except EngineError as error:
                if failure and failure.raised == error.raised:
                    raise failure from None  # the error began in the partner, and came through this part
                raise
            try:
                said = self._answer(said)
            except EngineError as error:
                if self._last is None:
                    raise
                said, failure = Thrown(self._last), error

    def _answer(self, said: Any) -> Any:
        """What the partner answers, or what is raised where it was asked, as with a generator."""
        if 1 in self.ended:
            return None if isinstance(said, Closing) else Thrown(packed(StopIteration()))
        if 1 not in self._begun and said is not None and not isinstance(said, Closing):
            return Thrown(packed(TypeError(UNPRIMED)))
        try:
            return self.step(1, said)
        except StopIteration:
            if self._last is None:
                name = self.program.names[1]
                told = f"{name} returned something that cannot be sent to another part."
                raise EngineError(told, engine=self.engine, function=name) from None
            return Thrown(self._last)

    @contextmanager
    def open(self) -> Iterator[None]:
        """At the end, dismiss the parts that still wait for a turn."""
        try:
            yield
        finally:
            for number, connection in enumerate(self.mine):
                if number not in self.ended:
                    self._dismiss(number)
                connection.close()

    def _dismiss(self, number: int) -> None:
        try:
            self.mine[number].send((next(self._turns), Closing()))
            *_, self.ended[number], _ = self._receive(number)
        except (OSError, EngineError):  # it has ended already
            pass

    def _receive(self, number: int) -> Any:
        try:
            return self.mine[number].recv()
        except (EOFError, ConnectionError):
            self.ended[number] = None
            name = self.program.names[number]
            said = f"{name} was stopped before its end."
            if self.engine == "processes" and number not in self._begun:
                said = f"{name} ended before it began. {GUARD.format('processes')}"
            raise EngineError(said, engine=self.engine, function=name) from None


def on_threads(program: Translation, max_events: int) -> Trace:
    """The Trace of a program whose parts are threads."""
    functions = functions_of(program)
    hub = Hub(program, "threads")
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
    return traces.of_threads(trace)


def on_processes(program: Translation, max_events: int) -> Trace:
    """The Trace of a program whose parts are processes."""
    hub, error = Hub(program, "processes"), None
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
    return traces.of_processes([hub.ended[number] for number in sorted(hub.ended)], error)
