"""needs(): say what to install, where a package that Coro Lab installs is missing.

The engine takes the standard library alone, so `pip install --no-deps coro_lab` is enough for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from coro_lab.errors import UnavailableError

_BROUGHT_BY = {
    **dict.fromkeys(("IPython", "ipywidgets", "traitlets"), "anywidget"),
    "nbformat": "jupyterlab",
    "numpy": "matplotlib",
}
"""Module -> the package to install, where that is another one."""


def is_installed(package: str) -> bool:
    """Whether this package can be imported; it is not imported for that."""
    if package in sys.modules:
        return sys.modules[package] is not None
    return find_spec(package) is not None


@contextmanager
def needs(what: str) -> Iterator[None]:
    """Raise UnavailableError where the block cannot import a package of another project; `what` needs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "coro_lab").partition(".")[0]
        if module == "coro_lab" or module in sys.stdlib_module_names:
            raise
        package = _BROUGHT_BY.get(module, module)
        raise UnavailableError(missing(what, package), package=package) from None


def missing(what: str, package: str) -> str:
    """The text of the error: `what` needs the package `package`, which is not installed."""
    return (
        f"{what} needs {package}, which is not installed for {sys.executable}.\n"
        f"  Write: {sys.executable} -m pip install {package}\n"
        f"  Or:    {sys.executable} -m pip install coro_lab, which brings all that the tutorial needs"
    )
