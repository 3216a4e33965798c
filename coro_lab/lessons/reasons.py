"""Why an answer is right: the run that gave it, the event that shows it, and that event in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

from coro_lab.engine.stepper import Stepper
from coro_lab.errors import CoroLabError
from coro_lab.trace.events import ENTERS, SWITCHES, Event, Kind, is_drop
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace, in_sentence


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
        """Why `answer` is right, and where in the run the chosen answer is, if that is another one."""
        if hasattr(type(self.run), "counterexample"):
            found = repr(self.run).splitlines()[0].partition(";")[0]  # the order itself could be what a puzzle asks for
            return Reason((f"{found}.",), self._first_broken())
        if isinstance(self.run, Stepper) and not self.run.history:
            return Reason((f"No line of {self.run.name} has run yet.",))
        trace = self.run.trace if isinstance(self.run, Stepper) else self.run
        if not isinstance(trace, Trace) or not trace.events:
            return NO_REASON
        return self._from(trace, answer, chosen)

    def _from(self, trace: Trace, answer: str, chosen: str) -> Reason:
        index = self._index(trace, answer)
        said = self._why(trace, index)
        says = [said, _where_else(trace, chosen, index) if said and chosen != answer else ""]
        if self.is_recorded and len(trace.lanes) == 1:
            return Reason(tuple(filter(None, says)))  # there is nothing to see
        at = _last_switch(trace) if index is None else index
        return Reason(tuple(filter(None, says)), trace, -1 if at is None else at)

    def _why(self, trace: Trace, index: int | None) -> str:
        if self.is_recorded and self.error is not None:
            return f"It raises {describe(self.error)}."
        return "" if index is None else _story(trace, index)

    def _first_broken(self) -> Trace | None:
        """The first broken order of an Exploration; None without one, or if it cannot be run once more."""
        try:
            counterexample: Trace | None = self.run.counterexample
        except CoroLabError:
            return None
        return counterexample

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


def find_event(trace: Trace, words: str) -> int | None:
    """The last event at which this value crosses or is printed, or else a word of what is printed; None for None.

    For the name of a lane it is the last event at which that lane began to run.
    """
    if words == "None":
        return None
    backwards = range(len(trace) - 1, -1, -1)
    as_value = (at for at in backwards if _shown(trace[at]) == words)
    as_word = (at for at in backwards if trace[at].kind is Kind.OUTPUT and words in (trace[at].value or "").split())
    as_lane = (at for at in backwards if trace[at].kind in ENTERS and trace[at].lane.name == words)
    return next(chain(as_value, as_word, as_lane), None)


def _shown(event: Event) -> str | None:
    return event.value.strip() if event.value and event.kind is Kind.OUTPUT else event.value


def _last_switch(trace: Trace, *, inside: bool = False) -> int | None:
    """The last switch that does not close a dropped generator; `inside`: of another lane than the first.

    The first lane of a recorded `compute` is that of `compute` itself.
    """
    found, dropped = None, set()
    for at, event in enumerate(trace):
        if is_drop(event):
            dropped.add(event.lane)
        if event.kind in SWITCHES and event.lane not in dropped and not (inside and event.lane == 0):
            found = at
    return found


def _where_else(trace: Trace, chosen: str, index: int | None) -> str:
    """Where a wrong answer is in the run, seen from this event; empty if it is nowhere."""
    at = find_event(trace, chosen)
    if at is None or at == index:
        return ""
    return f"“{chosen}” is in the run too{_when(at, index)}: {_say(trace, at)}."


def _when(at: int, index: int | None) -> str:
    return "" if index is None else ", earlier" if at < index else ", later"


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
    return in_sentence(trace, event)
