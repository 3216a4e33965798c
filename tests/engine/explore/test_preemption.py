"""Plain functions, switched wherever a thread could be; alone they do what they did before."""

from __future__ import annotations

import contextlib
import linecache
import threading

import pytest

from coro_lab.engine.explore import Lock, PreemptionError, explore, preemptible
from coro_lab.engine.explore.limits import REDUCED
from coro_lab.engine.explore.preemption.rewriting import originals
from coro_lab.errors import ArgumentError
from tests import racy
from tests.lines import line


def run(task, *arguments, **named):
    """Run a split function alone, to its result."""
    steps = 0
    generator = task(*arguments, **named)
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value, steps + 1
        steps += 1


def threads(function, setup=racy.Tally, invariant=racy.is_two, **rest):
    both = {"A": preemptible(function), "B": preemptible(function)}
    return explore(setup=setup, coroutines=both, invariant=invariant, **rest)


def test_a_thread_can_be_switched_between_the_read_and_the_write_of_one_line():
    found = threads(racy.plain_increment)
    assert (found.total, found.broken, found.schedule, found.how) == (6, 4, "ABAB", REDUCED)


def test_a_lock_around_the_line_leaves_no_broken_order():
    for merge in (True, False):
        found = threads(racy.plain_increment_locked, merge=merge)
        assert found.broken == 0
        assert found.total > 2


def test_the_race_inside_a_method_is_found_and_its_locked_twin_is_silent():
    found = threads(racy.take_eighty, racy.Account, racy.is_covered)
    assert found.broken > 0
    assert found.how == REDUCED
    assert threads(racy.take_eighty_locked, racy.Account, racy.is_covered).broken == 0


def test_the_trace_shows_the_lines_as_they_were_written():
    found = threads(racy.plain_increment)
    assert {event.line for event in found.counterexample.events if event.kind == "suspend"} == {
        line(racy.plain_increment, 2)
    }
    assert not [name for event in found.counterexample.events for name, _ in event.changed if name.startswith(".")]
    lane = found.counterexample.lanes[0]
    assert lane.source is None or "yield" not in lane.source.text


def test_a_thread_is_told_as_a_thread_and_not_as_the_generator_that_plays_it():
    trace = threads(racy.plain_increment).counterexample
    assert [lane.kind for lane in trace.lanes] == ["thread", "thread"]
    assert [told.split("  ")[1].partition(",")[0] for told in trace.text(lines=False).splitlines()[:3]] == [
        "A starts", f"A hands over and suspends at line {trace.events[0].line + 1}", "B starts"
    ]  # fmt: skip


def bump(tally):
    tally.value += 1


def bump_by_call(tally):
    bump(tally)


def test_what_a_thread_calls_is_a_function_and_a_coroutine_beside_it_stays_one():
    tasks = {"A": preemptible(bump_by_call), "B": racy.increment}
    trace = explore(setup=racy.Tally, coroutines=tasks, invariant=racy.is_two).counterexample
    assert {lane.name: lane.kind for lane in trace.lanes} == {"A": "thread", "bump": "function", "B": "generator"}


TABLE = {"rows": [1, 2, 3], "seen": []}
total = 0


def everything(shared, *rest, factor=2, **more):
    """One of each statement that is split."""
    global total
    total = 0
    out = []
    for number in shared["rows"]:
        if number == 2:
            continue
        shared["seen"].append(number * factor)
        out.append(shared["seen"][-1])
    else:
        total += len(out)
    first, shared["last"] = out[0], out[-1]
    shared["rows"][0] += 10
    try:
        shared["missing"]
    except KeyError as error:
        out.append(error.args[0])
    finally:
        shared["ended"] = True
    del shared["ended"]
    squares = [n * n for n in shared["rows"]]
    while total < 5:
        total += 1
    text = f"{shared['last']:>3}" if shared else ""
    with racy.Tally().lock as held:
        out.append(held)
    return out, first, squares, text, total, rest, more, (lambda: shared["last"])()


class Pair:
    def __init__(self):
        self.left, self.right, self.both = [1, 2, 3], {"a": 1}, None


def every_way_to_read_and_write(pair):
    """One of each expression that is an operation on what others can see, and of each place to write to."""
    out = [-pair.right["a"], not pair.left, pair.left * 2, 3 in pair.left, 0 < len(pair.left) <= 3 < 5 != 6]
    out += [*pair.left, {**pair.right, "b": 2}, f"{pair.left!r:>12}{out[0]:{len(out)}}"]
    pair.left[1:2], pair.both, *pair.right["rest"] = [7, 8], pair.left[::2], 5, 6
    pair.left[:2] += [9]
    pair.left[len(pair.left) - 1] *= 2
    pair.more = second = Pair() if pair.both is None else Pair().left if not pair.both else max(pair.both)
    return out, second


