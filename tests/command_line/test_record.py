"""record: whose words are whose, what is refused before anything runs, and what is written."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from coro_lab.command_line.record import record_script
from coro_lab.command_line.record_options import parse
from coro_lab.errors import CoroLabError
from coro_lab.trace.events import Kind
from coro_lab.trace.trace import Trace

PIPELINE = """\
import sys

def numbers(count):
    for number in range(count):
        got = yield number
        print("got", got)

def main():
    source = numbers(int(sys.argv[1]))
    next(source)
    source.send("x")

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a script, in a process that is as it was afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    (tmp_path / "script.py").write_text(PIPELINE)
    return tmp_path


def record(*words: str) -> Trace:
    """The trace of the script."""
    assert record_script(["--json", "run.json", *words]) == 0
    return Trace.from_json(Path("run.json").read_text(encoding="utf-8"))


# -- whose words are whose --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, named, outputs",
    [
        ("-o a.html s.py", "s.py", "a.html"),
        ("s.py -o a.html", "s.py", "a.html"),
        ("s.py x -o a.html", "s.py x", "a.html"),
        ("-o a.html s.py x -o b --text", "s.py x -o b --text", "a.html"),
        ("-o a.html s.py -- -o b", "s.py -- -o b", "a.html"),
        ("-o a.html -- -s.py x", "-s.py x", "a.html"),
        ("s.py -o b -- -o a.html", "s.py -o b", "a.html"),
        ("s.py --json b -- --text=t -o a.html", "s.py --json b", "a.html t"),
        ("s.py -x -o b -v -o a.html", "s.py -x -o b -v", "a.html"),
        ("s.py -- x -o a.html", "s.py -- x", "a.html"),
        ("s.py --text -o a.html", "s.py", "a.html -"),
        ("s.py -o a.html --text", "s.py", "a.html -"),
        ("--text - s.py x", "s.py x", "-"),
        ("--text --no-lines s.py x", "s.py x", "-"),
        ("--no-lines --max-events 5 s.py x --output=a.html", "s.py x", "a.html"),
        ("--output=a.html s.py - x", "s.py - x", "a.html"),
        ("-oa.html s.py", "s.py", "a.html"),
        ("s.py -oa.html -o b.html", "s.py -oa.html", "b.html"),
    ],
)
def test_each_word_goes_to_the_script_or_to_us(line: str, named: str, outputs: str):
    options, words = parse(line.split())
    assert words == named.split()
    assert [each for each in (options.output, options.text) if each is not None] == outputs.split()


@pytest.mark.parametrize("line", ["s.py", "s.py --verbose", "s.py -x --json b x", "--no-lines s.py x"])
def test_without_an_output_nothing_runs_and_the_line_to_write_is_shown(line: str):
    named = line.removeprefix("--no-lines ")
    with pytest.raises(CoroLabError, match=f"Write: python -m coro_lab record -o run.html {named}\n"):
        parse(line.split())


@pytest.mark.parametrize("line", ["", "-o run.html", "--text s.py", "--json -o run.html"])
def test_without_a_script_nothing_runs(line: str):
    with pytest.raises(CoroLabError, match=r"Which script\?\n  Write: .* SCRIPT$"):
        parse(line.split())


@pytest.mark.parametrize("line", ["--max-events 0 s.py", "--max-events x s.py", "--line s.py", "s.py -o"])
def test_an_option_that_there_is_not_is_refused(line: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        parse(line.split())
    assert "python -m coro_lab record: error: " in capsys.readouterr().err


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, reason",
    [
        ("-o no/run.html script.py", "There is no folder {}/no. Make it first"),
        ("-o {} script.py", "{} is a folder. Name a file in it: {}/run.html"),
        ("-o script.py script.py", "script.py is the name of a program, and would be written over"),
        ("-o run.json script.py", "-o writes a web page.\n  Write: -o run.html, or --json run.json"),
        ("-o - script.py", "A page and a picture are written to files"),
        ("-o a.html --text ./a.html script.py", "Two outputs have the same file"),
        ("--timeline run.bmp script.py", "A timeline is drawn as .png, .svg, .pdf"),
        ("-o a.html -", "record takes a script from a file, not from standard input"),
        ("-o a.html {}", "{} is a folder.\n  Write: record {}/__main__.py"),
        ("-o a.html missing.py", "The script missing.py cannot be read: No such file or directory."),
        ("-o a.html app.pyz", "app.pyz is not source code. A run is shown on its source"),
    ],
)
def test_what_cannot_be_written_or_run_is_said_before_anything_runs(
    line: str, reason: str, folder: Path, capfd: pytest.CaptureFixture[str]
):
    with zipfile.ZipFile("app.pyz", "w") as app:
        app.writestr("__main__.py", "print('ran')")
    before = sorted(folder.iterdir())
    assert record_script([word.replace("{}", str(folder)) for word in [*line.split(), "3"]]) == 2
    out, said = capfd.readouterr()
    assert said.startswith(f"coro_lab: {reason.replace('{}', str(folder))}")
    assert not out and sorted(folder.iterdir()) == before


