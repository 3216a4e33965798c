"""Each misconception is tested by its program, and its cure is where it says."""

from __future__ import annotations

import re

import nbformat
import pytest

from coro_lab.lessons.misconceptions import MISCONCEPTIONS, Misconception, UnknownMisconceptionError, named
from tests.places import NOTEBOOKS

each = pytest.mark.parametrize("misconception", MISCONCEPTIONS, ids=lambda misconception: misconception.name)

NAMED_IN_THE_COURSE = {
    "a-call-runs-it": "after the call",
    "send-before-next": "TypeError",
    "a-yield-assigns-at-once": "nothing yet",
    "yield-is-return": "[1, 2]",
    "a-send-answers-the-next-yield": "age?\nAnn None",
    "for-and-send-do-not-disturb": "1\n3\n4",
    "closed-can-go-on": "1\nnothing more",
    "every-await-switches": "A 1\nA 2\nB 1\nB 2",
    "one-thread-no-race": "1",
    "a-generator-restarts": "[1, 2]\n[]",
    "lines-run-as-they-stand": "the lower line\nthe upper line",
    "the-caller-does-not-wait": "called begins\ncalled ends\ncaller ends",
    "locals-outlive-the-call": "1 1",
    "a-turn-runs-to-the-end": "1",
    "coroutines-call-each-other": "scheduler scheduler",
    "what-is-sent-replaces-what-was-yielded": "11",
    "the-start-gets-an-answer": "nothing yet\n200 OK",
    "add-and-assign-is-one-action": "2",
    "a-race-shows-in-every-order": "2",
    "a-turn-is-one-switch": "3",
    "threads-belong-to-python": "2",
    "asyncio-runs-tasks-in-threads": "1",
    "what-fails-once-is-lost": "again\nagain\npage",
    "a-result-goes-past-the-caller": "42",
    "a-yield-has-no-value": "hello",
    "suspended-is-waiting": "GEN_SUSPENDED",
    "a-running-one-can-be-resumed": "refused",
    "the-outermost-one-receives": "wait receives go\ntask receives nothing",
    "notified-means-true": "sometimes empty",
    "a-time-limit-undoes": "0",
    "cancel-ends-at-once": "ended: False",
    "cancelled-means-ended": "cancelled: False",
    "cancelled-cannot-await": "cleaned up",
    "gather-ends-all": "still running: True",
    "every-error-comes-out": "OSError",
    "an-error-is-always-heard": "all is well",
    "the-loop-keeps-tasks": "closed\ncollected",
    "the-first-one-ends-the-rest": "far has ended: False",
    "a-deadlock-needs-locks": "deadlock",
    "a-failure-ends-the-wait": "still waiting, and the error is ValueError",
    "a-lock-knows-its-holder": "waits for itself",
    "a-lock-costs-nothing": "longer",
    "a-break-closes-the-stream": "after the loop\nclosed",
    "put-is-done": "0 kept",
    "a-stream-has-its-own-context": "Bob",
    "a-frame-is-copied": "True Ann",
    "a-resumed-line-begins-anew": "10",
    "a-helper-yields-for-me": "['thanks']",
}


def test_these_are_all():
    assert {misconception.name for misconception in MISCONCEPTIONS} == set(NAMED_IN_THE_COURSE)


@each
def test_the_program_does_not_do_what_is_believed(misconception: Misconception):
    assert misconception.happens() == NAMED_IN_THE_COURSE[misconception.name]
    assert misconception.believed != misconception.happens()


@each
def test_the_section_that_corrects_it_exists(misconception: Misconception):
    notebook = nbformat.read(NOTEBOOKS / f"{misconception.notebook}.ipynb", as_version=4)
    headings = re.findall(r"^## (.*)$", "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown"), re.M)
    assert misconception.heading in headings


def test_an_unknown_misconception_is_refused_with_the_known_ones():
    with pytest.raises(UnknownMisconceptionError, match="a-call-runs-it"):
        named("the-earth-is-flat")
