"""Progress: kept in one small file, never lost to damage, and nothing depends on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coro_lab.lessons import progress_file
from coro_lab.lessons.learner_progress import NAME, LearnerProgress, Score
from coro_lab.lessons.progress_file import ProgressFile


@pytest.fixture
def kept(tmp_path: Path) -> ProgressFile:
    return ProgressFile(tmp_path)


def test_without_a_file_nothing_was_done(kept: ProgressFile):
    assert kept.read() == LearnerProgress()
    assert not kept.path.exists()


def test_what_was_kept_is_read_again(kept: ProgressFile):
    assert kept.keep_exercise("echo", "not yet") == ""
    assert kept.keep_prediction("Who runs next?", "wrong") == ""
    assert kept.read() == LearnerProgress({"echo": "not yet"}, {"Who runs next?": "wrong"}, last="Who runs next?")


def test_scores_and_how_sure_somebody_was_are_kept(kept: ProgressFile):
    kept.keep_score("Who runs?", Score(2, 3, 4))
    kept.keep_prediction("What?", "wrong", sure="sure")
    progress = kept.read()
    assert progress.scores == {"Who runs?": Score(right=2, answered=3, questions=4)}
    assert (progress.sure, progress.last) == ({"What?": "sure"}, "What?")
    kept.keep_prediction("What?", "right")
    assert kept.read().sure == {}


def test_an_exercise_stays_correct(kept: ProgressFile):
    for status in ("not yet", "correct", "not yet"):
        kept.keep_exercise("echo", status)
    assert kept.read().exercises == {"echo": "correct"}


def test_the_file_says_what_it_is_and_which_version(kept: ProgressFile):
    kept.keep_exercise("echo", "correct")
    assert json.loads(kept.path.read_text()) == {
        "format": "coro-lab-progress",
        "version": 1,
        "exercises": {"echo": "correct"},
        "predictions": {},
        "last": "echo",
    }


DAMAGED = [
    "",
    "{",
    "[]",
    "null",
    '{"format": "coro-lab-progress"}',
    "\xff\xfe",
    "[" * 100_000,
    '{"format": "other", "version": 1}',
]
DAMAGED += ['{"format": "coro-lab-progress", "version": 1, "exercises": [], "predictions": {}}']
DAMAGED += ['{"format": "coro-lab-progress", "version": 1, "exercises": {"a": 1}, "predictions": {}}']
DAMAGED += [
    f'{{"format": "coro-lab-progress", "version": 1, "exercises": {{}}, "predictions": {{}}, {later}}}'
    for later in ('"sure": []', '"last": 1', '"scores": {"a": [1, 2]}', '"scores": {"a": [1, 2, "3"]}', '"scores": 1')
]
DAMAGED += ['{"format": "coro-lab-progress", "version": true, "exercises": {}, "predictions": {}}']
DAMAGED += ['{"format": "coro-lab-progress", "version": -1, "exercises": {}, "predictions": {}}']


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_set_aside_with_a_sentence_and_not_deleted(kept: ProgressFile, content: str):
    kept.path.write_bytes(content.encode("latin-1"))
    note = kept.keep_exercise("echo", "correct")
    aside = kept.path.with_name(".coro-lab-progress.damaged-1.json")
    assert note == f"{NAME} was damaged. It is set aside as {aside.name}, and a new one is begun."
    assert aside.read_bytes() == content.encode("latin-1")
    assert kept.read().exercises == {"echo": "correct"}


def test_a_second_damaged_file_does_not_replace_the_first(kept: ProgressFile):
    for content in ("first", "second"):
        kept.path.write_text(content)
        kept.read()
    asides = [kept.path.with_name(f".coro-lab-progress.damaged-{number}.json").read_text() for number in (1, 2)]
    assert asides == ["first", "second"]


def test_the_file_of_a_newer_coro_lab_is_left_alone(kept: ProgressFile):
    newer = '{"format": "coro-lab-progress", "version": 2, "all": "different"}'
    kept.path.write_text(newer)
    assert "newer Coro Lab" in kept.keep_exercise("echo", "correct")
    assert kept.path.read_text() == newer


def test_look_leaves_a_damaged_file_as_it_is(kept: ProgressFile):
    kept.path.write_text("damaged")
    assert kept.look() == LearnerProgress()
    assert kept.path.read_text() == "damaged"


def test_a_folder_that_cannot_be_written_to_is_reported_and_does_no_harm(tmp_path: Path):
    kept = ProgressFile(tmp_path / "gone")  # no such folder: nothing can be written there, whoever runs the tests
    assert kept.keep_exercise("echo", "correct").startswith("Your progress will not be kept:")
    assert kept.read() == LearnerProgress()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_reported(tmp_path: Path):
    tmp_path.chmod(0o500)
    assert "will not be kept" in ProgressFile(tmp_path).keep_exercise("echo", "correct")
    tmp_path.chmod(0o700)


def test_on_binder_a_note_says_how_long_progress_is_kept(kept: ProgressFile, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://binder.example/")
    assert kept.keep_exercise("echo", "correct") == "On Binder your progress is kept only until this session ends."


def test_a_write_that_fails_leaves_the_old_file_and_no_other(kept: ProgressFile, monkeypatch: pytest.MonkeyPatch):
    kept.keep_exercise("echo", "correct")
    before = kept.path.read_text()

    def refuse(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", refuse)
        assert "the disk is full" in kept.keep_exercise("shout", "correct")
    assert [(file.name, file.read_text()) for file in kept.path.parent.iterdir()] == [(NAME, before)]


KEEP_SIXTY = """
import sys
from pathlib import Path
from coro_lab.lessons.progress_file import ProgressFile
for number in range(60):
    ProgressFile(Path(sys.argv[1])).keep_exercise(f"{sys.argv[2]}-{number}", "correct")
