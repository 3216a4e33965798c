"""The rules for notebooks as checks on their cells, and the claims that a lesson makes about its own program.

A rule takes a notebook and returns its complaints. Each one is shown a notebook that breaks it, too: a rule that finds
nothing there checks nothing.
"""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise, permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from coro_lab import Trace, record
from coro_lab.trace.events import Kind
from tests.places import NOTEBOOKS

FILES = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))  # the course
BESIDE = sorted({*NOTEBOOKS.glob("*.ipynb")} - {*FILES})  # pages beside it, without a number
LARGEST = 1_000_000  # bytes
MOST_CELLS, MOST_MINUTES = 60, 25  # of a notebook; the minutes are those of reading, without the exercises
LONGER_STILL: set[str] = set()
MOST_SENTENCES, MOST_WORDS = 4, 40  # of a prose cell; of a sentence
MOST_LINES, MOST_DEFINING = 8, 12  # of a code cell; of one that defines something
MOST_COLUMNS = 100  # of a line of code: more is cut off on a screen of 1280 pixels beside the file browser

AVOIDED = {  # the word to avoid: the one to use instead
    r"paus(e|es|ed|ing)": "suspend",
    r"(wak(e|es|ing|en|ens)|woke|woken)( up)?": "resume",
    r"restart(s|ed|ing)?": "resume, or start",
    r"ticks?": "step",
    r"time ?slices?": "step",
    r"colors?": "colour",
}
UNSTABLE = {
    r"\b0x[0-9a-f]{4,}": "an address",
    r"<(async_)?(generator|coroutine|function|module|built-in function)\b[^>]* at\b": "a bare object",
    r"<generator object|<coroutine object|<async_generator object": "a bare object",
    r"\b\d[\d.,]* ?(ns|µs|us|ms|s|sec|seconds|minutes)\b": "a time",
    r"\b\d\d:\d\d:\d\d\b|\b20\d\d-\d\d-\d\d\b": "a date or time of day",
}
MEASURED = r"\babout (?:[1-9][\d,.]*|0\.\d+)"  # what nbval does not compare, see .nbval.cfg
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
ASKING = re.compile(r"^predict\(|\*\*Before you (?:run it|choose):\*\*", re.MULTILINE)
"""A cell that asks: what its section shows from here on could be the answer."""
STILL_OPEN = re.compile(r"^(?:(?:predict|Quiz|StepperWidget|SchedulerWidget|Engines|parsons)\(|%%check )", re.MULTILINE)
"""A cell whose widget asks, or runs nothing before it is told to: it gives no answer away."""
REVEALED = "<details><summary>After you have run it</summary>\n\n"
SOLVED = "<details><summary>After you have solved it</summary>\n\n"
FORM = ["What you need", ..., "What you saw", "Exercises", "Next"]  # the sections; `...` stands for the lesson's own

Notebook = Any
type Complaints = Iterator[str]


# ---- Form ------------------------------------------------------------------------------------------------------------


def form(notebook: Notebook) -> Complaints:
    """Title and one-sentence aim; what you need; sections; what you saw; exercises; next."""
    first = notebook.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell is not a title"
    elif len(sentences(first.source)) != 1:
        yield "the aim under the title is not one sentence"
    titles = [line[3:].strip() for line in _headings(notebook) if line.startswith("## ")]
    if titles[:1] != FORM[:1] or titles[-3:] != FORM[-3:] or len(titles) < len(FORM):
        yield f"the sections are {titles}, not {FORM}"
    if sum(line.startswith("# ") for line in _headings(notebook)) != 1:
        yield "there is not exactly one title"
    if not re.search(r"\]\(\d\d[a-z]?-[\w-]+\.ipynb\)", notebook.cells[-1].source):
        yield "the last cell has no link to the next notebook"


def prose_before_code(notebook: Notebook) -> Complaints:
    """Every code cell, or pair of them, comes after prose."""
    kinds = [cell.cell_type for cell in notebook.cells]
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and kinds[max(number - 2, 0) : number].count("code") == 2:
            yield f"three code cells in a row: {_opening(cell)}"
    for before, cell in pairwise(notebook.cells):
        if before.cell_type == "markdown" and cell.cell_type == "code" and not sentences(before.source):
            yield f"no prose before the code: {_opening(cell)}"


