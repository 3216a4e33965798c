"""`make cpython`: CPython's own tests of generators and coroutines give the same verdicts recorded as alone.

    python -m tests.cpython [SUITE ...]

Each suite runs three times, in a separate process: alone, recorded, and recorded without lines. What differs must
stand in `differences.py`, and what stands there must differ.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cpython.differences import KNOWN, Difference
from tests.cpython.suite import WAYS, file_of

SUITES = (
    "test_generators",
    "test_generator_stop",
    "test_yield_from",
    "test_contextlib",
    "test_coroutines",
    "test_asyncgen",
)
ROOT = Path(__file__).parents[2]
Outcomes = dict[str, tuple[str, int]]  # of each test its verdict and how many events were recorded


def run(suite: str, way: str) -> Outcomes:
    """What came of each test; {} where the process did not come to its end, and its last words are printed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "outcome.json")
        command = [sys.executable, "-m", "tests.cpython.suite", suite, way, str(file)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            print(f"{suite} {way} ended with {done.returncode}:", done.stderr[-2000:], sep="\n")
            return {}
        return {test: (verdict, events) for test, (verdict, events) in json.loads(file.read_text()).items()}


def differences(alone: Outcomes, recorded: Outcomes) -> dict[str, tuple[str, str]]:
    """Test -> its two verdicts, of each test in either run that has two."""
    missing = ("not run", 0)
    both = {test: (alone.get(test, missing)[0], recorded.get(test, missing)[0]) for test in alone | recorded}
    return {test: verdicts for test, verdicts in both.items() if verdicts[0] != verdicts[1]}


def problems(suite: str, way: str, alone: Outcomes, recorded: Outcomes, known: dict[str, Difference]) -> list[str]:
    """Differences that are not known, known ones that are none, and a recording that saw nothing."""
    found = differences(alone, recorded)
    expected = {d.test: (d.alone, d.recorded) for d in known.values() if alone.get(d.test, ("", 0))[0] == d.alone}
    told = [
        f"{test} ({way}): alone {was}, recorded {now}; that is not in tests/cpython/differences.py"
        for test, (was, now) in found.items()
        if expected.get(test) != (was, now)
    ]
    told += [
        f"{test} ({way}): it stands in tests/cpython/differences.py and ends {alone[test][0]} both times; take it out"
        for test in expected
        if test not in found
    ]
    if not sum(events for _, events in recorded.values()):
        told.append(f"{suite} ({way}): nothing was recorded")
    return told


def main(asked: list[str]) -> int:
    """Compare the suites asked for, or all; print a table, and return 0 where each difference is known, else 1."""
    suites = [suite for suite in asked or SUITES if file_of(suite)]
    if not suites:
        print("Skipped: this Python comes without its tests (on Debian, libpython3-testsuite has them).")
        return 0
    runs = [(suite, way) for suite in suites for way in WAYS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = dict(zip(runs, pool.map(lambda one: run(*one), runs)))
    known = {difference.test: difference for difference in KNOWN if difference.applies()}
    print(f"{'suite':22}{'tests':>6}{'events':>9}  differences")
    told: list[str] = []
    for suite in suites:
        alone, recorded, without_lines = (outcomes[suite, way] for way in WAYS)
        found = differences(alone, recorded) | differences(alone, without_lines)
        names = ", ".join(test.rpartition(".")[2] for test in found)
        print(f"{suite:22}{len(alone):6}{sum(events for _, events in recorded.values()):9,}  {names or '-'}")
        told += problems(suite, "with lines", alone, recorded, known)
        told += problems(suite, "without lines", alone, without_lines, known)
    for test in known.keys() & {test for suite in suites for test in outcomes[suite, "alone"]}:
        print(f"\n{test}\n  alone {known[test].alone}, recorded {known[test].recorded}: {known[test].why}")
    print("", *told, sep="\n" if told else "")
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
