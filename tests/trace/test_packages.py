"""needs: which package is missing, and what it is needed for."""

from __future__ import annotations

import pytest

from coro_lab.errors import CoroLabError, UnavailableError
from coro_lab.trace.packages import needs


@pytest.mark.parametrize(
    "module, package",
    [("psutil", "psutil"), ("matplotlib.axes", "matplotlib"), ("numpy", "matplotlib"), ("traitlets", "anywidget")],
)
def test_the_error_names_the_package_and_what_needs_it(module: str, package: str):
    with pytest.raises(UnavailableError) as raised, needs("timeline"):
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)
    assert raised.value.package == package
    assert str(raised.value).startswith(f"timeline needs {package}, which is not installed for ")
    assert f"-m pip install {package}\n" in str(raised.value)


def test_it_is_an_import_error_and_one_of_coro_labs():
    assert issubclass(UnavailableError, ImportError) and issubclass(UnavailableError, CoroLabError)


@pytest.mark.parametrize("module", ["coro_lab.views.plotz", "asyncio.loops", "decimal"])
def test_a_missing_part_of_coro_lab_or_of_python_is_no_package(module: str):
    with pytest.raises(ModuleNotFoundError, match="No module"), needs("timeline"):
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)


def test_other_errors_and_results_pass():
    with pytest.raises(ImportError, match="cannot import name"), needs("timeline"):
        raise ImportError("cannot import name 'draw'")
    with needs("timeline"):
        pass
