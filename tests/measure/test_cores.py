"""Real servers, processes and failures; after each test nothing of it may be left on the machine."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE
from typing import Any

import matplotlib as mpl
import psutil
import pytest

from coro_lab.errors import ArgumentError, FormatError, NotMeasuredError, UnknownNameError
from coro_lab.measure import cores
from coro_lab.measure.cores.jobs import Job, is_prime
from coro_lab.measure.cores.running import JobError, Run
from coro_lab.measure.cores.survey_results import Cell, Survey
from coro_lab.measure.cores.worker_loop import Span
from coro_lab.measure.machine import Machine
from coro_lab.measure.page_server import ServerError, page_text
from coro_lab.views.plots.cores import heat_map, lanes, laws
from tests.faulty_jobs import Deadly, Wrong
from tests.readable import assert_readable

mpl.use("agg")
unix = pytest.mark.skipif(sys.platform == "win32", reason="sends a signal, as Unix does")


def processes() -> list[str]:
    """The processes below this one that are ours: all but Python's own tracker of resources, which ends with it."""
    below = psutil.Process().children(recursive=True)
    return [
        " ".join(child.cmdline()) for child in below if not any("resource_tracker" in arg for arg in child.cmdline())
    ]


def is_open(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = processes()
    yield
    assert processes() == before


@pytest.fixture(scope="module")
def expected() -> int:
    """The primes on the 20 pages of a job, counted without any server, process or coroutine."""
    job = Job("", pages=20, numbers=5)
    return sum(job.compute(page_text(page, job.numbers)) for page in range(job.pages))


# ---- one job, many ways --------------------------------------------------------------------------------------------


@pytest.mark.integration
@pytest.mark.parametrize(("p", "n"), [(1, 1), (1, 8), (2, 3), (3, 50)])
def test_every_division_of_the_job_gives_the_same_result(p: int, n: int, expected: int) -> None:
    with cores.serve() as address:
        run = cores.run(Job(address, pages=20, delay=0.01, numbers=5), p, n)
    assert run.total == expected
    assert sorted(run.primes) == list(range(20))
    assert (run.retries, run.replaced, run.failures) == (0, 0, {})
    assert len({worker for worker, _ in run.lanes}) == p
    assert not is_open(address)


@pytest.mark.integration
def test_coroutines_of_a_worker_wait_together_and_compute_alone() -> None:
    with cores.serve() as address:
        run = cores.run(Job(address, pages=12, delay=0.05, numbers=50), 1, 4)
    assert run.at_once == 1
    ((_, spans),) = run.lanes
    assert {span.coroutine for span in spans} == {0, 1, 2, 3}
    assert all(span.begin < span.computing <= span.end for span in spans)
    in_order = sorted(spans, key=lambda span: span.computing)
    assert all(one.end <= other.computing for one, other in pairwise(in_order))
    first = [span for span in spans if span.page < 4]
    assert max(span.begin for span in first) < min(span.computing for span in first)


@pytest.mark.integration
def test_any_executor_runs_the_identical_job(expected: int) -> None:
    with cores.serve() as address, ThreadPoolExecutor(2) as executor:
        run = cores.run(Job(address, pages=20, delay=0.01, numbers=5), 2, 5, executor=executor)
        assert run.total == expected
        assert {worker for worker, _ in run.lanes} == {os.getpid()}
        assert cores.faster(run, run, by=1.0)


@pytest.mark.integration
@pytest.mark.usefixtures("distributed")
def test_a_dask_cluster_runs_the_identical_job(expected: int) -> None:
    with cores.serve() as address, cores.cluster(2) as executor:
        run = cores.run(Job(address, pages=20, delay=0.01, numbers=5), 2, 5, executor=executor)
    assert run.total == expected
    assert os.getpid() not in {worker for worker, _ in run.lanes}
    assert len({worker for worker, _ in run.lanes}) == 2


def test_a_cluster_without_dask_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r"%pip install 'dask\[distributed\]'"):
        cores.cluster(2).__enter__()


def test_a_run_needs_at_least_one_process_and_one_coroutine() -> None:
    with pytest.raises(ValueError, match=r"you wrote run\(job, 0, 5\)"):
        cores.run(Job("127.0.0.1:1"), 0, 5)
    with pytest.raises(ValueError, match=r"such as survey\(job, \[1, 2\], \[1, 50\]\)"):
        cores.survey(Job("127.0.0.1:1"), 2, 50)  # type: ignore[arg-type]


