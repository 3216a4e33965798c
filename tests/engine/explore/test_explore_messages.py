"""What exploring says where it refuses or gives up: each message whole, as the learner reads it."""

from __future__ import annotations

import contextlib
import functools
import random
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import pytest

from coro_lab.engine.explore import (
    Condition,
    InvariantError,
    Lock,
    NotDeterministicError,
    PreemptionError,
    Queue,
    SpinningError,
    explore,
    in_turns,
    interleavings,
    lattice_counts,
    parallel,
    preemptible,
)
from coro_lab.engine.explore.lattice_counts import ways
from coro_lab.errors import CoroLabError
from tests import racy
from tests.lines import line
from tests.programs import A, B


def told_by(act, kind=CoroLabError):
    """What this raises says, line by line."""
    with pytest.raises(kind) as error:
        act()
    return str(error.value).splitlines()


# -- what is given to explore ------------------------------------------------------------------------------------------


def takes_one(shared):
    yield


def takes_three(one, two, three):
    yield


def takes_a_name(shared, *, name):
    yield


async def streams():
    yield


@contextlib.contextmanager
def opened():
    yield


async def fetch():
    """An async function."""


MAX_STEPS = "max_steps is how many steps an order may take, at least 1; you wrote "
MAX_SCHEDULES = "max_schedules is how many orders are run at most, so at least 1; you wrote "
GIVEN = [
    ({"coroutines": {}}, ["There is nothing to order.", '  Write: coroutines={"A": A, "B": B}']),
    (
        {"coroutines": [A]},
        ["Each coroutine needs a name.", "  You wrote: [A]", '  Write:     {"A": A}'],
    ),
    (
        {"coroutines": {"A": A, "B": takes_one}},
        [
            "Coroutine 'B' takes an argument, but nothing says what it is given.",
            "  Write: setup=..., a function that makes the shared object afresh for each run.",
        ],
    ),
    (
        {"coroutines": {5: A}},
        [
            "A coroutine goes by a name in quotes, on one line.",
            "  You wrote: {5: A}",
            '  Write:     {"A": A}',
        ],
    ),
    (
        {"coroutines": {"": functools.partial(A)}},
        [
            "A coroutine goes by a name in quotes, on one line.",
            "  You wrote: {'': ...}",
            '  Write:     {"A": ...}',
        ],
    ),
    (
        {"coroutines": {"first": A()}},
        [
            "Every order begins afresh, so exploring needs the generator function, not a generator.",
            '  You wrote: {"first": A(...)}',
            '  Write:     {"first": A}',
        ],
    ),
    (
        {"coroutines": {"A": A, "B": fetch}},
        [
            "'B' is an async def and 'A' is not; what is explored together is of one kind.",
            "  Write: an async def for 'A' too, with `await asyncio.sleep(0)` in place of `yield`",
        ],
    ),
    ({"coroutines": {"A": 3}}, ["'A' should be a generator function; it is int."]),
    (
        {"coroutines": {"A": racy.plain_increment}, "setup": racy.Tally},
        [
            "'A' is a plain function without a yield, so it has no switch point.",
            '  Write a yield at each switch point, or explore it as a thread: {"A": preemptible(plain_increment)}',
        ],
    ),
    (
        {"coroutines": {"A": lambda: 1}},
        [
            "'A' is a plain function without a yield, so it has no switch point.",
            '  Write a yield at each switch point, or explore it as a thread: {"A": preemptible(f)}',
        ],
    ),
    (
        {"coroutines": {"A": functools.partial(racy.plain_increment)}, "setup": racy.Tally},
        [
            "'A' is a plain function without a yield, so it has no switch point.",
            '  Write a yield at each switch point, or explore it as a thread: {"A": preemptible(f)}',
        ],
    ),
    (
        {"coroutines": {"A": streams}},
        [
            "'A' is an async generator function; a task begins with a generator function or an async function.",
            "  Write an async function that has `async for ... in streams()`, and explore that.",
        ],
    ),
    (
        {"coroutines": {"A": opened}},
        [
            "'A' is decorated, and a call of it returns <_GeneratorContextManager> and not a generator.",
            '  Write:     {"A": opened.__wrapped__}   (without the decorator)',
        ],
    ),
    (
        {"coroutines": {"A": takes_three}},
        [
            "Coroutine 'A' needs one, two, three, and is given one object, which setup makes.",
            '  Write: "A": functools.partial(takes_three, ...)',
        ],
    ),
    (
        {"coroutines": {"A": takes_a_name}},
        [
            "Coroutine 'A' needs shared, name, and is given one object, which setup makes.",
            '  Write: "A": functools.partial(takes_a_name, ...)',
        ],
    ),
    (
        {"coroutines": {"B": functools.partial(takes_three, 1)}},
        [
            "Coroutine 'B' needs two, three, and is given one object, which setup makes.",
            '  Write: "B": functools.partial(A, ...)',
        ],
    ),
    ({"max_steps": 0}, [f"{MAX_STEPS}0."]),
    ({"max_steps": "x"}, [f"{MAX_STEPS}'x'."]),
    ({"max_schedules": 0}, [f"{MAX_SCHEDULES}0."]),
    ({"max_schedules": "x"}, [f"{MAX_SCHEDULES}'x'."]),
    (
        {"setup": [0]},
        [
            "setup is a function that makes the shared object afresh for each run.",
            "  You wrote: setup=[0]",
            "  Write:     setup=lambda: [0], or setup=Tally with the name of a class",
        ],
    ),
    (
        {"setup": takes_one},
        ["setup needs shared, and is given nothing.", "  Write: setup=lambda: takes_one(...) with all that it needs"],
    ),
    (
        {"setup": functools.partial(takes_three, 1, 2)},
        ["setup needs three, and is given nothing.", "  Write: setup=lambda: setup(...) with all that it needs"],
    ),
    (
        {"invariant": True},
        [
            "invariant is a function that says whether all is well at the end of an order.",
            "  You wrote: invariant=True",
            "  Write:     invariant=lambda shared: shared.value == 2",
        ],
    ),
    (
        {"invariant": lambda a, b, c: a},
        [
            "invariant needs a, b, c, and is given what setup has made, and what was printed.",
            "  Write: invariant=lambda shared, output: ...",
        ],
    ),
]


