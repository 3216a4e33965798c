"""The mutants that no test can kill, because the program is the same with them, each with the reason.

A mutant is named by its file, the function, what stood there and what stands there now, as `make mutants` prints it.
"""

EQUIVALENT: dict[tuple[str, str, str, str], str] = {
    (
        "coro_lab/trace/codec.py",
        "dump",
        'return json.dumps(document, ensure_ascii=False, separators=(",", ":"))',
        'return json.dumps(document, ensure_ascii=None, separators=(",", ":"))',
    ): "json asks only whether it is true",
    (
        "coro_lab/engine/scheduler.py",
        "Scheduler.spawn",
        'name = next(f"{name} {n}" for n in range(2, len(self.tasks) + 3) if f"{name} {n}" not in self.tasks)',
        'name = next(f"{name} {n}" for n in range(2, len(self.tasks) + 4) if f"{name} {n}" not in self.tasks)',
    ): "a free number is found before the range ends",
    (
        "coro_lab/engine/scheduler.py",
        "_recorded.step",
        "recorder.expect(value, name=name)",
        "recorder.expect(None, name=name)",
    ): "a scheduler sends nothing but None",
    (
        "coro_lab/engine/scheduler.py",
        "_recorded.step",
        "return send(value)",
        "return send(None)",
    ): "a scheduler sends nothing but None",
    (
        "coro_lab/engine/scheduler.py",
        "_is_closed",
        'return getattr(task, "gi_frame", True) is None or getattr(task, "cr_frame", True) is None',
        'return getattr(task, "gi_frame", False) is None or getattr(task, "cr_frame", True) is None',
    ): "False is as little None as True",
    (
        "coro_lab/engine/scheduler.py",
        "_is_closed",
        'return getattr(task, "gi_frame", True) is None or getattr(task, "cr_frame", True) is None',
        'return getattr(task, "gi_frame", True) is None or getattr(task, "cr_frame", False) is None',
    ): "False is as little None as True",
    (
        "coro_lab/engine/stepper/operations.py",
        "Input",
        "links: tuple[Any, ...] = field(default=(), repr=False, compare=False)  # an exception's links when it was given",
        "links: tuple[Any, ...] = field(default=(), repr=None, compare=False)  # an exception's links when it was given",
    ): "dataclass asks only whether it is true",
    (
        "coro_lab/engine/stepper/operations.py",
        "Input",
        "links: tuple[Any, ...] = field(default=(), repr=False, compare=False)  # an exception's links when it was given",
        "links: tuple[Any, ...] = field(default=(), repr=False, compare=None)  # an exception's links when it was given",
    ): "dataclass asks only whether it is true",
    (
        "coro_lab/engine/stepper/operations.py",
        "Input.restore",
        "for link, value in zip(_LINKS, self.links, strict=False):",
        "for link, value in zip(_LINKS, self.links, strict=None):",
    ): "zip asks only whether it is true",
    (
        "coro_lab/engine/stepper/operations.py",
        "Input.restore",
        "for link, value in zip(_LINKS, self.links, strict=False):",
        "for link, value in zip(_LINKS, self.links, ):",
    ): "False is what zip takes anyway",
    (
        "coro_lab/engine/stepper/stepper.py",
        "Stepper.state",
        'return of(made).partition("_")[2].lower()',
        'return of(made).rpartition("_")[2].lower()',
    ): "inspect's names of states have one underscore",
    (
        "coro_lab/engine/recorder/rewriting.py",
        "",
        '"coro_lab: received",',
        '"XXcoro_lab: receivedXX",',
    ): "a mark is any text that no program has",
    (
        "coro_lab/engine/recorder/rewriting.py",
        "",
        '"coro_lab: handing over",',
        '"XXcoro_lab: handing overXX",',
    ): "a mark is any text that no program has",
    (
        "coro_lab/trace/awaits.py",
        "Await",
        "meanwhile: Meanwhile = field(repr=False)  # who got control",
        "meanwhile: Meanwhile = field(repr=None)  # who got control",
    ): "dataclass asks only whether it is true",
    (
        "coro_lab/trace/awaits.py",
        "Awaits.__repr__",
        "width = max((len(awaited) for _, awaited in places), default=0)",
        "width = max((len(awaited) for _, awaited in places), default=None)",
    ): "without places no row is printed",
    (
        "coro_lab/trace/awaits.py",
        "Awaits.__repr__",
        "width = max((len(awaited) for _, awaited in places), default=0)",
        "width = max((len(awaited) for _, awaited in places), default=1)",
    ): "without places no row is printed",
    (
        "coro_lab/trace/awaits.py",
        "_Run.__init__",
        "self._step = -1",
        "self._step = None",
    ): "it is none of the steps, which begin with 0",
    (
        "coro_lab/trace/awaits.py",
        "_Run.__init__",
        "self._step = -1",
        "self._step = -2",
    ): "it is none of the steps, which begin with 0",
    (
        "coro_lab/trace/awaits.py",
        "_Run.__init__",
        "self._step = -1",
        "self._step = +1",
    ): "it is not the first step, which is 0",
    (
        "coro_lab/engine/recorder/rewriting.py",
        "CodeTable.learn",
        "pairs = dict(zip(nested(original), nested(rewritten), strict=True))",
        "pairs = dict(zip(nested(original), nested(rewritten), strict=None))",
    ): "both are compiled from the same text, so there are as many of the one as of the other",
    (
        "coro_lab/engine/recorder/rewriting.py",
        "CodeTable.learn",
        "pairs = dict(zip(nested(original), nested(rewritten), strict=True))",
        "pairs = dict(zip(nested(original), nested(rewritten), strict=False))",
    ): "both are compiled from the same text, so there are as many of the one as of the other",
    (
        "coro_lab/engine/recorder/rewriting.py",
        "CodeTable.learn",
        "pairs = dict(zip(nested(original), nested(rewritten), strict=True))",
        "pairs = dict(zip(nested(original), nested(rewritten), ))",
    ): "both are compiled from the same text, so there are as many of the one as of the other",
    (
        "coro_lab/engine/recorder/patching.py",
        "_can_outlive",
        'return inner is not code and inner.co_name not in ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")',
        'return inner is not code or inner.co_name not in ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")',
    ): "it is only slower: more is looked for, and what is found is given its own code",
    (
        "coro_lab/engine/recorder/threads.py",
        "_runs_learners",
        "while frame is not None and not is_learners(frame.f_code):",
        "while frame is None and not is_learners(frame.f_code):",
    ): "it is only slower: a recording that takes its turn beside any other thread tells the same",
    (
        "coro_lab/engine/recorder/leaving.py",
        "Leaving.on_unwind",
        "lane = stack[-1] if stack else self._control.goes_on(code, frame)",
        "lane = stack[-1] if (stack) and False else self._control.goes_on(code, frame)",
    ): "it is only slower: `back_in` finds the same lane by its frame",
    (
        "coro_lab/engine/recorder/user_code.py",
        "_installed",
        'record = distribution.read_text("RECORD") or distribution.read_text("installed-files.txt") or ""',
        'record = distribution.read_text("RECORD") or distribution.read_text("installed-files.txt") or "XXXX"',
    ): "nobody has a module of that name",
    (
        "coro_lab/engine/explore/state_search.py",
        "Merging._start",
        "self._add(key, 0, 0)",
        "self._add(key, 0, 1)",
    ): "how the first state was reached nobody asks",
}
