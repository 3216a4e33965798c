"""Scheduler: A and B take turns, and the schedule says whose turn it is."""

import io
import types
from contextlib import redirect_stdout
from itertools import permutations

import pytest

from coro_lab import Kind, Scheduler, explore
from coro_lab.errors import ArgumentError, ScheduleError
from tests.lines import line
from tests.programs import A, B, consumer


def spawned(*functions):
    scheduler = Scheduler()
    for function in functions:
        scheduler.spawn(function())
    return scheduler


def printed(schedule=None):
    with redirect_stdout(io.StringIO()) as out:
        spawned(A, B).run(schedule)
    return out.getvalue().split()


def test_the_interleaving_of_the_source_text():
    assert printed("AABBAB") == ["1", "2", "x", "y", "3", "z"]


def test_without_a_schedule_the_tasks_take_turns():
    assert printed() == ["1", "x", "2", "y", "3", "z"]


def test_a_schedule_may_be_a_list_of_names():
    assert printed(["A", "A", "A", "B", "B", "B"]) == ["1", "2", "3", "x", "y", "z"]


@pytest.mark.parametrize("schedule", sorted(set(permutations("AAABBB"))), ids="".join)
def test_the_tasks_run_in_the_order_of_the_schedule(schedule):
    left = {"A": ["1", "2", "3"], "B": ["x", "y", "z"]}
    assert printed(schedule) == [left[name].pop(0) for name in schedule]


def test_the_trace_of_a_schedule():
    with redirect_stdout(io.StringIO()):
        trace = spawned(A, B).run("AB")
    assert trace.text(lines=False).splitlines() == [
        "0  A starts",
        r"0  A prints '1\n'",
        f"0  A yields None and suspends at line {line(A, 3)}",
        "1  B starts",
        r"1  B prints 'x\n'",
        f"1  B yields None and suspends at line {line(B, 3)}",
    ]
    assert trace.driver == "scheduler"


def test_equal_schedules_give_equal_traces_and_others_do_not():
    with redirect_stdout(io.StringIO()):
        first, again, other = (spawned(A, B).run(schedule) for schedule in ("AABBAB", "AABBAB", "ABABAB"))
    assert first == again != other


# -- what is left -----------------------------------------------------------------------------------------------------


def test_tasks_that_are_not_at_their_end_can_be_run_on(capsys):
    scheduler = spawned(A, B)
    scheduler.run("AAB")
    assert list(scheduler.tasks) == ["A", "B"]
    trace = scheduler.run("A")
    assert capsys.readouterr().out.split() == ["1", "2", "x", "3"]
    assert trace.events[0].kind is Kind.RESUME and trace.lanes[0].name == "A"
    assert list(scheduler.tasks) == ["B"]
    scheduler.run()
    assert capsys.readouterr().out.split() == ["y", "z"]
    assert scheduler.tasks == {}


def test_running_nothing_takes_no_step():
    assert Scheduler().run().events == ()
    assert spawned(A).run("").events == ()


# -- names ------------------------------------------------------------------------------------------------------------


def test_a_task_goes_by_the_name_of_its_function_or_by_the_one_given():
    scheduler = Scheduler()
    names = [scheduler.spawn(A()), scheduler.spawn(A()), scheduler.spawn(A(), "first"), scheduler.spawn(A())]
    assert names == ["A", "A 2", "first", "A 3"]


class Countdown:
    """A task without a function: it has send(), and no name."""

    def __init__(self):
        self.left = 2

    def send(self, value):
        self.left -= 1
        if not self.left:
            raise StopIteration


def test_a_task_without_a_function_goes_by_the_name_of_its_class():
    scheduler = Scheduler()
    countdown = Countdown()
    assert scheduler.spawn(countdown) == "Countdown"
    scheduler.run_bare()
    assert countdown.left == 0


def test_a_given_name_that_is_taken_gets_a_number():
    scheduler = Scheduler()
    assert [scheduler.spawn(A(), "task") for _ in range(3)] == ["task", "task 2", "task 3"]
    scheduler.spawn(B(), "other 2")
    assert [scheduler.spawn(B(), "other"), scheduler.spawn(B(), "other")] == ["other", "other 3"]


def test_the_lanes_have_the_names_of_the_tasks(capsys):
    scheduler = Scheduler()
    for name in ("left", "right"):
        scheduler.spawn(A(), name)
    assert [lane.name for lane in scheduler.run().lanes] == ["left", "right"]


