"""A program whose code notes what each step touches; it does the same, step by step, as the program it is made from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any

from coro_lab.engine.explore.preemption import runtime
from coro_lab.engine.explore.preemption.decorators import SUSPENDS
from coro_lab.engine.explore.preemption.nodes import CALL, ENTER, NOTE, SEEN, SLICE, STEP, WALK, NotedMarks
from coro_lab.engine.explore.preemption.rewriting import Rewriter, originals
from coro_lab.engine.explore.preemption.statements import split_by
from coro_lab.engine.explore.program import Coroutine, Program, Schedule
from coro_lab.engine.explore.reduction.calls import note_call
from coro_lab.engine.explore.reduction.footprint import Footprint
from coro_lab.engine.explore.reduction.notes import notes
from coro_lab.engine.explore.reduction.numbers import Numbers
from coro_lab.engine.explore.reduction.objects import is_wait
from coro_lab.engine.explore.reduction.order_search import NotReducibleError, OrderSearch
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.sync import Condition, Lock, touched
from coro_lab.engine.explore.verdict import Finding, judge
from coro_lab.engine.recorder.user_code import is_learners
from coro_lab.errors import PreemptionError


def search_of(program: Program) -> OrderSearch:
    """The search of all classes of its orders. NotReducibleError where its functions cannot be rewritten."""
    try:
        noted = replace(program, coroutines={name: _noted(task) for name, task in program.coroutines.items()})
    except PreemptionError as found:
        raise NotReducibleError(str(found).splitlines()[0]) from None
    tasks = list(program.coroutines.values())
    generators = [at for at, task in enumerate(tasks) if not _is_thread(task)]
    numbers = Numbers(tasks)
    return OrderSearch(lambda: NotedLiveRun(noted, numbers, generators), program.max_steps)


class NotedLiveRun:
    """A run of a program with notes."""

    def __init__(self, program: Program, numbers: Numbers, generators: list[int]) -> None:
        """`generators` are the tasks in whose steps one access can decide which one comes next."""
        touched.by, notes.prints = notes, program.judges_output
        self._run = LiveRun(program)
        notes.begin_run(numbers, [self._run.shared], generators)

    @property
    def ready(self) -> Schedule:
        """Who can go on."""
        return self._run.ready

    @property
    def known(self) -> int:
        """How many objects have a number."""
        return notes.numbers.known

    def take(self, task: int) -> Footprint:
        """Let this task take a step; what it touched."""
        footprint = notes.begin_step(task)
        self._run.follow((task,))
        return footprint

    def repeat(self, tasks: Sequence[int]) -> None:
        """Let these tasks take the steps with which the run before began, too."""
        for task in tasks:
            notes.repeat_step(task)
            self._run.follow((task,))

    def waiting(self) -> dict[int, Footprint]:
        """What the tasks that wait for ever would touch: in another order they could have taken it."""
        return {task: self._waits_for(task, wait.on) for task, wait in self._run.waits.items()}

    def _waits_for(self, task: int, what: object) -> Footprint:
        footprint = notes.begin_step(task)
        notes.whole(what, writes=False)
        return footprint

    def judge(self) -> Finding | None:
        """What is wrong at the end. NotReducibleError where it was not seen what a step touched."""
        touched.by = None
        if notes.given_up:
            raise NotReducibleError(notes.given_up)
        return judge(self._run)

    def close(self) -> None:
        """End the run."""
        touched.by = None
        self._run.close()


def _is_thread(task: Callable[..., Any]) -> bool:
    """Whether this coroutine is a function under `preemptible`, so that each of its steps has one access."""
    while isinstance(task, functools.partial):
        task = task.func
    return isinstance(task, FunctionType) and id(task.__code__) in originals


def _noted(task: Callable[..., Any]) -> Coroutine:
    if isinstance(task, functools.partial):
        return functools.partial(_noted(task.func), *task.args, **task.keywords)
    if isinstance(task, MethodType):
        return functools.partial(_noted(task.__func__), task.__self__)
    if isinstance(task, FunctionType):
        if (original := originals.get(id(task.__code__))) is not None:
            return _THREADS.rewrite(task, original)
        if inspect.isgeneratorfunction(task) and is_learners(task.__code__) and not hasattr(task, "__wrapped__"):
            return _GENERATORS.rewrite(task)
    raise NotReducibleError("a coroutine is not a generator function of yours")


def _is_learners(plain: object) -> bool:
    return isinstance(plain, FunctionType) and is_learners(plain.__code__)


def _called_in_thread(
    function: Any, arguments: tuple[Any, ...], named: dict[str, Any], _switch: object, is_dropped: bool
) -> Any:
    """A call in a function under `preemptible`: as there, and noted."""
    owner = getattr(function, "__self__", None)
    plain: Any = function.__func__ if isinstance(function, MethodType) else function
    runtime.refuse_real_locks(owner, getattr(function, "__name__", ""))
    if _is_learners(plain) and not plain.__code__.co_flags & SUSPENDS:
        return _THREADS.rewrite(plain)(*([owner] if isinstance(function, MethodType) else []), *arguments, **named)
    note_call(notes, function, arguments, named)
    result = runtime.at_once(function, arguments, named)
    return result if is_wait(result) else runtime.Done(result)


def _called_in_generator(
    function: Any, arguments: tuple[Any, ...], named: dict[str, Any], _switch: object, is_dropped: bool
) -> Any:
    """A call in a generator: the learner's functions and generator functions are noted, too."""
    plain: Any = function.__func__ if isinstance(function, MethodType) else function
    if _is_learners(plain):
        given = (*([function.__self__] if isinstance(function, MethodType) else []), *arguments)
        return _call_noted(plain, given, named)
    note_call(notes, function, arguments, named)
    result = function(*arguments, **named)
    if is_dropped and is_wait(result):
        notes.give_up("a wait is made and never run")
    return runtime.Done(result)


def _call_noted(plain: FunctionType, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    flags = plain.__code__.co_flags & SUSPENDS
    try:
        noted = _GENERATORS.rewrite(plain)
    except PreemptionError:
        if flags:
            notes.give_up(f"{plain.__name__} cannot be rewritten")
        notes.everything()
        return runtime.Done(plain(*given, **named))
    if not flags:
        return noted(*given, **named)
    if flags != inspect.CO_GENERATOR:
        notes.give_up(f"{plain.__name__} is an async function")
        return runtime.Done(plain(*given, **named))
    return runtime.Done(noted(*given, **named))


_AT_THE_END = "a with block runs code at its end"


def _entered_in_thread(manager: Any, _switch: object = None) -> Any:
    notes.enter()
    if not isinstance(manager, (Lock, Condition)):
        notes.give_up(_AT_THE_END)
    return runtime.entered(manager)


def _entered_in_generator(manager: Any, _switch: object = None) -> Any:
    notes.give_up(_AT_THE_END)
    return runtime.Done(manager)


_HELPERS = {SEEN: runtime.seen, WALK: runtime.walk, STEP: runtime.step, NOTE: notes, SLICE: slice}
_THREADS = Rewriter(
    split_by(NotedMarks(switches=True)), {**_HELPERS, CALL: _called_in_thread, ENTER: _entered_in_thread}
)
_GENERATORS = Rewriter(
    split_by(NotedMarks(switches=False)), {**_HELPERS, CALL: _called_in_generator, ENTER: _entered_in_generator}
)