def short_prose(notebook: Notebook) -> Complaints:
    """One to four short sentences a cell; the lists at the end of a notebook may be longer."""
    for cell in _cells(notebook, "markdown"):
        said = sentences(cell.source)
        listing = cell.source.startswith(("## What you saw", "## Exercises"))
        if len(said) > MOST_SENTENCES and not listing:
            yield f"{len(said)} sentences: {_opening(cell)}"
        for sentence in said:
            if len(sentence.split()) > MOST_WORDS:
                yield f"a sentence of {len(sentence.split())} words: {sentence}"


def short_code(notebook: Notebook) -> Complaints:
    """At most 8 lines, 12 where something is defined; blank lines are not counted."""
    for cell in _cells(notebook, "code"):
        if cell.source.startswith("%%playground"):
            continue  # a pasted program is as long as it is
        count = sum(bool(line.strip()) for line in cell.source.splitlines())
        defines = any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in _tree(cell))
        if not 0 < count <= (MOST_DEFINING if defines else MOST_LINES):
            yield f"{count} lines: {_opening(cell)}"


def narrow_code(notebook: Notebook) -> Complaints:
    """No line of code is cut off at the right."""
    for cell in _cells(notebook, "code"):
        for line in cell.source.splitlines():
            if len(line) > MOST_COLUMNS:
                yield f"{len(line)} columns: {line}"


def no_trailing_semicolon(notebook: Notebook) -> Complaints:
    """nbval does not honour it."""
    return (f"ends with ';': {_opening(cell)}" for cell in _cells(notebook, "code") if cell.source.rstrip()[-1:] == ";")


def vocabulary(notebook: Notebook) -> Complaints:
    """One word for one thing, in prose and in code."""
    for cell in notebook.cells:
        for word, instead in AVOIDED.items():
            if found := re.search(rf"\b{word}\b", cell.source, re.IGNORECASE):
                yield f"{found[0]!r} instead of {instead!r}: {_opening(cell)}"


def links(notebook: Notebook) -> Complaints:
    """What a link points to in this folder is there."""
    for cell in _cells(notebook, "markdown"):
        for target in re.findall(r"\]\(([^)#]+)", cell.source):
            if "://" not in target and not (NOTEBOOKS / target).is_file():
                yield f"there is no {target}: {_opening(cell)}"


# ---- Stored outputs --------------------------------------------------------------------------------------------------


def stored_outputs(notebook: Notebook) -> Complaints:
    """Run from top to bottom, and what a cell shows is there: without it nbval has nothing to compare."""
    code = _cells(notebook, "code")
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "the cells were not run in order, once each"
    for cell in code:
        last = (_tree(cell) or [ast.Pass()])[-1]
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Name) and not cell.outputs:
            yield f"no output: {_opening(cell)}"
        if re.search(r"^(print\(|ax = timeline\()", cell.source, re.MULTILINE) and not cell.outputs:
            yield f"no output: {_opening(cell)}"


def stable_outputs(notebook: Notebook) -> Complaints:
    """No times, ids or bare objects in what is compared."""
    for cell in _cells(notebook, "code"):
        if {"nbval-ignore-output", "nbval-skip"}.isdisjoint(cell.metadata.get("tags", [])):
            for text in _texts(cell):
                compared = re.sub(MEASURED, "", text)
                for pattern, name in UNSTABLE.items():
                    if found := re.search(pattern, compared):
                        yield f"{name}, {found[0]!r}: {_opening(cell)}"


def failures_on_purpose(notebook: Notebook) -> Complaints:
    """A cell fails where the lesson says so, and nowhere else."""
    for cell in _cells(notebook, "code"):
        failed = any(output.output_type == "error" for output in cell.outputs)
        if failed != ("raises-exception" in cell.metadata.get("tags", [])):
            problem = "fails without" if failed else "does not fail, but has"
            yield f"{problem} the tag raises-exception: {_opening(cell)}"
        if any(output.get("name") == "stderr" for output in cell.outputs):
            yield f"writes to stderr: {_opening(cell)}"