@pytest.mark.parametrize("given, message", GIVEN)
def test_what_cannot_be_explored_is_refused_with_what_to_write(given, message):
    assert told_by(lambda: explore(**{"coroutines": {"A": A}, **given})) == message


def test_the_bounds_may_be_one():
    found = explore(coroutines={"A": lambda: (yield)}, max_schedules=1, max_steps=2, merge=False)
    assert (found.total, found.how) == (1, "every order run")
    with pytest.raises(SpinningError, match="within 1 steps"):
        explore(coroutines={"A": A}, max_steps=1)


def test_a_name_that_takes_no_part_is_said_with_those_that_do():
    program = interleavings({"A": A, "B": B}).program
    assert told_by(lambda: program.parse("AC")) == ["'C' takes no part here; the names are A, B."]


# -- the invariant -----------------------------------------------------------------------------------------------------


def raises(error):
    def invariant(tally):
        raise error

    return invariant


CALLED_AT_THE_END = "  It is called once at the end of each order, and must return True or False."


@pytest.mark.parametrize(
    "invariant, message",
    [
        (raises(ValueError("no")), ["The invariant raised ValueError: no after A A.", CALLED_AT_THE_END]),
        (raises(KeyError()), ["The invariant raised KeyError after A A.", CALLED_AT_THE_END]),
        (raises(SystemExit(3)), ["The invariant raised SystemExit: 3 after A A.", CALLED_AT_THE_END]),
        (
            lambda tally: None,
            [
                "The invariant returned None, which says neither yes nor no.",
                "  Write: invariant=lambda shared: shared.value == 2   (an expression, not an assert)",
            ],
        ),
    ],
)
def test_an_invariant_that_does_not_answer_is_told_so(invariant, message):
    explored = functools.partial(explore, setup=racy.Tally, coroutines={"A": racy.increment}, invariant=invariant)
    assert told_by(explored, InvariantError) == message


