"""needs(): say what to install, where a package that Coro Lab installs is missing.

The engine takes the standard library alone, so `pip install --no-deps coro_lab` is enough for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from coro_lab.errors import MissingPackageError

_BROUGHT_BY = {
    **dict.fromkeys(("IPython", "ipywidgets", "traitlets"), "anywidget"),
    "nbformat": "jupyterlab",
    "numpy": "matplotlib",
}
"""Module -> the package to install, where that is another one."""


@contextmanager
def needs(what: str) -> Iterator[None]:
    """Raise MissingPackageError where the block cannot import a package of another project; `what` needs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "coro_lab").partition(".")[0]
        if module == "coro_lab" or module in sys.stdlib_module_names:
            raise
        raise MissingPackageError(what, _BROUGHT_BY.get(module, module)) from None
