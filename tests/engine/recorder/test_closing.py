"""Who closes a lane, and by which lanes something is thrown into it."""

import asyncio
import contextlib
import gc
import itertools
from pathlib import Path

import pytest

from coro_lab import Stepper, cancels, record
from coro_lab.trace.events import BEFORE, DROPPED, IGNORED, SWITCHES, Kind
from coro_lab.trace.safe_repr import describe
from tests.lane_states import states


def told(trace, *words):
    """The sentences that hold one of these words, without steps and line numbers."""
    sentences = [line.split(maxsplit=1)[1].partition(" at line")[0] for line in trace.text(lines=False).splitlines()]
    return [line for line in sentences if any(word in line for word in words)]


def closing(program):
    return told(record(program), "close", "throw", "thrown")


def inner():
    try:
        yield 1
        yield 2
    finally:
        print("inner is done")


def outer():
    yield from inner()


def outermost():
    yield from outer()


def begun(generator):
    next(generator)
    return generator


# -- dropped, or closed

DROPS = "nothing refers to {} any more, so it is closed"


def test_close_is_told_as_close():
    def program():
        it = begun(inner())
        it.close()

    assert closing(program) == ["program closes inner", "inner is closed for good"]


def test_close_by_a_bound_method_is_told_as_close():
    it = begun(inner())

    def program():
        close = it.close
        close()

    assert closing(program)[0] == "program closes inner"


def test_close_of_what_has_no_name_is_told_as_close():
    def program():
        begun(inner()).close()

    assert closing(program)[0] == "program closes inner"


def test_close_by_a_library_is_told_as_close():
    def program():
        with contextlib.closing(begun(inner())):
            pass

    assert closing(program)[0] == "program closes inner"


def rebinds():
    it = begun(inner())
    it = 1
    print(it)


def returns():
    it = begun(inner())
    return it and None


def breaks():
    for _ in inner():
        break


def takes_one():
    next(inner())


def asks_any():
    any(inner())


def is_in():
    1 in inner()  # noqa: B015


def pops():
    held = [begun(inner())]
    held.pop()


def unpacks():
    with contextlib.suppress(ValueError):
        (_one,) = inner()


def collects():
    def program():
        knot = [begun(inner())]
        knot.append(knot)
        del knot
        gc.collect()

    gc.collect()
    program()


@pytest.mark.parametrize(
    "program",
    [rebinds, returns, breaks, takes_one, asks_any, is_in, pops, unpacks],
    ids=lambda program: program.__name__,
)
def test_what_is_dropped_is_not_told_as_closed_by_anybody(program):
    assert [line for line in closing(program) if "for good" not in line] == [DROPS.format("inner")]


def test_what_is_dropped_while_another_is_closed():
    def parent(child):
        next(child)
        yield 2

    def program():
        it = begun(parent(inner()))
        it.close()

    assert closing(program) == [
        "program closes parent",
        "parent is closed for good",
        DROPS.format("inner"),
        "inner is closed for good",
    ]


def test_one_after_the_other_closed_without_a_name_on_one_line():
    def program():
        held = [begun(inner()), begun(inner()), begun(inner())]
        while held: held.pop().close()  # fmt: skip  # noqa: E701

    assert [line for line in closing(program) if "for good" not in line] == [
        "program closes inner 3",
        "program closes inner 2",
        "program closes inner",
    ]


@pytest.mark.parametrize("lines", [True, False])
def test_a_generator_made_before_that_is_dropped_or_closed(lines):
    held = [begun(inner()), begun(inner())]

    def program():
        held.pop()
        held[0].close()

    trace = record(program, lines=lines)
    closes = [event.value for event in trace.events if event.kind is Kind.CLOSE]
    assert closes == [DROPPED + BEFORE, None]


def test_a_coroutine_that_is_dropped():
    async def waits():
        await asyncio.sleep(0)

    def program():
        waits_for = waits()
        waits_for.send(None)
        del waits_for

    assert closing(program)[0] == DROPS.format("waits")


# -- what comes out of it reaches nobody