def test_a_name_can_stand_in_the_schedule(capsys):
    scheduler = Scheduler()
    for function, name in ((A, "first task"), (B, "second task")):
        scheduler.spawn(function(), name)
    scheduler.run(["second task", "first task"])
    assert capsys.readouterr().out.split() == ["x", "1"]


def test_longer_names_stand_in_a_text_with_spaces_as_an_exploration_writes_them(capsys):
    scheduler = Scheduler()
    for function, name in ((A, "produce"), (B, "consume")):
        scheduler.spawn(function(), name)
    scheduler.run("produce consume consume")
    assert capsys.readouterr().out.split() == ["1", "x", "y"]
    with pytest.raises(
        ScheduleError, match=r"Turn 2 .* is 'Consume'.*\n.*\n  Write:     run\('produce consume'\)"
    ) as error:
        scheduler.run("produce Consume")
    assert (error.value.task, error.value.schedule) == ("Consume", ("produce", "Consume"))


def test_the_schedule_of_an_exploration_can_be_run(capsys):
    found = explore({"first": A, "second": B}, invariant=lambda printed: not printed.startswith("x"), progress=False)
    scheduler = Scheduler()
    for function, name in ((A, "first"), (B, "second")):
        scheduler.spawn(function(), name)
    assert scheduler.run(found.schedule).output == found.counterexample.output
    assert scheduler.tasks == {}


def test_spaces_between_letters_make_no_difference(capsys):
    spawned(A, B).run("A BB A")
    assert capsys.readouterr().out.split() == ["1", "x", "y", "2"]


@pytest.mark.parametrize("schedule", [None, ["parent", "child", "child", "parent"], "parent child child parent"])
def test_a_task_that_is_spawned_in_a_run_takes_part_in_it(schedule, capsys):
    scheduler = Scheduler()

    def child():
        print("child 1")
        yield
        print("child 2")

    def parent():
        assert scheduler.spawn(child()) == "child"
        print("parent 1")
        yield
        print("parent 2")

    scheduler.spawn(parent())
    trace = scheduler.run(schedule)
    assert trace.error is None and scheduler.tasks == {}
    last = ["child 2", "parent 2"] if schedule else ["parent 2", "child 2"]
    assert capsys.readouterr().out.splitlines() == ["parent 1", "child 1", *last]
    assert [lane.name for lane in trace.lanes] == ["parent", "child"]


def test_one_generator_is_not_two_tasks():
    scheduler, one = Scheduler(), A()
    scheduler.spawn(one)
    with pytest.raises(ArgumentError, match=r"task already, by the name 'A'.*\n.*\n  Write:     spawn\(A\(\)\), with"):
        scheduler.spawn(one, "other")
    assert list(scheduler.tasks) == ["A"]


def test_a_generator_of_names_is_no_task_and_gets_no_lane(capsys):
    def names():
        for name in "AAB":
            print("next", name)
            yield name

    trace = spawned(A, B).run(names())
    assert trace == spawned(A, B).run("AAB")
    assert trace.output.split() == ["1", "2", "x"]
    with pytest.raises(ScheduleError, match="Turn 2 of the schedule is None"):
        spawned(A, B).run(name for name in ("A", None, "B"))
    trace = spawned(A, B).run(name for name in "AB")
    assert [lane.name for lane in trace.lanes] == ["A", "B"]


# -- coroutines -------------------------------------------------------------------------------------------------------


@types.coroutine
def turn():
    yield


async def polite(name):
    print(name, 1)
    await turn()
    print(name, 2)


def test_coroutines_take_turns_too(capsys):
    scheduler = Scheduler()
    names = [scheduler.spawn(polite(name)) for name in "ab"]
    trace = scheduler.run()
    assert names == ["polite", "polite 2"]
    assert capsys.readouterr().out.splitlines() == ["a 1", "b 1", "a 2", "b 2"]
    assert trace.error is None and scheduler.tasks == {}


def test_coroutines_that_are_not_at_their_end_can_be_run_on(capsys):
    scheduler = Scheduler()
    for name in "ab":
        scheduler.spawn(polite(name), name)
    scheduler.run("aba")
    assert list(scheduler.tasks) == ["b"]
    scheduler.run()
    assert capsys.readouterr().out.splitlines() == ["a 1", "b 1", "a 2", "b 2"] and scheduler.tasks == {}


