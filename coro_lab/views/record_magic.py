"""%%record: record a notebook cell as `record` records a function."""

from __future__ import annotations

import ast
from collections.abc import Coroutine
from inspect import CO_COROUTINE
from keyword import iskeyword
from types import CodeType
from typing import Any

from coro_lab.engine.recorder import record, without_recorder
from coro_lab.engine.recorder.rewriting import compile_quietly, parse_quietly, put_hooks, rewrite_tree, table
from coro_lab.errors import ArgumentError, advice
from coro_lab.trace.trace import Trace
from coro_lab.views.cell_source import keep_source


def register(ipython: Any) -> None:
    """Make %%record known to this shell."""
    from IPython.display import display

    def record_cell(line: str, cell: str) -> Any:
        """%%record [NAME]: run the cell and keep its trace as the variable NAME, or as the cell's result."""
        name = line.strip()
        if name and (not name.isidentifier() or iskeyword(name)):
            what = "%%record takes the name of a variable, or nothing."
            said = advice(what, f"%%record {name}", "%%record trace")
            raise ArgumentError(said, argument="name", given=name)
        try:
            code = _compiled(ipython, line, cell)
        except SyntaxError as error:
            return unreadable(error)
        if code.co_flags & CO_COROUTINE:
            return record_later(name, record(eval(code, ipython.user_ns)))
        try:
            trace = record(lambda: exec(code, ipython.user_ns))
        except KeyboardInterrupt as error:
            interrupted(name, error)
            return None
        return keep(name, trace)

    async def record_later(name: str, recording: Coroutine[Any, Any, Trace]) -> Trace | None:
        try:
            trace = await recording
        except KeyboardInterrupt as error:
            interrupted(name, error)
            return None
        except BaseException as error:
            so_far = getattr(error, "trace", None)
            if isinstance(so_far, Trace):  # the cell itself was cancelled and has to end
                keep_broken(name, so_far)
            raise
        return keep(name, trace)

    def keep(name: str, trace: Trace) -> Trace | None:
        if name and trace.cut:
            print(trace.cut)  # a trace without a name is shown and says it itself
        if trace.error is not None:
            keep_broken(name, trace)
            show_error(trace.error)
            return None
        if name and trace.note:
            print(trace.note)
        if not name:
            return trace
        ipython.user_ns[name] = trace
        return None

    def keep_broken(name: str, trace: Trace) -> None:
        """Keep the trace of a run that an exception ended; without a name show it, because the cell has no result."""
        if name:
            ipython.user_ns[name] = trace
        else:
            display(trace)

    def unreadable(error: SyntaxError) -> None:
        """Show a syntax error without a traceback, as IPython does for any cell that it cannot read."""
        running = ipython.displayhook.exec_result
        if running is None:
            raise error
        ipython.showsyntaxerror()
        running.error_in_exec = error  # raising it would show a traceback with frames of IPython and this package

    def interrupted(name: str, error: Any) -> None:
        """Keep the trace up to the interrupt, in place of the trace of an earlier run."""
        keep_broken(name, error.trace)
        show_error(without_recorder(error))

    def show_error(error: BaseException) -> None:
        """Show an error from the learner's first line on; raising it would show frames of this package as well."""
        running = ipython.displayhook.exec_result
        if running is None:
            raise error
        ipython.showtraceback((type(error), error, error.__traceback__), tb_offset=0)
        running.error_in_exec = error

    ipython.register_magic_function(record_cell, "cell", "record")
    if _awaiting not in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.append(_awaiting)


def _compiled(ipython: Any, line: str, cell: str) -> CodeType:
    magic = f"%%record {line}".rstrip()
    source = f"# {magic}\n{_blank_lines(cell)}{ipython.transform_cell(cell)}"
    filename = keep_source(ipython, magic, cell, source)
    flags = ipython.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    original = compile_quietly(source, filename, flags=flags)
    tree = parse_quietly(source, filename)
    if not tree.body:
        tree.body.append(ast.Pass(lineno=1, col_offset=0))  # so that the cell's events have a line
    code = put_hooks(compile_quietly(rewrite_tree(tree), filename, flags=flags))
    table.learn(original, code)
    return code


def _blank_lines(cell: str) -> str:
    """The blank lines at the beginning of a cell, which IPython removes."""
    return "\n" * cell[: len(cell) - len(cell.lstrip())].count("\n") if cell.strip() else ""


def _awaiting(lines: list[str]) -> list[str]:
    """Rewrite a %%record cell that awaits something, so that the cell awaits the magic; a magic alone cannot await."""
    head, *rest = lines or [""]
    cell = "".join(rest)
    if not head.startswith("%%record") or not _awaits(cell):
        return lines
    return [f"await get_ipython().run_cell_magic('record', {head[len('%%record') :].strip()!r}, {cell!r})\n"]


def _awaits(cell: str) -> bool:
    try:
        return bool(compile_quietly(cell, "<cell>", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT).co_flags & CO_COROUTINE)
    except (SyntaxError, ValueError):
        return False
