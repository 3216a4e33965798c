"""The machine on which a measurement was made, and the time that a measurement may take.

A number means nothing without its machine, so every measurement has a Machine. It names no person, host or network.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coro_lab.errors import ArgumentError
from coro_lab.measure.counts import check_seconds, counted
from coro_lab.trace.stored_document import Columns, named, text, truth

BUDGET = "CORO_LAB_BUDGET"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader must know about the machine to compare a number with their own."""

    system: str  # 'Linux 6.1.0'
    processor: str  # the name of its model
    cores: int  # how many this process may use
    python: str  # 'CPython 3.12.1'
    gil: bool  # whether only one thread at a time runs Python code
    versions: tuple[tuple[str, str], ...] = ()  # (name, version) of each optional package that was measured

    def __str__(self) -> str:
        lock = "" if self.gil else " without the GIL"
        packages = "".join(f", {name} {version}" for name, version in self.versions)
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"{self.processor}, {cores}, {self.system}, {self.python}{lock}{packages}"

    def to_dict(self) -> dict[str, object]:
        """The fields as values for JSON; `Machine.from_dict` makes an equal machine of them."""
        return {**asdict(self), "versions": dict(self.versions)}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Machine:
        """The machine whose `to_dict` gave these `fields`."""
        return cls(**{**fields, "versions": tuple(sorted(fields["versions"].items()))})


def _versions(value: object) -> dict[str, str]:
    return {name: text(version) for name, version in named(value).items()}


OF_A_MACHINE: Columns = {
    "system": text,
    "processor": text,
    "cores": counted,
    "python": text,
    "gil": truth,
    "versions": _versions,
}
"""The fields of a machine in a stored document."""


def this_machine(*packages: str) -> Machine:
    """The machine and Python that run this, with the versions of those `packages` that are installed."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        cores=usable_cores(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        gil=has_gil(),
        versions=tuple((name, version) for name in sorted(packages) if (version := _version(name))),
    )


def has_gil() -> bool:
    """Whether this Python runs one thread at a time."""
    asks = getattr(sys, "_is_gil_enabled", None)  # 3.13 and later
    return True if asks is None else bool(asks())


def usable_cores() -> int:
    """The number of cores that this process may use; it can be smaller than the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def allowed(budget: float) -> float:
    """`budget` seconds, or CORO_LAB_BUDGET if that environment variable is smaller (`make nbval` sets it).

    Raises ArgumentError for a budget that is not a number of seconds.
    """
    check_seconds("budget", budget, "how long the measurement may take")
    limit = os.environ.get(BUDGET)
    if limit is None:
        return budget
    try:
        return min(budget, float(limit))
    except ValueError:
        said = f"{BUDGET} is a number of seconds, such as {BUDGET}=5; it is {limit!r}."
        raise ArgumentError(said, argument=BUDGET, given=repr(limit)) from None


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The name of the processor's model, which each system keeps in a different place."""
    try:
        if sys.platform == "linux":
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
        if sys.platform == "darwin":
            asked = subprocess.run(
                ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=True
            )
            return asked.stdout.strip()
    except (OSError, StopIteration, subprocess.SubprocessError):
        pass
    return platform.processor() or platform.machine()
