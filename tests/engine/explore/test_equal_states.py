"""What a state is made of: two runs that can be told apart by any program are never taken for one."""

from __future__ import annotations

import functools
import math
import operator
import types
import warnings
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coro_lab.engine.explore import Condition, DisagreementError, Lock, Queue, SharedSetupError, explore, sync
from coro_lab.engine.explore.fingerprint import containers, values
from coro_lab.engine.explore.limits import EVERY, MERGED
from coro_lab.engine.explore.state_search import StateSearch
from coro_lab.engine.explore.sync import Wait

pytestmark = pytest.mark.usefixtures("only_merging")

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)


def verdicts(**program):
    """What merging says, after it was compared with running every order; each begins as if nothing had run before."""
    merged, run = explore(**program), explore(**program, merge=False)
    facts = "total", "broken", "kinds", "schedule"
    assert [getattr(merged, fact) for fact in facts] == [getattr(run, fact) for fact in facts]
    return merged


def writers(first, second):
    """Two coroutines, each of which does one thing to what they share; whoever is last decides."""

    def make(act):
        def body(shared):
            yield
            act(shared)
            yield

        return body

    return {"A": make(first), "B": make(second)}


# -- pairs of things that differ, and an invariant that sees it -------------------------------------------------------


class Private:
    __slots__ = ("__value",)

    def set(self, value):
        self.__value = value

    def get(self):
        return self.__value


class Slotted:
    __slots__ = ("x",)


class Whole:
    def __init__(self):
        self.part = None
        self.pair = (1, 2)
        self.text = "".join(["ab", "cd"])
        self.nans = []


class Doubtful(Whole):
    def __init__(self):
        super().__init__()
        self.nans.append(float("nan"))


def keep(pair):
    pair.part = pair.pair


def copy(pair):
    pair.part = (pair.pair[0], 2)


def same_object(one, other):
    return one is other


def put_text(shared):
    shared.part = shared.text


def copy_text(shared):
    shared.part = shared.text[:1] + shared.text[1:]


def unset(shared):
    shared.x = 1
    del shared.x


def mark(name):
    def act(shared):
        shared.who = name

    return act


def own(value):
    def act(shared):
        shared.part = value

    return act


def with_default(value):
    def give(value=value):
        return value

    return give


def with_word(value):
    def give(*, value=value):
        return value

    return give


def enclosing(value):
    def give():
        return value

    return give


class Holder:
    def __init__(self, value):
        self.value = value

    def get(self):
        return self.value


def own_iterator(taken):
    def act(shared):
        shared.part = iter([7, 8, 9])
        for _ in range(taken):
            next(shared.part)

    return act


def own_range(taken):
    def act(shared):
        shared.part = iter(range(7, 10))
        for _ in range(taken):
            next(shared.part)

    return act


def number(value):
    yield value
    yield value


def count_to_two():
    yield 0
    yield 1
    yield 2


def own_generator(value):
    def act(shared):
        shared.part = number(value)

    return act


def own_counter(taken):
    def act(shared):
        shared.part = count_to_two()
        for _ in range(taken):
            next(shared.part, None)

    return act


helpers = types.ModuleType("coro_lab_course")
helpers.who = None
exec("def come(name):\n    global who\n    who = name\n", vars(helpers))


def start_again():
    helpers.who = None
    return Whole()


def put_nan(shared):
    shared.part = float("nan")


def put_that_nan(shared):
    shared.part = shared.nans[0]


def is_by_helper(shared):
    return same_object(shared.part, shared.pair)


