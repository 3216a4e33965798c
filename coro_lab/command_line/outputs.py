"""Outputs: the files that a command writes a Trace to."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from coro_lab.errors import CoroLabError, UnavailableError
from coro_lab.trace.packages import is_installed, missing
from coro_lab.trace.trace import Trace
from coro_lab.views.file_replacement import replace_file
from coro_lab.views.html_page import html
from coro_lab.views.plots.svg.picture import Picture
from coro_lab.views.plots.timeline import timeline

STDOUT = "-"
PICTURES = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class Outputs:
    """What to write where: paths, or STDOUT for `text` and `json`; None where nothing is written."""

    page: str | None
    text: str | None
    json: str | None
    timeline: str | None
    folder: str  # in which the paths begin; the script may go to another one

    @classmethod
    def of(cls, options: argparse.Namespace) -> Outputs:
        """What the options say. Raises CoroLabError where that cannot be written."""
        outputs = cls(options.output, options.text, options.json, options.timeline, os.getcwd())  # noqa: PTH109
        outputs.check()
        return outputs

    def given(self) -> list[str]:
        """What is named by the options."""
        return [each for each in (self.page, self.text, self.json, self.timeline) if each is not None]

    def check(self) -> None:
        """Raise CoroLabError where the outputs cannot be written, before anything runs."""
        if STDOUT in (self.page, self.timeline):
            raise CoroLabError("A page and a picture are written to files.\n  Write: -o run.html, --timeline run.png")
        paths = [self._path(each) for each in self.given() if each != STDOUT]
        if len(set(paths)) < len(paths):
            raise CoroLabError("Two outputs have the same file. Name another file for one of them.")
        for path in paths:
            _check_file(path)
        if self.page is not None and (suffix := Path(self.page).suffix.lower()) in _INSTEAD:
            raise CoroLabError(f"-o writes a web page.\n  Write: -o run.html, or {_INSTEAD[suffix]} {self.page}")
        if self.timeline is not None:
            _check_picture(self.timeline)

    def write(self, trace: Trace, title: str) -> None:
        """Write each output, and say so. Raises CoroLabError for the first one that cannot be written."""
        console = getattr(sys.__stdout__, "encoding", None) if self.text == STDOUT else None
        makers: list[tuple[str | None, Callable[[], bytes]]] = [
            (self.page, lambda: _encoded(html(trace, title=title))),
            (self.json, lambda: _encoded(f"{trace.to_json()}\n")),
            (self.timeline, lambda: _picture(trace, str(self.timeline))),
            (self.text, lambda: _encoded(f"{trace.text()}\n", console)),
        ]
        written = []
        try:
            for given, make in makers:
                if given == STDOUT:
                    _print(make())
                elif given is not None:
                    _replace(self._path(given), make())
                    written.append(given)
        finally:
            if written:
                say(f"wrote {', '.join(written)}: {trace!r}")

    def _path(self, given: str) -> Path:
        return Path(self.folder, given)


_INSTEAD = {".json": "--json", ".txt": "--text", **dict.fromkeys(PICTURES, "--timeline")}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the outputs."""
    parser.add_argument("-o", "--output", metavar="FILE", help="write a web page that plays by itself: -o run.html")
    parser.add_argument(
        "--text",
        nargs="?",
        const=STDOUT,
        metavar="FILE",
        help="write one sentence for each event; without a FILE, or with -, to standard output",
    )
    parser.add_argument(
        "--json",
        nargs="?",
        const=STDOUT,
        metavar="FILE",
        help="write the trace as JSON, which `show` and Trace.from_json read; likewise",
    )
    parser.add_argument("--timeline", metavar="FILE", help=f"draw a picture: {', '.join(PICTURES)}")


def say(words: object) -> None:
    """Say something to the person at the terminal: standard output is the script's."""
    with contextlib.suppress(Exception):  # a script may have closed it, or put something else in its place
        sys.stdout.flush()  # the script's words come first, where both go to one file
    with contextlib.suppress(Exception):
        sys.stderr.write(f"coro_lab: {words}\n")
        sys.stderr.flush()


def reason(error: Exception) -> str:
    """Why a file cannot be used, in the words of the operating system where it has any."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _check_file(path: Path) -> None:
    if path.suffix.lower() in (".py", ".pyw"):
        raise CoroLabError(f"{path.name} is the name of a program, and would be written over. Name another file.")
    if path.is_dir():
        raise CoroLabError(f"{path} is a folder. Name a file in it: {path / 'run.html'}")
    if not path.parent.is_dir():
        raise CoroLabError(f"There is no folder {path.parent}. Make it first, or name another file.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CoroLabError(f"{path} cannot be written: permission denied.")


def _check_picture(given: str) -> None:
    if Path(given).suffix.lower() not in PICTURES:
        raise CoroLabError(f"A timeline is drawn as {', '.join(PICTURES)}.\n  Write: --timeline run.png")
    if Path(given).suffix.lower() != ".svg" and not is_installed("matplotlib"):
        raise UnavailableError(missing("--timeline", "matplotlib"), package="matplotlib")


def _encoded(text: str, encoding: str | None = None) -> bytes:
    return text.encode(encoding or "utf-8", "backslashreplace")  # a program can print lone surrogates


def _picture(trace: Trace, given: str) -> bytes:
    if is_installed("matplotlib"):
        import matplotlib

        matplotlib.use("agg")  # no window opens
        import matplotlib.pyplot as plt
    try:
        drawn = timeline(trace)
    except ValueError as error:
        raise CoroLabError(f"{given} was not drawn: {error}") from None
    if isinstance(drawn, Picture):
        return _encoded(drawn.svg)
    picture = io.BytesIO()
    plt.savefig(picture, format=Path(given).suffix[1:].lower(), dpi=200)
    return picture.getvalue()


def _replace(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content)
    except OSError as error:
        raise CoroLabError(f"{path} was not written: {reason(error)}.") from None


def _print(content: bytes) -> None:
    stream = sys.__stdout__
    if stream is not None:
        stream.flush()
        stream.buffer.write(content)
        stream.flush()
