"""The built package: what an index is told of it, and the engine with the standard library alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
import venv
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.xdist_group("package")  # so that it is built and installed once

FORWARD = "def numbers():\n    got = yield 1\n    print('got', got)\n"


def long_description():
    """The module of .ci, which is no package."""
    spec = importlib.util.spec_from_file_location("long_description", ROOT / ".ci" / "long_description.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.long_description


README = "![A run](notebooks/run.png) and [a page](docs/page.md), ![far](https://example.org/far.png), [up](#top)"


def test_pictures_and_links_have_the_addresses_of_the_version_in_the_repository():
    assert long_description()(README, "https://example.org/o/r/", "1.2") == (
        "![A run](https://example.org/o/r/raw/v1.2/notebooks/run.png) and "
        "[a page](https://example.org/o/r/blob/v1.2/docs/page.md), ![far](https://example.org/far.png), [up](#top)"
    )


def test_without_a_repository_a_picture_is_told_in_words():
    assert long_description()(README, None, "1.2") == (
        "*In the repository, a picture: A run.* and a page, ![far](https://example.org/far.png), [up](#top)"
    )


def test_badges_stay_in_the_repository():
    badge = "[![tests](../../actions/workflows/tests.yml/badge.svg)](../../actions/workflows/tests.yml)\n"
    assert (
        long_description()(f"# Coro Lab\n\n{badge}\nIt is", "https://example.org/o/r", "1.2") == "# Coro Lab\n\n\nIt is"
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the wheel and of the source archive."""
    copy, dist = tmp_path_factory.mktemp("copy") / "copy", tmp_path_factory.mktemp("dist")
    skipped = shutil.ignore_patterns(".venv*", ".git", "__pycache__", ".*_cache", ".hypothesis", "node_modules")
    shutil.copytree(ROOT, copy, ignore=skipped)
    (copy / "notebooks" / ".ipynb_checkpoints").mkdir(exist_ok=True)
    (copy / "notebooks" / ".ipynb_checkpoints" / "left-over.ipynb").touch()
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(dist)], cwd=copy, check=True)
    return dist


@pytest.fixture(scope="session")
def engine_alone(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with Coro Lab and nothing else, installed as the README says."""
    home = tmp_path_factory.mktemp("engine")
    pip_is_here = importlib.util.find_spec("pip") is not None  # it installs into another environment; uv brings none
    venv.create(home, with_pip=not pip_is_here)
    programs = home / ("Scripts" if sys.platform == "win32" else "bin")
    python = programs / "python"
    pip = [sys.executable, "-m", "pip", "--python", python] if pip_is_here else [python, "-m", "pip"]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", *built.glob("*.whl")]
    subprocess.run(install, check=True, env=alone())
    return programs


def alone() -> dict[str, str]:
    """The environment variables, without those that lead Python to other packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP"))}


def run(program: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *words], cwd=folder, env=alone(), capture_output=True, text=True, timeout=120)


@pytest.mark.integration
def test_an_index_would_take_it(built: Path):
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir())], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        text = wheel.read(next(name for name in wheel.namelist() if name.endswith("/METADATA"))).decode()
    metadata = message_from_string(text)
    assert "](notebooks/" not in metadata.get_payload() and "](docs/" not in metadata.get_payload()
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])


@pytest.mark.integration
def test_the_wheel_carries_the_notebooks_and_what_the_widgets_need(built: Path, tmp_path: Path):
    """Nothing that git ignores gets in."""
    shutil.unpack_archive(next(built.glob("*.whl")), tmp_path, "zip")
    package = tmp_path / "coro_lab"
    assert names(package / "notebooks", "*") == names(ROOT / "notebooks", "*")
    for kind in ("*.py", "*.js", "*.css", "*.json"):
        assert names(ROOT / "coro_lab", kind) <= names(package, kind)


def names(folder: Path, pattern: str) -> set[str]:
    found = {file.relative_to(folder).as_posix() for file in folder.rglob(pattern) if file.is_file()}
    return {name for name in found if not name.startswith(".ipynb_checkpoints") and "__pycache__" not in name}


