"""Fixtures for the widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.node import Node


@pytest.fixture(scope="module")
def node_reads() -> Iterator[Callable[[Path], None]]:
    """Fails if node cannot read the module at this path. One node reads them all, without running any of them."""
    with Node("--experimental-vm-modules", "--no-warnings", "modules.js") as node:

        def reads(path: Path) -> None:
            fault = node.ask(str(path))
            assert fault is None, fault

        yield reads
