"""Exercises: every solution is correct, every foreseen mistake gets its own sentence, and no code does any harm."""

from __future__ import annotations

import ast
import builtins
import json
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import psutil
import pytest

from coro_lab import record
from coro_lab.lessons import turns
from coro_lab.lessons.checker import same_process
from coro_lab.lessons.checker.answer import MAX_EVENTS, Answer
from coro_lab.lessons.checker.attempt import judge_here
from coro_lab.lessons.checker.catalogue import Chapter, UnknownExerciseError, chapters, exercises, find
from coro_lab.lessons.checker.commands import check
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import CORRECT, NOT_ATTEMPTED, NOT_YET, NotYet, Outcome
from coro_lab.lessons.checker.sandbox import judge
from coro_lab.lessons.checker.source import block
from coro_lab.lessons.checker.trace_diff import explain
from coro_lab.lessons.prediction import as_text
from coro_lab.lessons.widgets.exercise import ExerciseWidget, define
from tests.places import NOTEBOOKS

ALL = list(exercises().values())
MISTAKES = [(exercise, mistake) for exercise in ALL for mistake in exercise.mistakes]

each = pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
each_mistake = pytest.mark.parametrize(
    "exercise, mistake",
    MISTAKES,
    ids=[f"{exercise.name}-{at}" for exercise in ALL for at in range(len(exercise.mistakes))],
)
each_chapter = pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.number)


# ---- Every exercise of the course ------------------------------------------------------------------------------------


@each
@pytest.mark.usefixtures("few_objects")
def test_the_solution_is_correct(exercise: Exercise):
    assert judge_here(exercise, exercise.solution).status == CORRECT


@each
def test_the_starter_is_not_attempted(exercise: Exercise):
    assert judge_here(exercise, f"# my notes\n{exercise.starter}\n").status == NOT_ATTEMPTED


@each
@pytest.mark.usefixtures("few_objects")
def test_the_starter_would_not_pass(exercise: Exercise):
    with pytest.raises(NotYet):
        exercise.check(exercise.answer(exercise.starter))


@each_mistake
@pytest.mark.usefixtures("few_objects")
def test_every_foreseen_mistake_gets_its_own_sentence(exercise: Exercise, mistake: Mistake):
    outcome = judge_here(exercise, mistake.code)
    reason, _, says = outcome.reason.rpartition("\n")
    assert (outcome.status, says) == (NOT_YET, mistake.says)
    assert reason, "the sentence must come after a reason drawn from what the code did"


@each
def test_each_exercise_has_hints_and_mistakes(exercise: Exercise):
    assert len(exercise.hints) >= 2
    assert len(exercise.mistakes) >= 2
    assert len({mistake.says for mistake in exercise.mistakes}) == len(exercise.mistakes)


def test_names_are_words_and_no_two_exercises_share_one():
    names = [exercise.name for chapter in chapters() for exercise in chapter.exercises]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_every_notebook_from_01_on_has_at_least_three():
    notebooks = [file.stem for file in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))]
    assert [chapter.notebook for chapter in chapters()] == notebooks[1:]
    assert [chapter.number for chapter in chapters() if len(chapter.exercises) < 3] == []


# ---- Answers that learners wrote -------------------------------------------------------------------------------------

