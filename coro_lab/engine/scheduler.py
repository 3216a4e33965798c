"""Scheduler: the smallest cooperative event loop.

Two rules. A task runs until it yields; nothing can stop it earlier. A task that has yielded goes to the end of the
ready queue, unless a schedule says who runs next.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from coro_lab.engine.recorder import MAX_EVENTS, LimitReached, Recorder, without_recorder
from coro_lab.engine.schedule_text import corrected, split_schedule
from coro_lab.errors import ArgumentError, ScheduleError, advice
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

keep_builtins(globals())

type Suspendable = Generator[Any, Any, Any] | Coroutine[Any, Any, Any]
type Step = Callable[[None], Any]


class Scheduler:
    """Runs generators or coroutines in turns; each `yield` lets the next one run.

    >>> def A():
    ...     print(1); yield
    ...     print(2)
    >>> def B():
    ...     print("x"); yield
    ...     print("y")
    >>> scheduler = Scheduler()
    >>> scheduler.spawn(A()), scheduler.spawn(B())
    ('A', 'B')
    >>> trace = scheduler.run("ABBA")
    1
    x
    y
    2
    """

    def __init__(self) -> None:
        self.tasks: dict[str, Suspendable] = {}  # by name; after a run, those that have not ended
        self._join: Callable[[str, Suspendable], None] | None = None  # adds a task to the run; None: nothing runs

    def spawn(self, task: Suspendable, name: str | None = None) -> str:
        """Add a task to run later, and return its name: the function's, unless you give a `name`.

        `task` is a generator or a coroutine. A second task of the same name gets a number: `A`, then `A 2`. A task
        that another one spawns takes part in the same run. Raises ArgumentError for a task that cannot be resumed or is
        there already, and for a name that is not a text on one line.
        """
        if not hasattr(task, "send"):
            raise _not_a_task(task)
        for known, other in self.tasks.items():
            if other is task:
                raise _twice(task, known)
        if name is None:
            name = str(getattr(task, "__name__", type(task).__name__))
        if not (isinstance(name, str) and name and name.isprintable()):
            raise _not_a_name(name)
        if name in self.tasks:
            name = next(f"{name} {n}" for n in range(2, len(self.tasks) + 3) if f"{name} {n}" not in self.tasks)
        self.tasks[name] = task
        if self._join is not None:
            self._join(name, task)
        return name

    def run(self, schedule: Iterable[str] | None = None, *, max_events: int = MAX_EVENTS) -> Trace:
        """Run the tasks, in turns or in the order of a schedule ("AABBAB", or a list of names), and return the Trace.

        Names longer than a letter stand in the text of a schedule with spaces between them: "produce consume". After a
        `schedule`, unfinished tasks stay suspended; a second `run` continues them. An exception that leaves a task ends
        the run and becomes the trace's `error`. After `max_events` events the run is stopped; the Trace so far comes
        back, and its `cut` says so. Raises ScheduleError for a task that is unknown or has ended, and ArgumentError for
        something that is not a schedule. An exception that the schedule itself raises is passed on.
        """
        return self._record(schedule, max_events, closes=False)

    def _record(self, schedule: Iterable[str] | None, max_events: int, *, closes: bool) -> Trace:
        recorder, error = Recorder(max_events=max_events, driver="scheduler", limit_of="run"), None
        with recorder:
            try:
                order = _unrecorded(recorder, schedule) if isinstance(schedule, Iterator) else schedule
                self._run(lambda name, task: _recorded(recorder, name, task.send), order, "run")
            except LimitReached:
                pass
            except _TaskError as raised:
                error = without_recorder(*raised.args)
        for task in self.tasks.values() if closes else ():
            with recorder, suppress(Exception, LimitReached):
                task.close()
        return recorder.trace(error=error)

    def run_bare(self, schedule: Iterable[str] | None = None) -> None:
        """Run the tasks at full speed, without a trace; an exception that leaves a task is raised.

        `schedule` is as for `run`, and so are ScheduleError and ArgumentError.
        """
        self._run(lambda name, task: task.send, schedule, "run_bare")

    def _run(self, step_of: Callable[[str, Suspendable], Step], schedule: Iterable[str] | None, written: str) -> None:
        steps = {name: step_of(name, task) for name, task in self.tasks.items()}
        ready = deque(steps.values())

        def join(name: str, task: Suspendable) -> None:
            steps[name] = step_of(name, task)
            ready.append(steps[name])

        before, self._join = self._join, join
        try:
            if schedule is None:
                take_turns(ready)
            else:
                follow(schedule, steps, written)
        finally:
            self._join = before
            self.tasks = {name: task for name, task in self.tasks.items() if not _is_closed(task)}


def record_turns(scheduler: Scheduler, max_events: int) -> Trace:
    """The Trace of these tasks in turns, and of closing those that an error or the limit has left suspended."""
    return scheduler._record(None, max_events, closes=True)


def record_order(tasks: Mapping[str, Suspendable], schedule: Iterator[str]) -> Trace:
    """The Trace of these tasks, each of which takes a step where the schedule names it.

    Unlike in a Scheduler, an error ends only the task that raises it. The first error is the trace's.
    """
    recorder, errors = Recorder(driver="scheduler", limit_of="run"), list[BaseException]()

    def go_on(step: Step) -> Step:
        def taken(value: None) -> Any:
            try:
                return step(value)
            except _TaskError as raised:
                errors.append(raised.args[0])
                raise StopIteration from None

        return taken

    with recorder, suppress(LimitReached):
        steps = {name: go_on(_recorded(recorder, name, task.send)) for name, task in tasks.items()}
        follow(_unrecorded(recorder, schedule), steps, "replay")
    return recorder.trace(error=without_recorder(errors[0]) if errors else None)


def take_turns(ready: deque[Step]) -> None:
    """Round robin: the first task in the queue runs to its next yield, then goes to the end."""
    while ready:
        step = ready.popleft()
        try:
            step(None)
        except StopIteration:
            continue
        ready.append(step)


def follow(schedule: Iterable[str], steps: dict[str, Step], written: str) -> None:
    """Run one step of the named task for each name, in the order of the names; `written` names the call in errors."""
    text = schedule if isinstance(schedule, str) else None
    schedule = schedule if text is None else split_schedule(text, tuple(steps))
    if not isinstance(schedule, Iterable):
        raise _not_a_schedule(schedule, written)
    ended: set[str] = set()
    for turn, name in enumerate(schedule, 1):
        if not (isinstance(name, str) and name in steps) or name in ended:
            if not steps:
                raise _no_task(schedule, describe(schedule if text is None else text), written)
            raise _cannot_run(schedule, turn, name, steps, ended, text, written)
        try:
            steps[name](None)
        except StopIteration:
            ended.add(name)


class _TaskError(Exception):
    """An exception that left a task; an exception of the schedule is not wrapped in this."""


def _recorded(recorder: Recorder, name: str, send: Step) -> Step:
    def step(value: None) -> Any:
        recorder.expect(value, name=name)
        try:
            return send(value)
        except StopIteration:
            raise
        except Exception as error:
            raise _TaskError(error) from None

    return step


def _unrecorded(recorder: Recorder, schedule: Iterator[str]) -> Iterator[str]:
    """The names of a schedule that makes them one by one, such as a generator: it is not a task, and gets no lane."""
    while not recorder.cut:  # else it has ended, and the program runs on without it
        recorder.__exit__()
        try:
            name = next(schedule)
        except StopIteration:
            return
        finally:
            recorder.__enter__()
        yield name
    yield from schedule


def _cannot_run(
    schedule: Iterable[str],
    turn: int,
    name: Any,
    steps: Iterable[str],
    ended: set[str],
    text: str | None,
    written: str,
) -> ScheduleError:
    """The error for a turn of a task that does not exist, or has ended; `text` is the schedule, if it is a text."""
    has_ended = isinstance(name, str) and name in ended
    why = "has come to its end" if has_ended else f"is not one of {', '.join(map(repr, steps))}"
    said = f"Turn {turn} of the schedule is {describe(name)}, which {why}."
    if text is not None and not has_ended:
        instead = f"{written}({describe(corrected(text, tuple(steps)))}), with a name for each turn"
        said = advice(said, f"{written}({describe(text)})", instead)
    return ScheduleError(
        said,
        task=name if isinstance(name, str) else describe(name),
        turn=turn,
        ready=tuple(task for task in steps if task not in ended),
        schedule=_names(schedule),
    )


def _no_task(schedule: Iterable[str], given: str, written: str) -> ScheduleError:
    """The error for a schedule of a scheduler that has no tasks."""
    names = _names(schedule)
    call = f"{written}({'...' if names is None else given})"
    what = "There is no task to run: none was spawned, or all have come to their end."
    said = advice(what, call, f"spawn(A()) and so on, with a call for each task, and then {call}")
    return ScheduleError(said, task=names[0] if names else "", turn=1, schedule=names)


def _names(schedule: Iterable[str]) -> tuple[str, ...] | None:
    """The names of a schedule; None if they are made one by one."""
    return tuple(map(str, schedule)) if isinstance(schedule, Sequence) else None


def _not_a_task(task: Any) -> ArgumentError:
    is_function = inspect.isfunction(task)
    wrote = task.__name__ if is_function else describe(task)
    instead = f"spawn({wrote}())" if is_function else "spawn(A()), where A is a function with a yield in it"
    said = advice("spawn takes a generator or a coroutine.", f"spawn({wrote})", instead)
    return ArgumentError(said, argument="task", given=describe(task))


def _twice(task: Any, known: str) -> ArgumentError:
    call = f"{getattr(task, '__name__', 'A')}()"
    what = f"This one is a task already, by the name {describe(known)}, and cannot run twice."
    said = advice(what, f"spawn with the same {describe(task)} again", f"spawn({call}), with a call for each task")
    return ArgumentError(said, argument="task", given=describe(task))


def _not_a_name(name: object) -> ArgumentError:
    given = describe(name)
    said = advice("A task goes by a name in quotes, on one line.", f"spawn(..., {given})", 'spawn(..., "A")')
    return ArgumentError(said, argument="name", given=given)


def _not_a_schedule(schedule: object, written: str) -> ArgumentError:
    given, instead = describe(schedule), f'{written}("ABBA") or {written}(["A", "B"])'
    said = advice("A schedule is a name for each turn.", f"{written}({given})", instead)
    return ArgumentError(said, argument="schedule", given=given)


def _is_closed(task: Any) -> bool:
    return getattr(task, "gi_frame", True) is None or getattr(task, "cr_frame", True) is None
