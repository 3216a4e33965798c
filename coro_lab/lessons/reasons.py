"""Why an answer is right: the run that gave it, the event that shows it, and that event in words.

`compute` finds the answer of a question. If it uses nothing of Coro Lab, it is recorded, so that its run is known. If
it records, steps or explores by itself, what it made last is the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from types import CodeType, FunctionType, ModuleType
from typing import Any

from coro_lab.engine.recorder import record
from coro_lab.engine.stepper import Stepper
from coro_lab.errors import RecordingError
from coro_lab.trace.events import DROPPED, SWITCHES, Event, Kind
from coro_lab.trace.noticing import noticing
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.sentences import sentence
from coro_lab.trace.trace import Trace


@dataclass(frozen=True)
class Reason:
    """Why an answer is right or wrong: sentences, and the event of a run to look at. No trace: nothing to look at."""

    says: tuple[str, ...] = ()
    trace: Trace | None = None
    index: int = -1  # the event to look at, from 0; -1 is the last


NO_REASON = Reason()


@dataclass(frozen=True)
class Evidence:
    """What `compute` gave, and the run that it gave it from."""

    value: Any = None  # what it returned; None if it raised
    error: BaseException | None = None  # what it raised; None if it returned
    run: Any = None  # a Trace, a Stepper, an Exploration; None: no run is known
    is_recorded: bool = False  # the run is that of `compute` itself

    def reason(self, answer: str, chosen: str) -> Reason:
        """Why `answer` is right, and where in the run the answer that was chosen is, if that is another one."""
        counterexample = getattr(self.run, "counterexample", None)
        if counterexample is not None:
            return Reason((f"{repr(self.run).splitlines()[0]}.",), counterexample)
        trace = self.run.trace if isinstance(self.run, Stepper) else self.run
        if not isinstance(trace, Trace):
            return NO_REASON
        if not trace.events:
            return Reason((f"No line of {self.run.name} has run yet.",) if isinstance(self.run, Stepper) else ())
        index = self._index(trace, answer)
        says = () if index is None else (_story(trace, index),)
        if self.is_recorded and self.error is not None:
            says = (f"It raises {describe(self.error)}.",)
        elsewhere = None if chosen == answer or not says else find_event(trace, chosen)
        if elsewhere is not None and elsewhere != index:
            when = "earlier" if index is not None and elsewhere < index else "later"
            says = (*says, f"“{chosen}” is in the run too, {when}: {_say(trace, elsewhere)}.")
        if self.is_recorded and len(trace.lanes) == 1:
            return Reason(says)  # there is nothing to see
        at = _last_switch(trace) if index is None else index
        return Reason(says, trace, -1 if at is None else at)

    def _index(self, trace: Trace, answer: str) -> int | None:
        """The event that shows the answer. None if only the whole run does, as for a count."""
        if isinstance(self.value, Event):
            return next((at for at, event in enumerate(trace) if event is self.value), None)
        if self.is_recorded:
            return _last_switch(trace, inside=True)
        found = find_event(trace, answer)
        if isinstance(self.run, Stepper):  # a value that it gave, or the state that it is in
            return _last_switch(trace) if found is None else found
        return found if isinstance(self.value, str) else None


def find_answer(compute: Callable[[], Any]) -> Evidence:
    """What `compute()` gives, and the run behind it."""
    functions = [compute] if isinstance(compute, FunctionType) else []
    named = list(_named(functions))
    if functions and not any(map(_is_ours, named)):
        trace = record(compute)
        if not trace.cut and not isinstance(trace.error, RecordingError):
            return Evidence(trace.result, trace.error, trace, is_recorded=True)
    with noticing() as runs:
        value, error = None, None
        try:
            value = compute()
        except Exception as raised:
            error = raised
    known = runs or [each for each in named if isinstance(each, Trace)]
    return Evidence(value, error, known[-1] if known else None)


def find_event(trace: Trace, words: str) -> int | None:
    """The last event at which this value crosses or is printed, or else a word of what is printed; None for None."""
    if words == "None":
        return None
    backwards = range(len(trace) - 1, -1, -1)
    as_value = (at for at in backwards if _shown(trace[at]) == words)
    as_word = (at for at in backwards if trace[at].kind is Kind.OUTPUT and words in (trace[at].value or "").split())
    return next(chain(as_value, as_word), None)


def _shown(event: Event) -> str | None:
    return event.value.strip() if event.value and event.kind is Kind.OUTPUT else event.value


def _last_switch(trace: Trace, *, inside: bool = False) -> int | None:
    """The last switch that is not the closing of what nobody needs any more; `inside`: of another lane than the first.

    The first lane of a recorded `compute` is that of `compute` itself.
    """
    found, dropped = None, set()
    for at, event in enumerate(trace):
        if event.kind is Kind.CLOSE and event.value == DROPPED:
            dropped.add(event.lane)
        if event.kind in SWITCHES and event.lane not in dropped and not (inside and event.lane == 0):
            found = at
    return found


def _story(trace: Trace, index: int) -> str:
    """The last switch before this event, what its lane's names were bound to since then, and the event."""
    said = f"{_say(trace, index)}."
    before = next((at for at in reversed(range(index)) if trace[at].kind in SWITCHES), None)
    if before is None:
        return said
    since = (event.changed for event in trace[before : index + 1] if event.lane == trace[index].lane)
    bound = {name: value for changed in since for name, value in changed if value is not None}
    names = ", ".join(f"{name} = {value}" for name, value in bound.items())
    return f"{_say(trace, before)}{f': {names}' if names else ''}. Then {said}"


def _say(trace: Trace, index: int) -> str:
    event = trace[index]._replace(changed=())
    if event.kind is Kind.OUTPUT and event.value:
        event = event._replace(value=event.value.rstrip("\n"))
    return sentence(event, trace.lanes)


def _is_ours(value: object) -> bool:
    """Whether this is a part of Coro Lab, or was made by it."""
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return str(name).partition(".")[0] == "coro_lab"


def _named(functions: list[Any]) -> Iterator[object]:
    """The values of all global names that these functions use, and that the functions among these use."""
    for function in functions:  # it grows on the way
        for name in _names(function.__code__):
            value = function.__globals__.get(name)
            yield value
            is_theirs = isinstance(value, FunctionType) and value.__globals__ is function.__globals__
            if is_theirs and value not in functions:
                functions.append(value)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
