"""What a measurement says about where it was made, and the budget that the environment can lower."""

import sys

import pytest

from coro_lab.measure.machine import Machine, allowed, has_gil, this_machine, usable_cores


def test_a_machine_says_what_a_reader_must_know() -> None:
    machine = Machine("Linux 6.1", "a processor", 4, "CPython 3.12.1", True, (("greenlet", "3.1"),))
    assert str(machine) == "a processor, 4 cores, Linux 6.1, CPython 3.12.1, greenlet 3.1"
    assert Machine.from_dict(machine.to_dict()) == machine


def test_this_machine_is_described_without_a_personal_name() -> None:
    machine = this_machine("pytest", "no-such-package-at-all")
    assert machine.python.endswith(".".join(map(str, sys.version_info[:3])))
    assert machine.cores == usable_cores() >= 1
    assert machine.gil == has_gil()
    assert [name for name, _ in machine.versions] == ["pytest"]


def test_one_core_without_a_lock() -> None:
    assert (
        str(Machine("Darwin 24", "M9", 1, "CPython 3.14.0", False))
        == "M9, 1 core, Darwin 24, CPython 3.14.0 without the GIL"
    )


def test_the_environment_lowers_a_budget_and_never_raises_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORO_LAB_BUDGET", raising=False)
    assert allowed(20) == 20
    monkeypatch.setenv("CORO_LAB_BUDGET", "2.5")
    assert (allowed(20), allowed(1)) == (2.5, 1)
    monkeypatch.setenv("CORO_LAB_BUDGET", "soon")
    with pytest.raises(ValueError, match="it is 'soon'"):
        allowed(20)
