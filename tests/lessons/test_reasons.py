"""Why an answer is right: the run is found without the author naming it, and so is the event that shows the answer."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coro_lab import Scheduler, Stepper, explore, record
from coro_lab.engine.recorder import Recorder
from coro_lab.lessons import reasons
from coro_lab.lessons.checker.catalogue import chapters
from coro_lab.lessons.course.reasons import REASONS
from coro_lab.lessons.prediction import ask
from coro_lab.lessons.progress_file import ProgressFile
from coro_lab.lessons.widgets.prediction import predict
from coro_lab.views.widgets.player import Player
from tests import racy


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def counter() -> Any:
    n = 1
    while True:
        by = yield n
        n = n + by


def up() -> Any:
    yield 1
    yield 2


def two_numbers() -> list[int]:
    numbers = up()
    return [next(numbers), next(numbers)]


def talk() -> None:
    print("begins")
    answer()
    print("talk ends")


def answer() -> None:
    print("answers")


KEPT: Any = None
"""A run that a cell above recorded."""


def has_a_peer() -> str:
    return "yes" if any(event.peer for event in KEPT) else "no"


def reason(compute: Callable[[], Any], chosen: object, *others: object) -> reasons.Reason:
    """The reason that somebody reads who has chosen this."""
    return ask("What?", compute, choices=[chosen, *others]).judge(str(chosen)).reason


def test_what_a_stepper_gave_is_told_with_what_was_sent_in():
    line = counter.__code__.co_firstlineno + 3
    right = reason(lambda: Stepper(counter).next().send(10).value, 11, 1, 10)
    assert right.says == (
        f"counter resumes at line {line} and receives 10: by = 10, n = 11. Then counter yields 11 and suspends at "
        f"line {line}.",
    )
    assert right.trace and right.trace[right.index].value == "11"


def test_a_wrong_answer_is_found_in_the_run_if_it_is_there():
    line = counter.__code__.co_firstlineno + 3
    stepped: Callable[[], Any] = lambda: Stepper(counter).next().send(10).value  # noqa: E731
    _, handed_out = reason(stepped, 1, 10, 11).says
    assert handed_out == f"“1” is in the run too, earlier: counter yields 1 and suspends at line {line}."
    _, sent_in = reason(stepped, 10, 1, 11).says
    assert sent_in == f"“10” is in the run too, earlier: counter resumes at line {line} and receives 10."
    assert len(reason(stepped, 12, 11).says) == 1


def task() -> Any:
    heard = yield from counter()
    return heard


def test_a_lane_is_found_by_its_name():
    found = reason(lambda: Stepper(task).next().send(10).trace.lanes[-1].name, "counter", "task")
    line = counter.__code__.co_firstlineno + 3
    assert found.says[0].endswith(f"Then task sends 10 to counter, which resumes at line {line}.")


def test_a_state_is_told_by_what_happened_last():
    assert reason(lambda: Stepper(counter).state, "created", "running") == reasons.Reason(
        ("No line of counter has run yet.",)
    )
    stepped = reason(lambda: Stepper(counter).next().state, "suspended", "created")
    assert stepped.says[0].startswith("counter starts: n = 1. Then counter yields 1 and suspends")


def test_printed_words_are_looked_up_in_what_was_recorded():
    found = reason(lambda: record(talk).output.splitlines()[-1], "answers", "talk ends")
    assert found.says == (
        "answer returns None to talk. Then talk prints 'talk ends'.",
        "“answers” is in the run too, earlier: answer prints 'answers'.",
    )
    assert found.trace and found.trace[found.index].value == "talk ends\n"


def test_a_program_that_uses_nothing_of_ours_is_recorded_and_run_once():
    ran = []

    def program() -> int:
        ran.append(1)
        return next(up())

    found = reason(program, 1, 2)
    assert ran == [1]
    assert found.trace and [lane.name for lane in found.trace.lanes] == ["program", "up"]
    assert found.says[0].startswith("program starts up. Then up yields 1 to program and suspends")


def test_the_closing_of_what_nobody_needs_any_more_is_no_reason():
    assert reason(two_numbers, [1, 2], [1, 1]).says[0].endswith(f"line {up.__code__.co_firstlineno + 2}.")


def test_an_exception_is_told_with_its_message():
    found = reason(lambda: counter().send(10), "TypeError", "11")
    assert found.says == ('It raises TypeError("can\'t send non-None value to a just-started generator").',)
    assert found.trace is None  # no line of counter ran, so there is nothing to see


def test_orders_are_told_with_the_first_that_is_broken():
    found = reason(
        lambda: (
            explore(
                {"A": racy.increment, "B": racy.increment}, setup=racy.Tally, invariant=racy.is_two, progress=False
            ).broken
        ),
        4,
        0,
    )
    assert found.says == ("6 interleavings, 4 break the invariant.",)
    assert found.trace and {lane.name for lane in found.trace.lanes} == {"A", "B"}


def test_orders_of_which_none_is_broken_have_no_run_to_show():
    both = {"A": racy.increment, "B": racy.increment}
    found = reason(lambda: explore(both, setup=racy.Tally, progress=False).broken, 0, 4)
    assert found == reasons.Reason(("6 interleavings, none of them broken.",))


def test_a_run_that_was_recorded_before_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(globals(), "KEPT", record(talk))
    assert reason(has_a_peer, "yes", "no") == reasons.Reason((), KEPT, len(KEPT) - 1)


def test_a_count_is_not_taken_for_a_value_that_is_equal_by_chance():
    def program() -> None:
        for number in up():
            print(number)

    found = reason(lambda: record(program).output.count("\n"), 2, 1)
    assert found.says == () and found.trace is not None


def test_an_event_can_be_the_answer():
    question = ask("What is printed first?", lambda: record(talk).of(kind="output")[0], choices=["begins", "answers"])
    assert question.answer == "begins"
    assert question.judge("begins").reason.index == 2
    asked = ask("What is yielded?", lambda: Stepper(up).next().trace[-1], choices=[1, 2])
    assert asked.judge("1").state == "right"


def test_what_a_scheduler_ran_is_the_run():
    def in_turns() -> str:
        scheduler = Scheduler()
        scheduler.spawn(up())
        return " ".join(str(event.value) for event in scheduler.run().of(kind="suspend"))

    found = reason(in_turns, "1 2", "1")
    assert found.trace and found.trace.driver == "scheduler"


def test_a_program_that_never_ends_within_the_limit_of_a_recording_is_run_unrecorded():
    def long() -> int:
        return sum(1 for _ in range(200_000))

    assert ask("How many?", long, choices=[1, 200_000]).answer == "200000"


def test_a_program_with_threads_runs_as_it_would_alone():
    def on_a_thread() -> list[bool]:
        recorded: list[bool] = []
        thread = threading.Thread(target=lambda: recorded.append(Recorder._open is not None))
        thread.start()
        thread.join()
        return recorded

    found = ask("Is it recorded?", on_a_thread, choices=[[True], [False]])
    assert (found.answer, found.judge("[False]").reason) == ("[False]", reasons.NO_REASON)


def test_what_a_program_imports_or_keeps_in_a_closure_counts_as_used():
    def imports() -> int:
        from coro_lab import explore

        return explore({"A": up}, progress=False).judged

    search = explore
    for compute in (imports, lambda: search({"A": up}, progress=False).judged):
        assert reason(compute, 1, 2).says == ("1 interleaving, none of them broken.",)


def test_inside_a_recording_a_question_has_its_answer_too():
    asked = record(lambda: ask("What?", two_numbers, choices=[[1, 2], [1, 1]]).answer)
    assert (asked.error, asked.result) == (None, "[1, 2]")


@pytest.mark.parametrize("compute", [functools.partial(sum, [1, 2]), [1, 2, 3].__len__, functools.partial(next, up())])
def test_what_is_no_function_with_lines_is_only_called(compute: Callable[[], Any]):
    assert reason(compute, "1", 3) == reasons.NO_REASON


# ---- In the widget ---------------------------------------------------------------------------------------------------


def test_the_run_is_shown_on_request_at_the_event_and_hidden_again():
    box = predict("What comes back?", lambda: Stepper(counter).next().send(10).value, choices=[10, 11])
    box.question.receive({"ask": "show"})
    assert list(box.children) == [box.question]  # nothing to see before the answer
    box.question.receive({"ask": "answer", "choice": 1})
    assert (box.question.can_show, box.question.shown) == (True, False)
    box.question.receive({"ask": "show"})
    player = box.children[1]
    assert isinstance(player, Player) and player.trace[player.index].value == "11"
    box.question.receive({"ask": "show"})
    assert list(box.children) == [box.question]


def test_a_skipped_question_shows_no_run():
    box = predict("What comes back?", lambda: Stepper(counter).next().value, choices=[1, 2])
    box.skip()
    assert (box.question.because, box.question.can_show) == ("", False)


def test_an_answered_question_reads_with_its_reason():
    box = predict("In which state?", lambda: Stepper(counter).state, choices=["created", "running"])
    box.answer("running")
    assert repr(box).splitlines()[-2:] == [
        "You said running; the run says created.",
        "No line of counter has run yet.",
    ]


def test_how_sure_a_learner_is_is_kept_if_it_was_said(folder: Path):
    box = predict("What?", lambda: 1, choices=[1, 2])
    box.question.receive({"ask": "answer", "choice": 1, "sure": "sure"})
    assert ProgressFile(folder).read().sure == {"What?": "sure"}
    again = predict("What?", lambda: 1, choices=[1, 2])
    again.question.receive({"ask": "answer", "choice": 0, "sure": "quite"})
    assert ProgressFile(folder).read().sure == {}


def test_the_sentences_of_the_course_are_for_its_questions():
    asked = {question for chapter in chapters() for question in chapter.predictions}
    assert sorted(REASONS.keys() - asked) == []
