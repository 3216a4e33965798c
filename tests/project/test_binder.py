"""Binder builds the environment that `make` makes: asked of repo2docker itself, and of an empty environment."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.places import ROOT

if TYPE_CHECKING:  # it takes long to import, also where only other tests run
    from repo2docker.buildpacks import BuildPack

pytestmark = pytest.mark.integration

UNSHIPPED = shutil.ignore_patterns(".venv*", ".git", "__pycache__", ".*_cache", ".hypothesis", ".ipynb_checkpoints")


@pytest.fixture
def build_pack(monkeypatch: pytest.MonkeyPatch) -> BuildPack:
    """The build pack that repo2docker chooses for this repository; it looks at the current folder."""
    from repo2docker.app import Repo2Docker

    monkeypatch.chdir(ROOT)
    app = Repo2Docker()
    packs = (pack(app.base_image) for pack in app.buildpacks)
    return next(pack for pack in packs if pack.detect())


def test_repo2docker_builds_with_python_312_from_the_pins(build_pack: BuildPack):
    from repo2docker.buildpacks import PythonBuildPack

    assert type(build_pack) is PythonBuildPack
    assert build_pack.python_version == "3.12"
    assert build_pack.binder_path("requirements.txt") == "binder/requirements.txt"
    assert build_pack.get_post_build_scripts() == ["binder/postBuild"]


def test_post_build_may_be_executed():
    assert os.access(ROOT / "binder" / "postBuild", os.X_OK)


def test_binder_holds_the_environment_and_nothing_else():
    assert sorted(file.name for file in (ROOT / "binder").iterdir()) == ["postBuild", "requirements.txt", "runtime.txt"]


def test_the_readme_opens_binder_on_the_start_notebook():
    assert "?urlpath=lab/tree/notebooks/00-start-here.ipynb" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_pins_and_post_build_make_a_working_environment_from_nothing(tmp_path: Path):
    """As on Binder: hashed pins first, then binder/postBuild in the repository's folder; then it works anywhere."""
    checkout, environment, home = tmp_path / "checkout", tmp_path / "environment", tmp_path / "home"
    shutil.copytree(ROOT, checkout, ignore=UNSHIPPED)
    home.mkdir()
    python = str(environment / "bin" / "python")
    pins = (checkout / "binder" / "requirements.txt").read_text(encoding="utf-8")
    run([sys.executable, "-m", "venv", *(["--without-pip"] if find_spec("pip") else []), environment])
    put_in_what_is_installed_here(["pip", *re.findall(r"^[\w.-]+(?===)", pins, re.MULTILINE)], environment)
    pip = [python, "-m", "pip", "install", "-qq", "--no-compile", "--disable-pip-version-check"]
    install = ["uv", "pip", "install", "--quiet", "--python", python] if uv_runs() else pip
    run([*install, "--require-hashes", "-r", checkout / "binder" / "requirements.txt"])

    alone = {
        name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON", "XDG_DATA"))
    }
    alone |= {"HOME": str(home), "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    assert "notebooks as shipped" in run([checkout / "binder" / "postBuild"], cwd=checkout, env=alone)
    assert run([python, "-m", "pip", "check"]) == "No broken requirements found.\n"
    where = run(
        [python, "-c", "import coro_lab, distributed, ipywidgets, jupyterlab; print(coro_lab.__file__)"],
        cwd=home,
        env=alone,
    )
    assert Path(where.strip()).parent.parent.samefile(checkout)


def put_in_what_is_installed_here(names: list[str], environment: Path) -> None:
    """Link the packages of these names from the environment of the tests, which has them from the same pins and hashes.

    To unpack them again would take longer than all that follows. What is missing here, pip installs.
    """
    (site,) = environment.glob("lib/python*/site-packages")
    for name in names:
        try:
            package = distribution(name)
        except PackageNotFoundError:  # one for another system
            continue
        here = Path(str(package.locate_file("")))
        for file, *_ in csv.reader((package.read_text("RECORD") or "").splitlines()):
            link(here / file, site / file)
            if file.endswith(".py"):
                link(Path(cache_from_source(str(here / file))), Path(cache_from_source(str(site / file))))


def link(source: Path, target: Path) -> None:
    """The same file in another place, or a copy where both are not of one file system."""
    if source.exists() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)


def uv_runs() -> bool:
    """Whether there is a uv that runs: a shim on the path may not."""
    return shutil.which("uv") is not None and subprocess.run(["uv", "--version"], capture_output=True).returncode == 0


def run(command: list[object], **settings: object) -> str:
    """What a command prints; its complaint fails the test."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
