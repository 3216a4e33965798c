"""The wheels of the lab's Python: the pinned ones, Coro Lab itself, the kernel's, and the stored runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from docs.site.places import HERE, ROOT

PINS = HERE / "lab" / "requirements.txt"
STORED = "coro_lab_stored"
_EXTENSION = Path("share", "jupyter", "labextensions", "@jupyterlite", "pyodide-kernel-extension", "static", "pypi")
_KERNEL = ("ipykernel-6*.whl", "piplite-*.whl", "pyodide_kernel-*.whl", "widgetsnbextension-4*.whl")
_LEFT_OUT = ("coro_lab/notebooks/", "jedi/third_party/django-stubs/", "jedi/third_party/typeshed/stubs/")
"""What nothing in a browser reads: these are a third of what it would fetch."""
_METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: 1\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: docs.site.lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def gather(folder: Path, runs: str) -> list[Path]:
    """The wheels, in this folder; `runs` are the stored runs as JSON."""
    made, kept = folder / "made", folder / "kept"
    for each in (made, kept):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir(parents=True)
    kernel = [next((Path(sys.prefix) / _EXTENSION).glob(pattern)) for pattern in _KERNEL]
    wheels = [*pinned(PINS, folder / "pinned"), *kernel, _coro_lab(made), _stored(made, runs)]
    return [_without(wheel, _LEFT_OUT, kept) for wheel in wheels]


def pinned(pins: Path, folder: Path) -> list[Path]:
    """What these pins name, fetched into the folder now unless it is there already."""
    noted = folder / pins.name  # written last
    if not (noted.exists() and noted.read_bytes() == pins.read_bytes()):
        print(f"Fetching what Python in the browser takes ({pins.relative_to(ROOT)}) ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        only = ("--no-deps", "--require-hashes", "--only-binary=:all:", "--platform=any", "--python-version=3.14")
        _python("pip", "download", "-qq", "--disable-pip-version-check", *only, "-r", pins, "-d", folder)
        shutil.copy(pins, noted)
    return sorted(folder.glob("*.whl"))


def _coro_lab(folder: Path) -> Path:
    """Coro Lab as it is in this checkout."""
    _python("hatchling", "build", "--target", "wheel", "--directory", folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _without(wheel: Path, left_out: tuple[str, ...], folder: Path) -> Path:
    """A copy of the wheel in this folder, without the files in these folders of it."""
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(folder / wheel.name, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if not name.startswith(left_out):
                new.writestr(name, old.read(name))
    return folder / wheel.name


def _stored(folder: Path, runs: str) -> Path:
    """The package that shows the stored runs, as an extension that IPython loads whenever it starts."""
    about = f"{STORED}-1.dist-info"
    files = {
        f"{STORED}/__init__.py": (HERE / "lab" / "kernel" / f"{STORED}.py").read_text(encoding="utf-8"),
        f"{STORED}/runs.json": runs,
        f"{STORED}-1.data/data/etc/ipython/ipython_config.py": f"c.InteractiveShellApp.extensions = [{STORED!r}]\n",
        f"{about}/METADATA": _METADATA.format(STORED),
        f"{about}/WHEEL": _WHEEL,
        f"{about}/top_level.txt": STORED,
    }
    files[f"{about}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{about}/RECORD"])
    wheel = folder / f"{STORED}-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


def _python(*words: object) -> None:
    """Run a module of this environment in the root folder, and end the build if it fails."""
    if status := subprocess.run([sys.executable, "-m", *map(str, words)], cwd=ROOT).returncode:
        sys.exit(status)
