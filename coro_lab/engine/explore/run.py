"""One live run of a program, step by step, and `quietly`, in which runs are allowed.

1. A *step* goes from one start or resume to the next suspension: a body with k yields takes k + 1 steps.
2. A task that yields a `Wait` cannot go on until that wait is over; whatever else it yields only marks a switch point.
3. A generator cannot be copied. A state is reached again by running its schedule again, from a fresh `setup`.
"""

from __future__ import annotations

import io
import math
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from coro_lab.engine.explore.faults import EndlessError, NotDeterministicError, PreemptionError, SpinningError
from coro_lab.engine.explore.spinning import loop_of
from coro_lab.engine.explore.step_limit import MOST_JUMPS, Borrowed, OutOfPatience, budget
from coro_lab.engine.explore.sync import Wait, running

if TYPE_CHECKING:
    from coro_lab.engine.explore.program import Program

ENDED: Any = type("Ended", (), {"__repr__": lambda self: "ENDED"})()
_ONE_AT_A_TIME = threading.RLock()  # sys.stdout is one for all threads
_open: list[Borrowed] = []  # of the thread that has the lock: what is borrowed, the innermost last

type Step = tuple[int, ...]
"""A schedule inside the engine: the places of the tasks, in the order in which they ran."""


class World:
    """One run: its shared object, its tasks, and who of them can go on."""

    __slots__ = ("alive", "error", "out", "program", "schedule", "shared", "tasks", "waited", "waits")

    def __init__(self, program: Program, shared: Any, tasks: list[Generator[Any, Any, Any]], out: io.StringIO) -> None:
        self.program = program
        self.shared = shared
        self.tasks = tasks
        self.alive: tuple[int, ...] = tuple(range(len(tasks)))
        self.waits: dict[int, Wait] = {}  # what a suspended task waits for, if for anything
        self.waited = False  # some task had to wait at some time
        self.schedule: list[int] = []
        self.error: tuple[int, BaseException] | None = None  # which task raised, and what
        self.out = out

    @property
    def output(self) -> str:
        """What was printed so far."""
        return self.out.getvalue()

    @property
    def ready(self) -> tuple[int, ...]:
        """The tasks that can go on now, in the order of their names in the program."""
        if self.error is not None:
            return ()
        if self.waits:
            return tuple(t for t in self.alive if (wait := self.waits.get(t)) is None or wait.is_over())
        return self.alive

    def run(self, schedule: Sequence[int]) -> World:
        """Let the tasks of this schedule take a step each. NotDeterministicError if one of them cannot."""
        tasks, waits, names = self.tasks, self.waits, self.program.names
        sys.stdout = self.out
        steps = iter(schedule)
        budget.left = MOST_JUMPS
        try:
            for task in steps:
                running.name = names[task]
                if waits:
                    waits.pop(task, None)
                got = next(tasks[task], ENDED)
                if got is not None:
                    self._note(task, got)
        except (NotDeterministicError, EndlessError, PreemptionError):
            raise
        except OutOfPatience as found:
            budget.left = math.inf
            done = [*self.schedule, *schedule[: len(schedule) - len(list(steps))]]
            raise self._stuck(str(found), done).with_traceback(found.__traceback__) from None
        except (Exception, SystemExit, GeneratorExit) as error:
            self.error = (task, error)
            if list(steps):
                raise self.otherwise() from error
        finally:
            budget.left = math.inf
        self.schedule.extend(schedule)
        return self

    def finish(self, later: list[Step] | None = None) -> World:
        """Go on to the end, always with the first task that can; `later` is given the other ones of each step."""
        limit = self.program.max_steps
        while ready := self.ready:
            if len(self.schedule) >= limit:
                raise self.endless()
            if later is not None:
                later.append(ready[1:])
            self.run(ready[:1])
        return self

    def take_turns(self) -> World:
        """Go on to the end, each task that can by one step in turn: no other one is kept waiting by one that spins."""
        task = -1
        while ready := self.ready:
            if len(self.schedule) >= self.program.max_steps:
                raise self.endless()
            task = next((one for one in ready if one > task), ready[0])
            self.run((task,))
        return self

    def alone(self, task: int) -> Iterator[None]:
        """Go on with this task only, step by step, while it can and the limit of steps allows it."""
        while task in self.ready and len(self.schedule) < self.program.max_steps:
            self.run((task,))
            yield

    def _note(self, task: int, got: Any) -> None:
        if got is ENDED:
            if task not in self.alive:
                raise self.otherwise()
            self.alive = tuple(other for other in self.alive if other != task)
        elif type(got) is Wait:
            self.waits[task] = got
            self.waited = True

    def otherwise(self) -> NotDeterministicError:
        """The error that says that this run did something else than an earlier one under the same schedule."""
        return NotDeterministicError(
            f"The program is not deterministic: the schedule {self.program.spell(self.schedule[:8])} did one thing the "
            "first time and another the second.\n"
            "  What it does may depend on its schedule alone: no random numbers, times, input or sets of objects,\n"
            "  and nothing that lives on from run to run; `setup` makes all of it afresh."
        )

    def endless(self) -> SpinningError:
        """The error that says that the task that ran last goes on and on, and where."""
        program, schedule = self.program, self.schedule
        return SpinningError(
            f"{program.names[schedule[-1]]} did not come to its end within {program.max_steps:,} steps "
            f"(the order begins {program.spell(schedule[:8])} ...).\n"
            f"  It goes round at {loop_of(self.tasks[schedule[-1]])}\n"
            "  A coroutine to be explored has to end. If it waits in a loop for another one, let it wait instead:\n"
            "  yield from lock.acquire(), condition.wait() or queue.get(). If it is only long: max_steps=..."
        )

    def _stuck(self, function: str, schedule: list[int]) -> EndlessError:
        return EndlessError(
            f"{function} runs in a loop and never comes to a yield, so nobody else can go on "
            f"(the order begins {self.program.tell(schedule)}).\n"
            "  A coroutine gives up its turn only at a yield. If it waits in this loop for another one, write\n"
            "  yield from lock.acquire(), condition.wait() or queue.get()."
        )

    def close(self) -> None:
        """Let go of tasks that are still suspended, and of what their finalisers print."""
        for task in self.alive:
            budget.left = MOST_JUMPS // 10
            try:
                self.tasks[task].close()
            except (Exception, OutOfPatience):  # the run is over and judged: what its end raises concerns nobody
                continue
            finally:
                budget.left = math.inf


