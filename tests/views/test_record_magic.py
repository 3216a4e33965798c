"""%%record in a real IPython shell that names its cells as a notebook does: a cell is recorded as a function is."""

import atexit
import re
import sys
from functools import partial

import pytest
from ipykernel.compiler import XCachingCompiler
from IPython.core.interactiveshell import InteractiveShell

from coro_lab import Trace, load_ipython_extension, record
from coro_lab.engine.recorder.rewriting import table
from coro_lab.lessons.checker.catalogue import UnknownExerciseError, exercises
from coro_lab.lessons.checker.outcome import Outcome
from coro_lab.lessons.widgets.exercise import define

CELL = """\
%%record trace
def echo():
    heard = yield "ready"
    print("heard", heard)

it = echo()
next(it)
try:
    it.send("hello")
except StopIteration:
    pass
"""


@pytest.fixture
def shell():
    main = sys.modules["__main__"]  # IPython puts its own there, from which no process can be spawned
    shell = InteractiveShell(compiler_class=XCachingCompiler)
    load_ipython_extension(shell)
    yield shell
    sys.modules["__main__"] = main
    shell.history_manager.end_session()
    if shell.history_manager.save_thread is not None:
        shell.history_manager.save_thread.stop()  # or it ends at some moment of a later test
    atexit.unregister(shell.atexit_operations)  # or the shell, and the runs it holds, would live as long as the process
    shell.reset(new_session=False)
    shell.InteractiveTB.tb = None
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):  # IPython's, and they keep the run alive
        vars(sys).pop(name, None)


def run(shell, cell):
    """What the cell gives back; its exception is raised."""
    outcome = shell.run_cell(cell, store_history=True)
    outcome.raise_error()
    return outcome.result


def told(trace):
    return [line.split(maxsplit=1)[1] for line in trace.text(lines=False).splitlines()]


def test_the_extension_is_loaded_by_name(shell):
    run(shell, "%load_ext coro_lab")
    assert "record" in shell.magics_manager.magics["cell"]


def test_loading_it_again_says_nothing_and_all_works(shell, capsys):
    for _ in range(3):
        run(shell, "%load_ext coro_lab")
    run(shell, "%reload_ext coro_lab")
    assert capsys.readouterr().out == ""
    assert isinstance(run(shell, CELL.replace(" trace", "")), Trace)


def test_a_cell_with_a_name_is_kept_as_that_variable(shell, capsys):
    assert run(shell, CELL) is None
    assert isinstance(shell.user_ns["trace"], Trace)
    assert capsys.readouterr().out == "heard hello\n"
    assert shell.user_ns["trace"].output == "heard hello\n"


def test_a_cell_without_a_name_gives_its_trace_back(shell):
    trace = run(shell, CELL.replace(" trace", ""))
    assert isinstance(trace, Trace) and trace.output == "heard hello\n"


def test_the_whole_cell_is_a_lane_and_its_lines_are_those_of_the_cell(shell):
    run(shell, CELL)
    trace = shell.user_ns["trace"]
    assert [lane.name for lane in trace.lanes] == ["cell", "echo"]
    assert trace.lanes[0].source.first_line == 1
    assert trace.lanes[0].source.text == f"# {CELL.rstrip()}"
    assert trace.lanes[1].source.first_line == 2
    assert "cell sends 'hello' to echo, which resumes at line 3" in told(trace)


def test_what_the_cell_defines_is_there_afterwards_and_runs_its_own_code(shell):
    run(shell, CELL)
    echo = shell.user_ns["echo"]
    assert table.original(echo.__code__) is None
    assert next(echo()) == "ready"
    run(shell, "%%record again\nfrom_later = list(echo())")
    assert "echo yields 'ready' to cell and suspends at line 3" in told(shell.user_ns["again"])


def test_empty_lines_and_indentation_at_the_top_of_a_cell_leave_its_lines_right(shell):
    run(shell, "%%record trace\n\n  \n    def count():\n        got = yield 1\n\n    next(count())\n")
    assert "count yields 1 to cell and suspends at line 5" in told(shell.user_ns["trace"])


def test_a_plain_cell_with_the_same_text_keeps_its_own_lines(shell):
    text = "def count():\n    got = yield 1\n    yield got\n"
    run(shell, text)
    run(shell, f"%%record first\n{text}".replace("count", "other"))
    run(shell, f"%%record first\n{text}def other(): yield\n")
    run(shell, text)
    define(shell, text)
    run(shell, f"old = count\n{text}")
    run(shell, "%%record trace\ncounting = old()\nnext(counting)\ncounting.send(5)\n")
    assert "cell sends 5 to count, which resumes at line 3" in told(shell.user_ns["trace"])


def test_a_cell_of_a_comment_alone_is_at_a_line(shell):
    run(shell, "%%record trace\n# nothing yet\n")
    assert {event.line for event in shell.user_ns["trace"].events} == {1}