@pytest.mark.integration
def test_the_engine_records_steps_schedules_and_explores_with_the_standard_library_alone(
    engine_alone: Path, tmp_path: Path
):
    (tmp_path / "program.py").write_text(
        FORWARD
        + textwrap.dedent(
            """
            import sys
            from concurrent.futures import ProcessPoolExecutor
            from coro_lab import (
                Condition, Lock, Queue, Scheduler, Stepper, Trace, awaits, cores, cost_curves, costs, explore, heat_map,
                interleavings, laws, preemptible, record, run_on, run_threads, timeline,
            )

            class Tally:
                value = 0

            def increment(tally):
                seen = tally.value
                yield
                tally.value = seen + 1

            def two():
                it = numbers()
                next(it)
                it.send("x") if len(sys.argv) > 1 else None

            def main():
                trace = record(two)
                assert "numbers yields 1 to two" in trace.text()
                assert Trace.from_json(trace.to_json()) == trace
                trace.save_html("run.html")
                timeline(trace).figure.savefig("run.svg")
                assert "963 times a send" in cost_curves(costs.reference()).get_title()
                assert "do 68 times the work" in heat_map(cores.reference()).get_title()
                assert "12 of 12 others" in laws(cores.reference()).get_title()
                assert "suspended" in repr(Stepper(numbers).next())
                scheduler = Scheduler()
                scheduler.spawn(numbers(), "A"), scheduler.spawn(numbers(), "B")
                assert "A yields 1" in scheduler.run("AB").text()
                tally = dict(setup=Tally, coroutines={"A": increment, "B": increment})
                assert len(interleavings({"A": increment, "B": increment}, setup=Tally)) == 6
                for options in ({}, {"progress": True}):
                    assert explore(**tally, invariant=lambda tally: tally.value == 2, **options).broken == 4
                with ProcessPoolExecutor(2) as executor:
                    assert explore(**tally, invariant=both, executor=executor).broken == 4
                assert not {"matplotlib", "ipywidgets", "numpy", "tqdm", "psutil"} & set(sys.modules)
                print("all of it")

            def both(tally):
                return tally.value == 2

            if __name__ == "__main__":
                main()
            """
        )
    )
    done = run(engine_alone / "python", "program.py", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "all of it\n"), done.stderr
    for name in ("run.html", "run.svg"):
        assert "numbers" in (tmp_path / name).read_text(encoding="utf-8")


@pytest.mark.integration
def test_the_commands_record_and_show_take_the_standard_library_alone(engine_alone: Path, tmp_path: Path):
    (tmp_path / "script.py").write_text(FORWARD + "it = numbers()\nnext(it)\nprint(next(it, 'end'))\n")
    done = run(engine_alone / "coro-lab", "record", "-o", "a.html", "--json", "a.json", "script.py", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "got None\nend\n"), done.stderr
    shown = run(engine_alone / "coro-lab", "show", "a.json", folder=tmp_path)
    assert shown.stdout.startswith("0  script is called\n")
    assert "numbers" in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.integration
@pytest.mark.parametrize(
    "line, what, package",
    [
        ("from coro_lab import Player", "coro_lab.Player", "anywidget"),
        ("import coro_lab; coro_lab.predict", "coro_lab.predict", "anywidget"),
        ("from coro_lab import costs; costs.measure(budget=1)", "measuring memory", "psutil"),
        ("import sys; from coro_lab.__main__ import main; sys.exit(main(['new']))", "python -m coro_lab", "jupyterlab"),
        (
            "import sys; from coro_lab.__main__ import main; sys.exit(main(['check']))",
            "python -m coro_lab check",
            "psutil",
        ),
    ],
)
def test_what_needs_another_package_says_what_to_install(
    line: str, what: str, package: str, engine_alone: Path, tmp_path: Path
):
    done = run(engine_alone / "python", "-c", line, folder=tmp_path)
    assert done.returncode == 1
    assert f"{what} needs {package}, which is not installed" in done.stderr
    assert f"-m pip install {package}\n" in done.stderr
    assert not [*tmp_path.iterdir()]