def stored_widgets(notebook: Notebook) -> Complaints:
    """A stored player plays before anything ran: its state is in the notebook."""
    state = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for cell in _cells(notebook, "code"):
        for output in cell.outputs:
            if WIDGET_VIEW in output.get("data", {}) and output.data[WIDGET_VIEW]["model_id"] not in state:
                yield f"the widget's state is not stored: {_opening(cell)}"


# ---- What a browser cannot do ----------------------------------------------------------------------------------------

STARTS = {  # what a cell has to say in order to need it, written out or in a function that it uses
    "threads": r"run_threads\(|threading\.Timer\(|to_thread\(|Engines\(|costs\.(?:measure|kernel_switches|wait)\(",
    "processes": r"Popen\(|cores\.(?:run|cluster)\(|growing_map\(",
    "sockets": r"create_server\(|cores\.serve\(|costs\.wait\(",
}


def needs_are_tagged(notebook: Notebook) -> Complaints:
    """A cell has the tag `needs-threads`, `-processes` or `-sockets` if it starts them, and `needs-above` if it uses
    what such a cell made; no other cell has one. In a browser, `docs/site/lab` shows its stored run.
    """
    starters: dict[str, set[str]] = {}  # functions, and what they start
    made: set[str] = set()  # names that are not there in a browser
    for cell in _cells(notebook, "code"):
        tags = {tag.removeprefix("needs-") for tag in cell.metadata.get("tags", []) if tag.startswith("needs-")}
        starters |= {definition.name: _starts(ast.unparse(definition)) for definition in _definitions(cell)}
        used = _used(cell)
        needed = _starts("\n".join(map(ast.unparse, _outside_functions(cell))))
        needed |= {each for name in used & set(starters) for each in starters[name]}
        needed |= {"above"} if not needed and used & made else set()
        if tags != needed:
            yield f"has the tags {sorted(tags)}, and needs {sorted(needed)}: {_opening(cell)}"
        stored = {node.id for tree in _outside_functions(cell) for node in ast.walk(tree) if _is_assigned(node)}
        made = made | stored if needed else made - stored


def _starts(source: str) -> set[str]:
    return {what for what, pattern in STARTS.items() if re.search(pattern, source)}


