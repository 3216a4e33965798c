"""Which code is the learner's: by where its file lies."""

import functools
import importlib
import linecache
import os
import site
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from coro_lab import record
from coro_lab.engine.recorder import user_code as territory
from coro_lab.engine.recorder.user_code import foreign_folders, is_learners_file


@pytest.fixture(autouse=True)
def forgotten():
    """What was decided for one test is not kept for the next."""
    caches = (territory._is_outside, territory._is_installed, territory._installed)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def wheel(folder):
    """A small package as a wheel, made by hand as the format allows."""
    path = folder / "beside-1.0-py3-none-any.whl"
    files = {
        "beside/__init__.py": "def chain(function):\n    return function()\n",
        "single.py": "x = 1\n",
        "beside-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: beside\nVersion: 1.0\n",
        "beside-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record_file = "beside-1.0.dist-info/RECORD"
    files[record_file] = "".join(f"{name},,\n" for name in (*files, record_file))
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.integration
def test_what_pip_installs_into_a_folder_is_a_librarys_and_what_lies_beside_it_the_learners(tmp_path):
    target = tmp_path / "target"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(target)]
    subprocess.run([*pip, str(wheel(tmp_path))], check=True)
    (target / "lesson.py").write_text("")
    assert not is_learners_file(str(target / "beside" / "__init__.py"))
    assert not is_learners_file(str(target / "beside" / "deep" / "inside.py"))
    assert not is_learners_file(str(target / "single.py"))
    assert is_learners_file(str(target / "lesson.py"))


def test_a_package_out_of_a_wheel_on_the_path_is_a_library(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(wheel(tmp_path)))
    beside = importlib.import_module("beside")
    try:
        trace = record(beside.chain, lambda: 1)
    finally:
        del sys.modules["beside"]
    assert [lane.name for lane in trace.lanes] == ["<lambda>"]


def test_a_program_of_the_learners_in_an_archive_stays_the_learners(tmp_path):
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        archive.writestr("lesson.py", "x = 1\n")
    assert is_learners_file(str(tmp_path / "app.pyz" / "lesson.py"))


@pytest.mark.parametrize("folder", ["site-packages", "dist-packages"])
def test_the_packages_of_another_environment_are_libraries(folder, tmp_path):
    assert not is_learners_file(str(tmp_path / "lib" / "python3" / folder / "tqdm" / "std.py"))


def test_an_old_record_of_an_installation_counts(tmp_path):
    (tmp_path / "old-1.0.egg-info").mkdir()
    (tmp_path / "old-1.0.egg-info" / "installed-files.txt").write_text("../old/__init__.py\nPKG-INFO\n")
    assert not is_learners_file(str(tmp_path / "old" / "__init__.py"))
    assert is_learners_file(str(tmp_path / "lesson.py"))


def test_the_learners_own_package_under_development_stays_the_learners(tmp_path):
    (tmp_path / "mine.egg-info").mkdir()
    (tmp_path / "mine.egg-info" / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\n")
    (tmp_path / "mine.egg-info" / "SOURCES.txt").write_text("mine/__init__.py\n")
    (tmp_path / "mine.egg-info" / "top_level.txt").write_text("mine\n")
    assert is_learners_file(str(tmp_path / "mine" / "__init__.py"))


def test_python_itself_is_no_learners():
    assert not is_learners_file(functools.__file__)
    assert not is_learners_file(f"json{os.sep}decoder.py")  # as in a zipped standard library
    assert not is_learners_file("<frozen importlib._bootstrap>")
    assert not is_learners_file(territory.__file__)
    assert is_learners_file("lesson.py") and is_learners_file(__file__)


def test_a_standard_library_in_an_archive_is_no_learners(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "__file__", str(tmp_path / "python312.zip" / "os.pyc"))
    assert str(tmp_path / "python312.zip") + os.sep in foreign_folders()


@pytest.mark.parametrize("given", [None, "", "/nowhere/site-packages"])
def test_a_python_without_a_user_site_folder_is_fine(given, monkeypatch):
    monkeypatch.setattr(site, "getusersitepackages", lambda: given)
    assert ("/nowhere/site-packages/" in foreign_folders()) == bool(given)
    assert os.sep not in foreign_folders()


@pytest.mark.parametrize("missing", [("getusersitepackages",), ("getsitepackages", "getusersitepackages")])
def test_a_site_without_its_functions_is_fine(missing, monkeypatch):
    for name in missing:
        monkeypatch.delattr(site, name)
    assert os.path.realpath(sysconfig.get_paths()["stdlib"]) + os.sep in foreign_folders()


def test_a_python_without_site_is_fine(monkeypatch):
    monkeypatch.setitem(sys.modules, "site", None)
    assert os.path.realpath(sysconfig.get_paths()["stdlib"]) + os.sep in foreign_folders()


def test_scripts_inside_an_environment_are_the_learners_where_its_site_folder_is_the_bare_prefix(monkeypatch):
    inside = Path(sys.prefix) / "Lib" / "site-packages"
    monkeypatch.setattr(site, "getsitepackages", lambda: [sys.prefix, str(inside)])
    folders = foreign_folders()
    assert os.path.realpath(sys.prefix) + os.sep not in folders
    assert os.path.realpath(inside) + os.sep in folders


def test_names_differ_by_case_only_where_the_system_says_so(monkeypatch):
    monkeypatch.setattr(os.path, "normcase", str.lower)
    assert all(folder == folder.lower() for folder in foreign_folders())


@pytest.mark.parametrize("name", ["<attrs generated init main.C>", "<decorator-gen-3>", "<lambdifygenerated-1>"])
def test_code_that_libraries_generate_is_no_learners_though_it_has_a_source(name, monkeypatch):
    monkeypatch.setitem(linecache.cache, name, (1, None, ["x\n"], name))
    assert not is_learners_file(name)
    monkeypatch.setitem(linecache.cache, "<lesson>", (1, None, ["x\n"], "<lesson>"))
    assert is_learners_file("<lesson>") and not is_learners_file("<without a source>")


@pytest.mark.parametrize("kind", ["stdlib", "platstdlib", "purelib", "platlib"])
def test_each_folder_that_python_names_is_a_librarys(kind, tmp_path, monkeypatch):
    """Some systems have one folder for what is compiled and another for the rest."""
    paths = sysconfig.get_paths() | {kind: str(tmp_path)}
    monkeypatch.setattr(sysconfig, "get_paths", lambda: paths)
    assert os.path.normcase(os.path.realpath(tmp_path)) + os.sep in foreign_folders()