@pytest.fixture
def unraisable(monkeypatch):
    """What Python tells of by "Exception ignored in", as it would be in a trace."""
    found = []
    monkeypatch.setattr("sys.unraisablehook", lambda unraisable: found.append(describe(unraisable.exc_value)))
    return found


def fails_at_its_end():
    try:
        yield 1
    finally:
        raise ValueError("boom")


def delegates_to_it():
    yield from fails_at_its_end()


async def fails_awaiting():
    try:
        await asyncio.sleep(0)
    finally:
        raise OSError("gone")


class FailsAtItsEnd:
    def __del__(self):
        raise KeyError(1)


class FailsByItsParent(FailsAtItsEnd):
    def __del__(self):
        super().__del__()


def in_a_cycle():
    knot = [begun(fails_at_its_end())]
    knot.append(knot)
    del knot
    gc.collect()


BOOM, KEY = "raises ValueError('boom')", "raises KeyError(1)"
REACH_NOBODY = {
    "a generator": (lambda: begun(fails_at_its_end()) and None, [f"fails_at_its_end {BOOM}{IGNORED}"]),
    "one that delegates": (
        lambda: begun(delegates_to_it()) and None,
        [f"fails_at_its_end {BOOM} to delegates_to_it", f"delegates_to_it {BOOM}{IGNORED}"],
    ),
    "collected": (in_a_cycle, [f"fails_at_its_end {BOOM}{IGNORED}"]),
    "a coroutine": (
        lambda: fails_awaiting().send(None),
        [f"fails_awaiting raises OSError('gone'){IGNORED}"],
    ),
    "an object": (lambda: FailsAtItsEnd() and None, [f"FailsAtItsEnd.__del__ {KEY}{IGNORED}"]),
    "an object and its parent": (
        lambda: FailsByItsParent() and None,
        [
            f"FailsAtItsEnd.__del__ {KEY} to FailsByItsParent.__del__",
            f"FailsByItsParent.__del__ {KEY}{IGNORED}",
        ],
    ),
}


@pytest.mark.parametrize("case", REACH_NOBODY)
@pytest.mark.parametrize("lines", [True, False])
def test_an_error_that_python_ignores_is_not_raised_to_the_running_lane(case, lines, unraisable):
    program, expected = REACH_NOBODY[case]
    trace = record(program, lines=lines)
    assert told(trace, "raises") == expected
    assert trace.error is None
    assert [event.value.removesuffix(IGNORED) for event in trace.events if (event.value or "").endswith(IGNORED)] == (
        unraisable
    )


@pytest.mark.parametrize("lines", [True, False])
def test_so_it_is_for_a_generator_made_before(lines, unraisable):
    held = [begun(fails_at_its_end())]

    def program():
        held.pop()

    assert told(record(program, lines=lines), "raises") == [f"fails_at_its_end {BOOM}{IGNORED}"]
    assert unraisable == ["ValueError('boom')"]


@pytest.mark.parametrize("explicitly", [lambda it: it.close(), lambda it: it.throw(GeneratorExit)])
def test_an_error_that_reaches_the_one_who_closes_is_told_so(explicitly):
    def program():
        it = begun(fails_at_its_end())
        with contextlib.suppress(ValueError):
            explicitly(it)

    assert told(record(program), "raises")[0] == f"fails_at_its_end {BOOM} to <lambda>"


def test_an_error_of_a_finaliser_that_is_called_by_its_name_reaches_its_caller(unraisable):
    def program():
        made = FailsAtItsEnd()
        with contextlib.suppress(KeyError):
            made.__del__()

    assert told(record(program), "raises") == [
        f"FailsAtItsEnd.__del__ {KEY} to program",
        f"FailsAtItsEnd.__del__ 2 {KEY}{IGNORED}",
    ]


def test_what_a_dropped_generator_yields_reaches_nobody(unraisable):
    def stubborn():
        try:
            yield 1
        finally:
            yield 2

    assert told(record(lambda: begun(stubborn()) and None), "yields") == [
        "stubborn yields 1 to begun and suspends",
        f"stubborn yields 2{IGNORED} and suspends",
    ]
    assert unraisable == ["RuntimeError('generator ignored GeneratorExit')"]


