"""Player(trace): a recorded run forwards and backwards in the browser.

The trace goes to the browser once and the front end does the rest, so stepping works while a cell runs, after the
kernel has died and in a saved notebook. Only a fork comes back to Python, which has to run the program again.
"""

from __future__ import annotations

from typing import Any

import traitlets

from coro_lab.engine.stepper import Stepper
from coro_lab.engine.stepper.forking import fork, stepper_of
from coro_lab.errors import ArgumentError, CoroLabError
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Difference, Trace
from coro_lab.views.site_address import known_site
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget
from coro_lab.views.widgets.value_box import literal


class RunWidget(LabWidget):
    """What all widgets that show a run have in common; a run that a Stepper made can be forked."""

    _esm = frontend.module()
    _css = frontend.style_sheet()

    index = traitlets.Int(0).tag(sync=True)  # the number of the event that is shown, from 0; -1 is the last
    follow = traitlets.Bool(False).tag(sync=True)  # whether a new trace is shown at its last event
    hide_lines = traitlets.Bool(False).tag(sync=True)  # whether only the switches are shown
    title = traitlets.Unicode("").tag(sync=True)  # the words above the run
    play = traitlets.Bool(False).tag(sync=True)  # whether it plays as soon as it is in view
    site = traitlets.Unicode().tag(sync=True)  # the address of the site that a link leads to; empty: none is known
    can_fork = traitlets.Bool(False).tag(sync=True)  # whether a value that was sent can be changed
    looks: traitlets.List[list[str]] = traitlets.List().tag(sync=True)  # the colours and markers of the lanes
    trace = traitlets.Instance(Trace).tag(sync=True, to_json=lambda trace, _: frontend.portable(trace))  # the run
    other = traitlets.Instance(dict, allow_none=True).tag(sync=True)  # the run beside it; None: it is alone

    def __init__(self, trace: Trace, *, stepper: Stepper[Any, Any, Any] | None = None, **traits: Any) -> None:
        self.stepper: Stepper[Any, Any, Any] | None = stepper  # whose run is shown; None: that of a trace
        super().__init__(trace=trace, **traits)
        self.on_msg(self._on_message)

    @traitlets.default("site")
    def _known_site(self) -> str:
        return known_site()

    @traitlets.validate("trace")
    def _dress(self, proposal: Any) -> Trace:
        """Set what goes with a trace first, so that a new lane has its colour when the new trace arrives."""
        trace: Trace = proposal["value"]
        self.looks = frontend.looks(trace)
        self.can_fork = bool(self.stepper or stepper_of(trace))
        return trace

    def _on_message(self, _: object, content: dict[str, Any], __: object) -> None:
        if content.get("ask") == "fork":
            self.send(self._fork(content))

    def _fork(self, content: dict[str, Any]) -> dict[str, Any]:
        """The answer to "what if I send this value here?": the other run, or why it cannot be made."""
        written = str(content.get("value", ""))
        stepper = self.stepper or stepper_of(self.trace)
        if stepper is None:
            return {"error": "This trace was recorded as a whole. Only a Stepper's can be forked: Player(stepper)."}
        try:
            value = literal(written)
            other = fork(stepper, int(content["index"]), value)
        except CoroLabError as error:
            return {"error": str(error)}
        return {"run": _beside(other, self.trace.diff(other, lines=True), f"with send({value!r}) instead")}


class Player(RunWidget):
    """A view of one run.

    `source` is a Trace, a Stepper, or a Difference, whose two runs stand side by side. A run that a Stepper made can be
    forked where a value was sent, also from its `trace`. `index` is the event shown first (from 0; -1 is the last; for
    a Difference, where the runs differ). With `follow`, a new `trace` is shown at its last event, otherwise at the
    reader's place. `hide_lines` begins with the switches alone. `title` stands above the run. With `play`, the run
    plays slowly as soon as the player is in view, once to its end and back to `index`, until the reader does something;
    for readers who asked for less motion it stands at `index`. Raises ArgumentError for any other `source`.

    >>> from coro_lab import Stepper
    >>> def A():
    ...     yield 1
    >>> Player(Stepper(A).next())
    Player(<Trace of A: 3 events, 1 step, complete>)
    """

    def __init__(
        self,
        source: Trace | Stepper[Any, Any, Any] | Difference,
        *,
        index: int | None = None,
        follow: bool = False,
        hide_lines: bool = False,
        title: str = "",
        play: bool = False,
    ) -> None:
        trace = source.trace if isinstance(source, Stepper | Difference) else source
        if not isinstance(trace, Trace):
            raise ArgumentError(
                f"Player shows a Trace or a Stepper, and this is neither.\n"
                f"  You wrote: Player({describe(source)})\n"
                f"  Write:     Player(record(program)) or Player(Stepper(generator_function))",
                argument="source",
                given=describe(source),
            )
        difference = source if isinstance(source, Difference) else None
        if index is None:
            index = 0 if difference is None else min(difference.at, len(trace) - 1)
        super().__init__(
            trace,
            index=index,
            follow=follow,
            hide_lines=hide_lines,
            title=title,
            play=play,
            stepper=source if isinstance(source, Stepper) else None,
            other=None if difference is None else _beside(difference.other, difference, "the other run"),
        )

    def __repr__(self) -> str:
        return f"Player({self.trace!r})"


def _beside(other: Trace, difference: Difference | None, title: str) -> dict[str, Any]:
    """What the front end needs to show another run beside the player's own."""
    at = None if difference is None else [difference.at, difference.other_at]
    return {"trace": frontend.portable(other), "looks": frontend.looks(other), "title": title, "at": at}
