"""`make mutants`: what is changed, how a mutant is named, and what is counted."""

import ast

import pytest

from tests.mutants import mutations
from tests.mutants.__main__ import ASKED, Tally, chosen
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.mutations import Mutant, mutants, places
from tests.mutants.parts import ROOT, TESTS, files, part_of

PROGRAM = '''"""A module."""
from typing import overload
__all__ = ["Box"]

class Box:
    """What is changed."""

    @property
    def first(self) -> "int | None":
        if self.full and len(self.things) > 1:
            self.count += 1
            self.log("taken")
            return self.things[0]
        raise ValueError

def after(x):
    """Nothing is changed here that is not of the program."""
    return x

@overload
def described(x: int = 1): ...
'''


@pytest.fixture
def changes(tmp_path, monkeypatch):
    """(function, what was, what is now) of each mutant of the program."""
    (tmp_path / "box.py").write_text(PROGRAM)
    monkeypatch.setattr(mutations, "ROOT", tmp_path)
    return {mutant.change[1:]: mutant.text for mutant in mutants(places("box.py"))}


def test_operators_comparisons_numbers_and_texts_are_changed(changes):
    was = "if self.full and len(self.things) > 1:"
    now = {now for function, before, now in changes if (function, before) == ("Box.first", was)}
    assert {
        "if self.full or len(self.things) > 1:",
        "if self.full and len(self.things) >= 1:",
        "if self.full and len(self.things) > 2:",
        "if not (self.full and len(self.things) > 1):",
    } == now
    assert ("Box.first", 'self.log("taken")', 'self.log("XXtakenXX")') in changes


def test_a_call_a_raise_and_what_is_returned_are_left_out(changes):
    assert ("Box.first", 'self.log("taken")', "pass") in changes
    assert ("Box.first", "raise ValueError", "pass") in changes
    assert ("Box.first", "return self.things[0]", "return") in changes
    assert ("after", "return x", "return") in changes


def test_neither_annotations_nor_docstrings_nor_decorators_nor_all_are_changed(changes):
    changed = " ".join(before for _, before, _ in changes)
    assert not any(part in changed for part in ("__all__", "int", "A module", "What is", "property", "Nothing is"))


def test_each_mutant_is_the_whole_file_with_one_change(changes):
    for (_, was, now), text in changes.items():
        assert ast.dump(ast.parse(text)) != ast.dump(ast.parse(PROGRAM))
        assert text.replace(now, was, 1).split() == PROGRAM.split() or now == "pass" or now == "return"
    assert len(set(changes.values())) == len(changes)


def test_a_file_belongs_to_the_part_that_has_its_tests():
    assert part_of("coro_lab/engine/stepper/operations.py") == "coro_lab/engine/stepper"
    assert part_of("coro_lab/trace/awaits.py") == "coro_lab/trace/awaits.py"
    assert files("coro_lab/trace/awaits.py") == ["coro_lab/trace/awaits.py"]
    assert "coro_lab/engine/recorder/entering.py" in files("coro_lab/engine/recorder")
    assert {part_of(file) for file in files()} == set(TESTS)
    assert all((ROOT / "tests" / f"{name}.py").exists() for names in TESTS.values() for name in names)


@pytest.mark.integration
def test_a_sample_is_drawn_by_its_seed():
    def drawn(seed):
        return [mutant.change for mutant in chosen(["coro_lab/engine/stepper"], 5, seed)["coro_lab/engine/stepper"]]

    once = drawn(1)
    assert len(once) == 5
    assert once == drawn(1) != drawn(2)


MUTANT = Mutant("coro_lab/trace/awaits.py", "f", "x = 1", "x = 2", "")
LISTED = ("coro_lab/trace/awaits.py", "f", "x = 1", "x = 3")


def test_what_is_equivalent_is_not_counted_and_must_survive(monkeypatch):
    monkeypatch.setitem(EQUIVALENT, LISTED, "for a reason")
    listed = Mutant(*LISTED, "")
    tally = Tally("coro_lab/trace/awaits.py")
    assert [tally.add(MUTANT, "killed"), tally.add(MUTANT, "timeout"), tally.add(listed, "survived")] == [None] * 3
    assert (tally.killed, tally.survived, tally.share) == (2, 0, 1.0)
    assert tally.add(MUTANT, "survived") == "survived"
    assert tally.share == 2 / 3 < ASKED
    assert tally.add(listed, "killed") == "killed, although equivalent.py lists it"


def test_each_equivalent_mutant_is_of_a_part_and_says_why():
    assert all(file in files() and reason for (file, *_), reason in EQUIVALENT.items())
