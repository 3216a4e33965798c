"""A file is replaced whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from coro_lab.views.file_replacement import replace_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_text("old")
    return path


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes what it has room for, and says at the end that it was not all."""

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)


def test_the_new_content_stands_in_the_place_of_the_old(file: Path):
    replace_file(file, b"new")
    assert {path.name: path.read_text() for path in file.parent.iterdir()} == {"file": "new"}


def test_a_file_that_was_not_there_is_made_as_any_program_makes_one(tmp_path: Path):
    (tmp_path / "another").touch()
    replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_text() == "new"
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "another").stat().st_mode


def test_the_permissions_of_the_file_are_kept(file: Path):
    file.chmod(0o640)
    replace_file(file, b"new")
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_file_and_no_other(file: Path):
    with pytest.raises(OSError, match="No space left"):
        replace_file(file, b"new")
    assert {path.name: path.read_text() for path in file.parent.iterdir()} == {"file": "old"}


def test_an_interrupt_leaves_the_old_file_and_no_other(file: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_file(file, b"new")
    assert {path.name: path.read_text() for path in file.parent.iterdir()} == {"file": "old"}


def test_a_symbolic_link_stays_one_and_its_target_is_replaced(file: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link"
    link.symlink_to(file)
    replace_file(link, b"new")
    assert link.is_symlink() and file.read_text() == "new"
    assert list(link.parent.iterdir()) == [link]


def test_a_link_to_a_file_that_is_gone_makes_it_again(file: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(file)
    file.unlink()
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink() and file.read_text() == "new"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_a_path_that_is_not_a_file_is_not_replaced(tmp_path: Path, make):
    make(tmp_path / "odd")
    with pytest.raises(OSError, match="is not a file"):
        replace_file(tmp_path / "odd", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["odd"]
