"""What the lab's Python adds to IPython: `%%stored`, an `asyncio.run` that a cell cannot call, and asyncio's own tasks.

It runs in a browser, in the environment of the lab, so it imports nothing of `docs`.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import uuid4

REASONS = {
    "threads": "starts threads",
    "processes": "starts processes",
    "sockets": "opens sockets",
    "above": "uses what such a cell above made",
}
"""What a cell does that Python in a browser cannot, by the word after `%%stored`."""
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


def load_ipython_extension(ipython: Any) -> None:
    """Register the magic, let `asyncio.run` refuse in a cell, and let the page's loop make asyncio's tasks."""
    ipython.register_magic_function(lambda line, cell: show(ipython, line, cell), "cell", "stored")
    _refuse_in_cells(ipython)
    _make_tasks_of_asyncio(type(asyncio.get_running_loop()))
    os.environ["CORO_LAB_SITE"] = _site()
    time.sleep = getattr(time.sleep, "__wrapped__", time.sleep)  # Pyodide's lets other tasks run


def _site() -> str:
    """The address of the site in which this lab lies."""
    from pyodide_js._api import config  # type: ignore[import-not-found]

    return str(config.indexURL).removesuffix("lab/static/pyodide/")


def key_of(source: str) -> str:
    """The name of a cell's run; another text has another name."""
    return hashlib.sha256(source.strip().encode()).hexdigest()


def show(ipython: Any, line: str, cell: str) -> None:
    """Say why this cell cannot run here, make its definitions, and show its stored run."""
    stored = json.loads(Path(__file__).with_name("runs.json").read_text(encoding="utf-8"))
    run = stored["runs"].get(key_of(cell))
    _say(f"{_reason(line.split())} {_found(run, stored['measured'])}")
    cell_again = _Cell(ipython, line, cell)
    cell_again.define()
    if run and "answer" in run:
        cell_again.ask(run["answer"])
    elif run:
        _replay(run["outputs"], run["models"])


def _reason(needed: list[str]) -> str:
    said = " and ".join(REASONS.get(each, f"takes {each}") for each in needed)
    unable = "" if needed == ["above"] else ", which Python in a browser cannot do"
    return f"This cell {said}{unable}."


def _found(run: Any, measured: str) -> str:
    if run is None:
        return "There is no stored run of it as you have written it: run it in JupyterLab on your own machine."
    if "answer" in run:
        return f"Its answer is stored: measured with {measured}."
    return f"**Stored run**, measured with {measured}:"


def _say(text: str) -> None:
    from IPython.display import display

    display({"text/markdown": f"> {text}", "text/plain": text.replace("**", "")}, raw=True)


class _Cell:
    """The parts of a cell that run in a browser, with the source that tracebacks and `preemptible` read."""

    def __init__(self, ipython: Any, line: str, cell: str) -> None:
        from coro_lab.views.cell_source import keep_source

        source = f"# %%stored {line}\n{cell}"  # so that lines have the numbers that they have in the cell
        self._names = ipython.user_ns
        self._file = keep_source(ipython, f"%%stored {line}", cell, source)
        self._tree = ast.parse(source)

    def define(self) -> None:
        """Make its functions and classes, and give literals their names."""
        nodes = [node for node in self._tree.body if isinstance(node, _DEFINITIONS) or _is_literal(node)]
        exec(compile(ast.Module(nodes, []), self._file, "exec"), self._names)

    def ask(self, answer: object) -> None:
        """Ask its question, whose answer is known."""
        from IPython.display import display

        (asked,) = [node.value for node in self._tree.body if isinstance(node, ast.Expr)]
        assert isinstance(asked, ast.Call)
        asked.args[1] = ast.parse(f"lambda: {answer!r}", mode="eval").body
        display(eval(compile(ast.fix_missing_locations(ast.Expression(asked)), self._file, "eval"), self._names))


def _is_literal(node: ast.stmt) -> bool:
    """Whether it only gives a name to a literal."""
    try:
        return isinstance(node, ast.Assign) and bool([ast.literal_eval(node.value)])
    except ValueError:
        return False