"""


@pytest.mark.integration
def test_two_kernels_that_write_at_the_same_time_lose_nothing(kept: ProgressFile):
    folder = str(kept.path.parent)
    kernels = [subprocess.Popen([sys.executable, "-c", KEEP_SIXTY, folder, name]) for name in ("one", "two")]
    assert [kernel.wait() for kernel in kernels] == [0, 0]
    assert len(kept.read().exercises) == 120
    assert list(kept.path.parent.iterdir()) == [kept.path]


def test_what_another_kernel_has_repaired_meanwhile_is_not_set_aside(
    kept: ProgressFile, monkeypatch: pytest.MonkeyPatch
):
    kept.path.write_text("damaged")

    @contextmanager
    def repaired_while_waiting(_: Path) -> Iterator[None]:
        kept.path.write_text(
            '{"format": "coro-lab-progress", "version": 1, "exercises": {"a": "correct"}, "predictions": {}}'
        )
        yield

    monkeypatch.setattr(progress_file, "lock_file", repaired_while_waiting)
    assert kept.read() == LearnerProgress({"a": "correct"})
    assert list(kept.path.parent.iterdir()) == [kept.path]


def test_a_kernel_that_never_releases_the_lock_is_reported(kept: ProgressFile, monkeypatch: pytest.MonkeyPatch):
    def held(_: Path) -> None:
        raise TimeoutError("another program holds it")

    monkeypatch.setattr(progress_file, "lock_file", held)
    assert "will not be kept" in kept.keep_exercise("echo", "correct")


@pytest.fixture
def linked(kept: ProgressFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the progress file is a symbolic link to, in another folder; it is not there yet."""
    target = tmp_path_factory.mktemp("elsewhere") / "progress.json"
    kept.path.symlink_to(target)
    return target


def test_a_symbolic_link_stays_one(kept: ProgressFile, linked: Path):
    assert kept.keep_exercise("echo", "correct") == ""
    assert kept.path.is_symlink()
    assert list(linked.parent.iterdir()) == [linked]
    assert kept.read().exercises == {"echo": "correct"}
    assert kept.reset() is True
    assert kept.path.is_symlink() and not linked.exists()


def test_the_damaged_target_of_a_link_is_renamed_in_its_own_folder(kept: ProgressFile, linked: Path):
    linked.write_text("damaged")
    aside = linked.with_name(".coro-lab-progress.damaged-1.json")
    assert kept.read().note == f"{NAME} was damaged. It is set aside as {aside}, and a new one is begun."
    assert aside.read_text() == "damaged" and kept.path.is_symlink()


def test_a_link_into_a_missing_folder_is_reported(kept: ProgressFile, linked: Path):
    linked.parent.rmdir()
    assert kept.keep_exercise("echo", "correct").startswith(
        f"Your progress will not be kept: {linked.parent} cannot be written to"
    )


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
def test_a_path_that_is_not_a_file_is_left_alone_with_a_note(kept: ProgressFile, make: Callable[[Path], None]):
    make(kept.path)
    assert kept.keep_exercise("echo", "correct") == "Your progress cannot be read: it is not a file."
    assert list(kept.path.parent.iterdir()) == [kept.path]


def test_a_byte_order_mark_is_accepted(kept: ProgressFile):
    kept.keep_exercise("echo", "correct")
    kept.path.write_text(kept.path.read_text(), encoding="utf-8-sig")
    assert kept.read() == LearnerProgress({"echo": "correct"}, last="echo")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no folder that a program works in")
def test_a_current_folder_that_was_deleted_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert ProgressFile().read() == LearnerProgress()
    assert (
        ProgressFile()
        .keep_exercise("echo", "correct")
        .startswith("Your progress will not be kept: the current folder cannot be written to")
    )


def test_reset_starts_over(kept: ProgressFile):
    kept.keep_exercise("echo", "correct")
    assert kept.reset() is True
    assert kept.reset() is False
    assert kept.read() == LearnerProgress()


@pytest.mark.integration
def test_the_command_resets_the_folder_that_is_named(kept: ProgressFile):
    kept.keep_exercise("echo", "correct")
    done = subprocess.run(
        [sys.executable, "-m", "coro_lab", "reset", str(kept.path.parent)], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"The progress in {kept.path.parent} is forgotten.\n"
    assert not kept.path.exists()


@pytest.mark.integration
def test_the_command_says_what_it_cannot_remove(kept: ProgressFile):
    kept.path.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "coro_lab", "reset", str(kept.path.parent)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"coro_lab: The progress in {kept.path.parent} cannot be removed:")
