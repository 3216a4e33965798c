"""Without node the checks of the front end are skipped with a sentence, and under CI=true they fail."""

from __future__ import annotations

import pytest

from tests.javascript_tools.__main__ import COMMANDS, main


@pytest.fixture
def without_node(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_node_a_check_is_skipped_in_one_sentence(without_node, capfd, command):
    assert main(command) == 0
    said = capfd.readouterr().out
    assert said.startswith(f"The front end's {command} is skipped: no node with npm was found.")
    assert said.count("\n") == 1


def test_where_everything_has_to_be_there_it_fails(without_node, monkeypatch, capfd):
    monkeypatch.setenv("CI", "true")
    assert main("lint") == 1
    assert "The front end's lint fails: no node with npm was found." in capfd.readouterr().out
