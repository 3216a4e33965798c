"""Which code is the learner's: all code except Python's, that of installed packages, and Coro Lab's.

The place of the file decides. A folder of installed packages shows by its name, or by the record of an installation
next to each package. So a package is recognised wherever it was put, by `pip install --target`, PYTHONPATH or a `.pth`
file. The learner's package in an editable installation stays the learner's, because its record lies elsewhere.
"""

from __future__ import annotations

import functools
import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator
from inspect import CO_NEWLOCALS, CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType

from coro_lab.engine.recorder.rewriting import table
from coro_lab.trace.own_builtins import keep_builtins, undisturbed

keep_builtins(globals())

_PACKAGES = ("site-packages", "dist-packages")
_RECORDS = (".dist-info", ".egg-info")
# names in brackets that have a source, but are given by libraries to code that they generate
_GENERATED = (
    "<frozen ",
    "<attrs ",
    "<cattrs ",
    "<decorator-gen-",
    "<makefun-gen-",
    "<lambdifygenerated-",
    "<timeit-src",
)


def _normal(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def foreign_folders() -> tuple[str, ...]:
    """The folders of Python, of its packages and of Coro Lab, each with a separator at its end."""
    paths = sysconfig.get_paths()
    folders = {paths.get(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {str(Path(os.__file__).parent), *_site_folders(), str(Path(__file__).parents[2])}
    prefixes = {_normal(each) for each in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)}
    found = {_normal(folder) for folder in folders if folder} - prefixes  # on Windows, a site folder is the bare prefix
    return tuple(folder + os.sep for folder in found)


def _site_folders() -> Iterator[str | None]:
    try:
        import site
    except ImportError:  # an embedded Python may have none
        return
    yield from getattr(site, "getsitepackages", list)()
    yield getattr(site, "getusersitepackages", str)()


_FOREIGN = foreign_folders()


def is_learners_file(filename: str) -> bool:
    """Whether code with this file name is the learner's: outside the foreign folders, or kept without a file."""
    if filename.startswith("<"):
        return not filename.startswith(_GENERATED) and bool(source_lines(filename))
    return _is_outside(filename)


@functools.cache
@undisturbed
def _is_outside(filename: str) -> bool:
    if not Path(filename).is_absolute() and not Path(filename).exists():  # compiled elsewhere, as a zipped library is
        return filename.replace(os.altsep or os.sep, os.sep).partition(os.sep)[0] not in sys.stdlib_module_names
    path = _normal(filename)
    return not path.startswith(_FOREIGN) and True not in [_is_installed(*each) for each in _places(path)]


def _places(path: str) -> Iterator[tuple[str, str]]:
    """Each folder above a file, with what lies in it on the way to the file."""
    folder, name = os.path.split(path)
    while name:
        yield folder, name
        folder, name = os.path.split(folder)


@functools.cache
def _is_installed(folder: str, name: str) -> bool:
    """Whether this file or package has been installed into this folder (or archive)."""
    return Path(folder).name in _PACKAGES or name.partition(".")[0] in _installed(folder)


@functools.cache
def _installed(folder: str) -> frozenset[str]:
    """The names of the top-level modules and packages that were installed into a folder, by its records."""
    try:
        if True not in [inside.name.endswith(_RECORDS) for inside in Path(folder).iterdir()]:
            return frozenset()
    except OSError:  # an unreadable folder, or an archive, which is searched below
        if not Path(folder).is_file():
            return frozenset()
    from importlib.metadata import distributions  # importing it takes half as long as Coro Lab, and it is seldom needed

    listed = set()
    for distribution in distributions(path=[folder]):
        # SOURCES.txt lists the files of a package under development; it does not record an installation
        record = distribution.read_text("RECORD") or distribution.read_text("installed-files.txt") or ""
        listed |= {line.removeprefix("../").split("/")[0].split(",")[0] for line in record.splitlines()}
    return frozenset(os.path.normcase(name.partition(".")[0]) for name in listed) - {""}


def source_lines(filename: str) -> list[str]:
    """The lines of code without a file. Python itself keeps the text of `python -c`, since 3.13 in the same place."""
    if filename == "<string>" and filename not in linecache.cache and sys.argv[:1] == ["-c"]:
        text = sys.orig_argv[-len(sys.argv)]
        linecache.cache[filename] = len(text), None, [f"{line}\n" for line in text.split("\n")], filename
    return linecache.getlines(filename)


def is_learners(code: CodeType) -> bool:
    """Whether a lane is drawn for this code: the learner's, and neither the body of a class nor type parameters."""
    return _can_be_lane(code) and is_learners_file(code.co_filename) and _is_certain(code)


def _can_be_lane(code: CodeType) -> bool:
    is_function = bool(code.co_flags & (CO_OPTIMIZED | CO_NEWLOCALS)) and not code.co_name.startswith("<generic param")
    return is_function or is_top(code)


def is_without_source(code: CodeType) -> bool:
    """Whether only the missing source keeps this code from having a lane, as for code run by `exec`."""
    file = code.co_filename
    is_kept = not file.startswith("<") or (bool(source_lines(file)) and _is_certain(code))
    return not is_kept and not file.startswith(_GENERATED) and _can_be_lane(code)


def is_made_by_library(frame: FrameType) -> bool:
    """Whether a library has made the code of this frame by exec, as dataclasses make an `__init__`."""
    name = frame.f_globals.get("__name__")
    if frame.f_code.co_qualname.startswith("__create_fn__") or name is None:  # in the module of the dataclass
        return name is not None
    file = getattr(sys.modules.get(name), "__file__", None)
    return name != "__main__" and (file is None or not is_learners_file(file))


def _is_certain(code: CodeType) -> bool:
    """Whether this code comes from the source of its file name; `<string>` names code that libraries make by exec."""
    return code.co_filename != "<string>" or table.is_from_source(code)


def is_top(code: CodeType) -> bool:
    """Whether this is the code of a whole cell or module."""
    return code.co_name in ("<module>", "<cell line: 1>") or code.co_name.startswith("<cell line")
