"""One process at a time: held during the block, free after it, and free where its holder has crashed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coro_lab.lessons.file_lock import lock_file
from coro_lab.views.file_replacement import replace_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "count"


HOLDER = """
import sys
from pathlib import Path
from coro_lab.lessons.file_lock import lock_file
with lock_file(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

COUNTER = """
import sys
from pathlib import Path
from coro_lab.lessons.file_lock import lock_file
from coro_lab.views.file_replacement import replace_file
file = Path(sys.argv[1])
for _ in range(50):
    with lock_file(file):
        replace_file(file, str(int(file.read_text()) + 1).encode())
"""


@contextmanager
def holder(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock until its stdin is closed."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(file)], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None and process.stdout.readline().strip() == b"held"
        yield process


def test_nothing_is_left_of_a_lock(file: Path):
    with lock_file(file):
        assert [path.name for path in file.parent.iterdir()] == ["count.lock"]
    assert list(file.parent.iterdir()) == []


@pytest.mark.integration
def test_a_lock_that_is_held_too_long_is_an_error(file: Path):
    with (
        holder(file),
        pytest.raises(TimeoutError, match="another program holds count.lock"),
        lock_file(file, timeout=0),
    ):
        pytest.fail("two processes hold the lock")


@pytest.mark.integration
def test_the_lock_of_a_process_that_crashed_is_free(file: Path):
    with holder(file) as process:
        process.kill()
        process.wait()
        assert file.with_name("count.lock").exists()
        with lock_file(file, timeout=0):
            pass
    assert list(file.parent.iterdir()) == []


def test_an_error_in_the_block_frees_the_lock(file: Path):
    with pytest.raises(ZeroDivisionError), lock_file(file):
        raise ZeroDivisionError
    with lock_file(file, timeout=0):
        pass


@pytest.mark.integration
def test_processes_that_count_at_the_same_time_lose_nothing(file: Path):
    replace_file(file, b"0")
    counters = [subprocess.Popen([sys.executable, "-c", COUNTER, str(file)]) for _ in range(3)]
    assert [counter.wait() for counter in counters] == [0, 0, 0]
    assert file.read_text() == "150"
    assert list(file.parent.iterdir()) == [file]


def test_threads_that_count_at_the_same_time_lose_nothing(file: Path):
    replace_file(file, b"0")

    def count() -> None:
        for _ in range(20):
            with lock_file(file):
                replace_file(file, str(int(file.read_text()) + 1).encode())

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.read_text() == "60"


def test_if_locking_is_impossible_the_block_runs_without_a_lock(tmp_path: Path):
    with lock_file(tmp_path / "no such folder" / "count"):
        ran = True
    assert ran


def test_a_folder_without_locks_is_used_without_one(file: Path, monkeypatch: pytest.MonkeyPatch):
    fcntl = pytest.importorskip("fcntl")

    def unsupported(*_: object) -> None:
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with lock_file(file):
        ran = True
    assert ran
