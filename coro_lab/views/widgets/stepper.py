"""StepperWidget(function): the learner resumes a generator by buttons, and sees what goes in and what comes out.

A Stepper runs the generator, the player's front end draws the run, and the panel in `stepper.js` adds the buttons. A
click is one message to Python, and the answer is one message with the run so far. An error in a click becomes a
sentence in the panel, because an exception in a widget's callback is only written to the log.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import traitlets

from coro_lab.engine.recorder.code_info import CodeInfo
from coro_lab.engine.stepper import OPERATIONS, Stepper
from coro_lab.errors import ArgumentError, CoroLabError, StepperError, UnknownNameError, advice
from coro_lab.trace.events import Event, Kind, Lane, LaneIndex
from coro_lab.trace.labels import LABELS
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.player import RunWidget
from coro_lab.views.widgets.value_box import exception, literal

MAX_EVENTS = 10_000
"""More than anybody steps by hand; it is limited because each click sends the whole run to the browser."""


class StepperWidget(RunWidget):
    """A generator of `function(*args, **kwargs)` with buttons: next, send, throw, close and back.

    A Stepper is accepted as well, and continues from where it is. `stepper` is the model, `now` is what the panel shows
    of it, and `press` does what a button does. `max_events` is as for `Stepper`, and so is ArgumentError.

    >>> def A():
    ...     received = yield 1
    >>> widget = StepperWidget(A)
    >>> widget.press("next")
    >>> widget.press("send", "'bread'")
    >>> widget
    <StepperWidget of A: closed, it returned None>
    """

    _esm = frontend.module("stepper.js")
    _css = frontend.style_sheet("stepper.css")

    stepper: Stepper[Any, Any, Any]
    now = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        function: Callable[..., Any] | Stepper[Any, Any, Any],
        /,
        *args: Any,
        max_events: int = MAX_EVENTS,
        **kwargs: Any,
    ) -> None:
        if isinstance(function, Stepper) and (args or kwargs):
            what = "This Stepper already has its arguments."
            instead = "StepperWidget(stepper), or StepperWidget(function, ...) with its arguments"
            raise ArgumentError(
                advice(what, "StepperWidget(stepper, ...)", instead), argument="args", given=describe(args)
            )
        if not isinstance(function, Stepper):
            function = _StepperOfWidget(function, *args, max_events=max_events, **kwargs)
        self.stepper = function
        self._answers = 0
        super().__init__(whole_run(function), stepper=function, index=-1, follow=True, now=self._now("", ""))

    def _on_message(self, sender: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("ask") == "press":
            self.press(str(content.get("verb")), str(content.get("written", "")))
        else:
            super()._on_message(sender, content, buffers)

    def press(self, verb: str, written: str = "") -> None:
        """Do what the button `verb` does with the text `written` in the value box, and show the result.

        The buttons are "next", "send", "throw", "close" and "back". The text is a literal, as in Python.
        Errors of the program or of the reader are not raised: the widget shows them as sentences.
        """
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as stderr:  # the trace keeps the output
            try:
                report, problem = self._operate(verb, written), ""
            except CoroLabError as error:
                report, problem = "", str(error)
            except (Exception, KeyboardInterrupt) as error:
                report, problem = "", f"{verb} ended in {describe(error)}. {self._where()}"
        self._show(report, "\n".join(filter(None, (problem, stderr.getvalue().strip()))))

    def _operate(self, verb: str, written: str) -> str:
        """Perform the operation; returns sentences that say what went in and what came out."""
        stepper = self.stepper
        if verb == "back":
            taken = stepper.history[-1:]
            stepper.back()
            return f"{taken[0]} is taken back. {self._where()}"
        if verb not in OPERATIONS:
            raise UnknownNameError(f"There is no button {verb!r} here.", name=verb, known=(*OPERATIONS, "back"))
        value = {"send": literal, "throw": exception}.get(verb, lambda _: None)(written)
        refusal = stepper.refusal(verb, value)
        if refusal:
            said = refusals(stepper).get(verb, refusal)
            raise StepperError(said, function=stepper.name, state=stepper.state, operation=verb)
        if stepper.state == "closed":
            return f"close() did nothing: {stepper.name} was closed already."
        getattr(stepper, verb)(*([value] if verb in ("send", "throw") else []))
        return f"In: {stepper.history[-1]}. Out: {came_out(stepper)}. {self._where()}"

    def _show(self, report: str, problem: str) -> None:
        self._answers += 1
        with self.hold_sync():
            self.trace = whole_run(self.stepper)
            self.now = self._now(report, problem)

    def _now(self, report: str, problem: str) -> dict[str, Any]:
        """What the panel shows, all in words, so that the front end decides nothing."""
        stepper = self.stepper
        return {
            "name": stepper.name,
            "state": stepper.state,
            "line": _part(stepper, "frame").f_lineno if stepper.state == "suspended" else None,
            "in": str(stepper.history[-1]) if stepper.history else "",
            "out": came_out(stepper) if stepper.history else "",
            "refusals": refusals(stepper),
            "none_starts": stepper.state == "created",
            "told": report,
            "problem": problem,
            "answer": self._answers,
        }

    def _where(self) -> str:
        """A sentence about the state."""
        stepper = self.stepper
        at = f" at line {_part(stepper, 'frame').f_lineno}" if stepper.state == "suspended" else ""
        return f"{stepper.name} is {stepper.state}{at}."

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        return repr(self.stepper).replace("<Stepper", "<StepperWidget", 1)


class _StepperOfWidget(Stepper[Any, Any, Any]):
    """A Stepper whose errors name StepperWidget, because that is what the reader wrote."""

    _written = "StepperWidget"


def whole_run(stepper: Stepper[Any, Any, Any]) -> Trace:
    """The stepper's trace; before anything has run, a trace with one lane, so that the widget shows the source."""
    if stepper.trace.lanes:
        return stepper.trace
    code = CodeInfo.of(_part(stepper, "code"))
    first = code.code.co_firstlineno
    index = LaneIndex(0, stepper.name)
    closed = (Event(0, index, Kind.CLOSE, first), Event(0, index, Kind.RAISE, first, "GeneratorExit()"))
    lane = Lane(stepper.name, code.kind, code.source)
    return Trace(closed if stepper.state == "closed" else (), (lane,), driver="you")


