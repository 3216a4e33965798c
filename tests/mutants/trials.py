"""Trying mutants: each is a change in a copy of the project, against which the tests of its part run in a fork.

What the tests import from elsewhere is imported here once, so that a trial takes as long as the tests themselves. There
are as many copies as cores, and in each copy one mutant is tried after the other.
"""

from __future__ import annotations

import gc
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tests.mutants.mutations import Mutant
from tests.mutants.parts import ROOT, TESTS, part_of

PRELOADED = ("pytest", "hypothesis.strategies", "matplotlib.pyplot", "IPython", "ipywidgets", "greenlet", "asyncio")
COPIED = ("coro_lab", "notebooks", "tests", "pyproject.toml", "Makefile", "README.md")
OURS = ("-p", "tests.mutants.without_shrinking", "-p", "tests.mutants.quickest_first")
PLUGINS = ("-p", "_hypothesis_pytestplugin", *OURS, "-p", "no:cacheprovider")
FLAGS = ("-x", "-q", *PLUGINS, "-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
MEMORY = 4 * 2**30  # bytes of addresses; an endless loop may fill a list
OUTPUT = "output-of-pytest.txt"


@dataclass
class Trial:
    """One run of the tests of a part in a copy of the project."""

    mutant: Mutant
    copy: Path
    process: int
    until: float


class Trials:
    """As many copies of the project as there are cores, and the tests that run in them."""

    def __init__(self, folder: Path) -> None:
        for name in PRELOADED:
            import_module(name)
        gc.freeze()
        self.copies = [folder / str(number) for number in range(os.cpu_count() or 1)]
        self.original = folder / "original"  # the project may be edited while its mutants are tried
        for copy in [self.original, *self.copies]:
            for name in COPIED:
                source = ROOT / name
                if source.is_dir():
                    shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy2(source, copy / name)

    def seconds(self, part: str) -> float | None:
        """How long the tests of a part take without a mutant; None where they fail, and they say why."""
        for copy in self.copies:
            began = time.monotonic()
            process = _started(copy, part, mutated=False)
            if os.waitpid(process, 0)[1]:
                print((copy / OUTPUT).read_text(errors="replace"))
                return None
        return time.monotonic() - began

    def outcomes(self, mutants: Iterable[Mutant], limit: float) -> Iterator[tuple[Mutant, str]]:
        """Each mutant with "killed", "timeout" (after `limit` seconds) or "survived", as they end."""
        free, running, waiting = list(self.copies), [], iter(mutants)
        try:
            while True:
                while free and (mutant := next(waiting, None)) is not None:
                    running.append(_tried(mutant, free.pop(), limit))
                if not running:
                    return
                for trial in running[:]:
                    outcome = _outcome(trial)
                    if outcome is not None:
                        running.remove(trial)
                        shutil.copy2(self.original / trial.mutant.file, trial.copy / trial.mutant.file)
                        free.append(trial.copy)
                        yield trial.mutant, outcome
                time.sleep(0.01)
        finally:
            for trial in running:
                _end(trial)


def _tried(mutant: Mutant, copy: Path, limit: float) -> Trial:
    (copy / mutant.file).write_text(mutant.text, encoding="utf-8")
    return Trial(mutant, copy, _started(copy, part_of(mutant.file), mutated=True), time.monotonic() + limit)


def _outcome(trial: Trial) -> str | None:
    """None while it runs."""
    ended, status = os.waitpid(trial.process, os.WNOHANG)
    if ended:
        _end(trial)
        return "killed" if status else "survived"
    if time.monotonic() < trial.until:
        return None
    _end(trial)
    os.waitpid(trial.process, 0)
    return "timeout"


def _end(trial: Trial) -> None:
    """End the tests with all that they have started."""
    with suppress(ProcessLookupError):
        os.killpg(trial.process, signal.SIGKILL)


def _started(copy: Path, part: str, *, mutated: bool) -> int:
    """The process in which the tests of a part run."""
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        status = 70
        try:
            status = _run(copy, part, mutated)
        finally:
            os._exit(status)
    with suppress(PermissionError, ProcessLookupError):
        os.setpgid(process, process)
    return process


def _run(copy: Path, part: str, mutated: bool) -> int:
    import pytest

    with suppress(PermissionError):
        os.setpgid(0, 0)
    output = os.open(copy / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(copy)
    os.environ |= {"PYTHONPATH": str(copy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # nbval alone takes three seconds
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if mutated:  # as long as nothing is, what is compiled is kept
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.dont_write_bytecode = True
    sys.path[:] = [str(copy), *(folder for folder in sys.path if folder not in ("", str(ROOT)))]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("coro_lab", "tests")]:
        del sys.modules[name]
    return int(pytest.main([*FLAGS, *(f"tests/{name}.py" for name in TESTS[part])]))
