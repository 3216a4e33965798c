"""Which locals are looked at where: those that a line can bind, and those that can change at any time."""

from __future__ import annotations

import pytest

from coro_lab.engine.recorder import bindings
from tests.lines import line


def looks(function, number, opened=()):
    """The names that are looked at after this line of a function, with these open; its `def` is line 1."""
    after, _ = bindings.to_read(function.__code__, frozenset(opened))
    return after[line(function, number)]


def before_yield(function):
    """The names that are looked at before each yield."""
    _, before = bindings.to_read(function.__code__, frozenset())
    return list(before.values())


def early(function):
    """The names that a line can have bound before it calls something, by line."""
    first = function.__code__.co_firstlineno
    return {at - first + 1: names for at, names in bindings.early(function.__code__).items()}


def arguments(a, /, b, *rest, word=1, **more):
    pass


def test_arguments_are_bound_before_the_first_line():
    after, _ = bindings.to_read(arguments.__code__, frozenset())
    assert after[0] == ("a", "b", "word", "rest", "more")
    assert after[line(arguments, 2)] == ()


@pytest.mark.parametrize(
    "function, names",
    [
        (lambda: 1, []),
        (lambda a: a, ["a"]),
        (lambda a, *rest: a, ["a", "rest"]),
        (lambda a, **more: a, ["a", "more"]),
        (lambda *, a: a, ["a"]),
    ],
)
def test_what_is_gathered_counts_as_an_argument_too(function, names):
    assert bindings.bindings(function.__code__).by_line[0] == names


def binds():
    x = 1
    y, z = 2, 3
    w = [x, y, z]
    for i in w: print(i)  # fmt: skip  # noqa: E701
    return i


def test_after_a_line_the_names_that_it_binds_are_looked_at():
    assert [looks(binds, number) for number in range(2, 7)] == [("x",), ("y", "z"), ("w",), ("i",), ()]


def test_what_is_open_is_looked_at_after_each_line_in_the_order_of_definition():
    assert looks(binds, 3, ["w", "x"]) == ("x", "y", "z", "w")
    assert looks(binds, 6, ["w"]) == ("w",)


def unbinds():
    x = 1
    try:
        y = x
    except ValueError as error:
        print(error)
    del x
    return y


def test_what_can_be_unbound_is_looked_at_everywhere():
    """`except ... as error` unbinds its name, in instructions that belong to no line."""
    assert looks(unbinds, 2) == looks(unbinds, 6) == ("x", "error")
    assert looks(unbinds, 4) == ("x", "y", "error")


def shares():
    total = 0

    def add():
        nonlocal total
        total += 1

    return add


def test_a_variable_of_an_enclosing_function_is_bound_like_any_other():
    (add,) = [constant for constant in shares.__code__.co_consts if hasattr(constant, "co_code")]
    after, _ = bindings.to_read(add, frozenset())
    assert after[add.co_firstlineno + 2] == ("total",)
    assert looks(shares, 2) == ("total",)


def yields():
    x = 1
    yield (y := x)
    z = yield y
    yield z


def goes_round():
    for n in range(3): yield n  # fmt: skip  # noqa: E701, UP028


def test_before_a_yield_is_looked_at_what_its_own_line_can_have_bound():
    assert before_yield(yields) == [("y",), (), ()]
    assert before_yield(goes_round) == [("n",)]


def calls():
    x = 1; print(x); y = 2  # fmt: skip  # noqa: E702
    z = print(y)
    for n in [z]: m = n  # fmt: skip  # noqa: E701
    for k in [n, m]:
        print(k)


def test_what_a_line_has_bound_before_it_calls_or_goes_round_is_told_early():
    assert early(calls) == {2: ("x",), 4: ("n", "m")}


def comprehends(items):
    squares = [n * n for n in items]
    return {n: m for n in squares for m in items}


def shadows(n):
    squares = [n for n in range(n)]  # noqa: C416
    return squares, n


def binds_the_same():
    n = 5
    squares = [n for n in range(3)]  # noqa: C416
    return squares, n


def test_the_variable_of_a_comprehension_is_not_the_functions():
    assert bindings.of_comprehensions(comprehends.__code__) == {"n", "m"}
    first, second = (looks(comprehends, number) for number in (2, 3))
    assert first == ("squares",)
    assert not {"n", "m"} & set(second)  # on 3.13 `items` is looked at once more
    assert early(comprehends)[2] == ("squares",)


@pytest.mark.parametrize("function", [shadows, binds_the_same])
def test_a_name_that_is_bound_outside_of_a_comprehension_as_well_is_the_functions(function):
    assert bindings.of_comprehensions(function.__code__) == frozenset()
    inside = bindings.inside_comprehensions(function.__code__)
    assert list(inside) == ["n"]
    own = [at for at, number in bindings.lines_of(function.__code__).items() if number == line(function, 3)]
    assert inside["n"] and (function is binds_the_same or not inside["n"] & set(own))


def test_a_function_without_a_comprehension_has_none():
    assert bindings.of_comprehensions(binds.__code__) == frozenset()
    assert bindings.inside_comprehensions(binds.__code__) == {}


@pytest.mark.parametrize(
    "span, within",
    [
        (((2, 0), (2, 9)), True),
        (((2, 1), (2, 8)), True),
        (((2, 0), (3, 0)), False),
        (((1, 9), (2, 3)), False),
        (((3, 0), (3, 1)), False),
    ],
)
def test_an_expression_lies_in_another_if_it_begins_and_ends_in_it(span, within):
    assert bindings._is_within(span, ((2, 0), (2, 9))) is within
