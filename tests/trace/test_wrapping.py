"""What is printed stays within the width of a cell's output, and is broken between words alone."""

from __future__ import annotations

import pytest

from coro_lab import explore
from coro_lab.measure import cores
from coro_lab.trace.wrapping import WIDTH, fitted
from tests import racy


def test_what_fits_is_left_as_it_is():
    assert fitted("a  b\tc\n  d") == "a  b\tc\n  d"
    assert fitted("") == ""


def test_a_long_line_is_broken_between_words_and_a_short_one_beside_it_is_not():
    *lines, last = fitted("takes turns " * 20 + "\nthe end").splitlines()
    assert all(len(line) <= WIDTH for line in lines)
    assert [line[:2] for line in lines] == ["ta", *["  "] * (len(lines) - 1)]
    assert " ".join(line.strip() for line in lines) == ("takes turns " * 20).strip()
    assert last == "the end"


def test_a_word_is_never_broken():
    assert fitted("x" * 200) == "x" * 200


def test_a_long_counterexample_stays_within_the_width():
    found = explore(
        setup=racy.Tally,
        coroutines={"a task with a long name": racy.increment, "another task with a long name": racy.increment},
        invariant=racy.is_two,
    )
    first, second = repr(found).splitlines()
    assert len(first) <= WIDTH
    assert f"{first} {second.strip()}" == (
        "6 interleavings, 4 break the invariant; first a task with a long name another task with a long name "
        "a task with a long name another task with a long name"
    )


@pytest.mark.parametrize("ability", cores.abilities(), ids=lambda ability: ability.name)
def test_an_ability_is_told_within_the_width(ability):
    assert all(len(line) <= WIDTH for line in str(ability).splitlines())
    assert " ".join(str(ability).split()).endswith(ability.sentence)
