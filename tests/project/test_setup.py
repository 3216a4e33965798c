"""The two commands: which Python they take, and that they install once, then never again without a reason."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.integration

HERE = str(Path(sys.executable))
OLD = f'exec "{HERE}" -c "import sys; sys.version_info = (3, 11, 7); exec(sys.argv[1])" "$2"'
SHIM_OF_ANOTHER_VERSION = 'echo "pyenv: $0: command not found" >&2; exit 127'
THIS_ONE = f'exec "{HERE}" "$@"'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder that is the whole PATH, empty to begin with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def find_python(path: Path, *wanted: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(ROOT / ".ci" / "find-python"), *wanted]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": str(path)})


class TestFindPython:
    def test_a_python3_that_runs_is_taken(self, path: Path):
        put(path, "python3", THIS_ONE)
        assert find_python(path).stdout.strip() == HERE

    def test_a_shim_that_does_not_run_is_skipped(self, path: Path):
        put(path, "python3", SHIM_OF_ANOTHER_VERSION)
        put(path, "python3.13", THIS_ONE)
        assert find_python(path).stdout.strip() == HERE

    def test_a_python_that_is_too_old_is_skipped(self, path: Path):
        put(path, "python3", OLD)
        put(path, "python3.12", THIS_ONE)
        assert find_python(path).stdout.strip() == HERE

    def test_only_the_requested_python_is_taken(self, path: Path):
        put(path, "python3", THIS_ONE)
        put(path, "python3.13", OLD)
        found = find_python(path, "python3.13")
        assert (found.returncode, found.stdout) == (1, "")
        assert found.stderr.startswith("PYTHON=python3.13 cannot be used:")

    def test_a_python_behind_a_shim_of_pyenv_is_found(self, path: Path):
        put(path, "python3.13", SHIM_OF_ANOTHER_VERSION)
        put(path, "pyenv", f'[ "$1" = --version ] || [ "$*" = "whence --path python3.13" ] && echo "{HERE}"')
        assert find_python(path, "python3.13").stdout.strip() == HERE

    def test_uv_is_asked_if_there_is_no_python(self, path: Path):
        put(path, "python3", OLD)
        put(path, "uv", f'case "$*" in --version) ;; "python find 3.12") echo "{HERE}" ;; *) exit 2 ;; esac')
        assert find_python(path).stdout.strip() == HERE

    def test_uv_is_asked_to_install_the_version_that_was_named(self, path: Path):
        put(
            path,
            "uv",
            f"""case "$*" in
            --version) ;;
            "python find 3.14") [ -e "{path}/installed" ] && echo "{HERE}" ;;
            "python install 3.14") : > "{path}/installed" ;;
            *) exit 2 ;;
            esac""",
        )
        found = find_python(path, "python3.14")
        assert found.stdout.strip() == HERE
        assert "asking uv for 3.14" in found.stderr

    def test_without_any_python_a_message_says_what_to_do(self, path: Path):
        put(path, "uv", '[ "$1" = --version ]')  # runs, and can neither find nor fetch one
        found = find_python(path)
        assert (found.returncode, found.stdout) == (1, "")
        assert "Coro Lab needs Python 3.12 or newer, and none runs here." in found.stderr
        assert "Install Python 3.12" in found.stderr


def at_once(folder: Path, *calls: str) -> subprocess.CompletedProcess[str]:
    """Verbs of a Makefile that waits for the other call in each of two."""
    meet = "@echo $@ > $@.met; until [ -e $(other).met ]; do sleep 0.01; done; echo said by $@"
    lines = ["first: other = second", f"first:\n\t{meet}", "second: other = first", f"second:\n\t{meet}"]
    (folder / "Makefile").write_text("\n".join([*lines, "good:\n\t@echo said by $@", "bad:\n\t@false", ""]))
    command = ["sh", str(ROOT / ".ci" / "at-once"), "make", *calls]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


class TestAtOnce:
    def test_two_calls_run_side_by_side_and_are_printed_one_after_the_other(self, tmp_path: Path):
        done = at_once(tmp_path, "first good", "second")
        assert (done.returncode, done.stdout) == (0, "said by first\nsaid by good\nsaid by second\n")

    def test_one_call_that_fails_is_a_failure_and_the_other_is_printed(self, tmp_path: Path):
        done = at_once(tmp_path, "good bad", "good")
        assert done.returncode == 1
        assert done.stdout.count("said by good") == 2 and "bad" in done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose pins are only those that building the package takes: enough to install, and quick."""
    folder = tmp_path / "a checkout"
    for name in ("coro_lab", "notebooks", ".ci"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "pyproject.toml", ".python-version", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    (folder / "binder").mkdir()
    (folder / "binder" / "requirements.txt").write_text(pins_of("hatchling"))
    put(folder, "python3", THIS_ONE)
    return folder


def pins_of(package: str) -> str:
    """The pins of a package and of those that are there on its account, cut out of the real ones."""
    blocks = (ROOT / "binder" / "requirements.txt").read_text().replace("\n    ", "\0").splitlines()
    wanted = {package} | {block.split("==")[0] for block in blocks if f"{package}\0" in f"{block}\0"}
    return "".join(block.replace("\0", "\n    ") + "\n" for block in blocks if block.split("==")[0] in wanted)


def make(checkout: Path, *words: str) -> str:
    """What make prints; `python3` in the checkout comes first on the path, nothing comes from an outer make."""
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}
    outer |= {"PYTHON", "LAB_FLAGS", "PYTEST_FLAGS", "NOTEBOOKS", "PARTS"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    environment["PATH"] = f"{checkout}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(["make", *words], cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def runs(verb: str) -> str:
    """The command that a verb of the tests runs."""
    return make(ROOT, "--dry-run", verb).splitlines()[-1]


LAB = ("lab", "LAB_FLAGS=--help")  # all of `make lab` up to JupyterLab itself
CREATING = "Creating .venv with"
INSTALLING = "Installing what the notebooks need (binder/requirements.txt) and Coro Lab itself into .venv"


class TestMake:
    def test_lab_installs_once_and_says_so(self, checkout: Path):
        first = make(checkout, *LAB)
        assert CREATING in first and INSTALLING in first and "usage: python -m coro_lab" in first
        assert make(checkout, *LAB).startswith("usage: python -m coro_lab")

        pins = checkout / "binder" / "requirements.txt"
        later = (checkout / ".venv" / ".ready-lab").stat().st_mtime + 10
        os.utime(pins, (later, later))
        renewed = make(checkout, *LAB)
        assert INSTALLING in renewed and CREATING not in renewed
        os.utime(pins, (later - 20, later - 20))  # in the future it would be newer than all that follows

        made_in = checkout / ".venv" / ".made-in"
        path = made_in.read_text()
        made_in.unlink()  # as after an interrupt while the environment was made
        assert CREATING in make(checkout, "--dry-run", *LAB)
        made_in.write_text(path)
        assert CREATING not in make(checkout, "--dry-run", *LAB)

        moved = checkout.rename(checkout.parent / "moved")
        assert CREATING in make(moved, *LAB)
        assert make(moved, *LAB).startswith("usage: python -m coro_lab")

    def test_lab_installs_no_test_tool(self):
        assert "tests/requirements.txt" not in make(ROOT, "--dry-run", "--always-make", "lab")

    def test_test_runs_every_check(self):
        commands = make(ROOT, "--dry-run", "test")
        assert [verb for verb in ("tests", "browser") if runs(verb) not in commands] == []
        checks = ["ruff check", "ruff format --check", "-m mypy"]
        checks += ["-m tests.javascript_tools lint", "-m tests.javascript_tools types", "--doctest-modules"]
        checks += ["-m tests.cpython", "tests/notebooks/test_notebooks.py", "--nbval", "tests/browser"]
        assert [check for check in checks if check not in commands] == []

    def test_unit_and_integration_together_run_every_test(self):
        assert runs("unit") == runs("tests") + ' -m "not integration"'
        assert runs("integration") == runs("tests") + " -m integration"

    def test_flags_for_pytest_stand_after_the_projects_own(self):
        calls = [
            line for line in make(ROOT, "--dry-run", "test", "PYTEST_FLAGS=-n0").splitlines() if "-m pytest" in line
        ]
        assert len(calls) == 5
        assert [line for line in calls if "-n0" not in line or "--numprocesses" in line.partition("-n0")[2]] == []

    @pytest.mark.parametrize("part", [(), ("PARTS=book",), ("PYTEST_FLAGS=-x",)])
    def test_the_site_is_noted_as_tested_after_a_whole_run_in_which_a_missing_browser_fails(
        self, part: tuple[str, ...]
    ):
        commands = make(ROOT, "--dry-run", "site-test", *part)
        assert ("docs.site.tested --write" in commands) is (part == ())
        assert ("CI=true" in commands) is (part == ())

    def test_another_python_has_an_environment_of_its_own(self):
        commands = make(ROOT, "--dry-run", "lab", "PYTHON=/some where/python3.13")
        assert ".venv-_some_where_python3.13/bin/python -m coro_lab" in commands
        assert ".venv/" not in commands

    def test_every_verb_is_listed_with_what_it_does(self):
        lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
        verbs = [verb for line in lines if line.startswith(".PHONY:") for verb in line.split()[1:]]
        listed = [line.split()[0] for line in make(ROOT).splitlines()[1:]]
        assert listed == [verb for verb in verbs if not verb.startswith("$")] and "lab" in listed
