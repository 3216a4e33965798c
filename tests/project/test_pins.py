"""The ranges of pyproject.toml and the two files of pins say the same, and the pins name no place."""

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.javascript_tools.__main__ import PINS, without_addresses
from tests.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LEARNERS = ROOT / "binder" / "requirements.txt"
TOOLS = ROOT / "tests" / "requirements.txt"
SITE = ROOT / "docs" / "site" / "requirements.txt"
PYODIDE = ROOT / "tests" / "pyodide" / "requirements.txt"


def pins(file: Path) -> dict[str, Requirement]:
    """Name -> pin, of every line of a file that is one."""
    found = [Requirement(line.rstrip("\\ ")) for line in file.read_text().splitlines() if line[:1] not in " #"]
    return {canonicalize_name(pin.name): pin for pin in found}


def ranges(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, at runtime or in extras; the package's own name stands for its other extras."""
    asked = [text for extra in extras for text in PROJECT["project"]["optional-dependencies"][extra]]
    asked += [] if extras else PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["build"]
    found = [Requirement(text) for text in asked]
    own = [extra for wanted in found if wanted.name == "coro_lab" for extra in wanted.extras]
    return [wanted for wanted in found if wanted.name != "coro_lab"] + (ranges(*own) if own else [])


def named(wanted: list[Requirement]) -> set[str]:
    return {canonicalize_name(one.name) for one in wanted}


def missing(wanted: list[Requirement], pinned: dict[str, Requirement]) -> list[str]:
    """The ranges that no pin lies in."""
    exact = {name: str(pin.specifier).removeprefix("==") for name, pin in pinned.items()}
    return [str(w) for w in wanted if not w.specifier.contains(exact.get(canonicalize_name(w.name), "0"))]


def imported(source: str) -> set[str]:
    """The packages that this program imports, wherever in it and by whichever way."""
    names = set()
    for node in ast.walk(ast.parse(re.sub(r"^[%!].*", "", source, flags=re.MULTILINE))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            names |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"coro_lab"}


def test_every_range_of_a_learner_has_a_pin_inside_it():
    wanted = ranges() + ranges("cluster")  # notebook 07 ends on a cluster
    assert wanted and missing(wanted, pins(LEARNERS)) == []


@pytest.mark.integration
def test_every_import_of_the_notebooks_and_the_package_is_installed_for_a_learner():
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "coro_lab").rglob("*.py")]
    for file in (ROOT / "notebooks").glob("*.ipynb"):
        sources += [cell.source for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    names, homes = set().union(*map(imported, sources)), packages_distributions()
    assert {"distributed", "matplotlib"} <= names
    absent = {name for name in names if canonicalize_name(homes[name][0]) not in pins(LEARNERS)}
    assert absent == {"greenlet"}, "06 says in greenlet's row that it is not installed; nothing else may be missing"


def test_every_range_of_a_maintainer_has_a_pin_inside_it():
    wanted = ranges("test", "bench", "mutants", "cluster", "greenlet")
    assert wanted and missing(wanted, pins(LEARNERS) | pins(TOOLS)) == []


def test_a_range_without_a_matching_pin_is_found():
    pinned = {"tqdm": Requirement("tqdm==4.67.1")}
    assert missing([Requirement("tqdm>=4.66")], pinned) == []
    assert missing([Requirement("tqdm>=5"), Requirement("numpy>=1")], pinned) == ["tqdm>=5", "numpy>=1"]


def test_building_takes_just_what_is_pinned_for_it():
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]


def test_a_learner_installs_no_test_tool():
    tools = named(ranges("test", "bench", "mutants")) - named(
        ranges("cluster")
    )  # whose tests take a cluster, as 07 does
    assert tools & pins(LEARNERS).keys() <= {"nbclient"}  # nbconvert brings it, and JupyterLab brings nbconvert


def test_the_tools_come_on_top_of_what_learners_install():
    assert pins(TOOLS).keys() & pins(LEARNERS).keys() == set()


@pytest.mark.parametrize("file", [LEARNERS, TOOLS, SITE, PYODIDE], ids=lambda file: file.parent.name)
def test_every_pin_is_exact_and_hashed_and_the_file_holds_nothing_else(file: Path):
    text = re.sub(r"^ *#.*\n", "", file.read_text(), flags=re.MULTILINE)
    pin = r"([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==[^ ;]+( ; [^\\\n]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.sub(pin, "", text) == ""
    found = re.findall(pin, text)  # each name once, or once for each range of Pythons
    assert len(found) == len(set(found))
    assert len(dict(found)) == len(pins(file)) > (5 if file == PYODIDE else 20)


@pytest.mark.parametrize("file", [LEARNERS, TOOLS, SITE, PYODIDE], ids=lambda file: file.parent.name)
def test_no_host_index_or_folder_of_a_machine_is_named(file: Path):
    assert re.findall(r"://|index|find-links|file:| @ | /|[A-Za-z]:\\", file.read_text()) == []


def test_these_tests_run_with_the_pinned_versions():
    """What is checked is what learners get: `make test` made this environment from the same two files."""
    pinned = pins(LEARNERS) | pins(TOOLS)
    here = [pin for pin in pinned.values() if pin.marker is None or pin.marker.evaluate()]
    assert [str(pin) for pin in here if not pin.specifier.contains(version(pin.name))] == []


@pytest.mark.parametrize("group, file", [("site", SITE), ("pyodide", PYODIDE)])
def test_every_range_of_a_group_has_a_pin_inside_it(group: str, file: Path):
    wanted = [Requirement(text) for text in PROJECT["dependency-groups"][group]]
    assert wanted and missing(wanted, pins(file)) == []


@pytest.mark.parametrize("file, kind", [(PINS, "devDependencies"), (SITE.with_name(PINS.name), "dependencies")])
def test_everything_from_npm_is_pinned_with_a_hash_and_without_an_address(file: Path, kind: str):
    packages = json.loads(file.read_text(encoding="utf-8"))["packages"]
    asked = packages.pop("")[kind]
    assert asked == json.loads((file.parent / "package.json").read_text(encoding="utf-8"))[kind]
    tools = {path.removeprefix("node_modules/"): package for path, package in packages.items()}
    assert asked.keys() <= tools.keys()
    assert [name for name, package in tools.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in tools.items() if not re.fullmatch(r"\d+\.\d+\.\d+", package["version"])] == []
    assert re.findall(r"://|resolved|file:", file.read_text(encoding="utf-8")) == []


def test_renewed_pins_keep_no_address():
    package = {"version": "1.0.0", "integrity": "sha512-x", "funding": {"url": "https://example.org"}}
    written = {"name": "tmp_123", "packages": {"": {"name": "tmp_123"}, "node_modules/biome": package}}
    kept = {"packages": {"": {}, "node_modules/biome": {**package}}}
    del kept["packages"]["node_modules/biome"]["funding"]
    assert without_addresses(written) == kept