# ---- what fails -----------------------------------------------------------------------------------------------------


@pytest.mark.integration
def test_a_page_that_fails_is_tried_again_and_counted(expected: int) -> None:
    with cores.serve(faults={3: ["error"], 8: ["hang up", "error"]}) as address:
        run = cores.run(Job(address, pages=20, delay=0.01, numbers=5), 2, 3)
    assert (run.total, run.retries, run.failures) == (expected, 3, {})


@pytest.mark.integration
def test_a_page_that_always_fails_is_an_error_that_keeps_the_others() -> None:
    with cores.serve(faults={3: ["error"] * 9}) as address, pytest.raises(JobError) as failed:
        cores.run(Job(address, pages=20, delay=0.01, numbers=5), 2, 3)
    assert str(failed.value) == (
        "1 of 20 pages failed every time, the first is page 3: status 500: this page fails on purpose. "
        "19 pages are done (see error.run)."
    )
    assert failed.value.run is not None
    assert sorted(failed.value.run.primes) == [page for page in range(20) if page != 3]


@pytest.mark.integration
def test_an_exception_in_the_job_is_reported_and_the_page_is_not_retried() -> None:
    with cores.serve() as address, pytest.raises(JobError, match="page 3: ZeroDivisionError: a mistake") as failed:
        cores.run(Wrong(address, pages=20, delay=0.01, numbers=5), 2, 3)
    assert failed.value.run is not None
    assert (len(failed.value.run.primes), failed.value.run.retries) == (19, 0)


@pytest.mark.integration
def test_a_server_that_does_not_answer_is_an_error() -> None:
    with cores.serve() as address, pytest.raises(JobError, match=r"2 of 2 pages failed.*no answer \(TimeoutError\)"):
        cores.run(Job(address, pages=2, delay=30, patience=0.05), 1, 2)


@pytest.mark.integration
def test_a_server_that_is_gone_is_an_error() -> None:
    with cores.serve() as address:
        pass
    with pytest.raises(JobError, match="ConnectionRefusedError"):
        cores.run(Job(address, pages=2), 1, 2)


@pytest.mark.integration
def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(tmp_path: Path, expected: int) -> None:
    with cores.serve() as address:
        job = Deadly(address, pages=20, delay=0.01, numbers=5, marker=str(tmp_path / "died"))
        run = cores.run(job, 2, 3)
    assert (run.total, run.replaced, run.failures) == (expected, 1, {})


@pytest.mark.integration
def test_workers_that_die_every_time_are_an_error_that_keeps_what_is_done(tmp_path: Path) -> None:
    job = Deadly("", pages=20, delay=0.0, numbers=5, marker=str(tmp_path / "died"), always=True)
    with cores.serve() as address, pytest.raises(JobError, match=r"started again 1 times.*of 20 pages") as failed:
        cores.run(replace(job, address=address), 2, 3, retries=1)
    assert failed.value.run is not None
    assert 7 not in failed.value.run.primes


@pytest.mark.integration
def test_a_survey_goes_on_after_a_worker_died(tmp_path: Path) -> None:
    with cores.serve() as address:
        job = Deadly(address, delay=0.0, numbers=5, marker=str(tmp_path / "died"))
        survey = cores.survey(job, [1], [1, 2], budget=0.2, shown=False, clock=lambda: 0.0)
    assert [(cell.processes, cell.coroutines) for cell in survey.cells] == [(1, 1), (1, 2)]


@pytest.mark.integration
def test_a_port_that_is_taken_says_so_and_what_to_write() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=rf"cannot use port {port}: .*in use") as taken:
            cores.serve(port).__enter__()
    assert "Write:     serve() " in str(taken.value)


@pytest.mark.integration
def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="one of error, hang up; you wrote explode"):
        cores.serve(faults={1: ["explode"]}).__enter__()


@pytest.mark.integration
def test_an_error_in_the_block_ends_server_and_workers() -> None:
    def fail() -> None:
        with cores.serve() as address, cores.workers(2) as pool:
            addresses.append(address)
            assert pool.submit(pow, 2, 3).result() == 8
            assert is_open(address)
            assert len(processes()) == 2  # the server and a worker; the other one starts when it is needed
            raise ZeroDivisionError

    addresses: list[str] = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert processes() == []
    assert not is_open(addresses[0])


