"""Switches are measured by a clock that the test owns; rings, threads and memory are the real ones."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import matplotlib as mpl
import pytest

from coro_lab.errors import ArgumentError, FormatError, NotMeasuredError, UnknownNameError
from coro_lab.measure import costs
from coro_lab.measure.costs.findings import finding, in_time, waiting_finding
from coro_lab.measure.costs.mechanisms import MECHANISMS, Clock, Mechanism, Turn
from coro_lab.measure.costs.results import Cost, Costs, Gap, Memory
from coro_lab.measure.costs.thread_rings import ThreadsRefusedError
from coro_lab.measure.costs.waiting import Waiting
from coro_lab.measure.machine import Machine
from coro_lab.views.plots.costs import cost_curves, waiting_bars
from tests.readable import assert_readable

mpl.use("agg")

HERE = Machine("Linux 1", "a <fast> processor", 2, "CPython 3.12.1", True)


class FakeClock:
    """Time passes only when somebody spends it, or a tick each time that somebody asks."""

    def __init__(self) -> None:
        self.now = self.tick = 0.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now

    def mechanism(self, name: str, ns: float, *, build: float = 0.0, noise: tuple[float, ...] = (1.0,)) -> Mechanism:
        """One whose switches take so many nanoseconds, times each of the noise in turn."""
        turns = iter(range(10**9))

        @contextmanager
        def ring(tasks: int, clock: Clock) -> Iterator[Turn]:
            def turn(rounds: int) -> float:
                seconds = rounds * tasks * ns * noise[next(turns) % len(noise)] / 1e9
                self.now += seconds
                return seconds

            self.now += build * tasks
            yield turn

        return Mechanism(name, "for tests", ring)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def measure(clock: FakeClock, *mechanisms: Mechanism, tasks: tuple[int, ...] = (1, 100), budget: float = 20.0) -> Costs:
    return costs.measure(mechanisms, tasks, budget=budget, memory=False, shown=False, clock=clock)


# ---- the measuring itself -------------------------------------------------------------------------------------------


def test_the_cost_of_a_switch_is_measured(clock: FakeClock) -> None:
    result = measure(clock, clock.mechanism("cheap", 50), clock.mechanism("dear", 5_000))
    assert [(cost.mechanism, cost.tasks, cost.ns, cost.visits) for cost in result.costs] == [
        ("cheap", 1, 50.0, 9),
        ("cheap", 100, 50.0, 9),
        ("dear", 1, 5_000.0, 9),
        ("dear", 100, 5_000.0, 9),
    ]
    assert result.ratio("dear", "cheap", tasks=100) == 100
    assert result.gaps == ()


def test_repetitions_are_interleaved(clock: FakeClock) -> None:
    built: list[str] = []

    def noted(mechanism: Mechanism) -> Mechanism:
        @contextmanager
        def ring(tasks: int, clock: Clock) -> Iterator[Turn]:
            built.append(f"{mechanism.name}{tasks}")
            with mechanism.ring(tasks, clock) as turn:
                yield turn

        return replace(mechanism, ring=ring)

    mechanisms = [noted(clock.mechanism("a", 50)), noted(clock.mechanism("b", 50))]
    costs.measure(mechanisms, [1, 10], repetitions=2, memory=False, shown=False, clock=clock)
    assert built == ["a1", "b1", "a10", "b10"] * 2


def test_a_disturbed_sample_moves_the_spread_and_not_the_median(clock: FakeClock) -> None:
    disturbed = clock.mechanism("disturbed", 100, noise=(1.0, 1.0, 1.0, 1.0, 50.0))
    (cost,) = measure(clock, disturbed, tasks=(10,)).costs
    assert cost.ns == 100
    assert max(cost.samples) == 5_000


@pytest.mark.parametrize("budget", [0.5, 2.0, 7.0, 20.0])
def test_the_budget_is_kept(clock: FakeClock, budget: float) -> None:
    slow = clock.mechanism("slow", 20_000, build=0.0004)
    result = measure(clock, clock.mechanism("fast", 50), slow, tasks=(1, 10, 100, 1_000, 10_000), budget=budget)
    assert clock.now <= budget
    assert result.seconds <= budget
    assert {cost.mechanism for cost in result.costs} == {"fast", "slow"}


def test_what_the_budget_leaves_out_is_named(clock: FakeClock) -> None:
    result = measure(clock, clock.mechanism("slow", 20_000, build=0.0004), tasks=(100, 10_000), budget=2.0)
    assert [(gap.mechanism, gap.tasks, gap.reason) for gap in result.gaps] == [
        ("slow", 10_000, "the budget ended before it")
    ]
    assert "slow with 10,000 not measured: the budget ended before it." in result.text()
    with pytest.raises(NotMeasuredError, match="10,000 tasks was not measured: the budget ended"):
        result.ns("slow", 10_000)


def test_even_without_time_the_smallest_ring_of_each_mechanism_is_measured(clock: FakeClock) -> None:
    result = measure(clock, clock.mechanism("a", 50), clock.mechanism("b", 90), tasks=(1, 10), budget=0.0)
    assert [(cost.mechanism, cost.tasks) for cost in result.costs] == [("a", 1), ("b", 1)]
    assert [(gap.mechanism, gap.tasks) for gap in result.gaps] == [("a", 10), ("b", 10)]


def test_the_environment_can_lower_the_budget(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORO_LAB_BUDGET", "1")
    measure(clock, clock.mechanism("slow", 20_000, build=0.0004), tasks=(1, 10, 100, 1_000, 10_000), budget=20.0)
    assert clock.now <= 1.0
    monkeypatch.setenv("CORO_LAB_BUDGET", "one")
    with pytest.raises(ValueError, match="CORO_LAB_BUDGET=5"):
        measure(clock, clock.mechanism("fast", 50))


def test_unknown_mechanisms_and_impossible_counts_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="There is no mechanism 'sends'. There is: 'function call', 'send'"):
        costs.measure(["sends"])
    with pytest.raises(ValueError, match=r"write mechanisms=\['send'\]"):
        costs.measure("send")
    with pytest.raises(ValueError, match=r"tasks=\[0\]"):
        costs.measure(["send"], [0])
    with pytest.raises(ValueError, match=r"such as \[1, 100\]; you wrote tasks=100"):
        costs.measure(["send"], 100)  # type: ignore[arg-type]
    for budget in (-1, float("nan"), "2"):
        with pytest.raises(ArgumentError, match="budget is how long .* at least 0; you wrote"):
            costs.measure(["send"], budget=budget)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="There is no mechanism 'sned'. There is: .*'send'"):
        RESULT.of("sned")
    assert RESULT.of("greenlet") == ()
    with pytest.raises(UnknownNameError):
        costs.kernel_switches("sned")
    with pytest.raises(ArgumentError, match="tasks is how many tasks take turns"):
        costs.kernel_switches("send", tasks=0)


@pytest.mark.integration
def test_cheaper_measures_once_more_before_it_says_no() -> None:
    wrong = Costs((Cost("send", 2, (9e9,)), Cost("thread, lock", 2, (1.0,))), (), (), HERE, 1.0)
    assert costs.cheaper(wrong, "send", "thread, lock", by=5, tasks=2)
    assert not costs.cheaper(wrong, "thread, lock", "send", by=9e12, tasks=2)


# ---- the mechanisms: real rings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda mechanism: mechanism.name)
@pytest.mark.parametrize("tasks", [1, 2, 7])
def test_a_ring_can_be_turned_again_and_again_and_leaves_no_thread(mechanism: Mechanism, tasks: int) -> None:
    pytest.importorskip(mechanism.package or "sys")
    before = threading.active_count()
    ticks = iter(range(1000))
    with mechanism.ring(max(tasks, mechanism.fewest), lambda: next(ticks)) as turn:
        assert [turn(turns) for turns in (1, 3, 2)] == [1, 1, 1]  # the clock is read once before and once after
    assert threading.active_count() == before


@pytest.mark.parametrize("mechanism", [m for m in MECHANISMS if "thread" in m.name], ids=lambda m: m.name)
def test_an_interrupt_ends_all_threads(mechanism: Mechanism) -> None:
    before = threading.active_count()

    def interrupted() -> float:
        raise KeyboardInterrupt

    ring = mechanism.ring(20, interrupted)
    turn = ring.__enter__()
    assert threading.active_count() == before + 19
    with pytest.raises(KeyboardInterrupt) as interrupt:
        turn(1)
    ring.__exit__(interrupt.type, interrupt.value, interrupt.tb)
    assert threading.active_count() == before


@pytest.mark.integration
def test_a_missing_package_is_named_in_its_row(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "greenlet", None)  # as where it is not installed
    result = costs.measure(["send", "greenlet"], [2, 10], budget=2, memory=False, shown=False)
    assert {cost.mechanism for cost in result.costs} == {"send"}
    assert {gap.reason for gap in result.gaps} == {
        "greenlet is not installed (%pip install greenlet in a cell adds this row)"
    }
    assert "greenlet with 2, 10 not measured: greenlet is not installed" in result.text()


def test_the_limit_of_threads_is_found_and_measured(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    start, before = threading.Thread.start, threading.active_count()

    def start_at_most_40(thread: threading.Thread) -> None:
        if threading.active_count() >= before + 40:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_at_most_40)
    clock.tick = (
        costs.measuring.BATCH
    )  # each sample is long enough at once, and how busy the machine is does not matter
    result = costs.measure(
        ["thread, lock"], [2, 10, 1_000], budget=60, repetitions=2, memory=False, shown=False, clock=clock
    )
    assert [cost.tasks for cost in result.costs] == [2, 10, 37]  # 41 with the first thread, less a tenth
    assert result.most_threads == 41
    assert result.gaps[0].reason == "the machine refused another thread at 41"
    assert threading.active_count() == before


@pytest.mark.integration
@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space of a process, which Linux obeys")
def test_a_machine_that_really_refuses_threads() -> None:
    program = """
