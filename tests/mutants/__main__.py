"""`make mutants`: whether the tests of a module see a small change in it.

    python -m tests.mutants [--sample N] [--seed N] [FILE OR FOLDER ...]

Each mutant is one changed file in a copy of the project, and only the tests of its part run against it (`parts.py`). At
least 90 % of the mutants of each part must be killed, not counting those that are the same program, which stand in
`equivalent.py`. `--sample` draws N mutants of each part at random.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.mutations import Mutant, mutants, places
from tests.mutants.parts import TESTS, files, part_of
from tests.mutants.trials import Trials

ASKED = 0.9  # of the mutants that are not equivalent
COLUMNS = ("mutants", "killed", "survived", "equivalent")


@dataclass
class Tally:
    """What came of the mutants of one part."""

    part: str
    killed: int = 0
    survived: int = 0
    equivalent: set[tuple[str, str, str, str]] = field(default_factory=set)

    def add(self, mutant: Mutant, outcome: str) -> str | None:
        """Count one mutant; what there is to say about it, if anything."""
        listed = mutant.change in EQUIVALENT
        if outcome != "survived":
            self.killed += 1
            return f"{outcome}, although equivalent.py lists it" if listed else None
        if listed:
            self.equivalent.add(mutant.change)
            return None
        self.survived += 1
        return outcome

    @property
    def tried(self) -> int:
        return self.killed + self.survived + len(self.equivalent)

    @property
    def share(self) -> float:
        """How many of the mutants that can be killed are, from 0 to 1."""
        return self.killed / (self.killed + self.survived or 1)

    def row(self) -> str:
        counts = (self.tried, self.killed, self.survived, len(self.equivalent))
        return f"{self.part:24}" + "".join(f"{count:>12}" for count in counts) + f"{self.share:>10.1%}"


def chosen(wanted: list[str], sample: int | None, seed: int) -> dict[str, Iterable[Mutant]]:
    """Part -> the mutants to try: all those of the files wanted, or so many of each part, drawn at random."""
    by_part: dict[str, list[str]] = {}
    for file in dict.fromkeys(file for name in wanted or [""] for file in files(name)):
        by_part.setdefault(part_of(file), []).append(file)
    return {part: _of(names, sample, seed) for part, names in by_part.items()}


def _of(names: list[str], sample: int | None, seed: int) -> Iterable[Mutant]:
    every = [place for name in names for place in places(name)]
    if sample is not None:
        random.Random(seed).shuffle(every)
    return itertools.islice(mutants(every), sample)


def tried(trials: Trials, part: str, wanted: Iterable[Mutant]) -> Tally:
    """What came of these mutants of a part; each that survived is printed."""
    print(f"== {part}: {', '.join(TESTS[part])}", flush=True)
    took = trials.seconds(part)
    if took is None:
        sys.exit(f"The tests of {part} fail without a mutant; mend that first.")
    tally = Tally(part)
    for mutant, outcome in trials.outcomes(wanted, limit=5 + 5 * took):
        told = tally.add(mutant, outcome)
        if told:
            print(f"  {told}: {mutant}", flush=True)
    return tally


def main() -> int:
    """Try the mutants asked for; returns 0 where enough of each part were killed, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE OR FOLDER", help="all parts where none is named")
    parser.add_argument("--sample", type=int, help="how many of each part, drawn at random; all by default")
    parser.add_argument("--seed", type=int, default=0, help="of the draw, 0 by default")
    asked = parser.parse_args()
    parts = chosen(asked.files, asked.sample, asked.seed)
    if not parts:
        parser.error(f"no file of {', '.join(asked.files)} belongs to a part; the parts are {', '.join(TESTS)}")
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path(folder))
        tallies = [tried(trials, part, wanted) for part, wanted in parts.items()]
    print(f"\n{'':24}" + "".join(f"{column:>12}" for column in COLUMNS) + f"{'share':>10}")
    print(*(tally.row() for tally in tallies), sep="\n")
    return int(any(tally.share < ASKED for tally in tallies))


if __name__ == "__main__":
    sys.exit(main())
