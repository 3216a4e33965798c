"""The lanes of a Trace: each with a name of its own, and with numbers that begin at 1 in every run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from coro_lab.engine.recorder.lanes import LaneFacts
from coro_lab.trace.events import Lane
from coro_lab.trace.own_builtins import keep_builtins

keep_builtins(globals())

_NUMBERED_THREAD = re.compile(r"Thread-\d+")


def named(facts: Iterable[LaneFacts]) -> Iterator[Lane]:
    """The lanes, in order. A second `consumer` is called `consumer 2`, or the next number that is free."""
    others: Counter[str] = Counter()  # lanes of the same name, besides the first
    taken: set[str] = set()
    threads: dict[str, str] = {}  # how each is told
    for code, given, thread, task in facts:
        name = given or (code if isinstance(code, str) else code.name)
        unique = name
        while unique in taken:
            others[name] += 1
            unique = f"{name} {others[name] + 1}"
        taken.add(unique)
        if thread not in threads:  # Python numbers them over the whole process; here each run begins with Thread-1
            threads[thread] = _NUMBERED_THREAD.sub(f"Thread-{len(threads)}", thread)
        told = threads[thread]
        if isinstance(code, str):
            yield Lane(unique, "function", None, told, task)
        else:
            yield Lane(unique, code.kind, code.source, told, task)