import resource, threading
from coro_lab.measure import costs
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))  # 1 GB of addresses; a thread reserves some MB
result = costs.measure(["send", "thread, lock"], [2, 50, 1_000], budget=30, repetitions=1, memory=False, shown=False)
print(result.most_threads is not None, threading.active_count())
"""
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["True", "1"]


def test_threads_that_are_refused_are_ended_first(monkeypatch: pytest.MonkeyPatch) -> None:
    start, before = threading.Thread.start, threading.active_count()

    def start_at_most_3(thread: threading.Thread) -> None:
        if threading.active_count() >= before + 3:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_at_most_3)
    queue = next(mechanism for mechanism in MECHANISMS if mechanism.name == "thread, queue")
    with pytest.raises(ThreadsRefusedError, match="when 4 were alive"), queue.ring(10, lambda: 0.0):
        pytest.fail("the ring must not stand")
    assert threading.active_count() == before


def test_the_kernel_takes_part_in_a_hand_over_and_not_in_a_send() -> None:
    assert costs.kernel_switches("thread, lock", 1_000) >= 900
    assert costs.kernel_switches("send", 1_000) < 100


@pytest.mark.integration
def test_memory_of_a_thread_is_more_than_that_of_a_generator() -> None:
    generator, task, thread = costs.measure(["send"], [1], budget=0.5, shown=False).memory
    assert (generator.task, task.task, thread.task) == ("generator", "asyncio task", "thread")
    assert 0 < generator.objects < task.objects < thread.objects
    assert generator.resident < thread.resident


# ---- the result: a value --------------------------------------------------------------------------------------------

RESULT = Costs(
    costs=(Cost("send", 2, (30.0, 31.0, 39.0), 1), Cost("thread, lock", 2, (3_000.0, 2_900.0, 3_500.0), 1)),
    gaps=(Gap("<b>greenlet", 2, "greenlet is not installed"),),
    memory=(Memory("generator", 184.6, 172.0, 177.0), Memory("thread", 2_885.0, 13_025.0, 9_918_955.0)),
    machine=HERE,
    seconds=3.1,
)


def test_the_text_has_a_row_for_each_mechanism_and_says_where() -> None:
    assert RESULT.text().splitlines() == [
        "ns a task switch                    2",
        "send                       31 (30–35)",
        "thread, lock      3,000 (2,950–3,250)",
        "<b>greenlet                         –",
        "Median, and between which two numbers half of the samples lie. "
        "Measured on a <fast> processor, 2 cores, Linux 1, CPython 3.12.1.",
        "<b>greenlet with 2 not measured: greenlet is not installed.",
        "One generator: 185 bytes of Python objects, 172 bytes in RAM, 177 bytes of addresses.",
        "One thread: 2.9 KB of Python objects, 13 KB in RAM, 9.9 MB of addresses.",
    ]


def test_the_table_is_escaped_and_the_repr_holds_no_time() -> None:
    html = RESULT._repr_html_()
    assert "&lt;b&gt;greenlet" in html
    assert "a &lt;fast&gt; processor" in html
    assert "<b>" not in html
    assert repr(RESULT) == "<Costs of 3 mechanisms with up to 2 tasks>"


def test_json_there_and_back() -> None:
    assert Costs.from_json(RESULT.to_json()) == RESULT
    with pytest.raises(ValueError, match=r"not a result of costs\.measure"):
        Costs.from_json(json.dumps({"coro_lab_trace": 1}))


@pytest.mark.parametrize("field, value", [("samples", []), ("samples", [1.0, 0]), ("tasks", 0)])
def test_a_damaged_result_is_refused_with_the_place(field: str, value: object) -> None:
    fields = json.loads(RESULT.to_json())
    fields["costs"][1][field] = value
    with pytest.raises(FormatError) as caught:
        Costs.from_json(json.dumps(fields))
    assert caught.value.place == f"costs[1].{field}"


def test_one_is_not_called_many() -> None:
    one = Costs((Cost("send", 1, (1.0,)),), (), (), HERE, 1.0)
    assert repr(one) == "<Costs of 1 mechanism with up to 1 task>"


def test_asking_for_a_missing_cost_lists_what_was_measured() -> None:
    with pytest.raises(NotMeasuredError, match=r"no 'send' with 7 tasks.*'send': \[2\]"):
        RESULT.ns("send", 7)


def test_the_reference_is_a_whole_result_that_says_where_it_was_measured() -> None:
    reference = costs.reference()
    assert set(reference.mechanisms) == {mechanism.name for mechanism in MECHANISMS}
    assert max(reference.tasks) == 10_000
    assert str(reference.machine) in reference.text()
    assert [each.task for each in reference.memory] == ["generator", "asyncio task", "thread"]


# ---- waiting and figures --------------------------------------------------------------------------------------------


@pytest.mark.integration
def test_waiting_by_threads_and_by_coroutines_loses_no_reply() -> None:
    threads, coroutines = costs.wait(40, delay=0.05, seconds=0.2)
    assert (threads.way, coroutines.way) == ("threads", "coroutines")
    assert [way.connections for way in (threads, coroutines)] == [40, 40]
    assert [way.replies for way in (threads, coroutines)] == [80, 80]


def test_curves_are_logarithmic_labelled_at_their_ends_and_say_where() -> None:
    ax = cost_curves(RESULT)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    texts = [text.get_text() for text in ax.texts]
    assert texts == [
        "send  31 ns",
        "thread, lock  3 µs",
        "line: median, band: half of the samples\na <fast> processor, 2 cores, Linux 1, CPython 3.12.1\n"
        "not measured: 1 of 3; the table says which",
    ]
    assert [line.get_ydata()[0] for line in ax.lines] == [31.0, 3_000.0]  # type: ignore[index]
    assert len(ax.collections) == 2  # the bands
    assert ax.get_title(loc="left") == "With 2 tasks alive, a thread hand-over costs 97 times a send"


def made(*rows: tuple[str, int, float], machine: Machine = HERE) -> Costs:
    return Costs(tuple(Cost(name, tasks, (ns,)) for name, tasks, ns in rows), (), (), machine, 1.0)


CLOSE = made(*((name, n, 30.0 + place) for place, name in enumerate("abcdefg") for n in (1, 10)))
LONG_NAMED = replace(HERE, processor="Processor(R) Extraordinary(TM) 8272CL CPU @ 2.60GHz with a name that goes on")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (RESULT, "With 2 tasks alive, a thread hand-over costs 97 times a send"),
        (
            made(("send", 2, 30), ("send", 9, 30), ("thread, queue", 9, 3e4), ("asyncio", 9, 2e3)),
            "With 9 tasks alive, a thread hand-over by queue costs 1,000 times a send",
        ),
        (
            made(("send", 2, 30), ("asyncio", 2, 60), ("thread, queue", 2, 90), ("send", 9, 30), ("asyncio", 9, 60)),
            "With 2 tasks alive, a thread hand-over by queue costs 3.0 times a send",
        ),
        (
            made(("send", 2, 3e3), ("thread, lock", 2, 30)),
            "With 2 tasks alive, a send costs 100 times a thread hand-over",
        ),
        (
            made(("send", 1, 30), ("mine", 1, 30.5)),
            "With 1 task alive, a switch by mine costs as much as a send",
        ),
        (made(("send", 2, 30)), "A send costs 30 ns with 2 tasks alive"),
        (made(("send", 2, 30), ("send", 1_000, 36)), "A send costs 30 ns with 2 tasks alive, 36 ns with 1,000"),
        (
            made(("send", 1, 30), ("thread, lock", 2, 2e4)),
            "A send costs 30 ns with 1 task alive; a thread hand-over costs 20 µs with 2 tasks alive",
        ),
    ],
)
def test_the_title_is_true_of_every_result(result: Costs, said: str) -> None:
    assert finding(result) == said
    assert cost_curves(result).get_title(loc="left").replace("\n", " ") == said


@pytest.mark.parametrize(
    "result", [RESULT, CLOSE, made(("send", 2, 30)), replace(costs.reference(), machine=LONG_NAMED)]
)
def test_all_texts_of_the_curves_can_be_read(result: Costs) -> None:
    assert_readable(cost_curves(result))


def test_an_empty_result_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="larger budget"):
        cost_curves(Costs((), (), (), HERE, 0.0))


def test_bars_stand_beside_each_other_with_their_values() -> None:
    ax = waiting_bars([Waiting("threads", 10, 90, 1.0, 18_000.0), Waiting("coroutines", 10, 100, 1.0, 2_000.0)])
    assert [round(bar.get_width(), 2) for bar in ax.patches] == [0.9, 9.0, 1.0, 1.0]  # type: ignore[attr-defined]
    assert [text.get_text() for text in ax.texts] == [
        "threads: 90 a second", "threads: 18 KB", "coroutines: 100 a second", "coroutines: 2.0 KB"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("threads", "coroutines", "said"),
    [
        ((90, 18_000.0), (100, 2_000.0), "Threads: 0.9 times the replies of coroutines, 9.0 times the memory"),
        ((99_000, 20.0), (9, 2_000.0), "Threads: 11,000 times the replies of coroutines, 0.01 times the memory"),
        (
            (90, 18_000.0),
            (100, 0.0),
            "Threads: 90 replies a second, 18 KB a connection; coroutines: 100 replies a second, 0 bytes a connection",
        ),
    ],
)
def test_waiting_says_what_was_measured(threads: tuple[int, float], coroutines: tuple[int, float], said: str) -> None:
    waits = [Waiting(way, 10, replies, 1.0, memory) for way, (replies, memory) in
             {"threads": threads, "coroutines": coroutines}.items()]  # fmt: skip
    assert waiting_finding(waits) == said
    assert_readable(waiting_bars(waits))


def test_one_way_to_wait_is_not_compared_with_itself() -> None:
    assert waiting_finding([Waiting("threads", 10, 90, 1.0, 18_000.0)]) == (
        "Threads: 90 replies a second, 18 KB a connection"
    )


def test_times_are_written_in_a_unit_that_is_easy_to_read() -> None:
    assert [in_time(ns) for ns in (0.5, 36, 2_900, 45_000, 3_000_000)] == ["0.5 ns", "36 ns", "2.9 µs", "45 µs", "3 ms"]
