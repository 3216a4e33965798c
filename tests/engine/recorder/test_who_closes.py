"""Who closes what the program leaves: the event loop, the garbage collector, or nobody; and in which recording."""

import asyncio
import contextlib
import gc

import pytest

from coro_lab import awaits, record
from coro_lab.trace.events import BEFORE, LOOP_CLOSES, NOBODY_CLOSES
from tests.lines import within_functions

pytestmark = pytest.mark.usefixtures("collected_only_when_told")
BY_LOOP = "the event loop closes letters at line 3, because nothing refers to it any more"


async def letters():
    try:
        yield "a"
        yield "b"
    finally:
        print("tidies up")


def numbers():
    try:
        yield 1
    finally:
        print("is done")


def endings(trace):
    """What is told of the end of what nobody needs any more, without the steps."""
    words = ("any more", "abandons", "collector", "event loop", "the task of", "closes")
    sentences = [line.split(maxsplit=1)[1] for line in within_functions(trace).text(lines=False).splitlines()]
    return [told for told in sentences if any(word in told for word in words)]


# -- what is kept of a call and awaited later -------------------------------------------------------------------------


async def throws_at_once(generator):
    await generator.athrow(GeneratorExit)


async def throws_later(generator):
    kept = generator.athrow(GeneratorExit)
    await asyncio.sleep(0)
    await kept


async def throws_elsewhere(generator):
    await awaits_it(generator.athrow(GeneratorExit))


async def awaits_it(kept):
    await kept


async def closes_later(generator):
    kept = generator.aclose()
    await kept


async def closes_though_it_could_throw(generator):
    kept = generator.aclose() if generator else generator.athrow(GeneratorExit)
    await kept


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize(
    ("ends", "kind"),
    [
        (throws_at_once, "throw"),
        (throws_later, "throw"),
        (throws_elsewhere, "throw"),
        (closes_later, "close"),
        (closes_though_it_could_throw, "close"),
    ],
)
def test_what_is_kept_of_a_call_ends_a_generator_as_that_call_does(ends, kind, lines):
    async def main():
        generator = letters()
        await anext(generator)
        with contextlib.suppress(GeneratorExit):
            await ends(generator)

    trace = record(main, lines=lines)
    found = [event.kind for event in trace.events if event.lane.name == "letters" and event.kind in ("throw", "close")]
    assert found == [kind]


# -- async generators: the loop closes them ---------------------------------------------------------------------------


async def leaves():
    async for _ in letters():
        break
    print("left")
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@pytest.mark.parametrize("lines", [True, False])
def test_one_left_by_break_is_abandoned_there_and_closed_by_the_loop_later(lines):
    trace = record(leaves, lines=lines)
    assert endings(trace) == [f"leaves abandons letters at line 3: {LOOP_CLOSES}", BY_LOOP]
    assert trace.output == "left\ntidies up\n"


def test_one_that_a_coroutine_forgets_as_it_returns_is_abandoned_by_its_caller():
    async def forgets():
        mine = letters()
        await anext(mine)

    async def main():
        await forgets()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert endings(record(main)) == [f"main abandons letters at line 2: {LOOP_CLOSES}", BY_LOOP]


def test_one_that_is_held_is_closed_as_the_loop_ends():
    held = []

    async def main():
        held.append(letters())
        await anext(held[0])

    assert endings(record(main)) == ["the event loop ends and closes letters at line 3"]


def test_one_that_is_held_is_closed_as_the_program_shuts_its_loop_down():
    held = []

    async def main():
        held.append(letters())
        await anext(held[0])

    def program():
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    assert endings(record(program)) == ["the event loop ends and closes letters at line 3"]


def test_nobody_closes_one_whose_loop_is_closed():
    async def main(held):
        held.append(letters())
        await anext(held[0])

    def program():
        loop, held = asyncio.new_event_loop(), []
        loop.run_until_complete(main(held))
        loop.close()
        held.clear()
        print("cleared")

    trace = record(program)
    assert endings(trace) == [f"program abandons letters at line 5: {NOBODY_CLOSES}"]
    assert trace.output == "cleared\n"


def test_one_that_was_never_begun_was_not_begun_before():
    async def main():
        never = letters()
        never.asend(None).close()
        del never
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    told = endings(record(main))  # since 3.13 `close` itself closes the generator
    assert len(told) == 1
    assert BEFORE not in told[0]


