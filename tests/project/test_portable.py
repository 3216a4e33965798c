"""Windows and macOS: nothing is used that is not there. These systems are not tried, so the source is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.project.test_layers import SOURCES

MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}
"""Modules that Windows lacks."""
NAMES = {
    "os": {
        *("fork", "forkpty", "getuid", "geteuid", "getgid", "getpgid", "killpg", "mkfifo", "nice", "openpty"),
        *("register_at_fork", "sched_getaffinity", "setsid", "setpgid", "statvfs", "sync", "sysconf", "uname"),
        *("wait", "wait3", "wait4", "WNOHANG"),
    },
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGUSR1", "alarm", "pause", "pthread_kill", "setitimer"},
    "socket": {"AF_UNIX"},
    "time": {"clock_gettime", "tzset"},
}
"""And names. os.waitpid is there, but not for any child; whoever asks for WNOHANG is found."""
LINUX = {("ctypes", "CDLL"), ("os", "sched_getaffinity")}
"""What macOS lacks, or has otherwise."""


class Use(ast.NodeVisitor):
    """The uses of names in a module that stand behind no question whether they are there."""

    def __init__(self) -> None:
        self.unasked: list[tuple[int, str]] = []
        self._asked = 0

    def visit_If(self, node: ast.If) -> None:
        self._visit_asked(node, _asks(node.test))

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self._visit_asked(node, any(_asks(value) for value in node.values))

    def visit_Try(self, node: ast.Try) -> None:
        caught = {ast.unparse(handler.type) for handler in node.handlers if handler.type is not None}
        self._visit_asked(node, bool(caught & {"ImportError", "AttributeError"}))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A function may ask at its beginning, and return."""
        early = [each for each in node.body if isinstance(each, ast.If) and isinstance(each.body[-1], ast.Return)]
        self._visit_asked(node, any(_asks(each.test) for each in early))

    def _visit_asked(self, node: ast.AST, asked: bool) -> None:
        self._asked += asked
        self.generic_visit(node)
        self._asked -= asked

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._use(node, alias.name if alias.name in MODULES else None)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        names = NAMES.get(node.module or "", set())
        for alias in node.names:
            self._use(node, node.module if node.module in MODULES or alias.name in names else None)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        module = node.value.id if isinstance(node.value, ast.Name) else ""
        is_missing = node.attr in NAMES.get(module, ()) or (module, node.attr) in LINUX
        self._use(node, f"{module}.{node.attr}" if is_missing else None)
        self.generic_visit(node)

    def _use(self, node: ast.Import | ast.ImportFrom | ast.Attribute, name: str | None) -> None:
        if name is not None and not self._asked:
            self.unasked.append((node.lineno, name))


def _asks(test: ast.expr) -> bool:
    text = ast.unparse(test)
    return "sys.platform" in text or "hasattr(" in text


def unasked(source: str) -> list[tuple[int, str]]:
    use = Use()
    use.visit(ast.parse(source))
    return use.unasked


@pytest.mark.parametrize("name", SOURCES)
def test_what_windows_or_macos_lacks_is_asked_for_before_it_is_used(name: str):
    assert unasked(SOURCES[name]) == []


@pytest.mark.parametrize(
    "source, found",
    [
        ("import resource", ["resource"]),
        ("from os import fork", ["os"]),
        ("import os\nos.fork()", ["os.fork"]),
        ("import os\nif True:\n    os.killpg(1, 2)", ["os.killpg"]),
        ("import os\ndef f():\n    if os.name: return\n    os.setsid()", ["os.setsid"]),
        ("try:\n    import resource\nexcept ImportError: pass", []),
        ("import os\nif hasattr(os, 'fork'):\n    os.fork()", []),
        ("import os, sys\ndef f():\n    if sys.platform == 'win32':\n        return\n    os.setsid()", []),
        ("import os\nhasattr(os, 'geteuid') and os.geteuid()", []),
    ],
)
def test_a_use_without_a_question_is_found(source: str, found: list[str]):
    assert [name for _, name in unasked(source)] == found


def without_encoding(source: str) -> Iterator[int]:
    """The lines that read or write text in whatever encoding the system prefers; Windows prefers none that is UTF-8."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or "encoding" in [keyword.arg for keyword in node.keywords]:
            continue
        called = ast.unparse(node.func).rpartition(".")[2]
        texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        is_text_file = called in ("open", "fdopen", "NamedTemporaryFile") and not any("b" in text for text in texts)
        of_path = called in ("read_text", "write_text") and not ast.unparse(node.func).startswith("distribution.")
        if of_path or (is_text_file and not ast.unparse(node.func).startswith(("os.open", "hub."))):
            yield node.lineno


@pytest.mark.parametrize("name", SOURCES)
def test_text_is_read_and_written_in_an_encoding_that_is_named(name: str):
    assert [*without_encoding(SOURCES[name])] == []


def test_a_file_without_an_encoding_is_found():
    source = "open('a')\nopen('a', encoding='utf-8')\npath.read_text()\nopen('a', 'rb')\npath.write_text('x')"
    assert [*without_encoding(source)] == [1, 3, 5]


def test_no_program_of_one_system_is_started():
    """Only sys.executable is started, and what machine.py asks macOS's own sysctl."""
    assert [name for name, source in SOURCES.items() if "python3" in source or '"sh"' in source] == []