class Grid(dict):
    """Takes each kind of index, also slices, which have no hash before Python 3.12."""

    def __setitem__(self, index, value):
        super().__setitem__(repr(index), value)

    def __getitem__(self, index):
        return super().__getitem__(repr(index))


def writes_into_a_grid(pair):
    pair.both = Grid()
    pair.both[0:1, pair.left[0]] = 1
    pair.both[*pair.left] = 2
    pair.both[0:1, pair.left[0]] += 5
    pair.both[pair.left[0] : pair.left[1] : 1] = pair.both[0:1, 1]
    return dict(pair.both)


def weighs(pair, *factors, by=1, **more):
    pair.both = len(pair.left) * by
    return [by, *factors, *more]


class Scale:
    def weigh(self, pair, *factors, by=2, **more):
        return weighs(pair, *factors, by=by, **more)


def every_way_to_call(pair):
    """Functions and methods of the learner's, of the interpreter, and classes, with every kind of argument."""
    more = {"by": 3, "word": 4}
    out = [weighs(pair, 5, by=7), weighs(pair, *pair.left, **more), Scale().weigh(pair, 1, word=2)]
    out += [sorted(pair.left, reverse=True), dict(pair.right, b=pair.both), max(pair.left, key=abs, default=0)]
    weigh = Scale().weigh
    return out, weigh(pair, **more), isinstance(pair, Pair), range(*pair.left), max(*pair.left, 0)


def every_way_to_go_round(pair):
    out = []
    for pair.both in range(3):
        out.append(pair.both)
    for pair.right["at"], (first, *rest) in {"x": "ab", "y": "cde"}.items():
        if first == "c":
            continue
        out.append((first, rest))
    else:
        out.append("to the end")
    for one in pair.left:
        for other in pair.left:
            if other > one:
                break
            if other == 4:
                return out
        else:
            out.append("never")
        out.append((one, other))
    while (last := pair.left.pop()) and pair.left:
        assert last or pair, f"{last} is there"
    else:
        out.append(last)
    del pair.left, (pair.right["at"], [pair.both])
    return out


def writes_where_it_has_looked(pair):
    """The value of an augmented assignment may bind the names by which its place was found."""
    global total
    at = total = 0
    pair.left[at] += (at := 1)
    pair.left[total] += counts_globally()
    (whole := pair).both = 4
    whole.both += (whole := 5)
    del pair.left[at : (at := 2)]
    return at, total, whole


def counts_globally():
    count_globally()
    return 10


@pytest.mark.parametrize(
    "function",
    [
        every_way_to_read_and_write,
        every_way_to_call,
        writes_into_a_grid,
        every_way_to_go_round,
        writes_where_it_has_looked,
    ],
)
def test_alone_it_reads_and_writes_and_goes_round_as_it_did(function):
    one, other = Pair(), Pair()
    assert run(preemptible(function), other)[0] == function(one)
    assert vars(one) == vars(other)


def test_what_cannot_be_looped_over_is_said_as_python_says_it():
    def loops(number):
        for _ in number:
            pass

    with pytest.raises(TypeError, match="'int' object is not iterable"):
        run(preemptible(loops), 3)


def test_a_loop_over_what_nobody_changes_is_no_switch_point():
    def numbers():
        for number in (1, 2):
            for letter in "ab":
                if number and letter != "a":
                    number += 1
        return number

    assert run(preemptible(numbers)) == (3, 1)


def test_alone_a_split_function_does_what_it_did():
    def fresh():
        return {"rows": [1, 2, 3], "seen": []}

    one, other = fresh(), fresh()
    plain = run_without_switches(everything, one)
    split, steps = run(preemptible(everything), other, 7, factor=3, word="x")
    assert split == plain
    assert one == other
    assert steps > 20


def run_without_switches(function, shared):
    """The function itself; a plain `with` cannot take our lock unless it is split, so it is given one that opens."""

    class Open:
        def __enter__(self):
            return True

        def __exit__(self, *_):
            return None

    class Given:
        lock = Open()

    kept, racy.Tally = racy.Tally, Given
    try:
        return function(shared, 7, factor=3, word="x")
    finally:
        racy.Tally = kept


def test_enclosed_variables_defaults_and_private_names_are_the_functions_own():
    class Safe:
        def __init__(self):
            self.__value = 1

        def add(self, n=4):
            self.__value += n
            return self.__value

    count = 0

    def enclosed():
        nonlocal count
        count += 1
        return count

    assert run(preemptible(Safe().add)) == (5, 3)
    assert run(preemptible(enclosed)) == (1, 3)
    assert count == 1


class Xylophone:
    def __init__(self):
        self.__bars = 1

    def add(self):
        self.__bars += 1
        return self.__bars