def test_what_is_held_by_another_is_heard_after_the_one_that_delegates_to_it_was_dropped(unraisable):
    def stubborn():
        with contextlib.suppress(GeneratorExit):
            yield 1
        while True:
            yield 2

    def wraps(it):
        yield from it

    def program():
        it = stubborn()
        begun(wraps(it))
        it.send("still there")

    assert told(record(program), "still there") == ["program sends 'still there' to stubborn, which resumes"]


@pytest.mark.parametrize(("drops", "how"), [(True, DROPS.format("wraps")), (False, "program closes wraps")])
def test_a_chain_made_before_that_suspends_outside_of_any_try_is_closed_from_the_outermost_to_the_innermost(drops, how):
    def numbers():
        yield 1
        yield 2
        yield 3

    def wraps(it):
        yield from it

    held = [begun(wraps(wraps(numbers())))]

    def program():
        next(held[0])
        it = held.pop()
        if not drops:
            it.close()
        del it

    assert told(record(program), "close", "refers") == [
        how,
        "wraps closes wraps 2",
        "wraps 2 closes numbers",
        "numbers is closed for good",
        "wraps 2 is closed for good",
        "wraps is closed for good",
    ]


# -- through those that delegate


@pytest.mark.parametrize("make", [inner, outer, outermost])
def test_close_goes_from_the_outermost_to_the_innermost(make):
    def program():
        it = begun(make())
        it.close()

    chain = ["program", "outermost", "outer", "inner"]
    chain = chain[:1] + chain[chain.index(make.__name__) :]
    expected = [f"{by} closes {lane}" for by, lane in itertools.pairwise(chain)]
    assert closing(program) == expected + [f"{lane} is closed for good" for lane in chain[:0:-1]]


def test_the_stepper_tells_it_alike():
    stepper = Stepper(outer).next().close()
    assert told(stepper.trace, "close") == [
        "outer is closed",
        "outer closes inner",
        "inner is closed for good",
        "outer is closed for good",
    ]


def test_a_dropped_generator_closes_what_it_delegates_to():
    def program():
        begun(outer())

    assert closing(program)[:2] == [DROPS.format("outer"), "outer closes inner"]


def test_while_it_is_closed_the_outer_one_runs():
    def program():
        it = begun(outer())
        it.close()

    trace = record(program)
    printing = next(index for index, event in enumerate(trace.events) if event.kind is Kind.OUTPUT)
    by_name = dict(zip([lane.name for lane in trace.lanes], list(states(trace))[printing], strict=True))
    assert [by_name[name].state for name in ("program", "outer", "inner")] == ["running"] * 3


def test_the_inner_one_alone_is_closed_where_somebody_else_closes_it():
    def program():
        innermost = inner()

        def delegates():
            yield from innermost

        it = begun(delegates())
        innermost.close()
        return it

    assert closing(program)[0] == "program closes inner"


def test_throw_goes_through_as_it_did():
    def program():
        it = begun(outer())
        with contextlib.suppress(KeyError):
            it.throw(KeyError("k"))

    assert closing(program) == ["program throws KeyError('k') into outer", "outer throws KeyError('k') into inner"]


def test_generator_exit_that_is_thrown_is_told_as_thrown_and_closes_the_inner_one():
    def program():
        it = begun(outer())
        with contextlib.suppress(GeneratorExit):
            it.throw(GeneratorExit)

    assert closing(program)[:2] == ["program throws GeneratorExit() into outer", "outer closes inner"]


async def async_inner():
    try:
        yield 1
    finally:
        await asyncio.sleep(0)


@pytest.mark.parametrize("error", [GeneratorExit, GeneratorExit()])
def test_a_generator_exit_thrown_into_an_async_generator_is_thrown_and_not_a_close(error):
    async def program():
        it = async_inner()
        await anext(it)
        with contextlib.suppress(GeneratorExit):
            await (
                it.athrow(error)
            )  # fmt: skip

    async def ends_it():
        it = async_inner()
        await anext(it)
        await it.aclose()

    assert closing(program) == ["program throws GeneratorExit() into async_inner"]
    assert closing(ends_it) == ["ends_it closes async_inner", "async_inner is closed for good"]