def _replay(outputs: list[dict[str, Any]], models: dict[str, Any]) -> None:
    """Show these outputs as the notebook stores them."""
    from IPython.display import display

    fresh = {identity: uuid4().hex for identity in models}
    for identity, model in models.items():
        _make(fresh[identity], json.loads(_renamed(json.dumps(model), fresh)))
    for output in outputs:
        if output["output_type"] == "stream":
            print("".join(output["text"]), end="", file=getattr(sys, output["name"]))
        else:
            data = json.loads(_renamed(json.dumps(output["data"]), fresh))
            display({kind: _joined(value) for kind, value in data.items()}, raw=True, metadata=output["metadata"])


def _make(identity: str, model: dict[str, Any]) -> None:
    """Make a widget's model in the page; no widget of this Python belongs to it."""
    from comm import create_comm

    kind = {f"_{name}": model[name] for name in ("model_name", "model_module", "model_module_version")}
    data = {"state": kind | model["state"], "buffer_paths": []}
    create_comm(target_name="jupyter.widget", comm_id=identity, data=data, metadata={"version": "2.1.0"})


def _renamed(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _joined(value: object) -> object:
    return "".join(value) if isinstance(value, list) else value


# ---- asyncio.run -----------------------------------------------------------------------------------------------------


def _refuse_in_cells(ipython: Any) -> None:
    """Let `asyncio.run` refuse in a cell as it does in Jupyter, where a loop runs already.

    Elsewhere, as in the playground or in a check, it runs a loop inside of that loop. Pyodide's would go on with the
    page's own loop, so that nobody could tell whose steps they are.
    """
    run: Callable[..., object] = asyncio.run
    cpythons = getattr(run, "__wrapped__", run)

    @wraps(run)
    def run_or_refuse(main: Any, **options: Any) -> object:
        if sys._getframe(1).f_code.co_filename in ipython.compile._filename_map:
            return cpythons(main, **options)
        with _no_loop():
            return cpythons(main, **{"loop_factory": BlockingLoop} | options)

    asyncio.run = run_or_refuse


def _make_tasks_of_asyncio(loop: Any) -> None:
    """Let a class of loops make tasks and futures, tell of errors, and let go of callbacks, as asyncio's own loops do.

    Pyodide's loop asks each task for its error as soon as the task ends, and tells of it in other words. So nobody
    could learn there that an error is told only when its task is thrown away. And the page keeps a callback for a
    moment after it was called, so a task would not be thrown away in time.
    """
    for name in ("create_task", "create_future", "call_exception_handler", "default_exception_handler"):
        setattr(loop, name, getattr(asyncio.BaseEventLoop, name))
    pyodides = loop.call_later

    def call_later(loop: Any, delay: float, *callback: Any, **context: Any) -> asyncio.Handle:
        handle: asyncio.Handle = pyodides(loop, delay, *callback, **context)
        handle.__class__ = _Forgetful
        return handle

    loop.call_later = call_later


class _Forgetful(asyncio.Handle):
    """A callback that is not kept once it was called."""

    __slots__ = ()

    def _run(self) -> None:
        try:
            super()._run()
        finally:
            self._callback = self._args = None


class BlockingLoop(asyncio.BaseEventLoop):
    """An event loop of tasks and timers alone: a browser has no sockets. While it waits, the page's Python waits."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = self

    def select(self, timeout: float | None) -> list[Any]:
        """Wait for the next timer. Raises RuntimeError where there is none, for nothing else could resume a task."""
        if timeout is None:
            raise RuntimeError("every task waits, and nothing can resume one of them")
        time.sleep(timeout)
        return []

    def _process_events(self, events: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """No other thread could wait for it."""


@contextmanager
def _no_loop() -> Iterator[None]:
    """No event loop and no task runs in here, so that another can."""
    loop = asyncio._get_running_loop()
    task = None if loop is None else asyncio.tasks._swap_current_task(loop, None)  # type: ignore[attr-defined]
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
        if loop is not None:
            asyncio.tasks._swap_current_task(loop, task)  # type: ignore[attr-defined]
