"""A description is one bounded line, and nobody's code runs to make it."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
import re
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coro_lab.trace.safe_repr import WIDTH, describe

ran = []
"""What the hostile classes below were asked; each test that uses them wants it empty."""


def note(what, answer=None):
    def asked(*_):
        ran.append(what)
        return answer

    return asked


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slotted:
    __slots__ = ("empty", "x")

    def __init__(self):
        self.x = 1


@dataclasses.dataclass
class Order:
    item: str
    notes: list = dataclasses.field(default_factory=list)


class Colour(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 1


class Permission(enum.Flag):
    READ = 1
    WRITE = 2


Pair = collections.namedtuple("Pair", "left right")


class Couple(Pair):
    pass


def counting():
    yield 1


async def arriving():
    pass


async def streaming():
    yield 1


TOLD = [
    (None, "None"),
    (True, "True"),
    (3, "3"),
    (2.5, "2.5"),
    (2j, "2j"),
    ("it's", '"it\'s"'),
    ("two\nlines", r"'two\nlines'"),
    (b"bytes", "b'bytes'"),
    (bytearray(b"b"), "bytearray(b'b')"),
    (range(3), "range(0, 3)"),
    (range(0, 9, 2), "range(0, 9, 2)"),
    (..., "..."),
    ([1, [2]], "[1, [2]]"),
    ((1,), "(1,)"),
    ((), "()"),
    ({"n": 1}, "{'n': 1}"),
    (set(), "set()"),
    ({3, 1, 2}, "{1, 2, 3}"),
    (frozenset({1}), "frozenset({1})"),
    (collections.deque([1, 2]), "deque([1, 2])"),
    (collections.Counter("aab"), "Counter({'a': 2, 'b': 1})"),
    (Pair(1, 2), "Pair(left=1, right=2)"),
    (Couple(1, 2), "Couple(left=1, right=2)"),
    (Point(1, "a"), "Point(x=1, y='a')"),
    (Slotted(), "Slotted(x=1)"),
    (Order("tea"), "Order(item='tea', notes=[])"),
    (Colour.RED, "Colour.RED"),
    (Level.LOW, "Level.LOW"),
    (Permission.READ | Permission.WRITE, "Permission.READ|WRITE"),
    (Point, "<class Point>"),
    (object(), "<object>"),
    (counting, "<function counting>"),
    (len, "<function len>"),
    (Point(1, 2).__init__, "<method Point.__init__>"),
    (counting(), "<generator counting>"),
    ((n for n in ()), "<generator <genexpr>>"),
    (streaming(), "<async generator streaming>"),
    (iter([1]), "<list_iterator>"),
    (sys, "<module sys>"),
    (counting.__code__, "<code counting>"),
    (ValueError("v", 1), "ValueError('v', 1)"),
    (ValueError, "<class ValueError>"),
    (decimal.Decimal("1.5"), "Decimal('1.5')"),
    (fractions.Fraction(1, 3), "Fraction(1, 3)"),
    (pathlib.PurePosixPath("a/b"), "PurePosixPath('a/b')"),
    (datetime.date(2020, 1, 2), "datetime.date(2020, 1, 2)"),
    (datetime.timedelta(days=1), "datetime.timedelta(days=1)"),
]


@pytest.mark.parametrize("value, told", TOLD, ids=[told for _, told in TOLD])
def test_values_are_told_in_the_words_a_learner_would_write(value, told):
    assert describe(value) == told


def test_a_coroutine_is_told_by_its_name():
    coroutine = arriving()
    assert describe(coroutine) == "<coroutine arriving>"
    coroutine.close()


# -- bounded ----------------------------------------------------------------------------------------------------------

itself: list = []
itself.append(itself)
in_itself: dict = {}
in_itself["me"] = in_itself
ring = Point(1, None)
ring.y = ring

HUGE = [
    ("a" * 1000, "'" + "a" * 77 + "…'"),
    (10**5000, "<int of 16610 bits>"),
    (range(10**5000), "range(0, <int of 16610 bits>)"),
    (fractions.Fraction(10**5000, 3), "<Fraction>"),
    (list(range(1000)), "[0, 1, 2, 3, 4, 5, …]"),
    (dict.fromkeys(range(1000)), "{0: None, 1: None, 2: None, 3: None, 4: None, 5: None, …}"),
    (set(range(1000)), "<set of 1000 items>"),
    (itself, "[[[[…]]]]"),
    (in_itself, "{'me': {'me': {'me': {…}}}}"),
    (ring, "Point(x=1, y=Point(x=1, y=Point(x=1, y=Point(…))))"),
]


@pytest.mark.parametrize("value, told", HUGE, ids=[told for _, told in HUGE])
def test_what_is_huge_or_holds_itself_is_cut(value, told):
    assert describe(value) == told


def test_a_name_cannot_break_the_line():
    odd = type("a\nb\u2028c" * 30, (), {})
    assert describe(odd()).startswith("<a b ca b c")
    assert len(describe(odd()).splitlines()) == 1 and len(describe(odd())) == WIDTH


def test_with_no_stack_left_it_is_told_by_its_class():
    def deeper():
        try:
            return deeper()
        except RecursionError:
            return describe([[[[Point(1, 2)]]]])

    assert deeper() in ("<list>", "[[[[…]]]]")


# -- harmless ---------------------------------------------------------------------------------------------------------


class Text(str):
    __hash__ = str.__hash__
    __len__ = note("len", 1)
    __getitem__ = note("getitem", "x")
    __repr__ = __str__ = __format__ = note("text", "x")
    split = note("split", ["x"])
    startswith = note("startswith", False)


class Asked:
    __repr__ = __str__ = note("repr", "x")
    __eq__ = __bool__ = note("compared", True)
    __len__ = note("len", 1)
    __iter__ = note("iter", iter(()))
    __call__ = note("called")
    __hash__ = None


class Curious:
    def __getattribute__(self, name):
        ran.append(name)
        return object.__getattribute__(self, name)


class Pretender:
    __class__ = property(note("__class__", int))
    __dict__ = property(note("__dict__", {}))


class Meta(type):
    __repr__ = __str__ = note("repr of the class", "x")
    __instancecheck__ = __subclasscheck__ = note("check", True)
    __eq__ = note("class compared", True)
    __module__ = property(note("module", "builtins"))

    def __hash__(cls):
        ran.append("class hashed")
        return 1

    def __getattribute__(cls, name):
        ran.append(name)
        return type.__getattribute__(cls, name)


class OfMeta(metaclass=Meta):
    pass


def overrule(base):
    """A subclass of a built-in class that answers every question itself."""
    asked = ("__repr__", "__str__", "__iter__", "__len__", "__getitem__", "__eq__", "items", "keys", "bit_length")
    members = {name: note(name, 3) for name in asked if hasattr(base, name)}
    return type(f"My{base.__name__}", (base,), {**members, "__hash__": base.__hash__})


class Error(Exception):
    args = property(note("args", ()))
    __str__ = __repr__ = note("repr", "x")


class Zone(datetime.tzinfo):
    utcoffset = note("utcoffset", None)
    __repr__ = note("repr", "x")


class Claims:
    __repr__ = note("repr", "x")


Claims.__module__ = "datetime"


class ModuleOfText:
    __module__ = Text("learner")


class Tuple(tuple):
    _fields = (Asked(), Text("b"))


def of_odd_dict():
    made = Point(1, 2)
    made.__dict__ = overrule(dict)(x=1)
    made.__dict__[Text("hidden")] = 2
    return made


class BorrowedSlot:
    borrowed = Slotted.x


class Module(types.ModuleType):
    __getattr__ = note("getattr")
    __repr__ = note("repr", "x")


def renamed():
    made = counting()
    made.__name__ = Text("renamed")
    return made


HOSTILE = [
    (Asked(), "<Asked>"),
    ([Asked()], "[<Asked>]"),
    (Curious(), "<Curious>"),
    (Pretender(), "<Pretender>"),
    (OfMeta(), "<OfMeta>"),
    (OfMeta, "<class OfMeta>"),
    ({1: OfMeta()}, "{1: <OfMeta>}"),
    (Text("hello"), "Text('hello')"),
    (overrule(list)([1, 2]), "Mylist([1, 2])"),
    (overrule(tuple)((1, 2)), "Mytuple((1, 2))"),
    (overrule(dict)(a=1), "Mydict({'a': 1})"),
    (overrule(set)({1}), "Myset({1})"),
    (overrule(frozenset)({1}), "Myfrozenset({1})"),
    (overrule(collections.deque)([1]), "Mydeque([1])"),
    (overrule(int)(3), "Myint(3)"),
    (overrule(float)(3), "Myfloat(3.0)"),
    (overrule(bytes)(b"b"), "Mybytes(…)"),
    (overrule(decimal.Decimal)(1), "<MyDecimal>"),
    (Error("lost", Asked()), "Error('lost', <Asked>)"),
    (datetime.datetime(2020, 1, 2, tzinfo=Zone()), "<datetime>"),
    (Claims(), "<Claims>"),
    (ModuleOfText(), "<ModuleOfText>"),
    (Tuple((1, 2)), "Tuple((1, 2))"),
    (of_odd_dict(), "Point(x=1)"),
    (BorrowedSlot(), "<BorrowedSlot>"),
    (Module("odd"), "<Module>"),
    (types.MethodType(Asked(), 1), "<method ?>"),
    (renamed(), "<generator renamed>"),
    (pathlib.PurePosixPath(Text("a/b")), "<PurePosixPath>"),
    (types.SimpleNamespace(a=Asked()), "<SimpleNamespace>"),
]


@pytest.mark.parametrize("value, told", HOSTILE, ids=[told for _, told in HOSTILE])
def test_a_value_is_told_without_running_its_code(value, told):
    ran.clear()
    assert describe(value) == told
    assert ran == []


def test_an_iterator_is_not_moved():
    numbers, generator = iter([1, 2]), counting()
    describe([numbers, generator, map(note("mapped"), numbers)])
    assert next(numbers) == 1 and next(generator) == 1 and ran.count("mapped") == 0


def test_no_address_is_told():
    for value in (object(), counting, counting(), len, Asked(), Point, iter([]), sys._getframe(), lambda: 1, [].append):
        assert not re.search("0x[0-9a-f]{4}", describe(value))


# -- for every value --------------------------------------------------------------------------------------------------

atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=100),
    st.binary(max_size=100),
    st.integers(0, len(HOSTILE) - 1).map(lambda number: HOSTILE[number][0]),  # by number: hypothesis would look at them
)
keys = st.one_of(st.integers(), st.text(), st.tuples(st.integers()), st.none())
values = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(keys, inner),
        st.lists(inner).map(collections.deque),
        st.builds(Point, inner, inner),
        st.builds(ValueError, inner),
        st.sets(keys),
    ),
)


@pytest.mark.integration
@given(values)
def test_every_value_is_told_in_one_line_that_fits(value):
    ran.clear()
    told = describe(value)
    assert type(told) is str and 0 < len(told) <= WIDTH
    assert len(told.splitlines()) == 1 and told.isprintable()
    assert describe(value) == told
    assert ran == []


@given(st.one_of(st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=10)))
def test_what_is_short_is_told_as_python_writes_it(value):
    assert describe(value) == repr(value)