def test_a_picture_without_matplotlib_is_svg(folder: Path, monkeypatch, capsys: pytest.CaptureFixture[str]):
    for module in ("coro_lab.command_line.outputs", "coro_lab.views.plots.timeline"):
        monkeypatch.setattr(f"{module}.is_installed", lambda package: False)
    assert record_script(["--timeline", "run.png", "script.py", "3"]) == 2
    assert "--timeline needs matplotlib, which is not installed" in capsys.readouterr().err
    assert record_script(["--timeline", "run.svg", "script.py", "3"]) == 0
    assert Path("run.svg").read_text(encoding="utf-8").startswith("<svg")


# -- what is written --------------------------------------------------------------------------------------------------


def test_the_trace_is_that_of_the_script_from_its_first_line_to_its_last(folder: Path, capsys):
    trace = record("script.py", "3")
    assert [lane.name for lane in trace.lanes] == ["script", "main", "numbers"]
    assert trace.lanes[0].source is not None and trace.lanes[0].source.text == PIPELINE.rstrip()
    resumed = [event.value for event in trace.events if event.kind is Kind.RESUME]
    assert resumed == ["'x'"]  # what is sent is known: the script's yields report it
    assert trace.output == capsys.readouterr().out == "got x\n"


def test_each_output_has_its_file(folder: Path, capfd: pytest.CaptureFixture[str]):
    words = "-o run.html --json run.json --timeline run.png --text run.txt script.py 3"
    assert record_script(words.split()) == 0
    trace = Trace.from_json((folder / "run.json").read_text(encoding="utf-8"))
    page = (folder / "run.html").read_text(encoding="utf-8")
    assert "<title>python script.py 3</title>" in page and "numbers" in page
    assert (folder / "run.txt").read_text(encoding="utf-8") == f"{trace.text()}\n"
    assert (folder / "run.png").read_bytes().startswith(b"\x89PNG")
    assert capfd.readouterr().err == f"coro_lab: wrote run.html, run.json, run.png, run.txt: {trace!r}\n"


def test_text_goes_to_standard_output_after_the_scripts_own(folder: Path, capfd: pytest.CaptureFixture[str]):
    assert record_script(["script.py", "3", "--text", "--no-lines"]) == 0
    out, said = capfd.readouterr()
    assert out.startswith("got x\n0  script is called\n") and "is at line" not in out
    assert said == ""


def test_an_old_file_is_kept_where_the_script_cannot_be_compiled(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "script.py").write_text("def f(:\n")
    (folder / "run.json").write_text("old")
    assert record_script(["--json", "run.json", "script.py"]) == 1
    assert (folder / "run.json").read_text() == "old"
    assert capsys.readouterr().err.endswith("SyntaxError: invalid syntax\n")


@pytest.mark.parametrize("end, status", [("", 1), ("sys.exit(3)", 3)])
def test_a_file_that_cannot_be_written_changes_only_a_status_of_0(end: str, status: int, folder: Path, capsys):
    (folder / "out").mkdir()
    (folder / "script.py").write_text(f"import os, sys\nos.rmdir('out')\n{end}\n")
    assert record_script(["--json", "out/run.json", "script.py"]) == status
    assert "was not written: No such file or directory." in capsys.readouterr().err


def test_a_script_among_installed_packages_runs_and_a_sentence_says_why_nothing_is_seen(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    (folder / "site-packages").mkdir()
    (folder / "script.py").rename(folder / "site-packages" / "tool.py")
    assert [lane.name for lane in record("site-packages/tool.py", "3").lanes] == ["outside"]  # which prints
    assert "Nothing of yours was seen: site-packages/tool.py is library code" in capsys.readouterr().err


def test_paths_are_those_of_the_folder_in_which_it_began(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder / "script.py").write_text(f"import os\nos.chdir({str(elsewhere)!r})\n")
    assert record_script(["--json", "run.json", "script.py"]) == 0
    assert (folder / "run.json").exists() and not [*elsewhere.iterdir()]


def test_what_else_is_to_be_said_of_the_run_is_said(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "script.py").write_text("import asyncio\nasync def f(): pass\nasync def main(): f()\nasyncio.run(main())")
    with pytest.warns(RuntimeWarning, match="never awaited"):
        assert record("script.py").note
    assert (
        "coro_lab: f() only made a coroutine, and nobody has awaited it. Write: await f()\n" in capsys.readouterr().err
    )
