"""What `import coro_lab` promises: the listed names, no more, and a fast start."""

import ast
import json
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest
from ipywidgets import Widget

import coro_lab
from tests.places import ROOT

TREE = ast.parse(Path(coro_lab.__file__).read_text(encoding="utf-8"))


def imported(nodes):
    """Name and module of each `from coro_lab.… import …` among these statements."""
    return {name.name: node.module for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names}


def for_type_checkers():
    (block,) = [node for node in TREE.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return imported(block.body)


def in_a_fresh_process(code):
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(run.stdout)


def test_the_public_names_are_sorted_and_stand_once():
    assert coro_lab.__all__ == sorted(set(coro_lab.__all__))


@pytest.mark.parametrize("name", coro_lab.__all__)
def test_every_public_name_can_be_imported_and_has_a_docstring(name):
    assert getattr(coro_lab, name).__doc__


def test_every_name_that_the_module_imports_for_others_is_listed():
    own = {name for name, module in imported(TREE.body).items() if module.startswith("coro_lab")} - {"VIEWERS", "needs"}
    assert own | for_type_checkers().keys() == set(coro_lab.__all__)


def test_what_type_checkers_read_is_what_is_imported_later():
    assert for_type_checkers() == coro_lab._LATER | dict.fromkeys(coro_lab._PARTS, "coro_lab")
    for name, module in coro_lab._LATER.items():
        assert getattr(coro_lab, name) is getattr(import_module(module), name)


def test_the_public_names_are_found_by_dir_before_they_are_used():
    (listed,) = in_a_fresh_process("import json, coro_lab; print(json.dumps([dir(coro_lab)]))")
    assert set(listed) >= {*coro_lab.__all__, "__version__"}


def test_the_version_is_that_of_the_package():
    assert coro_lab.__version__ == version("coro_lab")


@pytest.mark.parametrize("part", ["costs", "cores"])
def test_the_two_parts_are_modules_like_any_other(part):
    """`from coro_lab.costs import Costs`, as an annotation needs it."""
    module = import_module(f"coro_lab.{part}")
    assert module is getattr(coro_lab, part)
    assert {name: getattr(module, name) for name in module.__all__} == {
        name: getattr(import_module(f"coro_lab.measure.{part}"), name) for name in module.__all__
    }


def test_a_widget_is_called_as_its_class_with_widget_behind_it_and_by_its_own_noun_where_there_is_none():
    for name in coro_lab.__all__:
        thing = getattr(coro_lab, name)
        if isinstance(thing, type) and issubclass(thing, Widget):
            assert name.endswith("Widget") == hasattr(coro_lab, name.removesuffix("Widget") + "Widget")
            assert not name.endswith("Widget") or not issubclass(getattr(coro_lab, name.removesuffix("Widget")), Widget)


def test_another_name_is_refused_as_by_any_module():
    with pytest.raises(AttributeError, match="module 'coro_lab' has no attribute 'recorded'"):
        _ = coro_lab.recorded


@pytest.mark.integration
@pytest.mark.parametrize("package", ["matplotlib", "ipywidgets", "IPython", "numpy", "asyncio", "dask"])
def test_the_engine_alone_loads_no_large_package(package):
    assert package not in loaded_by_the_engine()


def loaded_by_the_engine(known=[]):  # noqa: B006  one process serves all packages
    if not known:
        code = "import sys, json, coro_lab; coro_lab.record(lambda: 1).text(); print(json.dumps(sorted(sys.modules)))"
        known.extend(in_a_fresh_process(code))
    return known


@pytest.mark.integration
def test_the_first_cell_of_a_notebook_leaves_matplotlib_to_the_first_picture():
    """It takes longer to import than all that a learner steps and reads before."""
    of_costs_and_cores = {"cost_curves", "heat_map", "lanes", "laws", "waiting_bars"}  # they draw in the same notebook
    names = ", ".join(sorted(set(coro_lab.__all__) - of_costs_and_cores))
    loaded = in_a_fresh_process(f"import sys, json; from coro_lab import {names}; print(json.dumps([*sys.modules]))")
    assert "coro_lab.views.plots.timeline" in loaded
    assert not {"matplotlib", "numpy"} & set(loaded)


def test_the_package_says_that_it_is_typed():
    assert (Path(coro_lab.__file__).parent / "py.typed").is_file()
    assert not (Path(coro_lab.__file__).parent / "py.typed").read_bytes()


def test_the_wheel_takes_in_the_whole_package():
    """Hatchling puts every file of a listed folder into the wheel that git does not ignore, py.typed among them."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert "coro_lab" in wheel["only-include"]
    assert "exclude" not in wheel
