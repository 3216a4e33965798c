"""%%playground: run a pasted program, show its run, and keep it for the other tools."""

from __future__ import annotations

import ast
from keyword import iskeyword
from typing import Any

from IPython.display import display

from coro_lab.engine.processes import CAN_START
from coro_lab.engine.recorder.rewriting import compile_quietly
from coro_lab.errors import ArgumentError, advice
from coro_lab.lessons.playground import process, same_process
from coro_lab.lessons.playground.finished import Finished
from coro_lab.lessons.playground.program import PastedProgram
from coro_lab.views.cell_source import keep_source

_WITHOUT_LINES = "--no-lines"
_ENDED_THE_PROCESS = (
    "The program ended the whole process it ran in (by os._exit, or because it crashed), so there is no run to show."
)
_MORE = f"Without its lines, more of it is seen: %%playground program {_WITHOUT_LINES}"
_AWAIT = "The program runs as a script, so write asyncio.run(main()) instead of await main()."
_INPUT = "The program asks for input, and nobody can type into it here. Write the value into the program instead."


def run_cell(ipython: Any, line: str, cell: str) -> None:
    """Run the cell as a script, show its run in the player, and keep it as the variable named in the line."""
    name, lines = _options(line)
    ipython.user_ns.pop(name, None)
    magic = f"%%playground {line}".rstrip()
    source = f"# {magic}\n{cell}"
    filename = keep_source(ipython, magic, cell, source)
    try:
        compile_quietly(source, filename)
    except SyntaxError as error:
        _unreadable(ipython, error)
        return
    finished = (process if CAN_START else same_process).run(source, lines=lines)
    _report(finished, lines)
    if finished.trace is not None:
        ipython.user_ns[name] = PastedProgram(ast.parse(source), filename, finished.trace)
        display(finished.trace)


def _options(line: str) -> tuple[str, bool]:
    """The variable's name, and whether lines are recorded. Raises ArgumentError for anything else."""
    words = line.split()
    names = [word for word in words if word != _WITHOUT_LINES] or ["program"]
    if len(names) > 1 or not names[0].isidentifier() or iskeyword(names[0]):
        what = f"%%playground takes the name of a variable, and perhaps {_WITHOUT_LINES}."
        said = advice(what, f"%%playground {line}", "%%playground program")
        raise ArgumentError(said, argument="line", given=line)
    return names[0], _WITHOUT_LINES not in words


def _report(finished: Finished, lines: bool) -> None:
    """Print what is to be said of a run beside its player."""
    trace = finished.trace
    said = [finished.errors, finished.remark]
    if trace is None:
        said.append("" if finished.remark else _ENDED_THE_PROCESS)
    elif trace.cut:
        said.append(f"{trace.cut} {_MORE if lines else ''}")
    elif "EOFError" in str(trace.error):
        said.append(_INPUT)
    if words := "\n".join(filter(None, said)):
        print(words)


def _unreadable(ipython: Any, error: SyntaxError) -> None:
    """Show a syntax error without a traceback, as IPython does for any cell that it cannot read."""
    running = ipython.displayhook.exec_result
    if running is None:
        raise error
    ipython.showsyntaxerror()
    if "'await' outside" in str(error):
        print(_AWAIT)
    running.error_in_exec = error
