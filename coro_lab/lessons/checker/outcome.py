"""The outcome of an attempt at an exercise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from coro_lab.errors import TraceFormatError
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

NOT_ATTEMPTED, NOT_YET, CORRECT = "not attempted", "not yet", "correct"


class NotYet(Exception):  # noqa: N818 (an outcome, not an error)
    """A check found that the answer does not do what was asked; the reason is a sentence about what it did.

    `trace` is the run that shows it and `index` the event (from 0) to look at.
    """

    def __init__(self, reason: str, *, trace: Trace | None = None, index: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.trace, self.index = reason, trace, index


def require(trace: Trace, what: str, found: object, asked: object) -> None:
    """Raise NotYet unless the run showed what was asked for; `what` begins the sentence: "add(1, 2) returns"."""
    if found != asked:
        raise NotYet(f"{what} {describe(found)}; {describe(asked)} is asked for.", trace=trace, index=-1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status of an attempt (one of three), the reason, and the run that shows it, if there is one.

    For a correct answer it is one of the runs of the check.
    """

    status: str
    reason: str
    trace: Trace | None = None
    index: int | None = None  # the event of the trace (from 0; -1 is the last) to look at

    def to_json(self) -> str:
        """The outcome as JSON, to be sent out of the sandbox."""
        trace = None if self.trace is None else self.trace.to_json()
        return json.dumps({"status": self.status, "reason": self.reason, "trace": trace, "index": self.index})

    @classmethod
    def from_json(cls, text: str) -> Outcome:
        """The outcome that `to_json` wrote. Raises ValueError for anything else."""
        try:
            found: dict[str, Any] = json.loads(text)
            trace = None if found["trace"] is None else Trace.from_json(found["trace"])
            status, reason, index = found["status"], found["reason"], found["index"]
        except (TypeError, KeyError, RecursionError, TraceFormatError) as error:
            raise ValueError("not an outcome") from error
        known = status in (NOT_ATTEMPTED, NOT_YET, CORRECT) and type(reason) is str
        if not known or (index is not None and index not in range(-1, len(trace.events) if trace else 0)):
            raise ValueError("not an outcome")
        return cls(status, reason, trace, index)
