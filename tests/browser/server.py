"""JupyterLab in a separate process, on a free port of the loopback address."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

REPOSITORY = Path(__file__).parents[2]


@dataclass
class Lab:
    """A running JupyterLab: its address with the token, and the folder it serves."""

    address: str
    token: str
    folder: Path
    data: Path  # its own JUPYTER_DATA_DIR, where trusted notebooks are signed

    def trust(self, *notebooks: Path) -> None:
        """Have Jupyter trust these, as it trusts what ships."""
        notary = NotebookNotary(data_dir=str(self.data))
        for notebook in notebooks:
            notary.sign(nbformat.read(notebook, as_version=4))
        notary.store.close()

    def url(self, notebook: str = "", app: str = "lab") -> str:
        """The address of a notebook, or of JupyterLab with nothing open, in a workspace that nobody had before."""
        where = f"lab/workspaces/test-{os.urandom(4).hex()}" if app == "lab" else "notebooks"
        tree = f"/{'tree/' * (app == 'lab')}{notebook}" if notebook else ""
        return f"{self.address}/{where}{tree}?token={self.token}"


@contextmanager
def serving(folder: Path, home: Path) -> Iterator[Lab]:
    """A JupyterLab that serves this folder and keeps its settings and state in the second."""
    with _started(folder, home) as server:
        reader = threading.Thread(target=server.stderr.read, daemon=True)  # so that it never waits for a reader
        try:
            address, token = _address(server)
            reader.start()
            yield Lab(address, token, folder, home / "data")
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:  # a worker thread of the server can outlive its event loop, and wait
                server.kill()
            if reader.ident is not None:
                reader.join(30)


def _started(folder: Path, home: Path) -> subprocess.Popen[str]:
    settings = home / "config" / "labconfig" / "page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}')
    own = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(home / where) for name, where in own.items()},
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]),
    }
    options = [
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        "--port=0",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    command = [sys.executable, "-m", "jupyterlab", *options]
    return subprocess.Popen(command, env=environment, cwd=folder, text=True, stderr=subprocess.PIPE)


def _address(server: subprocess.Popen[str]) -> tuple[str, str]:
    """Where the server says it listens, and its token."""
    said = []
    for line in server.stderr:
        said.append(line)
        found = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)", line)
        if found:
            return found[1], found[2]
    raise AssertionError("JupyterLab did not start:\n" + "".join(said))