ANSWERS: dict[str, tuple[str, str, str, str]] = {  # what it is: exercise, answer, verdict, part of the reason
    "guard: the release is in the if": (
        "guard",
        """
        def withdraw(account):
            yield from account.lock.acquire()
            if account.balance >= 80:
                yield
                account.balance -= 80
                account.lock.release()
        """,
        NOT_YET,
        "at its end the lock is still held.\nA task that finds too little keeps the lock",
    ),
    "guard: a return before the release": (
        "guard",
        """
        def withdraw(account):
            yield from account.lock.acquire()
            if account.balance < 80:
                return
            yield
            account.balance -= 80
            account.lock.release()
        """,
        NOT_YET,
        "at its end the lock is still held.\nA task that finds too little keeps the lock",
    ),
    "guard: finally": (
        "guard",
        """
        def withdraw(account):
            yield from account.lock.acquire()
            try:
                if account.balance < 80:
                    return
                yield
                account.balance -= 80
            finally:
                account.lock.release()
        """,
        CORRECT,
        "",
    ),
    "deliver: in a generator expression": (
        "deliver",
        """
        def deliver(c, messages):
            c.send(None)
            replies = list(c.send(message) for message in messages)
            c.close()
            return replies
        """,
        CORRECT,
        "",
    ),
    "deliver: in a helper generator": (
        "deliver",
        """
        def replies(c, messages):
            next(c)
            for message in messages:
                yield c.send(message)

        def deliver(c, messages):
            got = list(replies(c, messages))
            c.close()
            return got
        """,
        CORRECT,
        "",
    ),
    "deliver: the helper is closed, not the consumer": (
        "deliver",
        """
        def replies(c, messages):
            next(c)
            for message in messages:
                yield c.send(message)

        def deliver(c, messages):
            helper = replies(c, messages)
            got = [next(helper), next(helper)]
            helper.close()
            return got
        """,
        NOT_YET,
        "nobody has closed the consumer.\nMove 5 is missing",
    ),
    "doubler: no yield, and an argument": (
        "doubler",
        """
        def doubler(c):
            c.send(None)
            return c.send(6)
        """,
        NOT_YET,
        "`doubler` has no `yield` in it, so it is not a generator function: a call runs it at once.",
    ),
    "average: no yield, and nothing to divide by": (
        "average",
        """
        def average():
            total = 0
            count = 0
            return total / count
        """,
        NOT_YET,
        "`average` has no `yield` in it, so it is not a generator function: average() runs it at once "
        "and raises ZeroDivisionError: division by zero, at line 5, `return total / count`.",
    ),
    "shout: no yield, and a name that is not there": (
        "shout",
        """
        def shout():
            return text.upper()
        """,
        NOT_YET,
        "`shout` has no `yield` in it, so it is not a generator function: shout() runs it at once and raises NameError",
    ),
    "shout: no yield, and no end": (
        "shout",
        """
        def shout():
            while True:
                pass
        """,
        NOT_YET,
        "`shout` has no `yield` in it, so it is not a generator function: a call runs it at once. shout() does not end",
    ),
    "average: rounded": (
        "average",
        """
        def average():
            total = count = 0
            result = None
            while True:
                total += yield result
                count += 1
                result = round(total / count)
        """,
        NOT_YET,
        "Sent 2 and 3, average yields [2, 2]; [2, 2.5] is asked for.\nThe average of whole numbers need not be whole",
    ),
    "pass_it_up: past B": (
        "pass_it_up",
        """
        def A():
            B()
            return C()

        def B():
            return 1

        def C():
            return 42
        """,
        NOT_YET,
        "A() returns 42, but C is called by A; B is asked to call it.\nOne step at a time",
    ),
    "pass_it_up: B returns something else": (
        "pass_it_up",
        """
        def A():
            return B() + 1

        def B():
            return C() - 1

        def C():
            return 42
        """,
        NOT_YET,
        "A() returns 42, but B returns 41; 42 is asked for.",
    ),
    "pass_it_up: with a name for what comes back": (
        "pass_it_up",
        """
        def A():
            result = B()
            return result

        def B():
            result = C()
            return result

        def C():
            return 42
        """,
        CORRECT,
        "",
    ),
    "around: with values that nobody asked for": (
        "around",
        """
        def outer():
            print("before")
            inner()
            print("after")
            return "done"

        def inner():
            print("inside")
            return True
        """,
        CORRECT,
        "",
    ),
    "around: the last word is missing": (
        "around",
        """
        def outer():
            print("before")
            inner()

        def inner():
            print("inside")
            return True
        """,
        NOT_YET,
        "in your run, outer returns None",
    ),
    "receipt: with a value that nobody asked for": (
        "receipt",
        """
        def consumer():
            r = ""
            while True:
                n = yield r
                if not n:
                    return "bye"
                print(f"[CONSUMER] Consuming {n}...")
                r = f"200 OK: {n}"
        """,
        CORRECT,
        "",
    ),
    "deliver: nothing is returned": (
        "deliver",
        """
        def deliver(c, messages):
            replies = []
            c.send(None)
            for message in messages:
                replies.append(c.send(message))
            c.close()
        """,
        NOT_YET,
        "asked for.\nThe caller gets nothing: keep the replies in the list, and return it at the end.",
    ),
    "deliver: not started, in other words": (
        "deliver",
        """
        def deliver(c, messages):
            replies = [c.send(message) for message in messages]
            c.close()
            return replies
        """,
        NOT_YET,
        "\nMove 1 is missing",
    ),
    "pass_it_up: C prints": (
        "pass_it_up",
        """
        def A():
            return B()

        def B():
            return C()

        def C():
            print(42)
        """,
        NOT_YET,
        "\nOne of the functions prints the value where it should give it to its caller.",
    ),
    "deliver: it yields the replies": (
        "deliver",
        """
        def deliver(c, messages):
            c.send(None)
            for message in messages:
                yield c.send(message)
            c.close()
        """,
        NOT_YET,
        "`deliver` has a `yield` in it, so deliver(consumer(), [3, 5]) only makes a generator: nothing is sent.\n"
        "Here the producer drives",
    ),
    "guard: who finds too little waits for more": (
        "guard",
        """
        def withdraw(account):
            yield from account.lock.acquire()
            while account.balance < 80:
                yield
            yield
            account.balance -= 80
            account.lock.release()
        """,
        NOT_YET,
        "Two of them do not come to their end: one goes round and round",
    ),
    "echo: async": (
        "echo",
        """
        async def echo():
            word = None
            while True:
                word = yield word
        """,
        NOT_YET,
        "`echo` begins with `async def`, and the task asks for a generator function. Write def echo():",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.usefixtures("few_objects")
def test_an_answer_is_judged_by_what_it_does(name: str):
    exercise, source, status, told = ANSWERS[name]
    outcome = judge_here(find(exercise), block(source))
    assert outcome.status == status, outcome.reason
    assert told in outcome.reason


@pytest.mark.parametrize("ends", ["c.close()", "c.send(0)"])
def test_a_sentence_about_a_line_is_not_shown_for_another_line(ends: str):
    """Both raise StopIteration, as a `next` too many does, and there is no `next` in them."""
    outcome = judge_here(
        find("deliver"),
        block(f"""
        def deliver(c, messages):
            replies = []
            c.send(None)
            for message in messages:
                replies.append(c.send(message))
                {ends}
            return replies
        """),
    )
    assert outcome.status == NOT_YET
    assert "raises StopIteration, at line" in outcome.reason
    assert "\n" not in outcome.reason


# ---- What the notebooks show of them ---------------------------------------------------------------------------------


def cells(chapter: Chapter, kind: str) -> list[str]:
    notebook = nbformat.read(NOTEBOOKS / f"{chapter.notebook}.ipynb", as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


@each_chapter
def test_the_notebook_shows_each_task_and_its_starter(chapter: Chapter):
    notebook = nbformat.read(NOTEBOOKS / f"{chapter.notebook}.ipynb", as_version=4)
    sources = [cell.source for cell in notebook.cells]
    for exercise in chapter.exercises:
        starter = (
            f'parsons("{exercise.name}")'
            if isinstance(exercise, Parsons)
            else f"%%check {exercise.name}\n{exercise.starter}"
        )
        at = sources.index(starter.rstrip("\n"))
        assert sources[at - 1].endswith(exercise.task)


@each_chapter
def test_the_notebook_asks_each_prediction_and_no_other(chapter: Chapter):
    asked = re.findall(r'^(?:predict\(|.*\btitle=)"([^"]+)"', "\n".join(cells(chapter, "code")), re.MULTILINE)
    assert sorted(asked) == sorted(chapter.predictions)
    assert len(chapter.predictions) >= 1


@each_chapter
def test_each_wrong_choice_stands_for_one_belief(chapter: Chapter):
    for source in cells(chapter, "code"):
        for asked in re.findall(r"^predict\(.*", source, re.MULTILINE | re.DOTALL):
            call = ast.parse(asked.strip(), mode="eval").body
            assert isinstance(call, ast.Call)
            choices = next(ast.literal_eval(each.value) for each in call.keywords if each.arg == "choices")
            beliefs = chapter.predictions[ast.literal_eval(call.args[0])]
            assert set(beliefs) < {as_text(choice) for choice in choices}
            assert len(beliefs) == len(choices) - 1


@each_chapter
def test_what_an_exercise_speaks_of_stands_on_the_page(chapter: Chapter):
    notebook = nbformat.read(NOTEBOOKS / f"{chapter.notebook}.ipynb", as_version=4)
    for exercise in chapter.exercises:
        opening = re.compile(rf'%%check {exercise.name}\n|parsons\("{exercise.name}"\)')
        at = next(at for at, cell in enumerate(notebook.cells) if opening.match(cell.source))
        shown = [cell.source for cell in notebook.cells[:at] if cell.cell_type == "code"]
        above = {ast.dump(node) for source in shown for node in _tree(source)}
        missing = [node.name for node in _tree(exercise.given) if _defines(node) and ast.dump(node) not in above]
        assert missing == (["C"] if exercise.name == "braid" else [])  # the exercise before it asks for this `C`


def _tree(source: str) -> list[Any]:
    return ast.parse(re.sub(r"^([%!].*)$", "pass", source, flags=re.MULTILINE)).body


def _defines(node: Any) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


@each_chapter
def test_the_notebook_never_gives_an_answer_away(chapter: Chapter):
    """Neither in a cell, nor in an output, nor in the stored state of a widget."""
    text = (NOTEBOOKS / f"{chapter.notebook}.ipynb").read_text(encoding="utf-8")
    for exercise in chapter.exercises:
        told = [exercise.solution, *exercise.hints, *(mistake.says for mistake in exercise.mistakes)]
        written = [
            line.strip() for line in exercise.solution.splitlines() if line not in exercise.starter + exercise.given
        ]
        assert not any(json.dumps(part.strip())[1:-1] in text for part in told), exercise.name
        if not isinstance(exercise, Parsons):
            assert not any(line in exercise.task for line in written), exercise.name


@each_chapter
def test_the_notebook_has_no_function_like_a_solution(chapter: Chapter):
    shown = {_body(node) for source in cells(chapter, "code") for node in _functions(source)}
    for exercise in chapter.exercises:
        for node in _functions(exercise.solution):
            given = {_body(known) for known in _functions(exercise.given) + _functions(exercise.starter)}
            assert _body(node) in given or _body(node) not in shown, exercise.name


def _functions(source: str) -> list[Any]:
    tree = ast.parse(re.sub(r"^([%!].*)$", "pass", source, flags=re.MULTILINE))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _body(node: Any) -> str:
    return "\n".join(map(ast.dump, node.body))


# ---- The checker, on an exercise of its own --------------------------------------------------------------------------


def check_double(answer: Answer) -> None:
    answer.returns(6, answer.function("double", "n"), 3)


DOUBLE = Exercise(
    name="double",
    task="Double it.",
    starter="def double(n): ...",
    solution="def double(n):\n    return 2 * n",
    check=check_double,
    hints=("2 *",),
    mistakes=(Mistake("def double(n): return n + 2", "Adding 2 is not doubling."),),
)


def reason(source: str, exercise: Exercise = DOUBLE) -> str:
    outcome = judge_here(exercise, source)
    assert outcome.status == NOT_YET
    return outcome.reason


def test_a_reason_says_what_the_code_did():
    assert reason("def double(n):\n    return n") == "double(3) returns 3; 6 is asked for."


def test_a_mistake_is_recognised_by_its_effect_not_by_its_spelling():
    assert reason("def double(n):\n    more = n + 1\n    return more + 1").endswith("\nAdding 2 is not doubling.")


def test_an_endless_loop_is_reported_with_its_line():
    told = reason("def double(n):\n    while n:\n        n = n + 1")
    assert told.startswith("double(3) does not end: it goes round and round, and nothing ends the loop.")
    assert f"It was stopped after {MAX_EVENTS:,} events." in told
    assert re.search(r"It was last at line [34], `(while n:|n = n \+ 1)`\.$", told)


ENDLESS = {
    "a while with nothing that ends it": "while True:\n        n = n + 1",
    "one that prints": "while True:\n        print(n)",
    "a while in a for": "for n in range(3):\n        while n < 10:\n            pass",
}
STOPPED = {
    "a long for": "for n in range(10**6):\n        m = n",
    "a for that prints": "for n in range(10**6):\n        print(n)",
    "a while that prints": "while n < 10**6:\n        print(n)\n        n += 1",
    "a while that is left after long": "while True:\n        print(n)\n        n += 1\n        if n > 10**6: break",
    "a while that counts": "while n < 10**6:\n        n += 1",
    "many calls": "def fib(n):\n        return n if n < 2 else fib(n - 1) + fib(n - 2)\n    fib(25)",
    "a long generator": "for m in (k for k in range(10**6)):\n        n = m",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
def test_a_loop_that_nothing_ends_is_called_endless(body: str):
    assert reason(f"def double(n):\n    {body}").startswith("double(3) does not end: it goes round and round")


@pytest.mark.parametrize("body", STOPPED.values(), ids=STOPPED)
def test_code_that_may_end_is_not_called_endless(body: str):
    told = reason(f"def double(n):\n    {body}\n    return 6")
    assert told.startswith(f"double(3) was stopped after {MAX_EVENTS:,} events")
    assert "It may come to its end, but what is asked for takes far fewer." in told
    assert ("when it had printed" in told) == ("print" in body)


def test_one_printed_line_is_quoted_in_part_if_it_is_long():
    told = reason("def double(n):\n    print('6' * 10_000_000)")
    assert len(told) < 1_000 and told.startswith("double(3) prints '6666")
    told = reason("def double(n):\n    raise ValueError('6' * 10_000_000)")
    assert len(told) < 1_000 and told.startswith("double(3) raises ValueError: 6666")


def test_endless_recursion_is_reported():
    assert reason("def double(n):\n    return double(n)").startswith("double(3) raises RecursionError")


def test_an_exception_is_reported_with_its_line_in_the_cell():
    assert reason("def double(n):\n    return n / 0") == (
        "double(3) raises ZeroDivisionError: division by zero, at line 3, `return n / 0`."
    )


def test_a_call_of_input_is_reported():
    assert "calls input(), and in a check nobody is there to type" in reason(
        "def double(n):\n    return 2 * int(input())"
    )


def test_a_wrong_signature_is_reported_with_the_right_one():
    assert reason("def double():\n    return 6") == (
        "`double` is called as double(n), and yours cannot be: def double(): Write def double(n):"
    )


def test_print_instead_of_return_is_explained():
    assert reason("def double(n):\n    print(2 * n)").startswith("double(3) prints '6' and returns None.")


def test_a_generator_instead_of_a_result_is_explained():
    assert "returns a generator, which nobody has resumed yet" in reason("def double(n):\n    yield 2 * n")


def test_a_missing_name_is_reported_with_the_names_that_are_defined():
    assert reason("def duoble(n):\n    return 6") == (
        "Your cell defines no `double`; it defines duoble. The name is part of the task."
    )


def test_for_a_missing_name_only_the_learners_names_are_listed():
    source = "import math\nfrom asyncio import gather\nupper = str.upper\norder: str = 'BBBAAA'\ndef C(): ..."
    assert reason(source, find("letters_first")).startswith("Your cell defines no `schedule`; it defines order, C. ")
    assert reason("print(1)", find("letters_first")) == "Your cell defines no `schedule`. The name is part of the task."


MISSED = {
    "get": """
        async def get(fetch):
            for attempt in (1, 2, 3):
                try:
                    return await fetch()
                except (OSError, KeyError, RuntimeError):
                    print("attempt", attempt, "failed")
    """,
    "shelf": """
        async def shelf(queue):
            while True:
                page = await queue.get()
                if page != "torn":
                    await read(page)
                queue.task_done()
    """,
    "ship": """
        async def ship(items, readers):
            queue, kept = asyncio.Queue(), []
            async with asyncio.TaskGroup() as group:
                for _ in range(readers):
                    group.create_task(keep(queue, kept))
                for item in [*items, None, None, None]:
                    await queue.put(item)
            return kept
    """,
}
"""Wrong answers that are right for the numbers and names in their task, and for no others."""


@pytest.mark.parametrize("name", MISSED)
def test_an_answer_that_fits_the_example_only_is_refused(name: str):
    assert judge(find(name), block(MISSED[name])).status == NOT_YET


def test_a_given_name_that_the_learner_defined_again_is_listed():
    assert "; it defines A. " in reason("def A():\n    yield", find("letters_first"))


def test_a_name_that_is_not_a_function_is_reported():
    assert reason("double = 6") == "`double` is 6, and the task asks for a function. Write def double(n):"


def test_a_syntax_error_is_reported_with_its_line():
    assert reason("def double(n)\n    return 6") == "Python cannot read your code: expected ':', at line 2."


def test_an_await_may_stand_outside_of_any_function_as_in_a_notebook():
    solved = "import asyncio\nawait asyncio.sleep(0)\nasync def two():\n    return 2\n"
    solved += "def double(n):\n    return n * got\ngot = await two()"
    assert judge_here(DOUBLE, solved).status == CORRECT
    assert reason("import asyncio\nawait asyncio.sleep('x')").startswith("Your cell raises TypeError")


@pytest.mark.replaces_builtins
def test_builtins_that_an_answer_replaces_are_given_back():
    before = dict(vars(builtins))
    told = reason("import builtins\nbuiltins.len = builtins.sorted = None\ndef double(n):\n    return 2 * n")
    assert told.startswith("Your cell replaces `len`, `sorted` in builtins") and vars(builtins) == before


def test_no_warning_about_an_answer_is_given_by_its_check():
    source = "def double(n):\n    '\\d'\n    return 2 * n if n is not 1 else 2"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert judge(find("echo"), source).status == NOT_YET
        assert judge_here(DOUBLE, source).status == CORRECT


def test_a_call_of_exit_is_reported():
    assert reason("def double(n):\n    exit()").startswith("double(3) ends Python by exit().")


def test_what_the_answer_prints_is_not_shown(capsys: pytest.CaptureFixture[str]):
    judge_here(DOUBLE, "print('hello')\ndef double(n):\n    print(n)\n    return 2 * n")
    assert capsys.readouterr().out == ""


def check_three(answer: Answer) -> None:
    three = answer.generator_function("three", "n", example=(2,))
    answer.run("three(2)", lambda: list(three(2)))


THREE = Exercise(name="three", task="", starter="", solution="", check=check_three, hints=(), mistakes=())


def test_a_function_without_yield_is_reported_with_what_it_does():
    assert reason("def three(n):\n    print(1)\n    return [1, 2]", THREE) == (
        "`three` has no `yield` in it, so it is not a generator function: "
        "three(2) runs it at once, prints '1' and returns [1, 2]."
    )


def test_an_endless_generator_is_reported():
    assert "it yields again and again" in reason("def three(n):\n    while True:\n        yield n", THREE)


# ---- Comparing runs --------------------------------------------------------------------------------------------------


def echoing() -> Any:
    word = None
    while True:
        word = yield word


def dropping() -> Any:
    word = None
    while True:
        yield word


def ending() -> Any:
    yield
    yield


def test_equal_runs_have_no_difference():
    assert record(lambda: list(ending())).diff(record(lambda: list(ending()))) is None


def test_the_first_difference_is_reported_with_the_value_that_was_dropped():
    def run(function: Any) -> Any:
        generator = function()
        return [generator.send(value) for value in (None, "a", "b")]

    mine, wanted = record(run, dropping, lines=True), record(run, echoing)
    renamed = mine.__class__(
        mine.events, tuple(lane._replace(name=lane.name.replace("dropping", "echoing")) for lane in mine.lanes)
    )
    found = renamed.diff(wanted)
    assert found is not None
    assert renamed.events[found.at].kind == "suspend"
    assert explain(found).startswith(
        "in your run, echoing yields None to run. Asked for here: echoing yields 'a' to run. 'a' arrived"
    )


# ---- The sandbox: whatever the code does, the kernel stays alive -----------------------------------------------------

SURVIVED = {
    "a loop on one line": ("while True: pass", "nothing ends the loop. It was stopped after 20,000 events."),
    "a loop in C": ("import collections\ncollections.deque(iter(int, 1), maxlen=0)", "It was at line 3"),
    "all of the memory": ("blocks = [b'x' * 10**8 for _ in range(1_000)]", "1,000 MB of memory"),
    "a loop that catches everything": (
        "while True:\n    try:\n        pass\n    except BaseException:\n        pass",
        "does not end",
    ),
    "a lock": (
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        "It was at line 5, `lock.acquire()`.",
    ),
    "waiting": ("import time\ntime.sleep(1_000)", "It was at line 3, `time.sleep(1_000)`."),
    "the end of the process": ("import os\nos._exit(0)", "ended the whole process"),
    "a signal to itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended the whole process"),
    "a signal to its group": ("import os, signal\nos.kill(0, signal.SIGKILL)", "ended the whole process"),
    "the end of its guard": (
        "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(1_000)",
        "ended the whole process",
    ),
    "a stopped process": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "not come to its end within 2 s"),
    "a closed outcome": ("import os\nos.closerange(3, 1_000)", "closed files that are not its own"),
    "an outcome of its own": (
        "import os\nfor number in range(1, 30):\n    try:\n        os.write(number, b'{}')\n    except OSError:\n"
        "        pass",
        "so nothing can be said of it",
    ),
    "builtins without len": ("import builtins\nbuiltins.len = None", "Your cell replaces `len` in builtins"),
    "builtins of nothing": (
        "import builtins\nfor name in dir(builtins):\n    if name[0].islower(): setattr(builtins, name, None)",
        "broke the check itself",
    ),
    "an error that says nothing": (
        "class Mute(Exception):\n    def __str__(self): raise self\nraise Mute",
        "Your cell raises Mute, at line 4, `raise Mute`.",
    ),
    "a null character": ("name = '\0'", "Python cannot read your code: source code string cannot contain null bytes."),
    "slow code": ("total = sum(range(10**12))", "it had not come to its end within 2 seconds. It was at line 2"),
    "an exit with a number": ("import sys\nsys.exit(3)", "ends Python by exit()"),
    "a deep recursion": ("def f(): f()\nf()", "raises RecursionError"),
    "one huge value": ("blocks = 'x' * 10**12", "raises MemoryError"),
    "the memory of a child": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', \"x = b'x' * 2 * 10**9; input()\"])",
        "1,000 MB of memory",
    ),
    "input": ("name = input()", "Your cell calls input()"),
    "half a character": ("name = '\ud800'", "Python cannot read your code"),
    "an interrupt": ("raise KeyboardInterrupt", "raises KeyboardInterrupt"),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", SURVIVED)
def test_the_sandbox_survives(name: str):
    source, told = SURVIVED[name]
    patience = (
        2 if name in ("a loop in C", "slow code", "a lock", "waiting", "a stopped process") else 60
    )  # only these have to wait for its end
    outcome = judge(find("shout"), source, seconds=patience)
    assert outcome.status == NOT_YET
    assert told in outcome.reason


@pytest.mark.integration
def test_the_sandbox_gives_the_same_outcome_as_judge_here():
    for source in (find("echo").solution, find("echo").mistakes[0].code, find("echo").starter):
        assert judge(find("echo"), source) == judge_here(find("echo"), source)


@pytest.mark.replaces_builtins
@pytest.mark.parametrize(
    "name", ["an error that says nothing", "an exit with a number", "builtins of nothing", "input"]
)
def test_where_no_process_can_be_started_code_is_judged_in_this_one(name: str):
    source, told = SURVIVED[name]
    assert told in same_process.judge(find("shout"), source).reason
    solution = find("echo").solution
    assert same_process.judge(find("echo"), solution) == judge_here(find("echo"), solution)


def test_there_a_loop_that_is_not_recorded_is_stopped_by_its_turns(monkeypatch):
    monkeypatch.setattr(turns, "MOST_TURNS", 100_000)
    outcome = same_process.judge(find("shout"), 'exec("def spin():\\n while True: pass")\nspin()')
    assert outcome.reason.startswith("Your code was stopped in `spin`: its loops had gone round 100,000 times.")
    assert not [tool for tool in range(6) if sys.monitoring.get_tool(tool) == "coro_lab turns"]


def test_an_outcome_from_the_sandbox_has_its_run():
    outcome = judge_here(find("echo"), find("echo").mistakes[0].code)
    assert outcome.trace is not None and outcome.index is not None
    assert Outcome.from_json(outcome.to_json()) == outcome
    assert outcome.trace.events[outcome.index].value == "None"


WAITING = "from threading import Event; Event().wait()"
CHILD = f'[sys.executable, "-c", "{WAITING}"]'
ALONE = f"""
    os.setsid()
    if os.fork() == 0:
        open(NOTE, "w").write(str(os.getpid()))
        os.execve(sys.executable, {CHILD}, {{}})
    os._exit(0)
os.wait()
while not os.path.exists(NOTE): pass
"""

LEFT_BEHIND = {  # what a correct answer leaves behind; a process leaves its id in the file NOTE
    "nothing": "",
    "a thread": "threading.Thread(target=threading.Event().wait).start()",
    "a daemon": "threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "a pool of threads": "concurrent.futures.ThreadPoolExecutor().submit(threading.Event().wait)",
    "a timer": "threading.Timer(1_000, print).start()",
    "what is called at the end": "atexit.register(threading.Event().wait)",
    "a finaliser that waits": "class A:\n    __del__ = threading.Event().wait\na = A()",
    "a process of multiprocessing": (
        "child = multiprocessing.get_context('fork').Process(target=threading.Event().wait)\nchild.start()\n"
        "open(NOTE, 'w').write(str(child.pid))"
    ),
    "a child": f"child = subprocess.Popen({CHILD})\nopen(NOTE, 'w').write(str(child.pid))",
    "a child with a session of its own": (
        f"child = subprocess.Popen({CHILD}, start_new_session=True, env={{}})\nopen(NOTE, 'w').write(str(child.pid))"
    ),
    "a grandchild without a parent": f"if os.fork() == 0:{ALONE}",
    "itself again": "os.fork()",
    "a closed stdout": "sys.stdout.close()\nos.close(1)",
    "another stdout": "sys.stdout = None",
    "no folder to work in": "shutil.rmtree(os.getcwd())",
    "no folder around it": "shutil.rmtree(os.path.dirname(os.getcwd()))",
    "a file named outcome": """open("outcome", "w").write('{"status": "correct", "message": "x"}')""",
    "temporary folders": "tempfile.mkdtemp(prefix='coro_lab_left_')",
    "a line of 50 MB": "print('x' * 50_000_000)",
}


def leaving(rubbish: str, note: Path) -> str:
    """The solution of `echo` with further lines, which leave something behind."""
    modules = "atexit, concurrent.futures, multiprocessing, os, shutil, subprocess, sys, tempfile, threading"
    return f"{find('echo').solution}\nimport {modules}\nNOTE = {str(note)!r}\n{rubbish}\n"


@pytest.mark.integration
@pytest.mark.parametrize("rubbish", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_a_correct_answer_may_leave_things_behind_and_they_are_ended(
    rubbish: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert judge(find("echo"), leaving(rubbish, tmp_path / "pid"), seconds=60).status == CORRECT
    assert list(temporary.iterdir()) == []
    if (tmp_path / "pid").exists():
        assert_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.integration
@pytest.mark.parametrize("end", ["while True: pass", "os._exit(0)"], ids=["a loop", "an exit"])
@pytest.mark.parametrize("rubbish", ["a child", "a child with a session of its own", "a grandchild without a parent"])
def test_processes_of_an_answer_end_with_it_however_it_ends(rubbish: str, end: str, tmp_path: Path):
    source = leaving(f"{LEFT_BEHIND[rubbish]}\n{end}", tmp_path / "pid")
    assert judge(find("echo"), source, seconds=60).status == NOT_YET
    assert_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.integration
def test_without_a_supervisor_processes_are_found_by_their_environment(tmp_path: Path):
    started = f"child = subprocess.Popen({CHILD}, start_new_session=True)\nopen(NOTE, 'w').write(str(child.pid))"
    end = "os.kill(os.getppid(), 9)\nthreading.Event().wait()"
    assert judge(find("echo"), leaving(f"{started}\n{end}", tmp_path / "pid"), seconds=60).status == NOT_YET
    assert_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.integration
def test_the_answer_ends_with_the_kernel_that_has_it_judged(tmp_path: Path):
    source = leaving(f"{LEFT_BEHIND['a child']}\nthreading.Event().wait()", tmp_path / "pid")
    code = "import sys\nfrom coro_lab.lessons.checker import catalogue, sandbox\n"
    code += "sandbox.judge(catalogue.find('echo'), sys.argv[1], seconds=60)"
    with subprocess.Popen([sys.executable, "-c", code, source]) as kernel:
        while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
            assert kernel.poll() is None
        kernel.kill()
    assert_gone(int((tmp_path / "pid").read_text()))


def assert_gone(pid: int) -> None:
    """The process has ended, or does so in a moment, since a process dies a moment after it was killed."""
    patience = time.monotonic() + 30
    while not is_gone(pid):
        assert time.monotonic() < patience


OUTCOMES = ["", "null", "[]", "{}", "[" * 100_000, "NaN", '{"status": "correct", "message": "x"}']
OUTCOMES += ['{"status": "splendid", "reason": "x", "trace": null, "index": null}']
OUTCOMES += ['{"status": "correct", "reason": 1, "trace": null, "index": null}']
OUTCOMES += ['{"status": "correct", "reason": "x", "trace": "{}", "index": null}']
OUTCOMES += ['{"status": "correct", "reason": "x", "trace": 5, "index": null}']
OUTCOMES += ['{"status": "correct", "reason": "x", "trace": null, "index": 7}']


@pytest.mark.parametrize("text", OUTCOMES, ids=range(len(OUTCOMES)))
def test_text_that_is_not_an_outcome_is_refused(text: str):
    with pytest.raises(ValueError, match="not an outcome|Expecting value"):
        Outcome.from_json(text)


def is_gone(pid: int) -> bool:
    """Whether it has ended, even if nobody (as in a container without an init) has collected it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


# ---- The widget, and what stays in the notebook ----------------------------------------------------------------------


def test_hints_come_one_by_one_and_the_solution_on_request():
    widget = ExerciseWidget(find("echo"), judge_here(find("echo"), ""))
    assert (widget.hints, widget.solution) == ([], "")
    for count in (1, 2, 3, 3):
        widget.receive({"ask": "hint"})
        assert widget.hints == list(find("echo").hints[:count])
    widget.receive({"ask": "solution"})
    assert widget.solution == find("echo").solution.rstrip()


def test_hints_and_solution_are_not_sent_before_they_are_asked_for():
    widget = ExerciseWidget(find("echo"), judge_here(find("echo"), ""))
    sent = json.dumps(
        {key: value for key, value in widget.get_state().items() if key not in ("_esm", "_css", "layout")}, default=str
    )
    assert find("echo").hints[0] not in sent
    assert "word = yield word" not in sent


def test_only_an_attempt_is_kept_as_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    ExerciseWidget(find("echo"), judge_here(find("echo"), find("echo").starter))
    assert list(tmp_path.iterdir()) == []
    ExerciseWidget(find("echo"), judge_here(find("echo"), find("echo").solution))
    assert '"echo": "correct"' in (tmp_path / ".coro-lab-progress.json").read_text()


class Shell:
    """As much of IPython as keeping an answer takes."""

    execution_count = 1
    displayhook = SimpleNamespace(exec_result=None)

    def __init__(self) -> None:
        self.user_ns: dict[str, Any] = {}
        self.compile = self

    def cache(self, source: str, number: int, raw_code: str) -> str:
        return f"cell-{number}"


def test_the_notebook_gets_the_functions_of_an_answer_and_runs_nothing_else():
    shell = Shell()
    define(
        shell,
        "import math\nprint(1 / 0)\ndef twice(n: 1 / 0 = 3): return 2 * n\n@missing\ndef other(): pass\n"
        "def bad(n=1 / 0): pass",
    )
    assert {"math", "twice"} == set(shell.user_ns) - {"__builtins__"}
    assert shell.user_ns["twice"]() == 6


def test_an_unknown_exercise_is_refused_with_a_known_one():
    with pytest.raises(UnknownExerciseError, match=r"%%check echo"):
        find("ehco")
    with pytest.raises(
        UnknownExerciseError, match=r"(?s)'zzz'\..*another of these:\n.*\n  03-generators-and-send: echo, "
    ):
        find("zzz")


# ---- For teachers ----------------------------------------------------------------------------------------------------


def write_notebook(folder: Path, *sources: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nbformat.write(notebook, folder / "03-generators-and-send.ipynb")


@pytest.mark.integration
def test_the_command_prints_the_outcomes_of_a_learner(tmp_path: Path):
    write_notebook(tmp_path, f"%%check echo\n{find('echo').solution}", "%%check average\ndef average():\n    yield 1")
    command = [sys.executable, "-m", "coro_lab", "check", str(tmp_path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[:2] == [str(tmp_path), "  03 Generators and send"]
    told = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines[2:]}
    assert told["echo"] == "correct"
    assert told["average"].startswith("not yet        Sent 10, 20 and 60, average")
    assert told["countdown"] == "not attempted"
    assert lines[-1] == "  1 of 3 exercises correct."


@pytest.mark.integration
def test_the_command_says_if_there_is_nothing_to_check(tmp_path: Path):
    done = subprocess.run([sys.executable, "-m", "coro_lab", "check", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "holds no notebook of Coro Lab" in done.stderr


@pytest.mark.integration
def test_a_damaged_notebook_is_reported(tmp_path: Path):
    (tmp_path / "03-generators-and-send.ipynb").write_text("{")
    done = subprocess.run([sys.executable, "-m", "coro_lab", "check", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "is damaged or not a notebook" in done.stderr


def test_one_damaged_folder_does_not_keep_the_others_from_being_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    damaged, whole = tmp_path / "damaged", tmp_path / "whole"
    for folder in (damaged, whole):
        folder.mkdir()
        write_notebook(folder, "pass")
    (damaged / "03-generators-and-send.ipynb").write_text("[" * 100_000)
    assert check([str(damaged), str(whole)]) == 1
    told = capsys.readouterr()
    assert "is damaged or not a notebook" in told.err
    assert told.out.endswith("  0 of 3 exercises correct.\n")
