"""python -m coro_lab, as a learner types it: a real JupyterLab on this machine only, on the start notebook."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from coro_lab.__main__ import COMMANDS, jupyter_flags, main
from coro_lab.lessons.notebook_folder import COPIED, START
from tests.places import ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def coro_lab(*words: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """`python -m coro_lab` as a separate process with a separate home; ended with the block."""
    apart = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "coro_lab", *words],
        cwd=ROOT,
        env=apart | {"HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:  # a worker thread of JupyterLab's can outlive its event loop, and wait
            process.kill()
            process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    """The address with the token, as JupyterLab prints it once it listens."""
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://\S+\?token=\w+", line):
            return found[0]
    raise AssertionError("JupyterLab ended without an address:\n" + "".join(said))


@pytest.mark.integration
def test_jupyterlab_opens_on_copies_of_the_notebooks_on_this_machine_only(tmp_path: Path):
    port = free_port()
    with coro_lab(str(tmp_path / "mine"), "--no-browser", "--port", str(port), home=tmp_path) as process:
        start = address(process)
        assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/lab/tree/{START}\?token=\w{{32,}}", start)
        with urlopen(start) as page:
            assert '"disabledExtensions": ["@jupyterlab/apputils-extension:announcements"]' in page.read().decode()
        with pytest.raises(HTTPError, match="403"):
            urlopen(f"http://127.0.0.1:{port}/api/contents").close()
        ours = [
            socket.laddr for socket in psutil.Process(process.pid).net_connections("inet") if socket.status == "LISTEN"
        ]
        assert {where.ip for where in ours} == {"127.0.0.1"}

        shipped = json.loads(urlopen(start.replace(f"lab/tree/{START}", f"api/contents/{START}")).read())
        assert {cell["metadata"].get("trusted") for cell in code_cells(shipped)} == {True}

    theirs = {file.name for file in (tmp_path / "mine").glob("*.ipynb")}
    assert theirs == {file.name for file in (ROOT / "notebooks").glob("*.ipynb")}


def code_cells(answer: dict) -> list[dict]:
    return [cell for cell in answer["content"]["cells"] if cell["cell_type"] == "code"]


@pytest.mark.integration
def test_a_port_that_is_taken_is_refused_not_exchanged(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with coro_lab(str(tmp_path / "mine"), "--no-browser", "--port", port, home=tmp_path) as process:
            said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"port {port} is not available" in said


def test_a_browser_is_opened_unless_no_browser_is_given(tmp_path: Path):
    assert "--no-browser" not in jupyter_flags(tmp_path, port=None, browser=True)
    assert "--no-browser" in jupyter_flags(tmp_path, port=None, browser=False)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8888.5", "²"])
def test_a_wrong_port_is_refused_with_an_example(port: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        main([f"--port={port}"])
    assert f"{port!r} is not a port. Write a whole number from 1 to 65535: --port 8890" in capsys.readouterr().err


def test_a_folder_that_cannot_be_used_is_reported_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").touch()
    assert main([str(tmp_path / "file" / "folder")]) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith("coro_lab: The notebooks cannot be copied to")
    assert "Name a folder that you may write to" in complaint


def test_what_lies_in_the_way_is_named_and_jupyterlab_opens_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    opened: list[list[str]] = []
    monkeypatch.setattr("coro_lab.__main__._run_jupyterlab", lambda flags: opened.append(flags) or 0)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file"))
    (tmp_path / "file").touch()
    (tmp_path / "mine" / START).mkdir(parents=True)
    (tmp_path / "mine" / COPIED).mkdir()
    assert main([str(tmp_path / "mine")]) == 0
    said = capsys.readouterr().out
    assert f"because it cannot be read: {START}\n  Rename or remove it" in said
    assert f"{COPIED}, the list of copied files, cannot be written" in said
    assert "Jupyter cannot keep which notebooks it trusts" in said
    assert len(opened) == 1


def test_trust_trusts_what_ships_and_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert main(["trust"]) == 0
    assert (
        capsys.readouterr().out == f"Trusted {len(list((ROOT / 'notebooks').glob('*.ipynb')))} notebooks as shipped.\n"
    )


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    assert [command for command in COMMANDS if command not in told] == []