DIFFER = {
    "a private slot": (Private, lambda t: t.set(1), lambda t: t.set(2), lambda t: t.get() == 2),
    "a slot that is unset": (Slotted, lambda s: setattr_x(s), unset, lambda s: hasattr(s, "x")),
    "an attribute of a Counter": (Counter, mark("A"), mark("B"), lambda c: c.who == "B"),
    "which tuple it is": (Whole, keep, copy, lambda s: s.part is s.pair),
    "which tuple it is, asked by a helper": (Whole, keep, copy, is_by_helper),
    "which text it is": (Whole, put_text, copy_text, lambda s: s.part is s.text),
    "the id": (Whole, keep, copy, lambda s: id(s.part) == id(s.pair)),
    "operator.is_": (Whole, keep, copy, lambda s: operator.is_(s.part, s.pair)),
    "which NaN it is": (Doubtful, put_nan, put_that_nan, lambda s: s.part in s.nans),
    "the sign of a zero": (Whole, own(0.0), own(-0.0), lambda s: str(s.part) == "0.0"),
    "the sign of a complex zero": (Whole, own(0j), own(-0j), lambda s: str(s.part) == "0j"),
    "1, True and 1.0": (Whole, own(1), own(True), lambda s: repr(s.part) == "1"),
    "a module with a name like ours": (
        start_again,
        lambda s: helpers.come("A"),
        lambda s: helpers.come("B"),
        lambda s: helpers.who == "B",
    ),
    "the maxlen of a deque": (Whole, own(deque([1])), own(deque([1], 3)), lambda s: s.part.maxlen == 3),
    "the class of a dict": (Whole, own({}), own(Counter()), lambda s: type(s.part) is Counter),
    "the default of a dict": (
        Whole,
        own(defaultdict(int)),
        own(defaultdict(list)),
        lambda s: s.part.default_factory() == 0,
    ),
    "which function it is": (Whole, own(keep), own(copy), lambda s: s.part.__name__ == "copy"),
    "which of two functions of one name it is": (
        Whole,
        own(lambda: 1),
        own(lambda: 2),
        lambda s: s.part() == 1,
    ),
    "the default of a function": (Whole, own(with_default(1)), own(with_default(2)), lambda s: s.part() == 1),
    "what a function encloses": (Whole, own(enclosing(1)), own(enclosing(2)), lambda s: s.part() == 1),
    "a default that is given by name": (Whole, own(with_word(1)), own(with_word(2)), lambda s: s.part() == 1),
    "which method it is": (Whole, own([1].count), own([1].index), lambda s: s.part.__name__ == "count"),
    "whose method it is": (Whole, own([1].count), own([2].count), lambda s: s.part(1) == 1),
    "whose method of the learner's it is": (
        Whole,
        own(Holder(1).get),
        own(Holder(2).get),
        lambda s: s.part() == 1,
    ),
    "which builtin it is": (Whole, own(math.floor), own(math.ceil), lambda s: s.part(0.5) == 0),
    "which builtin class it is": (Whole, own(int), own(str), lambda s: s.part(1) == 1),
    "which class it is": (Whole, own(Private), own(Slotted), lambda s: s.part.__name__ == "Slotted"),
    "how far a list iterator is": (Whole, own_iterator(0), own_iterator(1), lambda s: next(s.part) == 7),
    "how far a range iterator is": (Whole, own_range(0), own_range(1), lambda s: next(s.part) == 7),
    "where a range begins": (Whole, own(range(1, 9)), own(range(2, 9)), lambda s: s.part[0] == 1),
    "where a range ends": (Whole, own(range(1, 8)), own(range(1, 9)), lambda s: s.part[-1] == 8),
    "the step of a range": (Whole, own(range(1, 9, 2)), own(range(1, 9, 3)), lambda s: s.part[1] == 3),
    "where a slice begins": (Whole, own(slice(1, 3)), own(slice(0, 3)), lambda s: s.part.start == 1),
    "where a slice ends": (Whole, own(slice(1, 3)), own(slice(1, 4)), lambda s: s.part.stop == 3),
    "the step of a slice": (Whole, own(slice(1, 3, 1)), own(slice(1, 3, 2)), lambda s: s.part.step == 1),
    "a frozenset": (Whole, own(frozenset({1})), own(frozenset({2})), lambda s: 1 in s.part),
    "bytes": (Whole, own(b"a"), own(b"b"), lambda s: s.part == b"a"),
    "the imaginary part": (Whole, own(1j), own(2j), lambda s: s.part == 1j),
    "the real part": (Whole, own(1 + 1j), own(2 + 1j), lambda s: s.part.real == 1),
    "a key of a dict": (Whole, own({1: 0}), own({True: 0}), lambda s: repr(s.part) == "{1: 0}"),
    "how a generator goes on": (Whole, own_generator(1), own_generator(2), lambda s: next(s.part) == 1),
    "how far a generator is": (Whole, own_counter(0), own_counter(1), lambda s: next(s.part) == 0),
    "whether a generator has ended": (Whole, own_counter(0), own_counter(9), lambda s: next(s.part, None) == 0),
    "the order of a dict": (Whole, own({1: 1, 2: 2}), own({2: 2, 1: 1}), lambda s: [*s.part] == [1, 2]),
    "a list in a tuple": (Whole, own(([1],)), own(([2],)), lambda s: s.part == ([2],)),
}