class _Hidden(Xylophone):
    def __init__(self):
        super().__init__()
        self.__own = 5

    def more(self):
        self.__own += 1
        return self.__own


def test_a_private_name_belongs_to_its_class_however_that_is_spelled():
    assert run(preemptible(Xylophone().add))[0] == 2
    assert run(preemptible(_Hidden().more))[0] == 6


def count_down(tally, more=1):
    tally.value += 1
    if more:
        count_down(tally, more - 1)


def count_calls():
    count_calls.calls = 1
    return count_calls.calls


class Words:
    def __init__(self):
        self.words = ["a", "b"]

    def len(self):
        return len(self.words)


def test_a_function_may_use_its_own_name_or_a_builtin_with_its_name():
    both = {"A": preemptible(count_down), "B": preemptible(count_down)}
    assert explore(setup=racy.Tally, coroutines={"A": both["A"]}, invariant=racy.is_two).broken == 0
    assert explore(setup=racy.Tally, coroutines=both, invariant=lambda tally: tally.value == 4).broken == 64  # of 70
    assert run(preemptible(count_calls))[0] == 1
    assert run(preemptible(Words().len))[0] == 2


def round(tally, other):
    tally.value += 1
    return other


def uses_a_function_with_the_name_of_a_builtin(tally):
    return round(tally, 5)


def uses_an_argument_with_the_name_of_a_builtin(tally, min):
    return min(tally, 5)


def test_a_function_of_the_learners_with_the_name_of_a_builtin_is_split_too():
    assert run(preemptible(uses_a_function_with_the_name_of_a_builtin), racy.Tally()) == (5, 2)
    assert run(preemptible(uses_an_argument_with_the_name_of_a_builtin), racy.Tally(), round) == (5, 2)


def test_a_split_function_and_what_it_defines_keep_their_names():
    def names():
        def inner():
            pass

        return inner.__qualname__

    split = preemptible(names)
    assert (split.__name__, split.__qualname__) == (names.__name__, names.__qualname__)
    assert split.__code__.co_name == "names"
    assert run(split)[0] == names()


def test_a_nested_function_is_split_once_though_each_run_makes_it_anew():
    def add(tally):
        seen = tally.value

        def put(more=seen):
            tally.value = more + 1

        put()

    before = len(originals)
    split = preemptible(add)
    found = explore(setup=racy.Tally, coroutines={"A": split, "B": split}, invariant=racy.is_two, merge=False)
    assert 0 < found.broken < found.total
    assert len(originals) - before == 2


def steps_of_a_type[T: int](box, by: T = 1):
    def kept[S](value: S) -> S:
        return value

    value = kept(box[0])
    yield T.__name__
    box[0] = value + by


def adds_of_a_type[T: int](box, by: T = 1):
    box[0] += by if T.__name__ else 0


@pytest.mark.parametrize("task", [steps_of_a_type, preemptible(adds_of_a_type)])
def test_a_function_with_type_parameters_is_rewritten_as_well(task):
    found = explore({"A": task, "B": task}, setup=lambda: [0], invariant=lambda box: box[0] == 2)
    assert 0 < found.broken < found.judged


def test_an_exception_goes_its_way():
    def fails(shared):
        shared["x"] = 1
        raise ValueError(shared["x"])

    with pytest.raises(ValueError, match="1"):
        run(preemptible(fails), {})


def test_a_local_variable_is_no_switch_point():
    def local():
        a = 1
        b = a + 2
        for i in range(3):
            b += i
        return b

    assert run(preemptible(local)) == (6, 1)


def test_a_global_counter_is_one():
    assert threads(count_globally, start_from_zero, lambda _: total == 2).broken == 4


def start_from_zero():
    global total
    total = 0


def count_globally():
    global total
    total += 1


def test_two_lambdas_on_one_line_are_told_apart():
    tasks = {"A": preemptible(lambda box: box.append(1)), "B": preemptible(lambda box: box.append(2))}
    assert explore(setup=list, coroutines=tasks, invariant=lambda box: box == [1, 2]).broken == 1


def test_a_real_lock_is_refused_before_it_stops_everybody():
    class Real:
        def __init__(self):
            self.lock = threading.Lock()

    def locked(shared):
        with shared.lock:
            pass

    with pytest.raises(PreemptionError, match="let `setup` make the lock"):
        explore(setup=Real, coroutines={"A": preemptible(locked)})


@pytest.mark.parametrize(
    "function, says",
    [
        (racy.increment, "suspends by itself"),
        (eval("lambda box: box.append(1)"), "cannot be found"),
    ],
)
def test_what_cannot_be_split_is_refused(function, says):
    with pytest.raises(PreemptionError, match=says):
        preemptible(function)


def test_what_is_no_function_is_refused():
    with pytest.raises(ArgumentError, match="takes a function; int is not one"):
        preemptible(3)