def within_limit[Result](what: str, function: Callable[..., Result], *args: Any) -> Result:
    """What a function gives; EndlessError where its loops go round without an end."""
    budget.left = MOST_JUMPS
    try:
        return function(*args)
    except OutOfPatience as found:
        budget.left = math.inf
        raise EndlessError(
            f"{found} did not come to its end within {MOST_JUMPS:,} turns of its loops, while {what} was called.\n"
            "  It is called for each order, so it has to end, and soon."
        ).with_traceback(found.__traceback__) from None
    finally:
        budget.left = math.inf


class quietly:  # noqa: N801 - it reads as what happens in the `with`
    """Runs of programs print into their own worlds in here, not on the page, and no step runs for ever; one thread at
    a time.

    Runs leave no rings of references behind, or few; looking for them after every few hundred objects would take a
    fifth of the time, so it is done less often.

    Whatever happens, also an interrupt while this begins or ends, the interpreter is as it was before.
    """

    _borrowed: Borrowed | None = None

    def __enter__(self) -> None:
        try:
            _ONE_AT_A_TIME.acquire()
            _give_back()
            self._borrowed = Borrowed(sys._getframe(1), _end)
            _open.append(self._borrowed)
            self._borrowed.take()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            _end(self._borrowed)
        finally:  # once more, if the learner interrupted
            _end(self._borrowed)


def _end(borrowed: Borrowed | None = None) -> None:
    """Give back, and let other threads explore if this one is through."""
    _give_back(borrowed)
    while not _open and _is_mine():
        running.name = None
        _ONE_AT_A_TIME.release()


def _give_back(borrowed: Borrowed | None = None) -> None:
    """Give back this, and what nobody is left to give back."""
    while _is_mine() and _open and (_open[-1] is borrowed or _open[-1].is_abandoned()):
        _open[-1].give_back()
        _open.pop()


def _is_mine() -> bool:
    """Whether this thread explores; `threading.Condition` asks a lock in the same way."""
    return bool(_ONE_AT_A_TIME._is_owned())  # type: ignore[attr-defined]