def setattr_x(shared):
    shared.x = ...


@pytest.mark.parametrize("what", DIFFER)
def test_what_differs_is_never_one_state(what):
    setup, first, second, invariant = DIFFER[what]
    found = verdicts(setup=setup, coroutines=writers(first, second), invariant=invariant)
    assert 0 < found.broken < found.total


def make_named(*, doc=None, name=None):
    def function():
        """Nothing."""

    if doc:
        function.__doc__ = doc
    if name:
        function.__name__ = name
    return function


def test_functions_that_differ_in_their_name_alone_differ():
    def setup():
        box = Whole()
        box.nans = [make_named(name="one"), make_named(name="two")]
        return box

    def take(at):
        def act(box):
            box.part = box.nans[at]
            box.nans = []

        return act

    def drop(box):
        box.part = box.part or box.nans[1]
        box.nans = []

    found = verdicts(setup=setup, coroutines=writers(take(0), drop), invariant=lambda box: box.part.__name__ == "one")
    assert found.broken > 0


@pytest.mark.parametrize(
    "act, because",
    [
        (lambda s: operator.is_(s, s), "it uses the module operator"),
        (lambda s: setattr(s, "x", 1), "it uses setattr"),
        (lambda s: s.__dict__, "it uses __dict__"),
        (lambda s: keep.__doc__, "it uses __doc__"),
        (lambda s: [].__sizeof__(), "it uses __sizeof__"),
        (lambda s: s.nans.append(math.nan), "a state holds a NaN"),
        (lambda s: same_object(s.part, s.pair), "it compares with `is`"),
    ],
)
def test_what_tells_more_than_a_state_knows_makes_every_order_run(act, because):
    found = explore(setup=Whole, coroutines=writers(act, act))
    assert (found.how, found.reason) == (EVERY, because)


OUR_MODULE = sync  # a module that is global here
floor, add_up = math.floor, operator.add


class Typed:
    """With annotations of all kinds, a slot and a property; none of them is data."""

    __slots__ = ("__weakref__", "value")
    __match_args__ = ("value",)
    value: list[int]

    @property
    def first(self):
        return 1

    @staticmethod
    def second() -> Callable[[int], str] | None:
        return None

    @classmethod
    def third(cls):
        return cls.second()


@dataclass(order=True)
class Ordered:
    seen: list[int] = field(default_factory=list)
    names: ClassVar[tuple[str, ...]] = ("a", "b")


