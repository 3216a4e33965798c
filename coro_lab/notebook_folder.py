"""Where the notebooks are, which of them are as shipped, and how a learner gets a copy that nobody overwrites.

A notebook is *as shipped* when its fingerprint stands in the list that ships with the notebooks. Only such a notebook
is trusted (its stored widgets may run before any cell has): one that the learner has changed is trusted by their
running it, and one that somebody else put there is not trusted at all.
"""

import contextlib
import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from coro_lab.errors import CoroLabError

START = "00-start-here.ipynb"
SHIPPED = ".shipped.sha256"  # beside the shipped notebooks: the fingerprint of each, written by `make notebooks`
COPIED = ".copied.sha256"  # beside a learner's copies: the fingerprint that each had when it was copied

_PACKAGE = Path(__file__).parent


class NotebookFolderError(CoroLabError):
    """A folder cannot be used for the notebooks, or the notebooks themselves are missing."""


@dataclass
class Copied:
    """What `copy_notebooks` did, as names of files: `new` and `refreshed` were written, `kept` are the learner's own.

    `outdated` are those of `kept` of which this Coro Lab has a newer one than the learner began with.
    """

    new: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)


def in_checkout() -> bool:
    """Whether this package runs from a checkout, whose notebooks lie beside it and are there to be worked in."""
    return (_PACKAGE.parent / "notebooks" / START).is_file()


def shipped_folder() -> Path:
    """The folder of the shipped notebooks: beside the package in a checkout, inside it when installed.

    Raises NotebookFolderError where they are in neither place.
    """
    for folder in (_PACKAGE.parent / "notebooks", _PACKAGE / "notebooks"):
        if (folder / START).is_file():
            return folder
    raise NotebookFolderError(
        f"Coro Lab's notebooks are missing: {START} is neither beside the package, as in a checkout, nor inside it.\n"
        f"  Install Coro Lab again: python -m pip install --force-reinstall --no-deps ."
    )


def fingerprint(file: Path) -> str:
    """The SHA-256 of what a file says, as hex digits.

    How lines end makes no difference (a checkout on Windows changes that); in a notebook neither do the spelling of its
    JSON nor the version of Python that it was opened with, which Jupyter writes into it without being asked.
    """
    content = file.read_bytes().replace(b"\r\n", b"\n")
    with contextlib.suppress(ValueError, AttributeError):  # what is no notebook is taken as it is
        if file.suffix == ".ipynb":
            notebook = json.loads(content)
            notebook.get("metadata", {}).pop("language_info", None)
            content = json.dumps(notebook, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def read_fingerprints(listing: Path) -> dict[str, str]:
    """Name -> fingerprint, from lines `fingerprint  name`; empty without such a file, odd lines are left out."""
    if not listing.is_file():
        return {}
    pairs = (line.split("  ", 1) for line in listing.read_text(encoding="utf-8").splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def write_fingerprints(listing: Path, fingerprints: dict[str, str]) -> None:
    """Write name -> fingerprint in the order of the names, all or nothing."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(fingerprints.items()))
    _replace(listing, "".join(lines).encode())


def fingerprints_of(folder: Path) -> dict[str, str]:
    """Name -> fingerprint of every notebook of a folder: what `SHIPPED` must say of the shipped ones."""
    return {file.name: fingerprint(file) for file in sorted(folder.glob("*.ipynb"))}


def as_shipped(folder: Path) -> list[Path]:
    """The notebooks of a folder that say what a notebook that ships with this Coro Lab says."""
    shipped = set(read_fingerprints(shipped_folder() / SHIPPED).values())
    return [file for file in sorted(folder.glob("*.ipynb")) if fingerprint(file) in shipped]


def trust(folder: Path) -> list[Path]:
    """Have Jupyter trust the notebooks of a folder that are as shipped, and no other; returns those."""
    from nbformat import read
    from nbformat.sign import NotebookNotary

    files = as_shipped(folder)
    notary = NotebookNotary()
    try:
        for file in files:
            notary.sign(read(file, as_version=4))
    finally:
        notary.store.close()
    return files


def copy_notebooks(folder: Path) -> Copied:
    """Copy the shipped notebooks (and what they show) into a folder, made if need be; a learner's change is never lost.

    A file that is still as it was copied is refreshed when this Coro Lab ships a newer one. Raises NotebookFolderError
    where the folder cannot be used.
    """
    source = shipped_folder()
    done = Copied()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.samefile(source):
            return done
        copied = read_fingerprints(folder / COPIED)
        for name in _to_copy(source):
            _copy_one(source / name, folder / name, name, copied, done)
            write_fingerprints(folder / COPIED, copied)
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror or str(error)
        raise NotebookFolderError(
            f"The notebooks cannot be copied to {folder}: {reason}.\n"
            f"  Name a folder that you may write to: python -m coro_lab my-notebooks"
        ) from error
    return done


def _copy_one(source: Path, target: Path, name: str, copied: dict[str, str], done: Copied) -> None:
    ours = fingerprint(source)
    theirs = fingerprint(target) if target.exists() else None
    if theirs is None or theirs == copied.get(name) != ours:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, source.read_bytes())
        (done.new if theirs is None else done.refreshed).append(name)
    elif theirs != ours:
        done.kept.append(name)
        if copied.get(name) != ours:
            done.outdated.append(name)
        return
    copied[name] = ours


def _to_copy(folder: Path) -> list[str]:
    """Everything that is not hidden, with its path from the folder: notebooks, and the pictures in their folders."""
    files = (file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file())
    return [file.as_posix() for file in files if not any(part.startswith((".", "__")) for part in file.parts)]


def _replace(target: Path, content: bytes) -> None:
    """Write a file so that an interrupt leaves the old one or the new one, never half of it."""
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(content)
    if target.exists():
        shutil.copymode(target, part)
    part.replace(target)