def test_a_generator_that_does_not_let_itself_be_closed():
    def stubborn():
        try:
            yield 1
        except GeneratorExit:
            yield 2

    def delegates():
        yield from stubborn()

    def program():
        it = begun(delegates())
        try:
            it.close()
        except RuntimeError as error:
            return str(error)

    trace = record(program)
    assert trace.result == "generator ignored GeneratorExit"
    assert told(trace, "stubborn")[2:5] == [
        "delegates closes stubborn",
        "stubborn yields 2 to delegates and suspends",
        "nothing refers to stubborn any more, so it is closed",
    ]
    assert trace.lanes[trace.events[-1].lane].name == "program"


async def slow():
    await asyncio.Event().wait()


def cancellations(program):
    return [line for line in told(record(program), "Error") if "returns" not in line]


def test_a_time_out_cancels_by_way_of_the_one_that_waits():
    async def program():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(slow(), 0.001)

    assert cancellations(program) == [
        "CancelledError() is thrown into program",
        "program throws CancelledError() into slow",
        "slow raises CancelledError() to program",
    ]


def test_so_does_a_time_out_block():
    async def program():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.001):
                await slow()

    assert cancellations(program)[:2] == [
        "CancelledError() is thrown into program",
        "program throws CancelledError() into slow",
    ]


def test_a_cancelled_task_that_goes_on_waiting_passes_on_what_is_awaited_next():
    async def careful():
        try:
            await slow()
        except asyncio.CancelledError:
            await asyncio.sleep(0)

    async def program():
        task = asyncio.create_task(asyncio.wait_for(careful(), None))
        await asyncio.sleep(0)
        task.cancel()
        await task

    trace = record(program)
    assert trace.error is None
    assert told(trace, "thrown", "throws") == [
        "CancelledError() is thrown into careful",
        "careful throws CancelledError() into slow",
    ]


# -- values shown at the time


def hears():
    while True:
        yield


def shown(program):
    """What the running program's card shows as `v`, and what it sends, at each send."""
    trace = record(program)
    found = []
    for event, at in zip(trace.events, states(trace), strict=True):
        if event.kind is Kind.RESUME and event.lane.name == "hears":
            found.append((event.value, at[0].locals.get("v")))
    return found


def loops_in_a_line():
    it = begun(hears())
    for v in (10, 20): it.send(v)  # fmt: skip  # noqa: E701
    for v in (30, 40): it.send(v)  # fmt: skip  # noqa: E701


def two_statements():
    it = begun(hears())
    v = 10; it.send(v)  # fmt: skip  # noqa: E702
    v = 20; it.send(v)  # fmt: skip  # noqa: E702


def in_the_expression():
    it = begun(hears())
    it.send(v := 10)
    it.send(v := 20)
    return v


def while_in_a_line():
    it, v = begun(hears()), 0
    while (v := v + 10) < 30: it.send(v)  # fmt: skip  # noqa: E701


@pytest.mark.parametrize(
    "program",
    [loops_in_a_line, two_statements, in_the_expression, while_in_a_line],
    ids=lambda program: program.__name__,
)
def test_the_card_shows_what_is_sent(program):
    assert all(sent == held for sent, held in shown(program))
    assert len(shown(program)) > 1


def test_so_it_does_where_it_prints():
    def program():
        for v in (1, 2): print(v)  # fmt: skip  # noqa: E701

    trace = record(program)
    printing = [event.kind is Kind.OUTPUT for event in trace.events]
    held = [at[0].locals["v"] for prints, at in zip(printing, states(trace), strict=True) if prints]
    assert held == ["1", "2"]