PURE = {
    "a function of operator": lambda s: operator.add(1, 2),
    "a function of operator by its own name": lambda s: add_up(1, 2),
    "a function of math": lambda s: math.floor(1.5),
    "a function of math by its own name": lambda s: floor(1.5),
    "a lock of ours by its module": lambda s: OUR_MODULE.Lock().locked(),
    "a class of ours": lambda s: Queue().qsize(),
    "an exception": lambda s: [ValueError("it")].clear(),
    "a Counter": lambda s: Counter([1, 2]).total(),
    "builtins": lambda s: sorted(zip(map_of(s), reversed([abs(-1), max(1, 2)]), strict=True)),
    "None and the like": lambda s: s is None or s is True or s is False or s is ...,
    "special methods": lambda s: [].__len__() + (1).__add__(2),
    "a class with annotations": lambda s: own(Typed.third())(s),
    "a dataclass": lambda s: own(Ordered([1]) < Ordered([2]))(s),
}


def map_of(shared):
    return [1, 2]


@pytest.mark.parametrize("literal", ["5", "'text'", "()", "1.5"])
def test_only_a_value_that_exists_once_may_be_compared_by_is(literal):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of just that
        act = eval(f"lambda s: s.part is {literal}")
    found = explore(setup=Whole, coroutines=writers(act, act))
    assert (found.how, found.reason) == (EVERY, "it compares with `is`")


@pytest.mark.parametrize("what", PURE)
def test_what_depends_on_its_arguments_alone_is_no_reason_to_run_every_order(what):
    found = verdicts(setup=Whole, coroutines=writers(PURE[what], own(1)), invariant=lambda s: s.part == 1)
    assert (found.how, found.reason) == (MERGED, "")


@pytest.mark.parametrize(
    "name",
    ["cell_contents", "f_locals", "gi_frame", "gi_yieldfrom", "gi_code", "gi_running", "is_", "is_not", "__closure__"],
)
@pytest.mark.parametrize("looks", ["shared.{}", "getattr(shared, '{}', None)"])
def test_an_attribute_that_shows_what_no_state_holds_makes_every_order_run(name, looks):
    invariant = eval(f"lambda shared: shared.part or {looks.format(name)}")
    found = explore(setup=Whole, coroutines=writers(own(1), own(2)), invariant=invariant)
    assert found.how == EVERY
    assert name in found.reason or "getattr of a special attribute" in found.reason


@pytest.mark.parametrize(
    "held, because",
    [
        (id, "a state holds id"),
        (type, "a state holds the class type"),
        (set(), "a state holds a set"),
        (functools.partial(print), "a state holds a partial"),
        (types.MappingProxyType({}), "a state holds a mappingproxy"),
        (object().__sizeof__, "a state holds object.__sizeof__"),
        (functools.reduce(lambda inner, _: [inner], range(5_000), []), "a state is nested too deeply"),
    ],
)
def test_what_is_not_known_by_name_makes_every_order_run(held, because):
    def setup():
        box = Whole()
        box.nans, box.part = [], held
        return box

    found = explore(setup=setup, coroutines=writers(own(1), own(2)), invariant=lambda box: box.part == 1)
    assert (found.how, found.reason, found.broken) == (EVERY, because, 10)


def test_a_key_that_would_never_end_is_given_up(monkeypatch):
    monkeypatch.setattr(containers, "MOST_PARTS", 1_000)
    held = functools.reduce(lambda inner, _: (inner, inner), range(40), ())
    found = explore(setup=lambda: [held], coroutines=writers(own_first(1), own_first(2)))
    assert (found.how, found.reason) == (EVERY, "a state has more than 1,000 parts")


def own_first(value):
    def act(shared):
        shared[:1] = [shared[0], value]

    return act


def test_a_class_that_says_it_is_a_builtin_is_not_believed():
    class Liar:
        last = None
        __module__ = "builtins"

        def __init__(self):
            Liar.last = None

    def come(name):
        def act(liar):
            type_of[0].last = name

        return act

    type_of = [Liar]
    found = verdicts(setup=Liar, coroutines=writers(come("A"), come("B")), invariant=lambda liar: liar.last == "A")
    assert found.broken == 10


# -- small programs, generated ----------------------------------------------------------------------------------------


@dataclass
class Point:
    x: int = 0
    seen: list = field(default_factory=list)


