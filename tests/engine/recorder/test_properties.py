"""Laws that hold for every program, tried on generated ones.

A program here is real source: generator functions that yield, receive, print, catch, return, raise and delegate to one
another, and a main function that drives some of their generators by hand.
"""

import io
import linecache
import traceback
from contextlib import redirect_stdout
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coro_lab import Kind, Trace, record
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.sentences import sentence
from tests.lane_states import states

# generated programs may yield while they are closed, and Python reports that, recorded or not
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

DEPTH = 3  # generator functions g0, g1, g2; each delegates only to later ones, so every program ends
_serial = count()

values = st.sampled_from(["1", "'a'", "None", "[1, 2]", "(n for n in 'xy')"])
errors = st.sampled_from(["KeyError('k')", "ValueError('v')", "GeneratorExit()"])


def indent(lines):
    return ["    " + line for line in lines]


@st.composite
def bodies(draw, level, deep=2):
    """The lines of a block of generator number `level`."""
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        form = draw(st.sampled_from(["yield", "receive", "print", "try", "from", "for", "raise", "return", "plain"]))
        if form == "yield":
            lines.append(f"yield {draw(values)}")
        elif form == "receive":
            lines.append(f"got = [(yield {draw(values)}), got]")
        elif form == "print":
            lines.append("print('got', got if isinstance(got, (int, str)) else type(got).__name__, end=' ')")
        elif form == "try" and deep:
            clause = draw(st.sampled_from(["except KeyError as error:", "except Exception:", "finally:"]))
            lines += ["try:", *indent(draw(bodies(level, deep - 1)))]
            lines += [clause, *indent(["print('mended')", *draw(bodies(level, deep - 1))])]
        elif form == "from":
            inner = f"g{level + 1}()" if level + 1 < DEPTH else "[1, 2]"
            lines.append(f"got = yield from {inner}")
        elif form == "for" and deep and level + 1 < DEPTH:
            lines += [f"for got in g{level + 1}():", *indent(draw(bodies(level, 0)))]
        elif form == "raise":
            lines.append(f"if got: raise {draw(errors)}")
        elif form == "return":
            lines.append(f"if got: return {draw(values)}")
        else:
            lines.append("got = str(got)[:5]")
    return lines


operations = st.one_of(
    st.just("next(it)"),
    st.builds("it.send({})".format, values),
    st.builds("it.throw({})".format, errors),
    st.just("it.close()"),
    st.just("sum(1 for _ in it)"),
)


@st.composite
def programs(draw):
    lines = []
    for level in range(DEPTH):
        lines += [f"def g{level}():", "    got = 0", *indent(draw(bodies(level))), "    yield got", ""]
    lines += ["def main():"]
    for number in range(draw(st.integers(1, 3))):
        lines += indent([f"it = g{draw(st.integers(0, DEPTH - 1))}()", f"print('generator {number}')"])
        for operation in draw(st.lists(operations, min_size=1, max_size=5)):
            told = f"print(type({operation}).__name__)"
            caught = ["except BaseException as error:", "    print(type(error).__name__, len(error.args))"]
            lines += indent(["try:", f"    {told}", *caught])
    lines += indent([draw(st.sampled_from(["return 7", "it.throw(OSError('last'))", "return next(it)"]))])
    return "\n".join(lines) + "\n"


def load(source):
    """The program's main function, compiled as if from a file of the learner's."""
    filename = f"/learner/program_{next(_serial)}.py"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace = {"__name__": "learner"}
    exec(compile(source, filename, "exec"), namespace)
    return namespace["main"]


def alone(main):
    """What can be seen from outside of a run: output, result, exception with its lines."""
    with redirect_stdout(io.StringIO()) as printed:
        try:
            result, error = type(main()).__name__, None
        except BaseException as raised:
            result, error = None, raised
    return printed.getvalue(), result, told(error)


def told(error):
    if error is None:
        return None
    own = [
        (at.name, at.lineno) for at in traceback.extract_tb(error.__traceback__) if at.filename.startswith("/learner")
    ]
    return describe(error), own, told(error.__context__)


def recorded(main, **options):
    with redirect_stdout(io.StringIO()) as printed:
        trace = record(main, **options)
    return trace, printed.getvalue()


@pytest.mark.integration
@settings(max_examples=100, deadline=None)
@given(programs())
def test_a_recorded_program_does_what_it_does_alone(source):
    main = load(source)
    output, result, error = alone(main)
    trace, printed = recorded(main)
    assert printed == output
    assert trace.output == output
    assert (type(trace.result).__name__ if trace.error is None else None) == result
    assert told(trace.error) == error
    assert alone(main) == (output, result, error)


SENDS_INTO_A_LIST = """
def g0():
    try:
        yield 1
    except KeyError:
        yield 2
    yield from [3, 4]

def main():
    it = g0()
    print(next(it), next(it))
    try:
        it.send(5)
    except AttributeError as error:
        print(error)
"""
CLOSES_WHAT_ITS_LOOP_HOLDS = """\
def g1():
    for _ in g2():
        yield from g2()

def g2():
    yield 1

def main():
    it = g1()
    next(it)
"""


@pytest.mark.integration
@settings(max_examples=50, deadline=None)
@given(programs())
@example(CLOSES_WHAT_ITS_LOOP_HOLDS)
def test_equal_runs_give_equal_traces(source):
    main = load(source)
    trace, _ = recorded(main)
    assert recorded(main)[0] == trace
    assert Trace.from_json(trace.to_json()) == trace
    lean, _ = recorded(main, lines=False)
    assert [event._replace(changed=()) for event in trace.switches()] == list(lean.switches())
    assert lean.output == trace.output


@pytest.mark.integration
@settings(max_examples=50, deadline=None)
@given(programs())
def test_the_events_of_a_lane_follow_pythons_own_rules(source):
    trace, _ = recorded(load(source))
    assert [event.step for event in trace.events] == sorted(event.step for event in trace.events)
    for event, at in zip(trace.events, states(trace), strict=True):
        running = [n for n, lane in enumerate(at) if lane.state == "running" and lane.waiting_for is None]
        assert len(running) <= 1
        if event.kind in (Kind.LINE, Kind.OUTPUT):
            assert running == [event.lane]
        assert sentence(event, trace.lanes)
    assert all(lane.state == "closed" for lane, info in zip(at, trace.lanes, strict=True) if info.kind == "function")


@pytest.mark.integration
@settings(max_examples=50, deadline=None)
@given(programs())
@example(SENDS_INTO_A_LIST)
def test_no_value_of_a_rewritten_program_is_unknown(source):
    """But for one that nobody received: it was sent where a list, say, is delegated to, and that has no `send`."""
    trace, _ = recorded(load(source))
    unknown = [at for at, event in enumerate(trace.events) if event.kind is Kind.RESUME and event.value is None]
    assert all(delegates_to_what_is_no_lane(trace.events[:at], trace.events[at].lane) for at in unknown)
    assert len(unknown) <= trace.text().count("has no attribute 'send'")


def delegates_to_what_is_no_lane(events, lane):
    """Whether this lane, when it ran last, has delegated, and not by passing on what a lane inside it yielded."""
    at = max(at for at, event in enumerate(events) if event.lane == lane)
    return events[at].kind is Kind.DELEGATE and events[at - 1].lane == lane
