"""python -m coro_lab: open the notebooks in JupyterLab, on this machine only and behind Jupyter's own token.

    python -m coro_lab [FOLDER] [--no-browser] [--port N]
    python -m coro_lab COMMAND ...

The first word is a command if it is one of `COMMANDS`; otherwise it is the folder to work in.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from coro_lab.errors import CoroLabError, NotebookFolderError
from coro_lab.lessons.notebook_folder import (
    COPIED,
    START,
    Copied,
    copy_notebooks,
    in_checkout,
    shipped_folder,
    trust,
)
from coro_lab.trace.packages import needs

# JupyterLab's settings for this run only: it looks for no news and no updates, and opens no dialog over the notebook.
SETTINGS = Path(__file__).parent / "lessons" / "jupyter"

OWN_FOLDER = Path("coro-lab")  # where an installed package copies its notebooks, so that the learner works on copies


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command line; returns what sys.exit takes: 1, with a sentence on stderr, after a CoroLabError."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = COMMANDS.get(words[0]) if words else None
    try:
        with needs(" ".join(["python -m coro_lab", *words[: command is not None]])):
            return command(words[1:]) if command else open_notebooks(words)
    except CoroLabError as error:
        print(f"coro_lab: {error}", file=sys.stderr)
        return 1


def open_notebooks(words: Sequence[str]) -> int:
    """Open JupyterLab on the start notebook of the folder named in `words`; returns when JupyterLab has ended."""
    options = _parser().parse_args(words)
    import jupyterlab  # noqa: F401  said before anything is copied if it is missing

    folder = _prepare(options.folder)
    try:
        trust(folder)
    except NotebookFolderError as error:
        print(f"{error}\n  A stored player plays once its cell has run.")
    print(f"Opening JupyterLab on {folder / START}; Ctrl-C here ends it.", flush=True)
    return _run_jupyterlab(jupyter_flags(folder, options.port, options.browser))


def trust_notebooks(words: Sequence[str]) -> int:
    """Trust the notebooks that are as shipped, so that their stored widgets play at once; JupyterLab is not opened."""
    parser = argparse.ArgumentParser("python -m coro_lab trust", description=trust_notebooks.__doc__)
    parser.parse_args(words)
    trusted = trust(shipped_folder())
    print(f"Trusted {len(trusted)} notebooks as shipped.")
    return 0


def check_answers(words: Sequence[str]) -> int:
    """Print the outcomes of the answers in a learner's notebooks."""
    from coro_lab.lessons.checker.commands import check

    return check(words)


def reset_progress(words: Sequence[str]) -> int:
    """Forget the progress that is kept beside the notebooks."""
    from coro_lab.lessons.checker.commands import reset

    return reset(words)


def record_script(words: Sequence[str]) -> Any:
    """Run a script as Python would, and write down what it did."""
    _leave_out_current_folder()
    from coro_lab.command_line.record import record_script

    return record_script(words)


def show_trace(words: Sequence[str]) -> int:
    """Show a stored trace as text, as a page or as a picture."""
    _leave_out_current_folder()
    from coro_lab.command_line.show import show_trace

    return show_trace(words)


def _leave_out_current_folder() -> None:
    """Import nothing from there: an html.py of a script would hide Python's, which Coro Lab imports."""
    if not sys.flags.safe_path:
        del sys.path[0]


COMMANDS: dict[str, Callable[[Sequence[str]], Any]] = {
    "check": check_answers,
    "record": record_script,
    "reset": reset_progress,
    "show": show_trace,
    "trust": trust_notebooks,
}


def jupyter_flags(folder: Path, port: int | None, browser: bool) -> list[str]:
    """The arguments that start JupyterLab on the loopback address, in the folder, on the start notebook.

    If `port` is given and in use, JupyterLab stops with an error instead of taking another.
    """
    flags = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{START}"]
    if port is not None:
        flags += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # the usual user in a container; Jupyter refuses root otherwise
        flags.append("--allow-root")
    return flags if browser else [*flags, "--no-browser"]


def _run_jupyterlab(flags: list[str]) -> int:
    from jupyterlab.labapp import LabApp

    others = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(SETTINGS), others] if others else [str(SETTINGS)])
    LabApp.launch_instance(flags)
    return 0


def _prepare(wanted: Path | None) -> Path:
    """The folder to open: a checkout's own notebooks, or the named folder, into which the notebooks are copied."""
    if wanted is None and in_checkout():
        return shipped_folder()
    folder = OWN_FOLDER if wanted is None else wanted.expanduser()
    _report(folder, copy_notebooks(folder))
    return folder.resolve()


def _report(folder: Path, copied: Copied) -> None:
    if copied.new:
        print(f"Copied to {folder}: {', '.join(copied.new)}")
    if copied.refreshed:
        print(f"Refreshed in {folder}, where you had not changed them: {', '.join(copied.refreshed)}")
    if copied.kept:
        print(f"Kept as you left them in {folder}: {', '.join(copied.kept)}")
    if copied.outdated:
        print(f"There is a newer {', '.join(copied.outdated)}: rename yours and run this again to get it beside yours.")
    if copied.unreadable:
        print(f"Left alone in {folder}, because it cannot be read: {', '.join(copied.unreadable)}")
        print("  Rename or remove it, and run this again to get a new one.")
    if copied.note_error:
        print(f"{folder / COPIED}, the list of copied files, cannot be written: {copied.note_error}.")
        print("  Remove what is there. Without the list, no notebook is refreshed when a newer one ships.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m coro_lab",
        description="Open Coro Lab's notebooks in JupyterLab.",
        epilog=f"Commands besides: {', '.join(COMMANDS)} (each explains itself: python -m coro_lab COMMAND --help).",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        help="work on copies in this folder, which is made if it is missing; what you changed is never overwritten",
    )
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="only print the address to open")
    parser.add_argument("--port", type=_port, metavar="N", help="the port to listen on, from 1 to 65535")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port. Write a whole number from 1 to 65535: --port 8890")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