def test_the_variable_of_a_comprehension_is_not_the_functions():
    async def program():
        first = [await asyncio.sleep(0, n) for n in (1, 2)]
        n = 3
        return first, n

    def one():
        it = begun(hears())
        return [it.send(v) for v in (1, 2)]

    changes = [change for event in record(program).events for change in event.changed]
    assert ("n", "1") not in changes
    assert ("n", "3") in changes
    assert "v" not in {name for event in record(one).events for name, _ in event.changed}


class Numbers:
    """Its `__anext__` ends without a yield, so the comprehension's frame stands on a cache at the next line event."""

    def __init__(self):
        self.left = [2, 1]

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop()


async def lists():
    x = "own"
    return [x async for x in Numbers()], x


async def filters():
    x = "own"
    return {x async for x in Numbers() if x}, x


async def nests():
    x = "own"
    return {x: y async for x in Numbers() for y in range(1)}, x


async def waits_inside():
    x = "own"
    return [await asyncio.sleep(0, x) async for x in Numbers() if await asyncio.sleep(0, x)], x


async def binds_later():
    found = [x async for x in Numbers()]
    x = "own"
    return found, x


@pytest.mark.parametrize("program", [lists, filters, nests, waits_inside, binds_later])
def test_nor_is_that_of_an_async_comprehension_at_any_of_its_turns(program):
    trace = record(program)
    lane = next(each for each in trace.lanes if each.name == program.__name__)
    changes = [change for event in trace.of(lane.name) for change in event.changed]
    assert [value for name, value in changes if name == "x"] == ["'own'"]


def helper():
    return 1


def catches_beside_an_iterator():
    try:
        yield from [1, 2]  # an iterator that nothing can be thrown into
    except ValueError:
        helper()


@pytest.mark.parametrize("lines", [True, False])
def test_what_is_called_by_a_lane_that_catches_is_a_step_of_its_own(lines):
    def program():
        it = catches_beside_an_iterator()
        next(it)
        with contextlib.suppress(StopIteration):
            it.throw(ValueError("it"))

    trace = record(program, lines=lines)
    steps = [(event.step, trace.lanes[event.lane].name) for event in trace.events if event.lane]
    assert list(dict.fromkeys(steps)) == [
        (1, "catches_beside_an_iterator"),
        (3, "catches_beside_an_iterator"),
        (4, "helper"),
        (5, "catches_beside_an_iterator"),
    ]


LIBRARY = """
import asyncio

def catches():
    try:
        yield 1
    except ValueError:
        return "caught"

async def swallows():
    try:
        await asyncio.sleep(9)
    except asyncio.CancelledError:
        return "swallowed"
"""


@pytest.fixture
def library():
    """Functions of a library, which have no lanes."""
    names = {}
    exec(compile(LIBRARY, Path(asyncio.__file__).with_name("no_module_of_asyncio.py"), "exec"), names)
    return names


@pytest.mark.parametrize("lines", [True, False])
def test_what_a_librarys_generator_catches_is_not_thrown_into_the_lane_that_delegates_to_it(library, lines):
    def inner():
        got = yield from library["catches"]()
        yield got

    def outer():
        yield from inner()

    def main():
        it = outer()
        next(it)
        return it.throw(ValueError("no"))

    trace = record(main, lines=lines)
    assert trace.result == "caught"
    goes_on = [(event.lane.name, event.kind, event.value) for event in trace.switches() if event.step > 3]
    assert goes_on[:4] == [
        ("outer", Kind.RESUME, None),
        ("inner", Kind.RESUME, None),
        ("inner", Kind.SUSPEND, "'caught'"),
        ("outer", Kind.DELEGATE, "'caught'"),
    ]


def test_nor_is_a_cancellation_that_a_librarys_coroutine_swallows(library):
    async def waits():
        return await library["swallows"]()

    async def main():
        task = asyncio.create_task(waits())
        await asyncio.sleep(0)
        task.cancel()
        return await task

    trace = record(main)
    assert trace.result == "swallowed"
    assert [event.kind for event in trace.of("waits", kind=SWITCHES) if event.step > 2] == [Kind.RESUME, Kind.RETURN]
    assert [one.outcome for one in cancels(trace).found] == ["swallowed it"]