SCRIPT = """
from coro_lab.measure import cores
if __name__ == "__main__":
    import signal
    import psutil
    signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background it would ignore interrupts
    try:
        with cores.serve() as address:
            print(address, flush=True)
            cores.run(cores.Job(address, pages=100_000, delay=0.1), 2, 2)
    finally:
        lines = [child.cmdline() for child in psutil.Process().children(recursive=True)]
        print([line for line in lines if "resource_tracker" not in str(line)])
"""


@pytest.mark.integration
def test_a_script_without_a_guard_is_told_to_write_one(tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "from coro_lab import cores\n"
        "try:\n    cores.run(cores.Job('127.0.0.1:9'), retries=0)\n"
        "except cores.JobError as error:\n    print(error)\n"
    )
    told = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert told.endswith("In a script, put the code that starts workers under: if __name__ == '__main__':\n")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, list[psutil.Process]]]:
    """A script in the middle of a job that takes hours, the address of its server, and the processes below it."""
    (tmp_path / "script.py").write_text(SCRIPT)
    path = {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    command = [sys.executable, str(tmp_path / "script.py")]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=os.environ | path) as script:
        assert script.stdout is not None
        address, process = script.stdout.readline().strip(), psutil.Process(script.pid)
        while len(process.children()) < 4:  # the server, two workers, and Python's tracker of resources
            assert script.poll() is None
        yield script, address, process.children()
        script.kill()


@pytest.mark.integration
@unix
def test_an_interrupt_ends_server_and_workers(running: tuple[subprocess.Popen[str], str, list[psutil.Process]]) -> None:
    script, address, _ = running
    script.send_signal(signal.SIGINT)
    said, wrong = script.communicate()
    assert said == "[]\n"
    assert wrong.rstrip().endswith("KeyboardInterrupt")
    assert not is_open(address)


@pytest.mark.integration
@unix
def test_server_and_workers_do_not_outlive_a_kernel_that_is_killed(
    running: tuple[subprocess.Popen[str], str, list[psutil.Process]],
) -> None:
    script, address, below = running
    script.kill()
    _, alive = psutil.wait_procs(below, timeout=20)
    assert alive == []
    assert not is_open(address)


# ---- the job --------------------------------------------------------------------------------------------------------


def test_a_page_is_always_the_same_and_its_numbers_are_parsed() -> None:
    assert page_text(17, 3) == page_text(17, 3) != page_text(18, 3)
    html = "<html><head><title>7</title></head><body>11<ol><li>13</li><li>15</li><li>17</li></ol></body></html>"
    assert Job("").compute(html) == 2  # 13 and 17; what is not in the list does not count


def test_is_prime_agrees_with_the_definition() -> None:
    assert [n for n in range(100) if is_prime(n)] == [n for n in range(2, 100) if all(n % d for d in range(2, n))]


@pytest.mark.integration
def test_the_server_answers_what_does_not_exist_and_keeps_the_connection() -> None:
    async def talk(address: str) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(b"GET /nothing HTTP/1.1\r\n\r\nGET /page/1?delay=0&numbers=1 HTTP/1.1\r\n\r\n")
        first = await reader.readuntil(b"There is no such page.")
        second = await reader.readuntil(b"</html>")
        writer.close()
        await writer.wait_closed()
        return first, second

    with cores.serve() as address:
        first, second = asyncio.run(talk(address))
    assert first.startswith(b"HTTP/1.1 404 ")
    assert second.endswith(page_text(1, 1).encode())


# ---- surveys, laws and figures --------------------------------------------------------------------------------------

TWO_CORES = Machine("Linux 1", "a processor", 2, "CPython 3.12.1", True)


def made(*rows: tuple[int, int, float]) -> Survey:
    return Survey(0.05, 60, tuple(Cell(p, n, round(rate), round(rate) / rate) for p, n, rate in rows), 0, TWO_CORES)


SURVEY = made((1, 1, 20), (1, 10, 190), (1, 50, 400), (2, 1, 40), (2, 10, 380), (2, 50, 760), (4, 1, 80), (4, 50, 740))


@pytest.mark.integration
def test_a_survey_measures_what_was_asked_and_1_by_1() -> None:
    with cores.serve() as address:
        survey = cores.survey(Job(address, delay=0.01, numbers=1), [2], [4], budget=1.0, shown=False, clock=lambda: 0.0)
    assert [(cell.processes, cell.coroutines) for cell in survey.cells] == [(1, 1), (1, 4), (2, 1), (2, 4)]
    assert survey.throughput(1, 4) > 1.5 * survey.throughput(1, 1)
    assert survey.left_out == 0
    assert Survey.from_json(survey.to_json()) == survey


