"""The front end's own tests, run by node's own test runner."""

from __future__ import annotations

import pytest

from tests.node import JAVASCRIPT, run_node
from tests.places import ROOT

PACKAGE = ROOT / "coro_lab"


@pytest.mark.parametrize("name", sorted(path.name for path in JAVASCRIPT.glob("*.test.js")))
def test_node_finds_the_front_end_right(name):
    assert "\n# fail 0\n" in run_node("--test", "--test-reporter=tap", name)


@pytest.mark.parametrize("name", sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.js")))
def test_each_module_can_be_read_by_node(name, node_reads):
    node_reads(PACKAGE / name)


def test_a_module_that_cannot_be_read_is_found(tmp_path, node_reads):
    (tmp_path / "broken.js").write_text("export const one = 1;\nconst two = ;\n")
    with pytest.raises(AssertionError, match=r"broken\.js: Unexpected token ';'"):
        node_reads(tmp_path / "broken.js")