class Mixed:
    """One of each kind of thing that programs share."""

    shared = 0

    def __init__(self):
        Mixed.shared = 0
        self.point = Point()
        self.count = Counter()
        self.lists = defaultdict(list)
        self.queue = deque([1, 2], maxlen=3)
        self.private = Private()
        self.private.set(0)
        self.pair = (0, [0])
        self.ways = iter([3, 4, 5, 6, 7])
        self.lock = Lock()

    def key(self):
        return (
            self.point.x * 7 + len(self.point.seen) * 3 + sum(self.count.values()) + len(self.queue)
            + self.private.get() + Mixed.shared + self.pair[0] + len(self.pair[1]) + len(self.lists["a"])
        )  # fmt: skip


ACTS = [
    "m.point.x += 1",
    "m.point.seen = m.queue",
    "m.point.seen.append(m.point.x)",
    "m.point = Point(m.point.x + 1)",
    "m.count['a'] += 1",
    "m.count.who = m.point.x",
    "m.private.set(m.private.get() + 1)",
    "m.private.set(x)",
    "x = m.point.x",
    "x = next(m.ways, 0)",
    "m.lists['a'].append(x)",
    "m.lists['a'] = m.pair[1]",
    "m.pair = (x, m.pair[1])",
    "m.pair[1].append(x)",
    "m.queue.append(x)",
    "m.queue.rotate(1)",
    "Mixed.shared = x + 1",
    "x = Mixed.shared",
    "m.late = x",
    "m.point.x = x * 0.5 > 1",
    "yield",
    "yield",
    "yield",
    "yield from m.lock.acquire()\n    m.point.x += 1\n    yield\n    m.lock.release()",
    "for step in (1, 2):\n        x += step\n        yield",
]


def define(lines):
    names = {"Mixed": Mixed, "Point": Point}
    body = "\n".join(f"    {line}" for line in lines)
    exec(f"def body(m):\n    x = 0\n{body}\n    if False: yield", names)
    return names["body"]


@pytest.mark.integration
@settings(deadline=None, max_examples=80, phases=QUICK)
@given(st.lists(st.lists(st.sampled_from(ACTS), max_size=5).map(define), min_size=2, max_size=3), st.integers(0, 2))
def test_mixed_programs_have_the_verdict_of_running_every_order(bodies, rest):
    program = {
        "setup": Mixed,
        "coroutines": dict(zip("ABC", bodies)),
        "invariant": lambda mixed: mixed.key() % 3 != rest,
    }
    run = explore(**program, merge=False, max_schedules=3_000)
    if run.how == EVERY:
        merged = explore(**program)
        assert merged.how == MERGED, merged.reason
        assert (merged.total, merged.kinds, merged.schedule) == (run.total, run.kinds, run.schedule)


# -- what a state knows of those who wait, of slots and of shared variables -------------------------------------------


def test_who_waits_and_for_what_is_part_of_the_state():
    class Room:
        def __init__(self):
            self.lock = Lock()
            self.queue = Queue()

    def wants(one):
        def body(room):
            yield from getattr_of(room, one)
            yield

        return body

    def getattr_of(room, one):
        return room.lock.acquire() if one == "lock" else room.queue.get()

    tasks = {"A": wants("lock"), "B": wants("lock"), "C": wants("queue")}
    found = verdicts(setup=Room, coroutines=tasks)
    assert found.kinds == {"left behind": found.total}


def test_what_a_task_waits_for_is_part_of_the_state_though_no_frame_holds_it():
    class Gates:
        def __init__(self):
            self.gates, self.at = [Lock("open"), Lock("shut")], 0
            self.gates[1].holder = "nobody"

    def passes(gates):
        yield Wait(gates.gates[gates.at], "a gate")

    def turns(gates):
        yield
        gates.at = 1
        yield
        gates.at = 0

    found = verdicts(setup=Gates, coroutines={"A": passes, "B": turns})
    assert (found.how, 0 < found.kinds["left behind"] < found.total) == (MERGED, True)


