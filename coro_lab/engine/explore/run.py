"""One live run of a program, step by step, and what can be said of it at its end.

1. A *step* goes from one start or resume to the next suspension: a body with k yields takes k + 1 steps.
2. A task that yields a `Wait` cannot go on until that wait is over. Any other yielded value only marks a switch point.
3. A generator cannot be copied. A state is reached again by running its schedule again, from a fresh `setup`.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from coro_lab.engine.explore.idle_steps import StepWaits
from coro_lab.engine.explore.jump_budget import MOST_JUMPS, StepLimitReached, budget
from coro_lab.engine.explore.program import Program, Schedule
from coro_lab.engine.explore.step_limit import within_limit
from coro_lab.engine.explore.sync import Wait, running
from coro_lab.engine.explore.task_loops import is_in_loop, line_of, loop_of
from coro_lab.errors import (
    EndlessError,
    InvariantError,
    NotDeterministicError,
    PreemptionError,
    SpinningError,
)
from coro_lab.trace.safe_repr import describe

MOST_CLOSED = 20
"""How often a task is closed that yields while it is closed, as a thread does at each access in a `finally`."""
ENDED: Any = type("Ended", (), {"__repr__": lambda self: "ENDED"})()


class LiveRun:
    """One run of a program: its shared object, its tasks, and which of them can go on. To be used in `quietly`."""

    __slots__ = ("alive", "errors", "has_waited", "out", "program", "schedule", "shared", "tasks", "waits")

    def __init__(self, program: Program) -> None:
        """A fresh run in which nothing has happened yet."""
        self.program = program
        self.out = sys.stdout = io.StringIO()
        self.shared = None if program.setup is None else within_limit("setup", program.setup)
        self.tasks = within_limit("a coroutine", self._make_tasks)
        self.alive: tuple[int, ...] = tuple(range(len(self.tasks)))
        self.waits: dict[int, Wait] = {}  # what each suspended task waits for; a task at a switch point has no entry
        self.has_waited = False  # whether any task has waited so far
        self.schedule: list[int] = []
        self.errors: dict[int, BaseException] = {}  # by task: the error that has ended it

    def _make_tasks(self) -> list[Generator[Any, Any, Any]]:
        makers = zip(self.program.coroutines.values(), self.program.takes_shared, strict=True)
        return [function(self.shared) if takes else function() for function, takes in makers]

    @property
    def output(self) -> str:
        """What was printed so far."""
        return self.out.getvalue()

    @property
    def ready(self) -> tuple[int, ...]:
        """The tasks that can go on now, in the order of their names in the program."""
        if self.waits:
            return tuple(t for t in self.alive if (wait := self.waits.get(t)) is None or wait.is_over())
        return self.alive

    # -- going on

    def follow(self, schedule: Sequence[int]) -> LiveRun:
        """Let the tasks of this schedule take a step each. NotDeterministicError if one of them cannot.

        An error ends the task that raises it, and the others go on, as threads and asyncio's tasks do.
        """
        tasks, waits, names = self.tasks, self.waits, self.program.names
        sys.stdout = self.out
        steps = iter(schedule)
        budget.left = MOST_JUMPS
        try:
            for task in steps:
                running.name = names[task]
                if waits:
                    waits.pop(task, None)
                try:
                    got = next(tasks[task], ENDED)
                except (NotDeterministicError, EndlessError, PreemptionError):
                    raise
                except (Exception, SystemExit, GeneratorExit) as error:
                    self.errors[task] = error
                    got = ENDED
                if got is not None:
                    if got is ENDED and task not in self.alive:
                        done = self._done(schedule, steps)
                        raise self.not_deterministic_error(done, step=len(done) - 1)
                    self._note(task, got)
        except StepLimitReached as found:
            budget.left = math.inf
            done = self._done(schedule, steps)
            raise self._no_yield_error(found, done).with_traceback(found.__traceback__) from None
        finally:
            budget.left = math.inf
        self.schedule.extend(schedule)
        return self

    def _done(self, schedule: Sequence[int], left: Iterator[int]) -> list[int]:
        """The steps of this run so far, where these are left of a schedule that it follows."""
        return [*self.schedule, *schedule[: len(schedule) - len(list(left))]]

    def finish(self, later: list[Schedule] | None = None) -> LiveRun:
        """Go on to the end, always with the first ready task; for each step, `later` gets the other ready tasks."""
        limit = self.program.max_steps
        while ready := self.ready:
            if len(self.schedule) >= limit:
                raise self.endless_error()
            if later is not None:
                later.append(ready[1:])
            self.follow(ready[:1])
        return self

    def take_turns(self) -> LiveRun:
        """Go on to the end in turns, one step for each ready task, so that a task that spins keeps none waiting."""
        task = -1
        while ready := self.ready:
            if len(self.schedule) >= self.program.max_steps:
                raise self.endless_error()
            task = next((one for one in ready if one > task), ready[0])
            self.follow((task,))
        return self

    def alone(self, task: int) -> Iterator[None]:
        """Go on with this task only, step by step, while it can and the limit of steps allows it."""
        while task in self.ready and len(self.schedule) < self.program.max_steps:
            self.follow((task,))
            yield

    def close(self) -> None:
        """Close tasks that are still suspended; what they print meanwhile stays off the page."""
        for task in self.alive:
            for _ in range(MOST_CLOSED):
                budget.left = MOST_JUMPS // 10
                try:
                    self.tasks[task].close()
                    break
                except (Exception, StepLimitReached):  # the run is judged already, so no error can change that
                    continue
                finally:
                    budget.left = math.inf

    def _note(self, task: int, got: Any) -> None:
        if got is ENDED:
            self.alive = tuple(other for other in self.alive if other != task)
        elif type(got) is Wait:
            self.waits[task] = got
            self.has_waited = True

    # -- what can be said of it

    def keeps_invariant(self) -> bool:
        """Whether the invariant holds at the end of this run; InvariantError if it does not say."""
        invariant = self.program.invariant
        if invariant is None:
            return True
        has_shared = self.program.setup is not None
        shown = (self.shared, self.output)[: self.program.invariant_takes] if has_shared else (self.output,)
        return keeps_invariant(invariant, shown, lambda: self.program.named(self.schedule))

    def not_deterministic_error(
        self,
        schedule: Sequence[int] | None = None,
        *,
        step: int | None = None,
        first: str | None = None,
        second: str | None = None,
    ) -> NotDeterministicError:
        """The error for a run that differs from an earlier run of the same schedule, by default the whole of this."""
        schedule = self.schedule if schedule is None else schedule
        return NotDeterministicError(
            f"The program is not deterministic: the schedule {self.program.spell(schedule[:8])} did one thing the "
            "first time and another the second.\n"
            "  What it does may depend only on its schedule: use no random numbers, times, input or sets of objects,\n"
            "  and let `setup` make afresh everything that a run changes.",
            schedule=self.program.named(schedule),
            step=step,
            first=first,
            second=second,
        )

    def endless_error(self) -> SpinningError:
        """The error for a run past the limit of steps; it names a task that can go on, and its loop."""
        program, schedule = self.program, self.schedule
        # the last task of the order, unless it has just come to its end
        task = schedule[-1] if schedule[-1] in self.ready else max(self.ready, key=schedule.count)
        looped = is_in_loop(self.tasks[task])
        return SpinningError(
            f"{program.names[task]} did not come to its end within {program.max_steps:,} steps "
            f"(the order begins {program.spell(schedule[:8])} ...).\n"
            f"  It {'goes round' if looped else 'stands'} at {loop_of(self.tasks[task])}\n"
            "  A coroutine to be explored has to end. If it waits in a loop for another one, let it wait instead:\n"
            "  yield from lock.acquire(), condition.wait() or queue.get(). If it is only long: max_steps=...",
            schedule=program.named(schedule),
            loops={program.names[task]: line_of(self.tasks[task]) if looped else None},
            limit=program.max_steps,
        )

    def _no_yield_error(self, found: StepLimitReached, schedule: list[int]) -> EndlessError:
        if isinstance(found, StepWaits):
            return EndlessError(
                f"{self.program.names[schedule[-1]]} waits at {found.place}\n"
                "and meanwhile no other task can go on, since all run in one thread "
                f"(the order begins {self.program.abbreviate(schedule)}).\n"
                "  Let `setup` make what it waits for: coro_lab has Lock, Condition and Queue. Write: with lock, or\n"
                "  in a generator: yield from lock.acquire(). Leave a sleep out: others may go on before any step.",
                schedule=self.program.named(schedule),
                loops={self.program.names[schedule[-1]]: found.line},
            )
        return EndlessError(
            f"{found} runs in a loop and never comes to a yield, so no other task can go on "
            f"(the order begins {self.program.abbreviate(schedule)}).\n"
            "  A coroutine gives up its turn only at a yield. If it waits in this loop for another one, write\n"
            "  yield from lock.acquire(), condition.wait() or queue.get().",
            schedule=self.program.named(schedule),
            loops={self.program.names[schedule[-1]]: found.line},
            limit=MOST_JUMPS,
        )


def keeps_invariant(
    invariant: Callable[..., object], shown: tuple[Any, ...], schedule: Callable[[], Sequence[str]]
) -> bool:
    """Whether this invariant holds for what it is shown; InvariantError if it does not say.

    `schedule` gives the names of the tasks for that error.
    """
    try:
        verdict = within_limit("invariant", invariant, *shown)
    except EndlessError:
        raise
    except (Exception, SystemExit, GeneratorExit) as error:
        raised, names = describe_error(error), tuple(schedule())
        raise InvariantError(
            f"The invariant raised {raised} after {' '.join(names)}.\n"
            "  It is called once at the end of each order, and must return True or False.",
            schedule=names,
            raised=raised,
        ) from error
    if verdict is None:
        raise InvariantError(
            "The invariant returned None, which says neither yes nor no.\n"
            "  Write: invariant=lambda shared: shared.value == 2   (an expression, not an assert)",
            schedule=tuple(schedule()),
        )
    return bool(verdict)


def describe_error(error: BaseException) -> str:
    """The error as a traceback's last line shows it: 'ValueError: too small', or 'ValueError' without a text."""
    try:
        text = str(error)
    except Exception:  # a learner's `__str__` can raise, too
        return describe(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def repr_of_error(error: BaseException | None) -> str:
    """The `repr` of an error; what can be seen of it where a learner's `__repr__` raises."""
    try:
        return repr(error)
    except Exception:
        return describe(error)