@pytest.mark.integration
def test_the_budget_of_a_survey_is_kept_and_what_is_left_out_counted() -> None:
    started = iter([0.0, 0.0, 50.0])  # to start the processes took 50 seconds, and none of the budget of 20
    times = itertools.chain(started, [69.0, 69.5], itertools.repeat(99.0))
    with cores.serve() as address:
        survey = cores.survey(
            Job(address, delay=0.0, numbers=1), [1], [1, 2, 3], shown=False, clock=lambda: next(times)
        )
    assert [(cell.processes, cell.coroutines) for cell in survey.cells] == [(1, 1), (1, 2)]
    assert survey.left_out == 1
    assert survey.missing == ((1, 3),)
    assert Survey.from_json(survey.to_json()) == survey


@pytest.mark.integration
def test_a_slow_machine_measures_1_by_1_and_says_what_it_left_out() -> None:
    slow = itertools.count(step=100.0)  # whoever looks at this clock finds the budget spent
    with cores.serve() as address:
        job = Job(address, delay=0.0, numbers=1)
        survey = cores.survey(job, [1, 2], [1, 5, 100], shown=False, clock=lambda: next(slow))
    assert [(cell.processes, cell.coroutines) for cell in survey.cells] == [(1, 1)]
    assert survey.missing == ((1, 5), (1, 100), (2, 1), (2, 5), (2, 100))
    assert repr(survey) == "<Survey of up to 2 × 100 coroutines: 1 cell, 5 left out>"


def cut(survey: Survey, measured: int) -> Survey:
    """The survey that the same machine gives within a budget that suffices for so many cells."""
    whole = [(p, n) for p in survey.processes for n in survey.coroutines]
    missing = tuple(whole[measured:])
    cells = tuple(cell for cell in survey.cells if (cell.processes, cell.coroutines) not in missing)
    return replace(survey, cells=cells, left_out=len(missing), missing=missing)


WHOLE = made(*((p, n, min(20.0 * p * n, 300 * p)) for p in (1, 2, 4) for n in (1, 10, 50)))


@pytest.mark.parametrize("measured", range(1, 10))
def test_every_view_says_what_the_budget_left_out(measured: int) -> None:
    survey = cut(WHOLE, measured)
    said = f"the budget left out {9 - measured} of 9 cells, from "
    assert (said in survey.text().lower()) == (measured < 9)
    assert survey.text().count("–") == 9 - measured
    for draw in (heat_map, laws):
        ax = draw(survey)
        assert_readable(ax)
        texts = [text.get_text().replace("\n", " ") for text in ax.texts]
        assert any(said in text for text in texts) == (measured < 9)
        alone = "where cores are the limit is not known"
        assert any(alone in text for text in texts) == (measured < 3) == (not survey.knows_limit)
    grid = [text.get_text() for text in heat_map(survey).texts]
    assert grid.count("–") == 9 - measured
    assert len(heat_map(survey).lines) == survey.knows_limit  # the thick line


@pytest.mark.parametrize("measured", range(1, 10))
def test_a_law_is_used_only_if_its_measurements_exist(measured: int) -> None:
    survey = cut(WHOLE, measured)
    laws_said = {(p, n): survey.law(p, n) for p in survey.processes for n in survey.coroutines}
    if not survey.knows_limit:
        assert laws_said == {(p, n): survey.little(p, n) for p, n in laws_said}
    elif measured >= 6:  # the second row, which has as many processes as there are cores, is whole
        assert laws_said == {(p, n): WHOLE.law(p, n) for p, n in laws_said}
    else:
        assert survey.serial == 0.0


def test_a_comparison_with_a_cell_that_was_left_out_is_neither_true_nor_false() -> None:
    survey = cut(WHOLE, 2)
    assert survey.reaches(1, 10, 150) is True and survey.reaches(1, 10, 250) is False
    answer = survey.reaches(1, 50, 20)
    assert str(answer) == "1 × 50 was not measured: the budget left it out"
    with pytest.raises(NotMeasuredError, match="1 × 50 was not measured: the budget left it out"):
        bool(answer)
    assert str(survey.reaches(3, 7, 20)) == "3 × 7 was not measured"
    with pytest.raises(NotMeasuredError, match="Nothing was measured with 4 processes"):
        survey.best(4)


