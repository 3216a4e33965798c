"""A schedule as text: 'ABBA', 'produce consume produce', and what to write instead of an unknown one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())


def split_schedule(schedule: str, names: Sequence[str]) -> list[str]:
    """The names in a text. Without spaces each letter is a name; names with spaces are found longest first.

    >>> split_schedule("ABBA", ["A", "B"])
    ['A', 'B', 'B', 'A']
    >>> split_schedule("produce consume", ["produce", "consume"])
    ['produce', 'consume']
    """
    words = schedule.split()
    if any(" " in name for name in names):
        any_name = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        return [part.strip() for part in re.split(f"({any_name})", schedule) if part.strip()]
    if set(words) <= set(names) or not any(len(name) == 1 for name in names):
        return words
    return [letter for word in words for letter in word]


def spelled(words: Sequence[str]) -> str:
    """These names as the text of a schedule: without spaces where each of them is one letter."""
    return ("" if all(len(word) == 1 for word in words) else " ").join(words)


def corrected(schedule: str, names: Sequence[str]) -> str:
    """A schedule to write instead: the same in other letters or with other marks between, or else one turn for each."""
    known = {name.casefold(): name for name in names}
    words = split_schedule(re.sub(r"[,;.|/>-]+", " ", schedule).casefold(), tuple(known))
    return spelled([known[word] for word in words] if words and set(words) <= set(known) else names)
