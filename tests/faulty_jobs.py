"""Jobs that go wrong on purpose; workers import them, so this module imports nothing that takes time."""

import os
from dataclasses import dataclass
from pathlib import Path

from coro_lab.measure.cores.jobs import Job


@dataclass(frozen=True)
class Deadly(Job):
    """A job whose page 7 ends its worker, the first time it is worked on (or every time)."""

    marker: str = ""
    always: bool = False

    def compute(self, html: str) -> int:
        if "<title>Page 7<" in html and (self.always or not Path(self.marker).exists()):
            Path(self.marker).touch()
            os._exit(1)
        return super().compute(html)


@dataclass(frozen=True)
class Wrong(Job):
    """A job with a mistake in it, which shows on page 3 alone."""

    def compute(self, html: str) -> int:
        if "<title>Page 3<" in html:
            raise ZeroDivisionError("a mistake")
        return super().compute(html)