def test_littles_law_counts_coroutines_and_amdahls_law_cores() -> None:
    assert SURVEY.little(2, 10) == pytest.approx(400)
    assert SURVEY.serial == pytest.approx(2 / 1.9 - 1)  # two cores did 1.9 times the work of one
    assert SURVEY.amdahl(2) == pytest.approx(760)
    assert SURVEY.amdahl(4) == SURVEY.amdahl(2)  # there are two cores
    assert SURVEY.law(1, 1) == pytest.approx(20)
    assert SURVEY.law(4, 50) == pytest.approx(760)
    one_core = replace(SURVEY, machine=replace(TWO_CORES, cores=1))
    assert (one_core.serial, one_core.amdahl(4)) == (0.0, pytest.approx(400))


def test_the_text_is_a_table_with_gaps_where_nothing_was_measured() -> None:
    assert SURVEY.text().splitlines() == [
        "    pages/s  1 coroutines  10 coroutines  50 coroutines",
        "  1 process            20            190            400",
        "2 processes            40            380            760",
        "4 processes            80              –            740",
        "Measured on a processor, 2 cores, Linux 1, CPython 3.12.1.",
    ]
    with pytest.raises(KeyError, match="4 × 10 was not measured"):
        SURVEY.throughput(4, 10)


def test_json_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not a result of cores\.survey"):
        Survey.from_json("[]")


@pytest.mark.parametrize(
    "field, value", [("seconds", 0), ("pages", 0), ("processes", 0), ("coroutines", -1), ("seconds", "1")]
)
def test_a_damaged_survey_is_refused_with_the_place(field: str, value: object) -> None:
    fields = json.loads(SURVEY.to_json())
    fields["cells"][1][field] = value
    with pytest.raises(FormatError) as caught:
        Survey.from_json(json.dumps(fields))
    assert caught.value.place == f"cells[1].{field}"
    with pytest.raises(FormatError, match="at cells, at least one cell was expected"):
        Survey.from_json(json.dumps({**fields, "cells": []}))


@pytest.mark.parametrize("wrong", [{"pages": "4"}, {"pages": -1}, {"delay": -1}, {"numbers": 1.5}, {"patience": None}])
def test_a_job_that_cannot_be_done_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError) as caught:
        Job("127.0.0.1:8000", **wrong)
    assert caught.value.argument in wrong


def test_the_laws_are_for_at_least_one_process_and_coroutine() -> None:
    for ask in (lambda: SURVEY.amdahl(0), lambda: SURVEY.little(-1, 3), lambda: SURVEY.law(1, 0)):
        with pytest.raises(ArgumentError, match="a whole number of at least 1; you wrote"):
            ask()


def test_the_reference_says_where_it_was_measured() -> None:
    reference = cores.reference()
    assert reference.left_out == 0
    assert str(reference.machine) in reference.text()


def test_the_heat_map_shows_measurement_and_law_in_each_cell() -> None:
    ax = heat_map(SURVEY)
    texts = [text.get_text() for text in ax.texts]
    assert texts[:6] == ["20", "law: 20", "190", "law: 200", "400", "law: 400"]
    assert texts[14:16] == ["–", "law: 760"]
    assert ax.get_title(loc="left") == "Pages a second: 2 × 50 coroutines do 38 times the work of 1 × 1"
    (border,) = ax.lines
    assert list(border.get_xdata()) == [1.5, 1.5, 1.5, 1.5, 0.5, 0.5]  # type: ignore[call-overload]


def test_the_laws_are_dashed_beside_the_measurement() -> None:
    ax = laws(SURVEY)
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--"] * 3
    assert list(ax.lines[1].get_ydata()) == pytest.approx([20, 200, 400])  # type: ignore[call-overload]
    assert ax.get_title(loc="left") == "The laws, made from 3 cells, are within 25% in 5 of 5 others"


def test_the_cells_that_the_laws_were_made_from_do_not_count_as_a_test_of_them() -> None:
    def title(*cells: tuple[int, int, float], missing: tuple[tuple[int, int], ...] = ()) -> str:
        return str(laws(replace(made(*cells), missing=missing)).get_title(loc="left"))

    nothing = "Too little was measured to test the laws: all of it went into them"
    assert title((1, 1, 20)) == nothing
    assert title((1, 1, 20), (1, 10, 190)) == nothing  # the most that one process does is the limit
    assert title((1, 1, 20), (1, 10, 190), (2, 10, 380)) == nothing
    left_out = ((1, 50), (2, 50))  # Little's law stands alone, and is made from one cell
    alone = title((1, 1, 20), (1, 10, 190), missing=left_out)
    assert alone == "The laws, made from 1 cell, are within 25% in 1 of 1 other"
    both = title((1, 1, 20), (1, 10, 90), (1, 50, 400))
    assert both == "The laws, made from 2 cells, are within 25% in 0 of 1 other"