def test_a_match_statement_is_refused_with_its_line():
    def matches(shared):
        match shared:
            case []:
                return 1

    def calls_it(shared):
        matches(shared)

    with pytest.raises(PreemptionError, match=r"line \d+ holds match"):
        preemptible(matches)
    with pytest.raises(PreemptionError, match=r"matches cannot be split into steps: line \d+ holds match"):
        explore(setup=list, coroutines={"A": preemptible(calls_it)})


# -- what counts as an access ------------------------------------------------------------------------------------------


class Box:
    def __init__(self):
        self.n, self.items, self.pair, self.named, self.inner = 1, [1, 2], (1, 2), {"a": 1}, object()
        self.lock = Lock()


ACCESSES = {
    "pass": 0,
    "n = 1; n += 1; m = -n": 0,
    "lambda: box.n": 0,
    "box.n": 1,
    "box.n; box.n": 2,
    "box.n = 1": 1,
    "box.n: int = 1": 1,
    "box.n += 1": 2,
    "box.n += box.n": 3,
    "box.n = box.m = 1": 2,
    "box.items[0]": 2,
    "box.items[0] = 1": 2,
    "box.items[0] += 1": 3,
    "box.items[0:1]": 2,
    "box.items[:]": 2,
    "box.items[1:]": 2,
    "box.items[::2] = [3]": 2,
    "box.items[box.n]": 3,
    "box.items += [3]": 3,
    "del box.n": 1,
    "del box.items[0]": 2,
    "del box.n, box.items": 2,
    "box.n + 1": 1,
    "box.items + [3]": 2,
    "[3] + box.items": 2,
    "-box.n": 1,
    "not box.n": 1,
    "not box.inner": 1,
    "not box.items": 2,
    "box.n == 1": 1,
    "box.inner == 1": 1,
    "box.items == [1]": 2,
    "box.items != [1]": 2,
    "box.items < [1]": 2,
    "box.items is None": 1,
    "box.items is not None": 1,
    "1 in box.pair": 1,
    "1 in box.items": 2,
    "3 not in box.items": 2,
    "0 < box.n < 5": 1,
    "0 < box.n < box.n": 2,
    "box.n and box.items": 2,
    "box.n or box.items": 1,
    "box.items or box.n": 2,
    "box.items and box.n": 3,
    "box.n if box.items else 0": 3,
    "box.n if not box.items else 0": 2,
    "(held := box.n)": 1,
    "f'{box.n}'": 1,
    "f'{box.items}'": 2,
    "f'{box.n:{box.n}}'": 2,
    "[*box.items]": 2,
    "[*box.pair]": 1,
    "{**box.named}": 2,
    "{box.n: box.n}": 2,
    "[n for n in (1, 2)]": 1,
    "a, b = box.pair": 1,
    "a, b = box.items": 2,
    "[a, b] = box.items": 2,
    "box.n, (a, *box.rest) = 1, box.pair": 3,
    "for _ in (1, 2): pass": 0,
    "for _ in box.pair: pass": 1,
    "for _ in box.items: pass": 4,
    "for _ in range(box.n): box.n": 2,
    "for box.n in (1, 2): pass": 2,
    "for box.n in range(2): pass": 2,
    "if box.n: pass": 1,
    "if box.items: pass": 2,
    "while box.items: break": 2,
    "assert box.items": 2,
    "assert box.n, box.items": 1,
    "assert not box.n or box.items, box.n": 3,
    "len(box.items)": 2,
    "max(box.n, 2)": 1,
    "max(box.items)": 2,
    "max(*box.items)": 3,
    "max(box.items, key=abs)": 2,
    "isinstance(box.n, int)": 1,
    "box.items.append(3)": 2,
    "box.items.append(box.n)": 3,
    "dict(a=box.n)": 2,
    "dict(**box.named)": 3,
    "with box.lock: pass": 2,
    "with box.lock as held: box.n": 3,
    "global shared; shared = 1": 1,
    "global shared; shared = 1; shared": 2,
    "return box.n": 1,
    "raise StopIteration(box.n) if box.items else None": 4,
}


@pytest.mark.parametrize("text", ACCESSES)
def test_a_switch_comes_before_each_access_but_the_first(text, monkeypatch):
    source = f"def task(box):\n    {text}\n"
    monkeypatch.setitem(linecache.cache, "<access>", (len(source), None, source.splitlines(True), "<access>"))
    names: dict = {}
    exec(compile(source, "<access>", "exec"), names)
    steps = 1
    for _ in until_it_raises(preemptible(names["task"])(Box())):
        steps += 1
    assert steps == max(1, ACCESSES[text])


def until_it_raises(task):
    with contextlib.suppress(RuntimeError):  # of a StopIteration that the task raises
        yield from task
