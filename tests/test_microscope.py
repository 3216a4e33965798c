"""The await microscope on long runs: what it tells is what a look at each await by itself would tell, and in time."""

import asyncio

import pytest
from async_programs import GOLDEN

from coro_lab import awaits, record
from coro_lab.events import ENTERS, Kind, Trace


class Counted(tuple):
    """Events that count how often one of them is handed out."""

    read = 0

    def __getitem__(self, at):
        self.read += len(range(*at.indices(len(self)))) if isinstance(at, slice) else 1
        return super().__getitem__(at)

    def __iter__(self):
        self.read += len(self)
        return super().__iter__()


async def worker():
    for _ in range(5):
        await asyncio.sleep(0)


async def crowd(tasks):
    await asyncio.gather(*(worker() for _ in range(tasks)))


def counted(trace):
    return Trace(Counted(trace.events), trace.lanes, driver=trace.driver)


@pytest.mark.parametrize("tasks", [10, 100])
def test_each_event_is_looked_at_a_few_times_however_many_tasks_wait_at_once(tasks):
    trace = counted(record(crowd, tasks))
    repr(awaits(trace))
    assert trace.events.read < 10 * len(trace.events)


def one_by_one(trace):
    """The same as `awaits`, by a look at everything that lies between the beginning of each await and its end."""
    events = trace.events
    for start, event in enumerate(events):
        if event.kind is Kind.AWAIT:
            own = [at for at in range(start + 1, len(events)) if events[at].lane == event.lane]
            if own and events[own[0]].kind is Kind.DELEGATE:
                yield event.lane, *meanwhile(trace, own[0], own[1] if own[1:] else len(events))
            else:
                yield event.lane, None, ()


def meanwhile(trace, left, end):
    back = trace.events[end].step if end < len(trace.events) else trace.steps
    between = [event for event in trace.events[left + 1 : end] if event.step < back]
    steps = {event.step for event in between} - {trace.events[left].step}
    return len(steps), tuple(dict.fromkeys(event.lane for event in between if event.kind in ENTERS))


@pytest.mark.parametrize("name", GOLDEN)
def test_each_await_tells_what_lies_between_its_beginning_and_its_end(name):
    trace = record(GOLDEN[name])
    assert [(one.lane, one.steps, one.ran) for one in awaits(trace).found] == list(one_by_one(trace))


def test_of_many_awaits_in_one_place_each_name_is_told_once():
    last = repr(awaits(record(crowd, 10))).splitlines()[0]
    assert last.endswith("gave way 50 times to worker 2, worker 3, worker 4, worker 5 and 6 more")


def test_what_is_no_run_is_refused_with_what_to_write():
    async def main():
        pass

    coroutine = main()
    with pytest.raises(TypeError, match=r"wrote: awaits\(main\(\)\)\n  Write:     awaits\(await record\(main\(\)\)\)"):
        awaits(coroutine)
    coroutine.close()