# -- what a program does -----------------------------------------------------------------------------------------------


def test_a_program_that_does_something_else_the_second_time_is_told_so():
    def rolls(box):
        for _ in range(9):
            yield
        print(random.random())

    explored = functools.partial(explore, setup=list, coroutines={"A": rolls})
    assert told_by(explored, NotDeterministicError) == [
        "The program is not deterministic: the schedule A A A A A A A A did one thing the first time and another the "
        "second.",
        "  What it does may depend only on its schedule: use no random numbers, times, input or sets of objects,",
        "  and let `setup` make afresh everything that a run changes.",
    ]


def test_a_setup_that_makes_something_else_each_time_is_told_so():
    numbers = iter(range(1_000))
    assert told_by(lambda: explore(setup=lambda: [next(numbers)], coroutines={"A": takes_one})) == [
        "`setup` makes a different object each time.",
        "  Write a `setup` that makes an equal object for each run, without random numbers or times.",
    ]


def goes_round(*_):
    while True:
        pass


@pytest.mark.integration
@pytest.mark.parametrize(
    "given, what",
    [
        ({"setup": goes_round}, "setup"),
        ({"setup": racy.Tally, "invariant": goes_round}, "invariant"),
        ({"setup": racy.Tally, "coroutines": {"A": goes_round}}, "a coroutine"),
    ],
)
def test_what_is_called_for_each_order_and_never_ends_is_told_so(given, what):
    assert told_by(lambda: explore(**{"coroutines": {"A": racy.increment}, **given})) == [
        f"goes_round did not come to its end within 1,000,000 turns of its loops, while {what} was called.",
        "  It is called for each order, so it has to end, and soon.",
    ]


def after_you(me):
    def go(wants):
        wants[me] = True
        while wants[1 - me]:
            pass
        wants[me] = False

    return go


def test_an_order_that_can_never_end_is_told_with_each_loop():
    tasks = {"A": preemptible(after_you(0)), "B": preemptible(after_you(1))}
    at = line(tasks["A"], 3)
    assert told_by(lambda: explore(setup=lambda: [False, False], coroutines=tasks), SpinningError) == [
        "After A A B B no order comes to its end any more: each task that can go on only repeats a loop.",
        f"  A goes round at line {at} of test_explore_messages.py: while wants[1 - me]:",
        f"  B goes round at line {at} of test_explore_messages.py: while wants[1 - me]:",
    ]


def test_where_orders_are_run_one_by_one_a_loop_that_waits_is_told_with_why_they_are():
    def waits(box):
        while not box:
            yield

    def fills(box):
        yield
        box.append(1)

    tasks = {"A": fills, "B": waits}
    at = line(waits, 2)
    assert told_by(lambda: explore(setup=list, coroutines=tasks, max_steps=50, merge=False), SpinningError) == [
        "B did not come to its end within 50 steps (the order begins A B B B B B B B ...).",
        f"  It goes round at line {at} of test_explore_messages.py: while not box:",
        "  A coroutine to be explored has to end. If it waits in a loop for another one, let it wait instead:",
        "  yield from lock.acquire(), condition.wait() or queue.get(). If it is only long: max_steps=...",
        "  Orders that never end are judged only where equal states are merged: merge=False.",
    ]
    assert told_by(interleavings(tasks, setup=list).__len__) == [
        "There are infinitely many orders, because a task can wait in a loop for as long as it likes.",
        "  Look at some of them, itertools.islice(orders, 10), or judge all: explore(...)",
    ]


def test_more_orders_than_len_can_return_are_told_with_what_to_write():
    many = interleavings(dict.fromkeys("ABCDEFGHIJ", A))
    assert told_by(many.__len__, OverflowError) == [
        "There are 4,386,797,336,285,844,480,000,000 orders, more than len() can return.",
        "  You wrote: len(orders)",
        "  Write:     orders.count",
    ]


