"""Engines(A, B): one program on four engines, and a toggle that changes the engine only.

All four runs go to the browser at once, so the toggle works while a cell runs, after the kernel has died and in a saved
notebook. The toggle keeps the reader's place: it shows the same step of the program on another engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import traitlets

from coro_lab.engine.backends import ENGINES, Translation, run_on
from coro_lab.engine.backends.traces import limited
from coro_lab.engine.backends.translation import Function
from coro_lab.engine.recorder import MAX_EVENTS
from coro_lab.errors import UnknownNameError
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.widgets import frontend
from coro_lab.views.widgets.player import RunWidget

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")

type Piece = tuple[str, bool]
"""A part of a line, and whether it differs from the program for generators."""


class Engines(RunWidget):
    """A program in the player on four engines; `engine` names the one that is shown.

    `functions` and `max_events` are as for `run_on`. `traces` maps the names of the engines to the four runs, `runs` is
    what the browser gets of them, and `names` are the names of the functions. Raises EngineError, ArgumentError
    and UnknownNameError as `run_on` does.

    >>> def A():
    ...     print(1)
    ...     yield
    >>> Engines(A, A).traces["asyncio"].output
    '1\\n1\\n'
    """

    _esm = frontend.module("engines.js")
    _css = frontend.style_sheet("engines.css")

    engine = traitlets.Enum(ENGINES, ENGINES[0]).tag(sync=True)
    runs = traitlets.Dict().tag(sync=True)

    def __init__(self, *functions: Function, engine: str = ENGINES[0], max_events: int = MAX_EVENTS) -> None:
        if engine not in ENGINES:
            said = f"There is no engine {describe(engine)}.\n  Write one of: {', '.join(map(repr, ENGINES))}"
            raise UnknownNameError(said, name=str(engine), known=ENGINES)
        runs_by_name = {name: run_on(name, *functions, max_events=max_events) for name in ENGINES}
        self.traces = {name: limited(trace, "Engines") for name, trace in runs_by_name.items()}
        self.names = [function.__name__ for function in functions]
        written = Translation.of(ENGINES[0], *functions).text
        runs = {
            name: _shown(trace, written, Translation.of(name, *functions).text) for name, trace in self.traces.items()
        }
        super().__init__(self.traces[engine], engine=engine, runs=runs, hide_lines=True)

    @traitlets.observe("engine")
    def _toggle(self, change: Any) -> None:
        self.trace = self.traces[change["new"]]

    def __repr__(self) -> str:
        lines = (f"\n  {name}: {run['told']}" for name, run in self.runs.items())
        return f"Engines({', '.join(self.names)}){''.join(lines)}"


def _shown(trace: Trace, written: str, text: str) -> dict[str, Any]:
    """What the front end gets to show one run and its program."""
    lines = list(compared(written, text))
    return {
        "trace": frontend.portable(trace),
        "looks": frontend.looks(trace),
        "lines": lines,
        "told": f"{_apart(written, text)}; {_resumes(trace)}",
    }


def compared(written: str, text: str) -> Iterator[list[Piece]]:
    """The lines of the program `text`; pieces that differ from `written`, which has as many lines, are marked."""
    for one, other in zip(written.split("\n"), text.split("\n"), strict=True):
        old, new = _TOKEN.findall(one), _TOKEN.findall(other)
        pieces: list[Piece] = []
        for how, _, _, begin, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            piece, differs = "".join(new[begin:end]), how != "equal"
            if differs and len(pieces) > 1 and pieces[-2][1] and pieces[-1][0].isspace():
                piece = pieces.pop(-2)[0] + pieces.pop()[0] + piece  # a space between two differences
            if piece:
                pieces.append((piece, differs))
        yield pieces


def apart(written: str, text: str) -> tuple[int, int]:
    """The number of lines in which two programs of equal length differ, and of characters added or removed."""
    pairs = [pair for pair in zip(written.split("\n"), text.split("\n"), strict=True) if pair[0] != pair[1]]
    changed = 0
    for one, other in pairs:
        old, new = _TOKEN.findall(one), _TOKEN.findall(other)
        for how, begin, end, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if how != "equal":
                changed += len("".join(old[begin:end])) + len("".join(new[start:stop]))
    return len(pairs), changed


def _apart(written: str, text: str) -> str:
    lines, characters = apart(written, text)
    if not lines:
        return "the program as it is written"
    code = sum(bool(line.strip()) for line in written.split("\n"))
    return f"{lines} of {code} lines differ, by {characters} characters"


def _resumes(trace: Trace) -> str:
    """A phrase that says who resumes the coroutines, and in which threads or processes they run."""
    where = {lane.thread for lane in trace.lanes}
    others = [lane.name for lane in trace.lanes[1:] if lane.kind == "generator"]
    who = (
        f"the {trace.driver} resumes"
        if trace.driver
        else f"{trace.lanes[0].name} itself resumes {' '.join(others[:1])}"
    )
    if len(where) < 2:
        return f"{who.rstrip()}, on one thread"
    return f"{who}, in {len(where)} {'processes' if 'process 1' in where else 'threads'}"