def test_a_variable_that_tasks_share_is_part_of_the_state_though_each_frame_is_plain():
    def make():
        last = 0

        def start():
            nonlocal last
            last = 0
            return [0]

        def come(number):
            def body(box):
                nonlocal last
                yield
                last = number
                yield
                box[0] = last

            return body

        return start, {"A": come(1), "B": come(2)}

    start, tasks = make()
    found = verdicts(setup=start, coroutines=tasks, invariant=lambda box: box == [2])
    assert (found.how, 0 < found.broken < found.total) == (MERGED, True)


# -- runs that leave something behind, and setups that make classes ---------------------------------------------------


@pytest.mark.parametrize("merge", [True, False])
def test_what_a_run_leaves_in_a_class_is_named_in_both_modes(merge):
    class Table:
        """The first run gives it `who`."""

    tasks = writers(lambda _: mark("A")(Table), lambda _: mark("B")(Table))
    with pytest.raises(SharedSetupError, match=r"has changed Table\.who, and `setup` does not set it back"):
        explore(setup=list, coroutines=tasks, invariant=lambda _: Table.who == "B", merge=merge)


@pytest.mark.parametrize("merge", [True, False])
def test_what_a_run_leaves_in_a_global_is_named_in_both_modes(merge):
    names: dict = {}
    exec("def come(box):\n    global last\n    yield\n    last = 1\n    yield", names)
    with pytest.raises(SharedSetupError, match="has changed last, "):
        explore(setup=list, coroutines={"A": names["come"], "B": names["come"]}, merge=merge)


def by_class():
    class Box:
        value = 0

    return Box()


def by_dataclass():
    @dataclass
    class Box:
        value: int = 0

    return Box()


def by_slots():
    class Box:
        __slots__ = ("value",)

    box = Box()
    box.value = 0
    return box


def by_a_derived_class():
    class Base:
        def __init__(self):
            self.value = 0

    class Box(Base):
        def __init__(self):
            super().__init__()

    return Box()


def by_a_class_attribute():
    class Box:
        value = 0

    return Box


@pytest.mark.parametrize(
    "setup",
    [
        by_class,
        by_dataclass,
        by_slots,
        by_a_derived_class,
        by_a_class_attribute,
        lambda: type("Box", (), {"value": 0})(),
    ],
)
def test_a_class_that_setup_makes_is_no_reason_to_refuse(setup):
    def increment(box):
        seen = box.value
        yield
        box.value = seen + 1

    tasks = {"A": increment, "B": increment}
    found = verdicts(setup=setup, coroutines=tasks, invariant=lambda box: box.value == 2)
    assert (found.total, found.broken, found.how) == (6, 4, MERGED)


def collecting():
    outcomes, counts, number, seen, by_value = [], Counter(), 0, set(), {}

    def append(box):
        outcomes.append(box[0])
        return box[0] == 2

    def count(box):
        counts[box[0]] += 1
        return box[0] == 2

    def add(box):
        nonlocal number
        number += 1
        return box[0] == 2

    def note(box):
        seen.add(box[0])
        return box[0] == 2

    def enter(box):
        by_value[box[0]] = True
        return box[0] == 2

    return [append, count, add, note, enter]


@pytest.mark.parametrize("at", range(5))
def test_an_invariant_that_collects_is_asked_for_every_order(at):
    def increment(box):
        seen = box[0]
        yield
        box[0] = seen + 1

    tasks = {"A": increment, "B": increment}
    found = verdicts(setup=lambda: [0], coroutines=tasks, invariant=collecting()[at])
    assert (found.total, found.broken) == (6, 4)


def test_a_variable_that_is_bound_later_raises_in_the_task_and_nowhere_else():
    def prints():
        yield
        print(late)

    found = verdicts(coroutines={"A": prints, "B": prints})
    assert found.kinds == {"error": 6}
    late = None
    assert late is None


class First:
    """Has a `who` from time to time."""