def test_more_orders_than_a_picture_can_show_are_refused(monkeypatch):
    program = interleavings({"A": A, "B": B}).program
    monkeypatch.setattr(lattice_counts, "MOST_ORDERS", 20)
    assert ways(program).total.orders == 20
    monkeypatch.setattr(lattice_counts, "MOST_ORDERS", 19)
    assert told_by(lambda: ways(program)) == [
        "There are more than 19 orders, too many for a picture of all.",
        "  Draw a smaller program; explore(...) judges this one.",
    ]


def test_what_cannot_be_sent_to_another_process_is_told_so():
    lock = threading.Lock()
    with ProcessPoolExecutor(1) as pool:  # starts no process before it is given work
        assert told_by(lambda: parallel._packed(functools.partial(lambda: lock), pool)) == [
            "The program cannot be sent to another process: cannot pickle '_thread.lock' object.",
            "  What its functions use from outside has to be data or functions; make everything else in `setup`.",
        ]


# -- locks and conditions ----------------------------------------------------------------------------------------------


def test_a_lock_that_nobody_holds_and_a_condition_that_one_does_not_hold_say_so():
    bell = Condition(name="bell")
    assert told_by(Lock("fork").release, RuntimeError) == ["fork is released, but nobody holds it"]
    assert told_by(bell.release, RuntimeError) == ["bell's lock is released, but nobody holds it"]
    assert told_by(bell.notify, RuntimeError) == ["bell is notified by somebody, who does not hold its lock"]
    wait = bell.wait()
    assert told_by(lambda: next(wait), RuntimeError) == ["bell is waited on by somebody, who does not hold its lock"]


@pytest.mark.parametrize(
    "act, waits",
    [
        (lambda shared: shared["fork"].acquire(), "A waits for fork, held by nobody, which has ended"),
        (lambda shared: shared["bell"].wait(), "A waits for a notify of bell, which nobody is left to give"),
        (lambda shared: shared["belt"].put(1), "A waits for room in belt, which nobody is left to give"),
        (lambda shared: shared["empty"].get(), "A waits for an item in empty, which nobody is left to give"),
    ],
)
def test_whoever_is_left_behind_is_told_with_what_it_waits_for(act, waits):
    def setup():
        things = {"fork": Lock("fork"), "bell": Condition(name="bell"), "belt": Queue(1, "belt"), "empty": Queue(2)}
        things["fork"].holder, things["empty"].name = "nobody", "empty"
        things["belt"].items.append(0)
        return things

    def task(shared):
        yield from shared["bell"].acquire()
        yield from act(shared)

    found = explore(setup=setup, coroutines={"A": task})
    assert (found.kinds, found.finding.text) == ({"left behind": 1}, waits)
    assert repr(found) == f"1 interleaving, 1 leaves a task behind; first A\n{waits}"


# -- what a result says ------------------------------------------------------------------------------------------------


def shows(box):
    yield
    box.append(1)


def rings_too_early(bakery):
    yield from bakery.bell.acquire()
    bakery.bell.notify()
    bakery.bell.release()


def fails_if_late(box):
    seen = len(box)
    yield
    box.append(1)
    if seen != len(box) - 1:
        raise ValueError


def waits_in_a_loop(box):
    while not box:
        yield


def waits_and_writes(box):
    yield from waits_in_a_loop(box)
    box.append(len(box))


THREE = {"coroutines": dict.fromkeys("ABC", racy.increment), "setup": racy.Tally}
CAN_WAIT = "(a task can wait in a loop for as long as it likes; each ending is counted once)"