def _part(stepper: Stepper[Any, Any, Any], part: str) -> Any:
    """The frame or the code of the generator or coroutine, whose attributes have different names."""
    made = stepper._made
    return getattr(made, f"gi_{part}", None) or getattr(made, f"cr_{part}", None)


def came_out(stepper: Stepper[Any, Any, Any]) -> str:
    """What the last operation yielded, returned or raised, in the words of the labels."""
    if stepper.trace.cut:
        return "nothing: stopped"
    if stepper.error is not None:
        return LABELS["raise"].format(value=describe(stepper.error))
    if stepper.state == "suspended":
        kind = "suspend await" if hasattr(stepper._made, "cr_code") else "suspend"
        return LABELS[kind].format(value=describe(stepper.value))
    if stepper.history[-1].operation == "close":
        return "nothing: closed"
    return LABELS["return nothing" if stepper.value is None else "return"].format(value=describe(stepper.value))


def refusals(stepper: Stepper[Any, Any, Any]) -> dict[str, str]:
    """Verb -> the reason why it is not possible now, for each button that is disabled."""
    name = stepper.name
    why = {verb: refusal for verb in OPERATIONS if (refusal := stepper.refusal(verb))}
    if stepper.state == "created":
        nothing_receives = f"{name} was only created: it has not reached a yield, so nothing receives a value."
        why["send"] = f"{nothing_receives} Start it with next, or send None."
    if not stepper.history:
        done = "has only been created" if stepper.state == "created" else "has got nothing from you yet"
        why["back"] = f"There is nothing to take back: {name} {done}."
    return why