def test_the_program_closes_what_it_gives_to_a_task():
    async def main():
        mine = letters()
        await anext(mine)
        await asyncio.create_task(mine.aclose())

    trace = record(main)
    assert endings(trace) == []
    assert "letters is closed at line 3" in within_functions(trace).text()


def test_one_in_a_cycle_is_abandoned_when_the_garbage_collector_finds_it():
    async def main():
        knot = [letters()]
        knot.append(knot)
        await anext(knot[0])
        del knot
        gc.collect()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert endings(record(main)) == [f"nothing refers to letters any more: {LOOP_CLOSES}", BY_LOOP]


def test_inner_and_outer_ones_are_abandoned_one_after_the_other():
    async def twice():
        async for letter in letters():
            yield letter * 2

    async def main():
        async for _ in twice():
            break
        for _ in range(5):
            await asyncio.sleep(0)

    assert endings(record(main)) == [
        f"main abandons twice at line 3: {LOOP_CLOSES}",
        "the event loop closes twice at line 3, because nothing refers to it any more",
        f"twice abandons letters at line 3: {LOOP_CLOSES}",
        BY_LOOP,
    ]


# -- the garbage collector --------------------------------------------------------------------------------------------


def in_a_cycle():
    knot = [numbers()]
    knot.append(knot)
    next(knot[0])
    del knot
    gc.collect()


def test_the_garbage_collector_closes_what_is_in_a_cycle():
    assert endings(record(in_a_cycle)) == [
        "the garbage collector closes numbers at line 3, while in_a_cycle is at line 6"
    ]


def test_what_is_dropped_by_code_that_the_garbage_collector_runs_is_told():
    class Holder:
        def __del__(self):
            self.held = None

    def program():
        holder = Holder()
        holder.me, holder.held = holder, numbers()
        next(holder.held)
        del holder
        gc.collect()

    assert endings(record(program)) == ["nothing refers to numbers any more, so it is closed at line 3"]


async def waits():
    await asyncio.Future()


async def destroys():
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    del task
    gc.collect()


def test_a_task_that_nothing_refers_to_is_gone_and_has_not_ended():
    trace = record(destroys)
    assert endings(trace) == [
        "the garbage collector closes waits at line 2, while destroys is at line 6",
        "the task of waits is gone while destroys is at line 6, and has not ended",
    ]
    assert "gave way to destroys; was closed here" in repr(awaits(trace))


def test_after_the_garbage_collector_has_closed_one_thing_it_is_heard_again():
    def program():
        in_a_cycle()
        in_a_cycle()

    assert len(endings(record(program))) == 2


# -- what was begun before --------------------------------------------------------------------------------------------


def test_one_kept_by_an_earlier_recording_is_told_as_begun_before():
    held = []

    def keeps():
        held.append(numbers())
        next(held[0])

    record(keeps)
    assert endings(record(lambda: held.clear())) == [
        f"nothing refers to numbers any more, so it is closed at line 3{BEFORE}"
    ]


def test_what_ends_between_two_recordings_is_in_neither():
    held = []

    def keeps():
        held.append(numbers())
        next(held[0])

    assert endings(record(keeps)) == []
    held.clear()
    assert endings(record(lambda: print("next"))) == []


def test_what_the_loop_closes_in_the_next_recording_is_told_as_begun_before():
    async def first():
        async for _ in letters():
            break

    async def second():
        await asyncio.sleep(0)

    async def cell():
        return await record(first()), await record(second())

    one, other = asyncio.run(cell())
    assert endings(one) == [f"first abandons letters at line 3: {LOOP_CLOSES}"]
    assert endings(other) == [BY_LOOP + BEFORE]
    assert other.output == "tidies up\n"


def test_one_abandoned_in_the_next_recording_is_told_as_begun_before():
    held = []

    async def first():
        held.append(letters())
        await anext(held[0])

    async def second():
        held.clear()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def cell():
        await record(first())
        return await record(second())

    assert endings(asyncio.run(cell())) == [f"second abandons letters at line 2: {LOOP_CLOSES}{BEFORE}", BY_LOOP]


def test_what_the_garbage_collector_closes_of_before_belongs_to_no_recording():
    def leaves_garbage():
        knot = [numbers()]
        knot.append(knot)
        next(knot[0])

    record(leaves_garbage)
    assert endings(record(lambda: print(gc.collect()))) == []