@pytest.mark.parametrize(
    "program, said",
    [
        (
            {"coroutines": {"A": shows, "B": waits_in_a_loop}, "setup": list, "invariant": lambda box: box},
            ["Infinitely many interleavings of 7 different states, with 1 ending, none of them broken", CAN_WAIT],
        ),
        (
            {
                "coroutines": {"A": shows, "B": waits_and_writes, "C": fails_if_late},
                "setup": list,
                "invariant": lambda box: len(box) == 3,
            },
            [
                "Infinitely many interleavings of 32 different states, with 4 endings, 2 raise an error;",
                "  first A A C B C",
                "C raises ValueError",
                CAN_WAIT,
            ],
        ),
        (
            {**THREE, "merge": False, "max_schedules": 50},
            [
                "50 interleavings drawn at random from 90, none of them broken",
                "(a uniform random sample, because merge=False)",
            ],
        ),
        (
            {
                "coroutines": {"P": racy.eat_left_first, "Q": racy.eat_left_first},
                "setup": racy.Table,
                "merge": False,
                "max_schedules": 3,
            },
            [
                "3 interleavings drawn at random from 4, none of them broken",
                "(a uniform random sample, because merge=False)",
            ],
        ),
        ({"coroutines": {"A": A}}, ["1 interleaving, none of them broken"]),
        ({"coroutines": {"A": A, "B": B}}, ["20 interleavings, none of them broken"]),
        (
            {"coroutines": {"A": A, "B": B}, "merge": False},
            ["20 interleavings, none of them broken", "(every order run, because merge=False)"],
        ),
        (
            {"coroutines": {"A": shows}, "setup": list, "invariant": lambda box: False},
            ["1 interleaving, 1 breaks the invariant; first A A"],
        ),
        (
            {"coroutines": {"A": fails_if_late, "B": fails_if_late}, "setup": list},
            ["6 interleavings, 4 raise an error; first A B A B", "B raises ValueError"],
        ),
        (
            {"coroutines": {"P": racy.eat_left_first, "Q": racy.eat_right_first}, "setup": racy.Table},
            [
                "6 interleavings, 4 end in a deadlock; first P Q P Q",
                "P waits for right fork, held by Q; Q waits for left fork, held by P",
            ],
        ),
        (
            {"coroutines": {"buyer": racy.buy_carelessly, "baker": rings_too_early}, "setup": racy.Bakery},
            [
                "3 interleavings, 2 lose a wake-up; first buyer baker buyer",
                "buyer waits for a notify of bell, which nobody is left to give; baker notified bell",
                "  while nobody waited",
            ],
        ),
    ],
)
def test_a_result_is_read_as_a_sentence(program, said):
    assert repr(explore(**program)).splitlines() == said


class Point:
    def __init__(self):
        self.x = 0

    def move(self):
        self.x += 1


class Words(list):
    pass


class Meta(type):
    pass


class WithMeta(metaclass=Meta):
    pass


class Dying:
    def __del__(self):
        pass


def lives(point):
    """Whether this point is one, asked of its class."""
    return point.__class__ is Point


def new_globals():
    names: dict = {}
    exec("def step(): return 1", names)
    return [names["step"]]


ACTS = [
    (lambda point: __import__("math"), "it uses __import__"),
    (lambda point: getattr(point, "__dict__"), "it uses getattr"),  # noqa: B009
    (lambda point: setattr(point, "x", 1), "it uses setattr"),
    (lambda point: time.time(), "it uses the module time"),
    (lambda point: clock(), "it uses clock"),
    (lambda point: point is Point, "it compares with `is`"),
    (lambda point: point.__dict__, "it uses __dict__"),
    (lambda point: point.move.__func__.cell_contents, "it uses __func__"),
    (lambda point: Words(), "Words derives from list"),
    (lambda point: WithMeta(), "the class WithMeta has a metaclass"),
    (lambda point: Dying(), "Dying has a __del__"),
]
clock = time.monotonic


def imports(point):
    import math  # noqa: F401


def makes_a_class(point):
    class Inner:
        pass


def gives_it_a_class(point):
    point.__class__ = Point


def changes_a_private_name(point):
    point.__hidden = 1


def replaces_a_method(point):
    point.move = len


ACTS += [
    (imports, "it imports while it runs"),
    (makes_a_class, "it makes a class while it runs"),
    (gives_it_a_class, "it assigns __class__"),
    (changes_a_private_name, "it assigns __hidden"),
    (replaces_a_method, "it may replace the method move"),
]