# -- what goes wrong --------------------------------------------------------------------------------------------------


def fails():
    yield
    raise ValueError("lost")


def test_an_exception_that_leaves_a_task_ends_the_run_and_is_kept(capsys):
    scheduler = spawned(A, fails, B)
    trace = scheduler.run()
    assert repr(trace.error) == "ValueError('lost')"
    assert capsys.readouterr().out.split() == ["1", "x", "2"]
    assert list(scheduler.tasks) == ["A", "B"]
    scheduler.run()
    assert capsys.readouterr().out.split() == ["3", "y", "z"]


def test_at_full_speed_the_exception_is_raised():
    with pytest.raises(ValueError, match="lost"):
        spawned(fails).run_bare()


def test_at_full_speed_the_order_is_the_same(capsys):
    spawned(A, B).run_bare("AABBAB")
    spawned(A, B).run_bare()
    assert capsys.readouterr().out.split() == [*"12xy3z", *"1x2y3z"]


@pytest.mark.parametrize(
    "schedule, told",
    [
        (
            "AC",
            "Turn 2 of the schedule is 'C', which is not one of 'A', 'B'.\n"
            "  You wrote: run('AC')\n  Write:     run('AB'), with a name for each turn",
        ),
        (
            "ab",
            "Turn 1 of the schedule is 'a', which is not one of 'A', 'B'.\n"
            "  You wrote: run('ab')\n  Write:     run('AB'), with a name for each turn",
        ),
        (
            "bab",
            "Turn 1 of the schedule is 'b', which is not one of 'A', 'B'.\n"
            "  You wrote: run('bab')\n  Write:     run('BAB'), with a name for each turn",
        ),
        (
            "A,B",
            "Turn 2 of the schedule is ',', which is not one of 'A', 'B'.\n"
            "  You wrote: run('A,B')\n  Write:     run('AB'), with a name for each turn",
        ),
        (
            "A -> C",
            "Turn 2 of the schedule is '-', which is not one of 'A', 'B'.\n"
            "  You wrote: run('A -> C')\n  Write:     run('AB'), with a name for each turn",
        ),
        ("AAAA", "Turn 4 of the schedule is 'A', which has come to its end."),
        (["A", "b"], "Turn 2 of the schedule is 'b', which is not one of 'A', 'B'."),
        ([["A"]], "Turn 1 of the schedule is ['A'], which is not one of 'A', 'B'."),
        pytest.param([A], "Turn 1 of the schedule is <function A>, which is not one of 'A', 'B'.", id="a function"),
    ],
    ids=str,
)
def test_a_schedule_that_cannot_be_followed_says_at_which_step(schedule, told, capsys):
    with pytest.raises(ScheduleError) as error:
        spawned(A, B).run(schedule)
    assert str(error.value) == told


def test_after_a_wrong_schedule_the_tasks_can_still_be_run(capsys):
    scheduler = spawned(A, B)
    with pytest.raises(ScheduleError):
        scheduler.run("AC")
    scheduler.run()
    assert capsys.readouterr().out.split() == ["1", "2", "x", "3", "y", "z"]


@pytest.mark.parametrize("schedule, told", [(5, "5"), (A, "<function A>")])
@pytest.mark.parametrize("run", [Scheduler.run, Scheduler.run_bare])
def test_what_has_no_names_in_it_is_no_schedule(schedule, told, run):
    with pytest.raises(ArgumentError) as error:
        run(spawned(A, B), schedule)
    name = run.__name__
    assert str(error.value).splitlines() == [
        "A schedule is a name for each turn.",
        f"  You wrote: {name}({told})",
        f'  Write:     {name}("ABBA") or {name}(["A", "B"])',
    ]


def test_what_a_schedule_raises_is_not_put_down_to_the_tasks(capsys):
    def order():
        yield "A"
        raise ValueError("the schedule's own")

    scheduler = spawned(A, B)
    with pytest.raises(ValueError, match="the schedule's own"):
        scheduler.run(order())
    assert list(scheduler.tasks) == ["A", "B"]


def test_what_a_task_raises_is_its_own_whatever_it_is():
    def fails_in_our_words():
        yield
        raise ScheduleError("a task's own")

    trace = spawned(fails_in_our_words).run(["fails_in_our_words"] * 2)
    assert repr(trace.error) == """ScheduleError("a task's own")"""
    assert trace.error.__traceback__.tb_frame.f_code is fails_in_our_words.__code__


