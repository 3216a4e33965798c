"""Player(trace): a recorded run forwards and backwards in the browser.

The trace goes to the browser once and the front end does the rest, so stepping works while a cell runs, after the
kernel has died and in a saved notebook. Only a fork comes back to Python, which has to run the program again.
"""

from __future__ import annotations

from typing import Any

import traitlets

from coro_lab.engine.stepper import Stepper
from coro_lab.engine.stepper.forking import fork
from coro_lab.errors import ArgumentError, CoroLabError
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.base import LabWidget
from coro_lab.views.widgets.value_box import literal


class Player(LabWidget):
    """A view of one run.

    `source` is a Trace, or a Stepper, whose run can be forked where a value was sent. `index` is the event shown first
    (from 0; -1 is the last). With `follow`, a new `trace` is shown at its last event, otherwise at the reader's place.
    Raises ArgumentError if `source` is neither a Trace nor a Stepper.
    """

    _esm = frontend.module()
    _css = frontend.style_sheet()

    index = traitlets.Int(0).tag(sync=True)
    follow = traitlets.Bool(False).tag(sync=True)
    hide_lines = traitlets.Bool(False).tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    can_fork = traitlets.Bool(False).tag(sync=True)
    looks: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    trace = traitlets.Instance(Trace).tag(sync=True, to_json=lambda trace, _: frontend.portable(trace))

    def __init__(self, source: Trace | Stepper, *, stepper: Stepper | None = None, **options: Any) -> None:
        if isinstance(source, Stepper):
            stepper = source
        trace = source.trace if isinstance(source, Stepper) else source
        if not isinstance(trace, Trace):
            raise ArgumentError(
                f"Player shows a Trace or a Stepper, and this is neither.\n"
                f"  You wrote: Player({describe(source)})\n"
                f"  Write:     Player(record(program)) or Player(Stepper(generator_function))",
                argument="source",
                given=describe(source),
            )
        self._stepper = stepper
        super().__init__(trace=trace, can_fork=stepper is not None, **options)
        self.on_msg(self._on_message)

    @traitlets.validate("trace")
    def _dress(self, proposal: Any) -> Trace:
        """Set the looks first, so that a new lane has its colour when the new trace arrives."""
        trace: Trace = proposal["value"]
        self.looks = frontend.looks(trace)
        return trace

    def _on_message(self, _: object, content: dict[str, Any], __: object) -> None:
        if content.get("ask") == "fork":
            self.send(self._fork(content))

    def _fork(self, content: dict[str, Any]) -> dict[str, str]:
        """The answer to "what if I send this value here?": the trace of the fork, or the reason why there is none."""
        written = str(content.get("value", ""))
        if self._stepper is None:
            return {"error": "This trace was recorded as a whole. Only a Stepper's can be forked: Player(stepper)."}
        try:
            value = literal(written)
            return {"trace": fork(self._stepper, int(content["index"]), value).to_json(), "sent": repr(value)}
        except CoroLabError as error:
            return {"error": str(error)}

    def __repr__(self) -> str:
        return f"Player({self.trace!r})"