@pytest.mark.parametrize("magic", ["%%record trace", "%%record", "%%check echo"])
def test_a_function_of_a_cell_is_shown_with_the_number_and_the_lines_of_that_cell(shell, capsys, magic, monkeypatch):
    monkeypatch.setattr("coro_lab.lessons.widgets.exercise.check", lambda *_: (Outcome("not yet", "..."), None))
    run(shell, "x = 1")
    run(shell, f"{magic}\ndef echo():\n    return 1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        run(shell, "echo()")
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert "      2 def echo():\n----> 3     return 1 / 0" in shown
    name = shell.user_ns["echo"].__code__.co_filename
    assert shell.compile.format_code_name(name) == ("Cell", "In[2]")


def test_functions_of_earlier_cells_are_seen(shell):
    run(shell, "def count():\n    got = yield 1\n    yield got\n")
    run(shell, "%%record trace\ncounting = count()\nnext(counting)\ncounting.send(5)\n")
    assert "cell sends 5 to count, which resumes at line 2" in told(shell.user_ns["trace"])


def test_a_generator_of_an_earlier_cell_is_seen(shell):
    run(shell, "def count():\n    got = yield 1\n    yield got\n\ncounting = count()\nfirst = next(counting)")
    run(shell, "%%record trace\ncounting.send(5)\n")
    assert "cell sends 5 to count, which resumes at line 2" in told(shell.user_ns["trace"])


def test_the_error_of_a_cell_is_raised_and_its_trace_is_kept(shell):
    with pytest.raises(ZeroDivisionError):
        run(shell, "%%record trace\nprint('before')\n1 / 0\n")
    assert shell.user_ns["trace"].output == "before\n"
    assert repr(shell.user_ns["trace"].error) == "ZeroDivisionError('division by zero')"


def test_a_cell_that_was_cut_says_so(shell, capsys, monkeypatch):
    monkeypatch.setattr("coro_lab.views.record_magic.record", partial(record, max_events=50))
    assert run(shell, "%%record trace\nwhile True:\n    x = 1\n") is None
    cut = shell.user_ns["trace"].cut
    assert cut.startswith("The run was stopped after 50 events")
    assert capsys.readouterr().out == f"{cut}\n"


@pytest.mark.parametrize(
    "cell", ["raise KeyboardInterrupt", "import asyncio\nawait asyncio.sleep(0)\nraise asyncio.CancelledError"]
)
def test_an_interrupted_cell_keeps_what_had_happened(shell, cell):
    run(shell, "%%record trace\nprint('old')\n")
    shell.run_cell(f"%%record trace\nprint('new')\n{cell}\n")
    assert shell.user_ns["trace"].output == "new\n"


def test_the_trace_of_a_cell_that_raises_is_shown_where_it_has_no_name(shell, capsys):
    with pytest.raises(ZeroDivisionError):
        run(shell, "%%record\nprint('before')\n1 / 0\n")
    assert capsys.readouterr().out.startswith("before\n<Trace of cell: 5 events, 1 step, error ZeroDivisionError>\n")


ENDINGS = {
    "1 / 0": "ZeroDivisionError",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "import asyncio; raise asyncio.CancelledError": "CancelledError",
    "import sys; sys.exit(3)": "SystemExit",
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("before", ["x = 1", "import asyncio; await asyncio.sleep(0)"])
def test_what_ends_a_cell_is_shown_with_the_learners_lines_alone_and_the_trace_is_kept(shell, capsys, ending, before):
    outcome = shell.run_cell(f"%%record trace\n{before}\n{ending}\n", store_history=True)
    assert type(outcome.error_in_exec).__name__ == ENDINGS[ending]
    assert shell.user_ns["trace"].lanes[0].name == "cell"
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert f"----> 3 {ending}" in shown and "coro_lab" not in shown and "magic" not in shown


def test_a_loop_inside_a_cell_that_awaits_is_refused_with_what_to_write(shell, capsys):
    cell = "import asyncio\nasync def main(): pass\nawait asyncio.sleep(0)\nasyncio.run(main())\n"
    shell.run_cell(f"%%record trace\n{cell}", store_history=True)
    said = "An event loop is running here already. Write `await main()`, or to record it: `await record(main())`."
    assert shell.user_ns["trace"].note == said and said in capsys.readouterr().out


@pytest.mark.parametrize("line", ["def :", "return 5", "yield 3", "x = = 1"])
def test_a_cell_that_cannot_be_read_is_a_syntax_error_and_nothing_else_is_shown(shell, capsys, line):
    with pytest.raises(SyntaxError) as told:
        run(shell, f"%%record trace\nx = 1\n{line}\n")
    shown = capsys.readouterr().out
    assert told.value.lineno == 3
    assert "line 3" in shown.replace(":3", "line 3") and "SyntaxError" in shown and line in shown
    assert "magic" not in shown and "Traceback" not in shown
    assert "trace" not in shell.user_ns and "x" not in shell.user_ns


@pytest.mark.parametrize("name", ["my trace", "2", "trace.txt", "class"])
def test_a_name_that_is_not_an_identifier_is_refused_with_a_sentence(shell, name):
    with pytest.raises(Exception, match="takes the name of a variable") as error:
        run(shell, f"%%record {name}\nx = 1")
    assert str(error.value).splitlines() == [
        "%%record takes the name of a variable, or nothing.",
        f"  You wrote: %%record {name}",
        "  Write:     %%record trace",
    ]
    assert "x" not in shell.user_ns


def test_a_cell_may_use_what_a_notebook_cell_may(shell):
    run(shell, "%%record trace\n%time x = 2\n!true\ny = x + 1")
    assert shell.user_ns["y"] == 3


def test_an_empty_cell_is_a_run_in_which_nothing_happened(shell):
    run(shell, "%%record trace\n\n")
    assert shell.user_ns["trace"].output == "" and shell.user_ns["trace"].error is None


def test_a_check_without_a_name_lists_the_exercises_notebook_by_notebook(shell):
    with pytest.raises(UnknownExerciseError) as told:
        run(shell, "%%check\nx = 1")
    first, write, *lines = str(told.value).splitlines()
    assert (first, write) == (
        "%%check takes the name of an exercise.",
        "  Write: %%check pass_it_up, or another of these:",
    )
    assert lines[0].startswith("  01-subroutines: pass_it_up, ") and lines[-1].startswith("  16-inside: ")
    assert sum(line.count(",") + 1 for line in lines) == len(exercises())
