"""Finding, trusting and copying the notebooks; a copy that the learner has changed is never overwritten.

A notebook is *as shipped* if its fingerprint is in the list that ships with the notebooks. Only such a notebook is
trusted here, so that its stored widgets may run before any cell has. Jupyter trusts a changed notebook once the learner
has run it.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from coro_lab.errors import NotebookFolderError
from coro_lab.views.file_replacement import replace_file

START = "00-start-here.ipynb"
SHIPPED = ".shipped.sha256"  # beside the shipped notebooks: the fingerprint of each, written by `make notebooks`
COPIED = ".copied.sha256"  # beside a learner's copies: the fingerprint that each had when it was copied

_PACKAGE = Path(__file__).parents[1]


@dataclass
class Copied:
    """What `copy_notebooks` did, as names of files."""

    new: list[str] = field(default_factory=list)
    refreshed: list[str] = field(default_factory=list)  # unchanged by the learner, replaced by a newer one
    kept: list[str] = field(default_factory=list)  # changed by the learner
    outdated: list[str] = field(default_factory=list)  # those of `kept` that began as an older version
    unreadable: list[str] = field(default_factory=list)  # kept too: not a file, or a file that cannot be read
    note_error: str = ""  # why the list of copied files could not be written


def in_checkout() -> bool:
    """Whether this package runs from a checkout, so that the learner works in the notebooks beside the package."""
    return (_PACKAGE.parent / "notebooks" / START).is_file()


def shipped_folder() -> Path:
    """The folder of the shipped notebooks: beside the package in a checkout, inside it when installed.

    Raises NotebookFolderError if they are in neither place.
    """
    for folder in (_PACKAGE.parent / "notebooks", _PACKAGE / "notebooks"):
        if (folder / START).is_file():
            return folder
    raise NotebookFolderError(
        f"Coro Lab's notebooks are missing: {START} is neither beside the package, as in a checkout, nor inside it.\n"
        f"  Install Coro Lab again: python -m pip install --force-reinstall --no-deps .",
        path=_PACKAGE,
    )


def fingerprint(file: Path) -> str:
    """The SHA-256 of a file's content, as hex digits.

    Line ends are ignored, because a checkout on Windows changes them. In a notebook so are the layout of its JSON and
    the version of Python, because Jupyter changes both when the notebook is opened and saved.
    """
    content = file.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(_plain(content) if file.suffix == ".ipynb" else content).hexdigest()


def _plain(content: bytes) -> bytes:
    """A notebook in a fixed layout and without its version of Python; a damaged one is returned as it is."""
    try:
        notebook = json.loads(content)
        if isinstance(notebook, dict) and isinstance(notebook.get("metadata"), dict):
            notebook["metadata"].pop("language_info", None)
        return json.dumps(notebook, sort_keys=True).encode()
    except (ValueError, RecursionError):
        return content


def read_fingerprints(listing: Path) -> dict[str, str]:
    """Name -> fingerprint, from lines `fingerprint  name`; other lines are ignored. Empty without a readable file."""
    try:
        text = listing.read_text(encoding="utf-8", errors="replace") if listing.is_file() else ""
    except OSError:
        return {}
    pairs = (line.split("  ", 1) for line in text.splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def write_fingerprints(listing: Path, fingerprints: dict[str, str]) -> None:
    """Write name -> fingerprint in the order of the names, all or nothing."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(fingerprints.items()))
    replace_file(listing, "".join(lines).encode())


def fingerprints_of(folder: Path) -> dict[str, str]:
    """Name -> fingerprint of every notebook of a folder; for the shipped folder this is the content of `SHIPPED`."""
    return {file.name: fingerprint(file) for file in _notebooks(folder)}


def as_shipped(folder: Path) -> list[Path]:
    """The notebooks of a folder that are equal to one that ships with this Coro Lab."""
    shipped = set(read_fingerprints(shipped_folder() / SHIPPED).values())
    return [file for file in _notebooks(folder) if _fingerprint_of_any(file) in shipped]


def _notebooks(folder: Path) -> Iterator[Path]:
    """The files `*.ipynb` of a folder, without folders and pipes of such a name."""
    return (path for path in sorted(folder.glob("*.ipynb")) if path.is_file())


def _fingerprint_of_any(path: Path) -> str | None:
    """The fingerprint of a file; None if the path is not a file or cannot be read."""
    try:
        return fingerprint(path) if path.is_file() else None
    except OSError:
        return None


def trust(folder: Path) -> list[Path]:
    """Make Jupyter trust the notebooks of a folder that are as shipped, and return them.

    Raises NotebookFolderError if Jupyter cannot write its list of trusted notebooks.
    """
    files = as_shipped(folder)
    try:
        _sign(files)
    except OSError as error:
        raise NotebookFolderError(f"Jupyter cannot keep which notebooks it trusts: {error}.", path=folder) from error
    return files


def _sign(files: list[Path]) -> None:
    from nbformat import read
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    try:
        for file in files:
            notary.sign(read(file, as_version=4))
    finally:
        notary.store.close()


def copy_notebooks(folder: Path) -> Copied:
    """Copy the shipped notebooks and their pictures into a folder, which is made if it is missing.

    A file that the learner has changed is kept. An unchanged copy is replaced if this Coro Lab ships a newer one.
    Raises NotebookFolderError if the folder cannot be used.
    """
    source = shipped_folder()
    done = Copied()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.samefile(source):
            return done
        copied = read_fingerprints(folder / COPIED)
        for name in _to_copy(source):
            if _copy_one(source / name, folder / name, name, copied, done):
                done.note_error = _note(folder / COPIED, copied)
    except OSError as error:
        reason = "it is a file" if folder.is_file() else error.strerror or str(error)
        raise NotebookFolderError(
            f"The notebooks cannot be copied to {folder}: {reason}.\n"
            f"  Name a folder that you may write to: python -m coro_lab my-notebooks",
            path=folder,
        ) from error
    return done


def _copy_one(source: Path, target: Path, name: str, copied: dict[str, str], done: Copied) -> bool:
    """Copy one file unless the learner has changed it; returns whether `copied` has changed."""
    ours, theirs = fingerprint(source), _fingerprint_of_any(target)
    if theirs is None and (os.path.lexists(target) or _is_blocked(target)):
        done.unreadable.append(name)
        return False
    if theirs is None or theirs == copied.get(name) != ours:
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, source.read_bytes())
        (done.new if theirs is None else done.refreshed).append(name)
    elif theirs != ours:
        done.kept.append(name)
        if copied.get(name) != ours:
            done.outdated.append(name)
        return False
    noted, copied[name] = copied.get(name), ours
    return noted != ours


def _is_blocked(target: Path) -> bool:
    """Whether something other than a folder has the name of the file's folder."""
    return os.path.lexists(target.parent) and not target.parent.is_dir()


def _note(listing: Path, copied: dict[str, str]) -> str:
    """Write the list of copied files; returns the reason if it cannot be written, else an empty text."""
    try:
        write_fingerprints(listing, copied)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _to_copy(folder: Path) -> list[str]:
    """The paths within the folder of all files that are not hidden: notebooks and pictures."""
    files = (file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file())
    return [file.as_posix() for file in files if not any(part.startswith((".", "__")) for part in file.parts)]
