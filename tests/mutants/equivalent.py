"""The mutants that no test can kill, because the program is the same with them, each with the reason.

A mutant is named by its file, the function, what stood there and what stands there now, as `make mutants` prints it.
"""

EQUIVALENT: dict[tuple[str, str, str, str], str] = {
    (
        "coro_lab/traceformat.py",
        "dump",
        'return json.dumps(document, ensure_ascii=False, separators=(",", ":"))',
        'return json.dumps(document, ensure_ascii=None, separators=(",", ":"))',
    ): "json asks only whether it is true",
    (
        "coro_lab/scheduler.py",
        "Scheduler.spawn",
        'name = next(f"{name} {n}" for n in range(2, len(self.tasks) + 3) if f"{name} {n}" not in self.tasks)',
        'name = next(f"{name} {n}" for n in range(2, len(self.tasks) + 4) if f"{name} {n}" not in self.tasks)',
    ): "a free number is found before the range ends",
}