def test_lanes_put_the_coroutines_inside_their_process() -> None:
    spans = (Span(0, 0, 10.0, 10.05, 10.06), Span(1, 1, 10.0, 10.06, 10.07))
    run = Run(Job(""), 2, 2, {0: 1, 1: 1}, {}, 0, 0, 1.0, ((1, spans), (2, spans[:1])))
    ax = lanes(run)
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "process 1, coroutine 1", "process 1, coroutine 2", "process 2, coroutine 1"
    ]  # fmt: skip
    bars = [(round(bar.get_x()), round(bar.get_width()), bar.get_hatch()) for bar in ax.patches]  # type: ignore[attr-defined]
    assert bars[:2] == [(0, 50, "////"), (50, 10, None)]
    assert ax.get_title(loc="left") == "2 processes: in each, one coroutine computes at a time"
    assert run.at_once == 2
    assert replace(run, lanes=()).at_once == 0


ONE_CELL = made((1, 1, 20))
WIDE_SURVEY = replace(
    made(*((p, n, 20.0 * p * n) for p in (1, 2, 4, 8, 16, 32) for n in (1, 2, 5, 10, 20, 30, 40, 50, 80, 100))),
    machine=replace(TWO_CORES, processor="Processor(R) Extraordinary(TM) 8272CL CPU @ 2.60GHz with a long name"),
)


@pytest.mark.parametrize("survey", [SURVEY, ONE_CELL, WIDE_SURVEY, cores.reference()])
def test_all_texts_of_a_survey_can_be_read(survey: Survey) -> None:
    assert_readable(heat_map(survey))
    assert_readable(laws(survey))


@pytest.mark.parametrize(
    ("survey", "said"),
    [
        (ONE_CELL, "Pages a second: 20 by 1 × 1 coroutine"),
        (made((1, 1, 20), (2, 5, 15)), "Pages a second: 20 by 1 × 1 coroutine, and nothing did more"),
        (made((1, 1, 20), (2, 5, 30)), "Pages a second: 2 × 5 coroutines do 1.5 times the work of 1 × 1"),
    ],
)
def test_the_title_of_the_heat_map_is_true_of_every_survey(survey: Survey, said: str) -> None:
    assert heat_map(survey).get_title(loc="left") == said


def run_of(*lanes: tuple[Span, ...]) -> Run:
    return Run(Job(""), len(lanes), 2, {}, {}, 0, 0, 1.0, tuple(enumerate(lanes)))


@pytest.mark.parametrize("processes, coroutines", [(1, 1), (2, 4), (3, 12)])
def test_all_texts_of_lanes_can_be_read(processes: int, coroutines: int) -> None:
    spans = tuple(Span(n, n, 10.0, 10.1 + n / 100, 10.11 + n / 100) for n in range(coroutines))
    assert_readable(lanes(run_of(*[spans] * processes)))


def test_the_title_of_lanes_says_how_many_computed_at_once() -> None:
    one, other = Span(0, 0, 10.0, 10.05, 10.07), Span(1, 1, 10.0, 10.06, 10.08)
    assert lanes(run_of((one,), (other,))).get_title(loc="left") == (
        "2 processes: in each, one coroutine computes at a time"
    )
    assert lanes(run_of((one, other))).get_title(loc="left") == "1 process: up to 2 coroutines compute at once"


# ---- what today's Python adds ---------------------------------------------------------------------------------------


def test_abilities_say_what_this_python_has() -> None:
    free, interpreters = cores.abilities()
    assert free.here == (not getattr(sys, "_is_gil_enabled", lambda: True)())
    assert interpreters.here == (sys.version_info >= (3, 14))
    assert str(free).startswith(
        "free threading: yes" if free.here else "free threading: not here. This Python has a global"
    )


@pytest.mark.integration
@pytest.mark.parametrize("ability", [each for each in cores.abilities() if each.here] or [None])
def test_an_ability_that_is_here_runs_the_identical_job(ability: cores.Ability | None, expected: int) -> None:
    if ability is None or ability.executor is None:
        pytest.skip("this Python has one interpreter and a GIL")
    with cores.serve() as address, ability.executor(2) as executor:
        assert cores.run(Job(address, pages=20, delay=0.01, numbers=5), 2, 5, executor=executor).total == expected
