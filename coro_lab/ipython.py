"""%load_ext coro_lab: the magics of a notebook, %%record, %%check and %%playground."""

from __future__ import annotations

from typing import Any

from coro_lab.views import record_magic


def load_ipython_extension(ipython: Any) -> None:
    """Make `%%record`, `%%check` and `%%playground` known to a notebook; `%load_ext coro_lab` calls it.

    `ipython` is the shell of the notebook. A cell that begins with `%%record` is run and shown in the player; one that
    begins with `%%check NAME` is judged as the answer to the exercise of this name. One that begins with `%%playground`
    is run as a script, in a separate process.
    """

    def check_cell(line: str, cell: str) -> None:
        """%%check NAME: judge the cell as the answer to the exercise of this name, and show what came of it."""
        from coro_lab.lessons.widgets import exercise  # ipywidgets

        exercise.check_cell(ipython, line, cell)

    def run_in_playground(line: str, cell: str) -> None:
        """%%playground [NAME]: run the cell as a script, show its run, and keep the program as the variable NAME."""
        from coro_lab.lessons.playground import magic  # ipywidgets

        magic.run_cell(ipython, line, cell)

    record_magic.register(ipython)
    ipython.register_magic_function(run_in_playground, "cell", "playground")
    ipython.register_magic_function(check_cell, "cell", "check")
    _let_it_be_loaded_again(ipython)


def _let_it_be_loaded_again(ipython: Any) -> None:
    """Keep IPython from answering the next `%load_ext` with advice to use `%reload_ext`: a learner runs cells again."""

    def forget(_: object) -> None:
        ipython.events.unregister("post_run_cell", forget)
        ipython.extension_manager.loaded.discard("coro_lab")

    ipython.events.register("post_run_cell", forget)