@pytest.mark.usefixtures("only_merging")
@pytest.mark.parametrize("act, reason", ACTS)
def test_why_states_are_not_merged_is_said_of_what_a_task_does(act, reason):
    def task(point):
        yield
        act(point)

    found = explore(setup=Point, coroutines={"A": task})
    assert (found.how, found.reason) == ("every order run", reason)
    assert repr(found).endswith(f"(every order run, because {reason})")


def asks_for_the_time(point):
    return time.time() > 0


def asks_a_special_attribute(point):
    return getattr(point, "__doc__", None) is None


def asks_a_function_of_c(point):
    return clock() > 0


def imports_to_judge(point):
    import math

    return math.pi > 3


def judges_by_a_class_of_its_own(point):
    class Mine(list):
        pass

    return Mine() == []


def judges_by_identity(point):
    return point.x is point.x


@pytest.mark.usefixtures("only_merging")
@pytest.mark.parametrize(
    "invariant, reason",
    [
        (asks_for_the_time, "the invariant uses the module time"),
        (asks_a_special_attribute, "the invariant uses getattr of a special attribute"),
        (asks_a_function_of_c, "the invariant uses clock"),
        (imports_to_judge, "the invariant imports while it runs"),
        (lambda point: open is None, "the invariant uses open"),
        (lambda point: point.__class__ == Point, ""),
        (lambda point: vars(point) == point.__dict__, ""),  # it is called at the end, and may look at everything
        (judges_by_a_class_of_its_own, ""),
        (judges_by_identity, ""),
        (lives, ""),
    ],
)
def test_why_states_are_not_merged_is_said_of_what_the_invariant_does(invariant, reason):
    found = explore(setup=Point, coroutines={"A": takes_one}, invariant=invariant)
    assert (found.how, found.reason) == ("every order run" if reason else "equal states merged", reason)


@pytest.mark.usefixtures("only_merging")
@pytest.mark.parametrize(
    "held, reason",
    [
        ({1}, "a state holds a set"),
        (float("nan"), "a state holds a NaN"),
        (complex(0, float("nan")), "a state holds a NaN"),
        (object, ""),
        (open, "a state holds open"),
        (list.__sizeof__, "a state holds list.__sizeof__"),
        ([].__sizeof__, "a state holds list.__sizeof__"),
        (classmethod, "a state holds the class classmethod"),
        (iter({1}), "a state holds a set_iterator"),
        (ValueError(), "a state holds a ValueError"),
    ],
)
def test_why_states_are_not_merged_is_said_of_what_a_state_holds(held, reason):
    found = explore(setup=lambda: [held], coroutines={"A": takes_one})
    assert (found.how, found.reason) == ("every order run" if reason else "equal states merged", reason)


@pytest.mark.usefixtures("only_merging")
def test_a_setup_that_runs_code_with_new_globals_is_said_to():
    found = explore(setup=new_globals, coroutines={"A": takes_one})
    assert (found.how, found.reason) == ("every order run", "`setup` runs code with new globals")


@pytest.mark.usefixtures("only_merging")
def test_more_states_than_can_be_kept_are_said_to_be_there(monkeypatch):
    monkeypatch.setattr(in_turns, "FEW_STATES", 4)
    monkeypatch.setattr(in_turns, "MAX_STATES", 4)
    found = explore(coroutines={"A": A, "B": B})
    assert (found.how, found.reason) == ("every order run", "there are more than 4 different states")


@pytest.mark.usefixtures("only_merging")
def test_an_invariant_that_keeps_what_it_sees_is_said_to():
    seen = []
    found = explore(coroutines={"A": A}, invariant=lambda output: seen.append(output) is None)
    assert found.how == "every order run"
    assert found.reason == "the invariant changes what lies outside, so it is called for each order"


# -- what cannot be split into steps -----------------------------------------------------------------------------------


def suspends(box):
    yield


def matches(shared):
    match shared:
        case []:
            return 1


def awaits_inside(shared):
    async def inner():
        pass


def bare(function):
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


@functools.cache
def kept(box):
    return box


@contextlib.contextmanager
def held(box):
    yield box


class Account:
    @classmethod
    def opened(cls, box):
        return cls()


