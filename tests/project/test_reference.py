"""The reference page holds every public name once, is up to date, and each name says what a caller must know."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

import coro_lab
from coro_lab import cores, costs, errors, record
from tests.places import ROOT
from tests.reference.__main__ import PAGE
from tests.reference.groups import GROUPS, grouped
from tests.reference.names import Entry, comments_of, entries, members
from tests.reference.page import Page, heading
from tests.reference.standard import error_named, faults, raised

TEXT = PAGE.read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
OWNERS = {member.name: entry for entry in entries() for member in entry.members}

if __name__ == "__main__":
    for e in (*entries(), *members()):
        if f := faults(e, OWNERS.get(e.name)):
            print(e.item.path, "|", e.name, "|", "; ".join(f))
