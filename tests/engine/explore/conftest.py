"""Fixtures for exploring."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coro_lab.engine.explore import in_turns


@pytest.fixture(scope="module")
def only_merging() -> Iterator[None]:
    """Equivalent orders are not judged once, so that what is tested is the merging of equal states."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_turns, "reduced_search", lambda program: None)
        yield