@pytest.mark.parametrize("name", [5, ["a"], "", "a\nb", "\ud800", "a\x1b[0m"], ids=ascii)
def test_a_name_is_a_text_that_stands_on_one_line(name):
    scheduler = Scheduler()
    with pytest.raises(ArgumentError) as error:
        scheduler.spawn(A(), name)
    assert str(error.value).splitlines() == [
        "A task goes by a name in quotes, on one line.",
        f"  You wrote: spawn(..., {name!r})",
        '  Write:     spawn(..., "A")',
    ]
    assert scheduler.tasks == {}


def test_a_function_is_not_a_task():
    with pytest.raises(ArgumentError) as error:
        Scheduler().spawn(A)
    assert str(error.value).splitlines() == [
        "spawn takes a generator or a coroutine.",
        "  You wrote: spawn(A)",
        "  Write:     spawn(A())",
    ]


async def streaming():
    yield


@pytest.mark.parametrize("value, told", [([1, 2], "[1, 2]"), (streaming(), "<async generator streaming>")])
def test_what_cannot_be_resumed_is_not_a_task(value, told):
    with pytest.raises(ArgumentError) as error:
        Scheduler().spawn(value)
    assert str(error.value).splitlines() == [
        "spawn takes a generator or a coroutine.",
        f"  You wrote: spawn({told})",
        "  Write:     spawn(A()), where A is a function with a yield in it",
    ]


def endless():
    while True:
        yield


def test_tasks_that_never_end_are_stopped_at_the_limit():
    trace = spawned(endless, endless).run(max_events=50)
    assert trace.cut == "The run was stopped after 50 events; run(..., max_events=...) sets another limit."
    assert trace.text().splitlines()[-1] == trace.cut
    assert trace.error is None


def test_a_consumer_is_a_task_like_any_other():
    scheduler = spawned(consumer)
    trace = scheduler.run()
    assert [event.value for event in trace.switches()] == [None, "''", "None", "None"]


@pytest.mark.parametrize(
    "schedule, written, names",
    [("AB", "run('AB')", ("AB",)), (["one", "two"], "run(['one', 'two'])", ("one", "two"))],
)
def test_without_a_task_the_scheduler_says_what_to_write_first(schedule, written, names):
    with pytest.raises(ScheduleError) as error:
        Scheduler().run(schedule)
    assert str(error.value).splitlines() == [
        "There is no task to run: none was spawned, or all have come to their end.",
        f"  You wrote: {written}",
        f"  Write:     spawn(A()) and so on, with a call for each task, and then {written}",
    ]
    assert (error.value.task, error.value.turn, error.value.schedule) == (names[0], 1, names)


def test_what_is_no_task_is_described():
    with pytest.raises(ArgumentError) as error:
        Scheduler().spawn(3)
    assert (error.value.argument, error.value.given) == ("task", "3")


def test_a_schedule_that_names_a_task_too_often_says_who_could_run():
    scheduler = Scheduler()
    scheduler.spawn(A()), scheduler.spawn(B())
    with pytest.raises(ScheduleError) as error, redirect_stdout(io.StringIO()):
        scheduler.run("AAAA")
    found = error.value
    assert (found.task, found.turn, found.ready, found.schedule) == ("A", 4, ("B",), ("A", "A", "A", "A"))


def test_what_is_no_name_is_described_where_it_stands_in_a_schedule():
    scheduler = Scheduler()
    scheduler.spawn(A())
    with pytest.raises(ScheduleError) as error:
        scheduler.run([3])
    assert (error.value.task, error.value.turn, error.value.ready) == ("3", 1, ("A",))


def test_a_schedule_that_is_made_one_by_one_is_not_written_out():
    with pytest.raises(ScheduleError) as error:
        Scheduler().run(name for name in "AB")
    assert "  You wrote: run(...)" in str(error.value).splitlines()
    assert error.value.schedule is None


def test_what_is_no_schedule_is_described():
    with pytest.raises(ArgumentError) as error:
        Scheduler().run(3)
    assert (error.value.argument, error.value.given) == ("schedule", "3")


def test_a_task_that_is_spawned_in_a_run_has_its_name_in_the_trace():
    scheduler = Scheduler()

    def begins():
        scheduler.spawn(later(), "the later one")
        yield

    def later():
        yield

    scheduler.spawn(begins())
    assert [lane.name for lane in scheduler.run().lanes] == ["begins", "the later one"]
