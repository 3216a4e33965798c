"""%%record: what `record` is for a function, for a notebook cell; and the name of %%check."""

from __future__ import annotations

import ast
from typing import Any

from coro_lab.errors import RecordingError
from coro_lab.events import Trace
from coro_lab.recorder import record
from coro_lab.rewriting import compile_quietly, put_hooks, rewrite_tree, table


def load_ipython_extension(ipython: Any) -> None:
    """What `%load_ext coro_lab` calls: make %%record and %%check known."""

    def record_cell(line: str, cell: str) -> Trace | None:
        """%%record [NAME]: run the cell and keep what happened; as the variable NAME, or as the cell's result."""
        name = line.strip()
        if name and not name.isidentifier():
            raise RecordingError(
                f"%%record takes the name of a variable, or nothing.\n"
                f"  You wrote: %%record {name}\n"
                f"  Write:     %%record trace"
            )
        trace = _record_cell(ipython, cell)
        if name:
            ipython.user_ns[name] = trace
        if trace.error is not None:
            raise trace.error
        return None if name else trace

    def check_cell(line: str, cell: str) -> None:
        """%%check NAME: judge the cell as the answer to the exercise of this name, and show what came of it."""
        from coro_lab.widgets import exercise

        exercise.check_cell(ipython, line, cell)

    ipython.register_magic_function(record_cell, "cell", "record")
    ipython.register_magic_function(check_cell, "cell", "check")


def _record_cell(ipython: Any, cell: str) -> Trace:
    source = ipython.transform_cell(cell)
    filename = ipython.compile.cache(source, ipython.execution_count, raw_code=cell)
    flags = ipython.compile.flags
    original = compile_quietly(source, filename, flags=flags)
    code = put_hooks(compile_quietly(rewrite_tree(ast.parse(source, filename)), filename, flags=flags))
    table.learn(original, code)

    def run() -> None:
        exec(code, ipython.user_ns)

    return record(run)