@functools.singledispatch
def by_class(box):
    box.append(1)


class Callable:
    """Called by no `__call__` of the learner's."""

    def __init__(self):
        self.__wrapped__ = racy.plain_increment


@pytest.mark.parametrize(
    "given, message",
    [
        (
            suspends,
            [
                "suspends suspends by itself, so it is explored as it is.",
                '  Write: {"A": suspends}   (preemptible is for plain functions)',
            ],
        ),
        (
            3,
            [
                "preemptible takes a function; int is not one.",
                "  Write: preemptible(increment)   (the function, not what it returns)",
            ],
        ),
        (
            Account,
            [
                "preemptible takes a function; Account is a class.",
                "  Write: preemptible(lambda: Account())",
            ],
        ),
        (
            vars(Account)["opened"],
            [
                "opened is a classmethod, and which class it is called with is not said here.",
                "  Write: preemptible(lambda shared: Account.opened(shared))   (with the name of your class)",
            ],
        ),
        (
            time.sleep,
            [
                "preemptible takes a function that is written in Python; <function sleep> is not.",
                "  Write: preemptible(lambda shared: ...)   (with the call of sleep in it)",
            ],
        ),
        (
            contextlib.suppress.__init__,
            [
                "__init__ is a function of contextlib, and only your own are split into steps.",
                "  Write: preemptible(lambda shared: ...)   (with the call of __init__ in it)",
            ],
        ),
        (
            kept,
            [
                "kept is decorated with functools.cache or functools.lru_cache, whose own code cannot be split into "
                "steps.",
                "  You wrote: preemptible(kept)",
                "  Write:     preemptible(kept.__wrapped__)   (without the decorator)",
            ],
        ),
        (
            held,
            [
                "held is decorated with contextlib.contextmanager, whose own code cannot be split into steps.",
                "  You wrote: preemptible(held)",
                "  Write:     a plain function that uses held, and preemptible of that",
            ],
        ),
        (
            by_class,
            [
                "by_class is decorated with functools.singledispatch, whose own code cannot be split into steps.",
                "  You wrote: preemptible(by_class)",
                "  Write:     preemptible(by_class.__wrapped__)   (without the decorator)",
            ],
        ),
        (
            matches,
            [
                f"matches cannot be split into steps: line {line(matches, 2)} holds match, "
                "and what is inside cannot be split."
            ],
        ),
        (
            awaits_inside,
            [
                f"awaits_inside cannot be split into steps: line {line(awaits_inside, 2)} holds "
                "asyncfunctiondef, and what is inside cannot be split."
            ],
        ),
        (
            eval("lambda box: box.append(1)"),
            [
                "The source of <lambda> cannot be found, so it cannot be split into steps.",
                "  Write it with def in a cell or a file, one function to a line.",
            ],
        ),
    ],
)
def test_what_cannot_be_split_is_refused_with_what_to_write(given, message):
    assert told_by(lambda: preemptible(given), CoroLabError) == message


def test_two_functions_of_one_line_that_cannot_be_told_apart_are_refused(monkeypatch):
    import linecache

    text = "one = [lambda box: box for _ in range(1)][0]; two = [lambda box: box for _ in range(1)][0]\n"
    names: dict = {}
    exec(compile(text, "<two in one line>", "exec"), names)
    swapped = "lambda box: box, lambda box: box\n"  # edited meanwhile: neither of them stands where it stood
    monkeypatch.setitem(linecache.cache, "<two in one line>", (len(swapped), None, [swapped], "<two in one line>"))
    assert told_by(lambda: preemptible(names["two"]), PreemptionError)[0].startswith("The source of <lambda> ")


def test_a_real_lock_is_refused_with_what_to_use_instead():
    def locked(shared):
        with shared[0]:
            pass

    assert told_by(lambda: explore(setup=lambda: [threading.RLock()], coroutines={"A": preemptible(locked)})) == [
        "A real RLock would stop the one thread that explores, and with it everybody.",
        "  Leave the function as it is, and let `setup` make the lock: coro_lab has Lock, Condition and Queue.",
    ]