def _definitions(cell: Any) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in _tree(cell) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _outside_functions(cell: Any) -> list[ast.stmt]:
    return [node for node in _tree(cell) if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _used(cell: Any) -> set[str]:
    """The names that the cell reads outside of the functions it defines."""
    names = [each for node in _outside_functions(cell) for each in ast.walk(node) if isinstance(each, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


def _is_assigned(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


# ---- Questions and answers -------------------------------------------------------------------------------------------


def answers_wait(notebook: Notebook) -> Complaints:
    """From a question to the end of its section each stored output is folded, a player and a picture too, and what is
    said below a folded output opens on demand.
    """
    asked = folded = False
    for cell in notebook.cells:
        if heading := cell.source.startswith("## "):
            asked = False
        if cell.cell_type == "markdown" and folded and not heading and not cell.source.startswith(REVEALED):
            yield f"gives an answer away: {_opening(cell)}"
        folded = cell.cell_type == "code" and cell.metadata.get("jupyter", {}).get("outputs_hidden", False)
        if asked and cell.get("outputs") and not folded and not STILL_OPEN.search(cell.source):
            yield f"an answer stands open below its question: {_opening(cell)}"
        asked = asked or bool(ASKING.search(cell.source))


def puzzles_come_first(notebook: Notebook) -> Complaints:
    """No cell above a puzzle has shown its solution: an order that goes wrong, or what is to be printed."""
    for at, cell in enumerate(notebook.cells):
        if goal := re.match(r'SchedulerWidget\(.*goal="(.*?)"', cell.source):
            above = [other for other in notebook.cells[:at] if other.cell_type == "code"]
            if any(text.split() == goal[1].split() for other in above for text in _texts(other)):
                yield f"printed above it: {_opening(cell)}"
            for other in _section(notebook, at):
                if ".counterexample" in other.source or any(re.search(r"; first \w", text) for text in _texts(other)):
                    yield f"solved by {_opening(other)}: {_opening(cell)}"


def solutions_wait(notebook: Notebook) -> Complaints:
    """What is said below a puzzle, other than the next section, opens on demand."""
    for cell, below in pairwise(notebook.cells):
        is_puzzle = cell.cell_type == "code" and re.match(r"SchedulerWidget\(.*(goal|impossible)=", cell.source)
        if is_puzzle and below.cell_type == "markdown" and not below.source.startswith(("## ", SOLVED)):
            yield f"gives a solution away: {_opening(below)}"


def _section(notebook: Notebook, at: int) -> list[Any]:
    """The code cells between the heading above this cell and the cell."""
    start = max((n for n in range(at) if notebook.cells[n].source.startswith("## ")), default=0)
    return [cell for cell in notebook.cells[start:at] if cell.cell_type == "code"]


RULES: list[Callable[[Notebook], Complaints]] = [
    form, prose_before_code, short_prose, short_code, narrow_code, no_trailing_semicolon, vocabulary, links,
    stored_outputs, stable_outputs, failures_on_purpose, stored_widgets, answers_wait, puzzles_come_first,
    solutions_wait, needs_are_tagged,
]  # fmt: skip


# ---- What the rules lean on ------------------------------------------------------------------------------------------


def sentences(source: str) -> list[str]:
    """The sentences of a prose cell, without headings, tables and code blocks; an item of a list begins a new one."""
    source = re.sub(r"```.*?```", "", source, flags=re.DOTALL)
    source = re.sub(r"<summary>.*?</summary>|</?details>", "\n\n", source)
    source = re.sub(r"^(#+ .*|\|.*)$", "", source, flags=re.MULTILINE)
    source = re.sub(r"`[^`]*`", "code", source)
    source = re.sub(r"\]\([^)]*\)", "]", source)
    source = re.sub(r"^\s*([-*]|\d+\.) ", "\n\n", source, flags=re.MULTILINE)
    parts = [part for block in source.split("\n\n") for part in re.split(r"(?<=[.!?])[*_)\"']*\s+", block.strip())]
    return [part for part in parts if part.strip()]


def number_of(file: Path) -> str:
    """Such as '03' or '03b'."""
    return file.stem.partition("-")[0]


def minutes(notebook: Notebook) -> float:
    """How long it takes to read a notebook: 180 words of prose a minute, 20 lines of code, and two questions."""
    words = sum(len(cell.source.split()) for cell in _cells(notebook, "markdown"))
    lines = sum(len(cell.source.split("\n")) for cell in _cells(notebook, "code"))
    questions = sum(bool(ASKING.search(cell.source)) for cell in notebook.cells)
    return words / 180 + lines / 20 + questions / 2


def _cells(notebook: Notebook, kind: str) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def _headings(notebook: Notebook) -> list[str]:
    return [line for cell in _cells(notebook, "markdown") for line in cell.source.splitlines() if line.startswith("#")]


def _opening(cell: Any) -> str:
    return str(cell.source.strip().partition("\n")[0][:80])


def _tree(cell: Any) -> list[ast.stmt]:
    python = re.sub(r"^([%!].*)$", "pass", cell.source, flags=re.MULTILINE)
    return ast.parse(python, mode="exec", type_comments=False).body


def _texts(cell: Any) -> Iterator[str]:
    for output in cell.outputs:
        yield from ("".join(output.get(key, "")) for key in ("text", "evalue"))
        yield from (output.get("data", {}).get(mime, "") for mime in ("text/plain", "text/html"))


# ---- The notebooks keep the rules ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=number_of)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_notebook_keeps(rule: Callable[[Notebook], Complaints], file: Path) -> None:
    assert list(rule(nbformat.read(file, as_version=4))) == []


@pytest.mark.parametrize("file", BESIDE, ids=lambda file: file.stem)
@pytest.mark.parametrize("rule", RULES[1:], ids=lambda rule: rule.__name__)
def test_a_page_beside_the_course_keeps_all_but_the_form(rule: Callable[[Notebook], Complaints], file: Path) -> None:
    assert list(rule(nbformat.read(file, as_version=4))) == []


@pytest.mark.parametrize("file", [*FILES, *BESIDE], ids=lambda file: file.stem)
def test_every_notebook_is_small_and_valid(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert file.stat().st_size < LARGEST


def test_the_notebooks_are_numbered_in_reading_order() -> None:
    """00, 01 and so on; what does not fit into one notebook goes on in another with a letter, as 03b."""
    numbers = [number_of(file) for file in FILES]
    whole = [number for number in numbers if number.isdigit()]
    assert whole == [f"{number:02}" for number in range(len(whole))]
    assert {number[:2] for number in numbers} == set(whole)


def test_no_notebook_is_too_long() -> None:
    read = {number_of(file): nbformat.read(file, as_version=4) for file in FILES}
    longer = {number for number, each in read.items() if len(each.cells) > MOST_CELLS or minutes(each) > MOST_MINUTES}
    assert longer == LONGER_STILL


def test_the_first_thing_in_the_course_is_a_player_that_stands_at_send_1() -> None:
    notebook = nbformat.read(FILES[0], as_version=4)
    opening = _cells(notebook, "code")[0]
    assert notebook.cells[1] == opening and opening.metadata.jupyter.source_hidden
    (output,) = opening.outputs
    widgets = notebook.metadata.widgets[WIDGET_STATE].state
    player = widgets[output.data[WIDGET_VIEW]["model_id"]].state
    trace = Trace.from_json(player.trace)
    event, after = trace[player.index], trace[player.index + 1]
    assert (event.kind, event.value, player.play) == (Kind.RESUME, "1", True)
    assert after.changed == (("n", "1"),)
    assert next(e.value for e in trace.events[player.index :] if e.kind is Kind.SUSPEND) == "'200 OK'"


def test_each_notebook_leads_to_the_next() -> None:
    for file, following in pairwise(FILES):
        assert f"]({following.name})" in nbformat.read(file, as_version=4).cells[-1].source


def test_the_map_names_every_notebook_once_and_in_order() -> None:
    cells = _cells(nbformat.read(FILES[0], as_version=4), "markdown")
    (chart,) = [cell.source for cell in cells if cell.source.startswith("## The map")]
    assert re.findall(r"^\| \[.*\]\((.*)\)", chart, re.MULTILINE) == [file.name for file in FILES[1:]]


# ---- The rules can fail ----------------------------------------------------------------------------------------------


def markdown(source: str) -> Any:
    return nbformat.v4.new_markdown_cell(source)


def code(source: str, *outputs: Any, tags: list[str] | None = None, count: int = 1) -> Any:
    return nbformat.v4.new_code_cell(
        source, outputs=list(outputs), execution_count=count, metadata={"tags": tags} if tags else {}
    )


def shows(text: str) -> Any:
    return nbformat.v4.new_output("execute_result", {"text/plain": text}, execution_count=1)


def folded(source: str) -> Any:
    cell = code(source, shows("1"))
    cell.metadata["jupyter"] = {"outputs_hidden": True}
    return cell


QUESTION = markdown("**Before you run it:** what comes?")
PUZZLE = code('SchedulerWidget(e, goal="broken")')
WIDGET = nbformat.v4.new_output("display_data", {WIDGET_VIEW: {"model_id": "1", "version_major": 2}})
ERROR = nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])
WARNING = nbformat.v4.new_output("stream", name="stderr", text="careful")
BROKEN = {
    "no title": (form, [code("1")]),
    "no aim": (form, [markdown("# Title")]),
    "no sections": (form, [markdown("# Title\n\nAim.")]),
    "three code cells": (prose_before_code, [markdown("Look."), code("1"), code("2"), code("3")]),
    "a heading alone": (prose_before_code, [markdown("## Look"), code("1")]),
    "five sentences": (short_prose, [markdown("One. Two. Three! Four? Five.")]),
    "a long sentence": (short_prose, [markdown("word " * 41)]),
    "nine lines": (short_code, [code("a = 1\n" * 9)]),
    "thirteen defining lines": (short_code, [code("def f():\n" + "    a = 1\n" * 12)]),
    "a wide line": (narrow_code, [code("a = " + "1 + " * 25 + "1")]),
    "an empty cell": (short_code, [code("")]),
    "a semicolon": (no_trailing_semicolon, [code("plot();\n")]),
    "another word": (vocabulary, [markdown("The generator is paused.")]),
    "another word in code": (vocabulary, [code("# wakes up here")]),
    "a broken link": (links, [markdown("[there](missing.ipynb)")]),
    "not run": (stored_outputs, [code("a = 1", count=None)]),
    "run twice": (stored_outputs, [code("a = 1", count=2)]),
    "nothing shown": (stored_outputs, [code("trace")]),
    "nothing printed": (stored_outputs, [code("a = 1\nprint(a)")]),
    "no picture": (stored_outputs, [code("ax = timeline(trace)")]),
    "a generator": (stable_outputs, [code("g", shows("<generator object g at 0x7f2a>"))]),
    "a time": (stable_outputs, [code("t", shows("it took 1.5 ms"))]),
    "a date": (stable_outputs, [code("t", shows("12:30:01"))]),
    "fails": (failures_on_purpose, [code("a", ERROR)]),
    "does not fail": (failures_on_purpose, [code("a", tags=["raises-exception"])]),
    "a warning": (failures_on_purpose, [code("a", WARNING)]),
    "a widget that is not there": (stored_widgets, [code("player", WIDGET)]),
    "an open answer": (answers_wait, [QUESTION, code("f()", shows("1"))]),
    "an open player": (answers_wait, [QUESTION, code("record(f)", WIDGET)]),
    "a second open answer": (answers_wait, [QUESTION, folded("f()"), markdown(REVEALED), code("g()", shows("1"))]),
    "an open answer to predict": (answers_wait, [code('predict("?", f, choices=[1, 2])'), code("f()", shows("1"))]),
    "an answer in prose": (answers_wait, [QUESTION, folded("f()"), markdown("It is 1.")]),
    "a told solution": (solutions_wait, [PUZZLE, markdown("There are four such orders.")]),
    "threads without a tag": (needs_are_tagged, [code("run_threads(A=f)")]),
    "a tag without threads": (needs_are_tagged, [code("f()", tags=["needs-threads"])]),
    "threads in a function": (needs_are_tagged, [code("def f():\n    run_threads(A=g)"), code("f()")]),
    "what threads made": (needs_are_tagged, [code("a = run_threads(A=f)", tags=["needs-threads"]), code("print(a)")]),
    "a solved puzzle": (puzzles_come_first, [code("e", shows("6 orders; first A B")), PUZZLE]),
    "a drawn solution": (puzzles_come_first, [code("timeline(e.counterexample)"), PUZZLE]),
    "a printed solution": (
        puzzles_come_first, [code("f()", shows("1\nx\n2")), markdown("## B"), code('SchedulerWidget(e, goal="1 x 2")')],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_rule_notices(name: str) -> None:
    rule, cells = BROKEN[name]
    assert list(rule(nbformat.v4.new_notebook(cells=cells))) != []


def test_an_answer_that_waits_is_left_alone() -> None:
    cells = [QUESTION, folded("f()"), markdown(REVEALED), folded("g()"), markdown("## Next"), code("h()", shows("1"))]
    assert list(answers_wait(nbformat.v4.new_notebook(cells=cells))) == []


# ---- Functions, loops and lists, and nothing else --------------------------------------------------------------------

INTRODUCED: dict[str, tuple[str, Callable[[ast.AST], bool]]] = {  # what it is: the words of its introduction, a test
    "lambda": ("`lambda:`", lambda node: isinstance(node, ast.Lambda)),
    "a dictionary": ("**dictionary**", lambda node: isinstance(node, ast.Dict)),
    "try": ("`try`", lambda node: isinstance(node, ast.Try)),
    "except": ("`except`", lambda node: isinstance(node, ast.ExceptHandler)),
    "except ... as": ("`as end` gives it a name", lambda node: isinstance(node, ast.ExceptHandler) and bool(node.name)),
    "finally": ("`finally`", lambda node: isinstance(node, ast.Try) and bool(node.finalbody)),
    "an f-string": ("`f` in front", lambda node: isinstance(node, ast.JoinedStr)),
    "a class": ("**class**", lambda node: isinstance(node, ast.ClassDef)),
    "a base class": ("`class LockedTally(Tally)`", lambda node: isinstance(node, ast.ClassDef) and bool(node.bases)),
    "a loop in a line": ("a loop in one line", lambda node: isinstance(node, ast.comprehension)),
    "with": ("`with`", lambda node: isinstance(node, ast.With)),
    "with ... as": ("`as` gives a name", lambda node: isinstance(node, ast.withitem) and bool(node.optional_vars)),
    "**": ("`**both`", lambda node: isinstance(node, ast.keyword) and node.arg is None),
    "a closure": ("the inner function keeps", lambda node: _returns_a_function(node)),
    "yield from": ("`yield from` leaves", lambda node: isinstance(node, ast.YieldFrom)),
    "async def": ("`async def`", lambda node: isinstance(node, ast.AsyncFunctionDef)),
    "await": ("**`await`**", lambda node: isinstance(node, ast.Await)),
    "async with": ("`async with`", lambda node: isinstance(node, ast.AsyncWith)),
    "a decorator": ("`@coroutine`", lambda node: bool(getattr(node, "decorator_list", None))),
    "except*": ("**`except*`**", lambda node: isinstance(node, ast.TryStar)),
    "async for": ("`async for` resumes", lambda node: isinstance(node, ast.AsyncFor)),
    ":=": ("`:=`", lambda node: isinstance(node, ast.NamedExpr)),
}  # fmt: skip


def _returns_a_function(node: ast.AST) -> bool:
    inner = node.body if isinstance(node, ast.FunctionDef) else []
    named = {each.name for each in inner if isinstance(each, ast.FunctionDef)}
    returned = [each.value for each in inner if isinstance(each, ast.Return)]
    return any(isinstance(value, ast.Name) and value.id in named for value in returned)


BASIC = re.compile("""(?x:  # what the course takes for granted, and the parts of what is introduced
    Add | And | Assign | Attribute | AugAssign | BinOp | BoolOp | Break | Call | Compare | Constant | Continue | Div
    | Eq | Expr | For | FormattedValue | FunctionDef | Gt | GtE | If | Import | ImportFrom | In | Is | IsNot | List
    | Load
    | Lt | LtE | Mod | Module | Mult | Name | Not | NotEq | NotIn | Or | Pass | Raise | Return | Store | Sub | Subscript
    | Tuple | USub | UnaryOp | While | Yield | alias | arg | arguments | keyword | withitem | ListComp | GeneratorExp
    | IfExp | Slice | Starred | Set  # short forms: `a if b else c`, `a[1:]`, `f(*a)`, `{a, b}`
    )""")


@pytest.mark.parametrize("what", INTRODUCED)
def test_what_goes_beyond_functions_and_loops_is_explained_where_it_first_comes(what: str) -> None:
    words, uses = INTRODUCED[what]
    read = ""
    for cell in (cell for file in FILES for cell in nbformat.read(file, as_version=4).cells):
        if cell.cell_type == "markdown":
            read += cell.source
        elif any(uses(node) for tree in _tree(cell) for node in ast.walk(tree)):
            assert words in read, _opening(cell)
            return
    pytest.fail("the course no longer uses it")


def test_everything_else_is_functions_loops_and_lists() -> None:
    cells = [cell for file in FILES for cell in _cells(nbformat.read(file, as_version=4), "code")]
    nodes = [node for cell in cells for tree in _tree(cell) for node in ast.walk(tree)]
    further = [node for node in nodes if not BASIC.fullmatch(type(node).__name__)]
    explained = [uses for _, uses in INTRODUCED.values()]
    assert {type(node).__name__ for node in further if not any(uses(node) for uses in explained)} == set()


@pytest.mark.parametrize("start", ["06", "07"])
def test_a_measurement_says_numbers(start: str) -> None:
    assert [text for text in printed(start) if re.search(r"\b(True|False)\b", text)] == []


def test_07_needs_nothing_of_09() -> None:
    (file,) = NOTEBOOKS.glob("07-*.ipynb")
    for cell in nbformat.read(file, as_version=4).cells:
        assert not re.search(r"\b(async|await)\b", cell.source), _opening(cell)


def test_a_title_and_a_question_are_not_miscounted() -> None:
    cell = "## Title\n\nOne `a. b`. **Before you run it:** two?\n\n| a. b. | c. |\n\n- three\n- [four](a.b)"
    assert sentences(cell) == ["One code.", "**Before you run it:** two?", "three", "[four]"]


# ---- What the lessons say of their own programs is true --------------------------------------------------------------


def program(start: str, tmp_path: Path, *openings: str) -> SimpleNamespace:
    """The definitions of a notebook whose cells begin so, the first cell of each, as a separate program."""
    (file,) = NOTEBOOKS.glob(f"{start}-*.ipynb")
    cells = _cells(nbformat.read(file, as_version=4), "code")
    sources = [next(cell.source for cell in cells if cell.source.startswith(opening)) for opening in openings]
    (tmp_path / "lesson.py").write_text("\n\n".join(sources))
    return SimpleNamespace(**runpy.run_path(str(tmp_path / "lesson.py")))


def printed(start: str) -> list[str]:
    """What the cells of a notebook print, one text a cell."""
    (file,) = NOTEBOOKS.glob(f"{start}-*.ipynb")
    cells = _cells(nbformat.read(file, as_version=4), "code")
    return [output.text for cell in cells for output in cell.outputs if output.get("name") == "stdout"]


FIFTEEN_LINES = "".join(
    f"[PRODUCER] Producing {n}...\n[CONSUMER] Consuming {n}...\n[PRODUCER] Consumer return: 200 OK\n"
    for n in range(1, 6)
)


def test_producer_and_consumer_print_their_fifteen_lines() -> None:
    assert FIFTEEN_LINES in printed("04")


def test_the_five_moves_are_where_the_notebook_says() -> None:
    (file,) = NOTEBOOKS.glob("04-*.ipynb")
    (moves,) = [cell.source for cell in nbformat.read(file, as_version=4).cells if "| 5 |" in cell.source]
    said = re.findall(r"step (\d+): \*(.*)\* \|", moves)
    (told,) = [text for text in printed("04") if "produce is called" in text]
    assert len(said) == 5
    for step, sentence in said:
        assert f"{step:>2}  {sentence.replace(chr(92) * 2, chr(92))}\n" in told


def old_consumer() -> Any:
    r = ""
    while True:
        n = yield r
        if not n:
            return
        print("[CONSUMER] Consuming %s..." % n)  # noqa: UP031 - as programs of that time are written
        r = "200 OK"


def old_produce(c: Any) -> None:
    c.send(None)
    n = 0
    while n < 5:
        n = n + 1
        print("[PRODUCER] Producing %s..." % n)  # noqa: UP031
        r = c.send(n)
        print("[PRODUCER] Consumer return: %s" % r)  # noqa: UP031
    c.close()


def test_the_program_in_the_style_of_its_time_makes_the_same_run(tmp_path: Path) -> None:
    lesson = program("04", tmp_path, "def consumer", "def produce")
    with redirect_stdout(StringIO()):
        today = record(lesson.produce, lesson.consumer(), lines=False)
        then = record(old_produce, old_consumer(), lines=False)
    assert then.output == today.output == FIFTEEN_LINES
    assert [(e.step, e.kind, e.value) for e in then.switches()] == [(e.step, e.kind, e.value) for e in today.switches()]


def test_one_of_twenty_schedules_prints_1_2_x_y_3_z(tmp_path: Path) -> None:
    opening = 'def {}():\n    print("{}")\n    yield'
    lesson = program("02", tmp_path, "from coro_lab", opening.format("A", "1"), opening.format("B", "x"), "def turns")
    schedules = {"".join(order) for order in permutations("AAABBB")}
    with redirect_stdout(StringIO()):
        outputs = {schedule: lesson.turns(schedule).output.split() for schedule in schedules}
    assert len(schedules) == 20
    assert [schedule for schedule in schedules if outputs[schedule] == ["1", "2", "x", "y", "3", "z"]] == ["AABBAB"]
    assert "1\n2\nx\ny\n3\nz\n" in printed("02")