class Second:
    """The same."""


def neither():
    First.who = Second.who = 1
    del First.who, Second.who
    return [First, Second]


def in_the_first(classes):
    First.who = Second.who = 1
    del Second.who


def in_the_second(classes):
    First.who = Second.who = 1
    del First.who


def test_which_of_two_classes_has_an_attribute_is_part_of_the_state():
    tasks = writers(in_the_first, in_the_second)
    found = verdicts(setup=neither, coroutines=tasks, invariant=lambda classes: hasattr(classes[0], "who"))
    assert (found.how, 0 < found.broken < found.total) == (MERGED, True)


# -- a sample of real orders ------------------------------------------------------------------------------------------


def test_merging_that_forgets_something_is_found_out_by_real_orders(monkeypatch):
    monkeypatch.setattr(values, "write_dictionary", lambda key, attributes: key.out.append(dict))  # all look alike

    def come(name):
        def body(shared):
            yield
            shared.part = name
            yield

        return body

    with pytest.raises(DisagreementError, match=r"merge=False"):
        explore(setup=Whole, coroutines={"A": come("A"), "B": come("B")}, invariant=ends_with_b)


def test_the_real_orders_are_drawn_with_the_seed(monkeypatch):
    def orders(seed):
        drawn = []
        compare = StateSearch._compare
        with monkeypatch.context() as patched:
            patched.setattr(StateSearch, "_compare", lambda *given: (drawn.append(given[1].schedule), compare(*given)))
            explore(setup=Whole, coroutines=writers(own(1), own(2)), invariant=ends_with_b, seed=seed)
        return drawn

    assert orders(1) == orders(1) != orders(2)
    assert len(orders(1)) == 16


def ends_with_b(shared):
    return shared.part == "B"


# -- waiting ----------------------------------------------------------------------------------------------------------


def test_a_lock_that_was_free_may_be_taken_again_before_the_one_who_waits_looks():
    class Desk:
        def __init__(self):
            self.lock = Lock()
            self.inside = self.most = 0

    def come(desk):
        for _ in range(2):
            yield from desk.lock.acquire()
            desk.inside += 1
            desk.most = max(desk.most, desk.inside)
            yield
            desk.inside -= 1
            desk.lock.release()

    for merge in (True, False):
        tasks = dict.fromkeys("AB", come)
        assert explore(setup=Desk, coroutines=tasks, invariant=lambda desk: desk.most == 1, merge=merge).broken == 0


def test_one_who_waits_looks_again_each_time():
    lock = Lock("desk")
    waiting = [lock.acquire(), lock.acquire()]
    lock.holder = "A"
    assert [next(one).what for one in waiting] == ["desk", "desk"]
    lock.release()
    assert next(waiting[0], "has it") == "has it"
    assert next(waiting[1]).what == "desk"
    assert Condition(lock).lock is lock


@pytest.mark.parametrize("merge", [True, False])
def test_a_setup_that_sets_one_object_back_is_refused_with_the_true_reason(merge):
    tally = [0]

    def setup():
        tally[:] = [0]
        return tally

    def increment(shared):
        seen = shared[0]
        yield
        shared[0] = seen + 1

    with pytest.raises(SharedSetupError, match="`setup` gives the same object each time"):
        explore(setup=setup, coroutines={"A": increment, "B": increment}, invariant=lambda shared: True, merge=merge)


def test_a_simple_namespace_is_read_by_its_attributes():
    def count(shared):
        seen = shared.value
        yield
        shared.value = seen + 1
        yield
        shared.log.append(seen)

    def setup():
        return types.SimpleNamespace(value=0, log=[])

    program = {"setup": setup, "coroutines": {"A": count, "B": count}, "invariant": lambda shared: shared.value == 2}
    merged, every = explore(**program), explore(**program, merge=False)
    assert (merged.how, merged.total, merged.kinds) == (MERGED, every.total, every.kinds)
    assert merged.schedule == every.schedule
