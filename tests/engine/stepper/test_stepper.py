"""Stepper: one generator by hand. The learner is the caller."""

import builtins
import contextlib
import functools
import random
import re
import traceback
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coro_lab import Kind, Stepper, Trace, record
from coro_lab.engine.stepper import OPERATIONS
from coro_lab.engine.stepper.operations import Input
from coro_lab.errors import ArgumentError, RecordingError, StepperError
from tests.lines import line
from tests.programs import PRODUCED, averager, consumer, inner, outer, produce


def echo(first="ready"):
    heard = first
    while heard != "stop":
        try:
            heard = yield heard
        except KeyError as error:
            heard = f"caught {error.args[0]}"
    return "end"


ECHO_YIELDS = line(echo, 5)


@types.coroutine
def ask(question):
    return (yield question)


async def interview():
    name = await ask("name?")
    return f"hello {name}"


AWAITS = line(interview, 2)

# -- four operations, four states -------------------------------------------------------------------------------------


def test_the_four_states_in_the_languages_own_words():
    stepper = Stepper(echo)
    assert stepper.state == "created"
    assert stepper.next().state == "suspended"
    assert stepper.send("stop").state == "closed"
    seen = []

    def looks():
        yield seen.append(looking.state)

    looking = Stepper(looks)
    looking.next()
    assert seen == ["running"]


def test_before_its_first_step_there_is_nothing_to_see():
    stepper = Stepper(echo)
    assert (stepper.value, stepper.error, stepper.history) == (None, None, ())
    assert stepper.trace == Trace((), (), driver="you")


def test_what_each_state_allows():
    def allowed(stepper):
        return [operation for operation in OPERATIONS if stepper.refusal(operation) is None]

    assert allowed(Stepper(echo)) == allowed(Stepper(echo).next()) == ["next", "send", "throw", "close"]
    assert allowed(Stepper(echo).next().close()) == ["close"]
    assert Stepper(echo).refusal("send", 1) and not Stepper(echo).next().refusal("send", 1)


def test_each_operation_gives_what_the_generator_gives():
    stepper = Stepper(echo)
    assert stepper.next().value == "ready"
    assert stepper.send("a").value == "a"
    assert stepper.throw(KeyError("k")).value == "caught k"
    assert stepper.next().value is None
    assert stepper.send("stop").value == "end"
    assert stepper.error is None


def test_operations_can_be_written_in_a_row():
    assert Stepper(averager).next().send(10).send(20).value == 15.0


def test_arguments_come_after_the_function():
    assert Stepper(echo, "hello").next().value == "hello"
    assert Stepper(echo, first="hello").next().value == "hello"


def test_an_exception_that_leaves_it_is_kept_and_not_raised():
    stepper = Stepper(averager).next().throw(ValueError("lost"))
    assert stepper.state == "closed" and stepper.value is None
    assert repr(stepper.error) == "ValueError('lost')"
    assert stepper.trace.error is stepper.error


def test_closing():
    stepper = Stepper(echo).next().close()
    assert stepper.state == "closed" and stepper.error is None
    before = stepper.history
    assert stepper.close().history is before  # there was nothing to do
    assert Stepper(echo).close().state == "closed"


def stubborn():
    while True:
        with contextlib.suppress(GeneratorExit):
            yield


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it does so at its very end, too
def test_a_generator_that_yields_when_it_is_closed():
    stepper = Stepper(stubborn).next().close()
    assert repr(stepper.error) == "RuntimeError('generator ignored GeneratorExit')"
    assert stepper.state == "suspended"
    assert stepper.back().error is None and len(stepper.history) == 1


def test_a_coroutine_is_stepped_like_a_generator():
    stepper = Stepper(interview)
    assert stepper.next().value == "name?"
    assert stepper.send("Ada").value == "hello Ada"
    assert stepper.state == "closed"


def test_a_chain_is_stepped_through_its_outermost():
    stepper = Stepper(outer).next().send("hello").throw(KeyError("k")).send("end")
    assert stepper.value == "end" and stepper.state == "closed"


# -- what there is to see ---------------------------------------------------------------------------------------------


def test_the_history_is_what_was_done():
    stepper = Stepper(echo).next().send([1]).throw(KeyError("k")).close()
    assert [str(item) for item in stepper.history] == ["next()", "send([1])", "throw(KeyError('k'))", "close()"]


def test_an_input_shows_what_was_done_and_not_what_is_kept_with_it():
    assert repr(Input.throw(KeyError("k"))) == "Input(operation='throw', value=KeyError('k'))"


def test_the_trace_is_told_from_the_learners_side():
    trace = Stepper(inner).next().send("hello").trace
    assert trace.driver == "you"
    assert trace.text(lines=False).splitlines() == [
        "0  inner starts",
        f"0  inner yields 'ready' and suspends at line {line(inner, 2)}",
        f"1  inner resumes at line {line(inner, 2)} and receives 'hello'",
        f"1  inner yields 'hello' and suspends at line {line(inner, 4)}",
    ]


def test_a_sent_value_reaches_the_innermost_generator():
    trace = Stepper(outer).next().send("hello").trace
    heard = [event for event in trace.events if event.kind is Kind.RESUME]
    assert [(event.lane.name, event.value) for event in heard] == [
        ("outer", "'hello'"),
        ("inner", "'hello'"),
    ]


def test_what_is_sent_is_known_where_the_source_is_not():
    names = {}
    exec(compile("def it():\n    got = yield 1\n    yield got\n", "/learner/gone.py", "exec"), names)
    trace = Stepper(names["it"]).next().send(5).trace
    assert [event.value for event in trace.events if event.kind is Kind.RESUME] == ["5"]


def test_the_result_of_the_trace_is_what_the_generator_returned():
    stepper = Stepper(echo).next()
    assert stepper.value == "ready" and stepper.trace.result is None
    assert stepper.send("stop").trace.result == "end"


def test_the_trace_grows_and_an_earlier_one_stays():
    stepper = Stepper(echo).next()
    before = stepper.trace
    events = before.events
    stepper.send("a")
    assert before.events == events
    assert stepper.trace.events[: len(events)] == events
    assert stepper.trace is stepper.trace


def test_the_trace_is_that_of_a_program_that_does_the_same():
    def program():
        it = echo()
        next(it)
        it.send("a")

    def of_echo(trace):
        lane = [lane.name for lane in trace.lanes].index("echo")
        return [(event.kind, event.line, event.value, event.changed) for event in trace.events if event.lane == lane]

    recorded, stepped = of_echo(record(program)), of_echo(Stepper(echo).next().send("a").trace)
    assert recorded[: len(stepped)] == stepped
    assert recorded[len(stepped)][0] is Kind.CLOSE  # the program lets go of its generator in the end


def test_produce_can_be_stepped_with_a_consumer_of_its_own(capsys):
    def whole():
        produce(consumer())
        yield

    Stepper(whole).next()
    assert capsys.readouterr().out == PRODUCED


@pytest.mark.parametrize(
    "stepper, told",
    [
        (lambda: Stepper(echo), "created, nothing has run yet"),
        (lambda: Stepper(echo).next(), f"suspended at line {ECHO_YIELDS}, it yielded 'ready'"),
        (lambda: Stepper(echo).next().send("stop"), "closed, it returned 'end'"),
        (lambda: Stepper(echo).next().close(), "closed by close()"),
        (lambda: Stepper(averager).next().throw(KeyError("k")), "closed, it raised KeyError('k')"),
        (lambda: Stepper(interview).next(), f"suspended at line {AWAITS}, it yielded 'name?'"),
        (lambda: Stepper(interview).next().send("Ada"), "closed, it returned 'hello Ada'"),
    ],
    ids=["created", "suspended", "returned", "closed", "raised", "a suspended coroutine", "a coroutine that returned"],
)
def test_the_repr_says_where_it_is(stepper, told):
    made = stepper()
    assert repr(made) == f"<Stepper of {made.name}: {told}>"


# -- back -------------------------------------------------------------------------------------------------------------


def test_back_takes_the_last_operation_back():
    stepper = Stepper(averager).next().send(10).send(20)
    assert stepper.back().value == 10.0
    assert stepper.send(30).value == 20.0
    assert stepper.back().back().back().state == "created"


def test_back_from_the_end_finds_the_generator_alive():
    stepper = Stepper(echo).next().send("stop")
    assert stepper.back().state == "suspended"
    assert stepper.send("on").value == "on"


def test_back_from_an_exception_forgets_it():
    stepper = Stepper(averager).next().throw(ValueError("lost"))
    assert stepper.back().error is None and stepper.trace.error is None


def test_back_from_one_that_never_finishes_closing():
    let_go = []

    def endless_tidying():
        try:
            yield 1
            yield 2
        finally:
            while not let_go:
                pass

    stepper = Stepper(endless_tidying, max_events=50).next().next().back()
    let_go.append("now")
    assert stepper.value == 1


def test_back_prints_nothing_a_second_time(capsys):
    stepper = Stepper(consumer).next().send(1).send(2)
    assert capsys.readouterr().out.count("Consuming") == 2
    stepper.back()
    assert capsys.readouterr().out == ""
    assert stepper.trace.output == "[CONSUMER] Consuming 1...\n"


operations = st.one_of(
    st.just(("next",)),
    st.tuples(st.just("send"), st.sampled_from(["a", "b", 1, None])),
    st.tuples(st.just("throw"), st.builds(KeyError, st.just("k"))),
    st.just(("back",)),
)


@pytest.mark.integration
@settings(max_examples=40)
@given(st.lists(operations, max_size=8))
def test_after_going_back_it_is_as_if_it_had_never_been_done(done):
    kept, stepper = [], Stepper(echo)
    for name, *carried in [("next",), *done]:
        if name == "back":
            if not kept:
                continue
            kept.pop()
        elif stepper.refusal(name, *carried):
            continue
        else:
            kept.append((name, *carried))
        getattr(stepper, name)(*carried)
    straight = Stepper(echo)
    for name, *carried in kept:
        getattr(straight, name)(*carried)
    assert stepper.trace == straight.trace
    assert (stepper.state, stepper.value, stepper.history) == (straight.state, straight.value, straight.history)


def test_there_is_no_way_back_from_nothing():
    with pytest.raises(StepperError) as error:
        Stepper(echo).back()
    assert str(error.value) == "There is nothing to take back: this generator has only been created."


def primed():
    made = echo()
    next(made)
    return made


def ended():
    return (number for number in ())


def used_up():
    made = ended()
    assert list(made) == []
    return made


def test_what_a_function_has_begun_itself_is_not_told_as_an_operation():
    begun = Stepper(primed)
    assert repr(begun) == f"<Stepper of primed: suspended at line {ECHO_YIELDS}, to which primed has already run it>"
    assert repr(begun.send(3)) == f"<Stepper of primed: suspended at line {ECHO_YIELDS}, it yielded 3>"
    assert repr(begun.back()) == repr(Stepper(primed))
    with pytest.raises(StepperError, match="take back: this generator has got nothing from you yet"):
        begun.back()
    assert repr(Stepper(used_up)) == "<Stepper of used_up: closed before the first operation>"
    assert repr(Stepper(ended).next()) == "<Stepper of ended: closed, it returned None>"


def test_a_program_that_does_something_else_the_second_time_is_found_out():
    def moody():
        yield random.random()
        yield 2

    with pytest.raises(StepperError) as error:
        Stepper(moody).next().next().back()
    assert str(error.value).splitlines() == [
        "moody did something else when it ran again, so there is no way back.",
        "  Operation 1, next(), depends on more than its arguments and what was sent in,",
        "  or on one of these that it changes. What it has changed in that run stays changed.",
    ]
    assert (error.value.function, error.value.operation) == ("moody", "next()")


def pops(items):
    while items:
        yield items.pop()


def seen_of(stepper):
    return stepper.state, stepper.value, stepper.error, stepper.history, stepper.trace


def test_where_there_is_no_way_back_the_stepper_stays_where_it_is(capsys):
    stepper = Stepper(pops, [1, 2, 3]).next().next()
    before = seen_of(stepper)
    with pytest.raises(StepperError) as error:
        stepper.back()
    assert str(error.value).splitlines() == [
        "pops did something else when it ran again, so there is no way back.",
        "  Operation 1, next(), depends on more than its arguments and what was sent in,",
        "  or on one of these that it changes. What it has changed in that run stays changed.",
        "  Write:     Stepper(lambda: pops(...)), which makes the arguments anew each time",
    ]
    assert seen_of(stepper) == before
    assert stepper.next().state == "closed"  # the list is empty now


def test_arguments_that_are_made_anew_make_a_way_back():
    assert Stepper(lambda: pops([1, 2, 3])).next().next().back().next().value == 2


def test_a_failed_way_back_goes_on_as_if_nothing_had_been_tried():
    lives = []

    def moody():
        lives.append("life")
        yield len(lives)
        heard = yield "then"
        yield heard

    stepper = Stepper(moody).next().next()
    with pytest.raises(StepperError, match="no way back"):
        stepper.back()
    assert stepper.send("on").value == "on"
    assert [str(item) for item in stepper.history] == ["next()", "next()", "send('on')"]


def test_an_interrupted_way_back_leaves_the_stepper_where_it_is():
    def impatient():
        if again:
            raise KeyboardInterrupt
        yield 1

    again = []
    stepper = Stepper(impatient).next().next()
    before = seen_of(stepper)
    again.append("now")
    with pytest.raises(KeyboardInterrupt):
        stepper.back()
    assert seen_of(stepper) == before


def test_the_run_that_failed_is_closed_and_prints_nothing(capsys):
    lives = []

    def tidy():
        lives.append("life")
        try:
            yield len(lives)
            yield
        finally:
            print("tidied", lives.pop())

    stepper = Stepper(tidy).next().next()
    with pytest.raises(StepperError, match="no way back"):
        stepper.back()
    assert capsys.readouterr().out == "" and lives == ["life"]


done = []


def begins_and_ends():
    done.append("begun")
    try:
        yield 1
        yield 2
    finally:
        done.append("closed")
        print("closed")


def test_the_old_run_is_closed_when_the_new_one_is_there(capsys):
    done.clear()
    stepper = Stepper(begins_and_ends).next().next().back()
    assert done == ["begun", "begun", "closed"]
    assert capsys.readouterr().out == "" and stepper.trace.output == ""


def test_the_same_generator_again_is_no_way_back():
    it = echo()
    stepper = Stepper(lambda: it).next().send("a")
    with pytest.raises(StepperError) as error:
        stepper.back()
    assert str(error.value).splitlines() == [
        "<lambda> gave the same generator a second time, so its run cannot be repeated.",
        "  Write:     Stepper(A), where A makes a new generator each time",
    ]
    assert stepper.send("b").value == "b"


def test_a_generator_that_is_at_its_end_already_is_no_way_back():
    made = [pops([]), pops([1, 2])]
    list(made[0])
    stepper = Stepper(lambda: made.pop()).next().next()
    with pytest.raises(StepperError, match="did something else"):
        stepper.back()
    assert stepper.value == 1


def test_a_generator_that_was_begun_only_the_first_time_is_no_way_back():
    begun, fresh = echo(), echo()
    next(begun)
    made = [fresh, begun]
    stepper = Stepper(made.pop).send("a").next()
    with pytest.raises(
        StepperError, match=r"did something else when it ran again.*\n  Operation 1, send\('a'\), depends"
    ):
        stepper.back()
    assert stepper.value is None and stepper.send("b").value == "b"


def test_an_exception_is_thrown_in_again_as_it_was_given():
    def careful():
        seen = None
        while True:
            try:
                yield seen
            except ValueError as error:
                seen = len(traceback.extract_tb(error.__traceback__)), error.__cause__, error.__context__
                error.__cause__ = KeyError("the run's own")

    stepper = Stepper(careful).next().throw(ValueError("a"))
    assert stepper.value == (1, None, None)
    assert stepper.next().back().value == (1, None, None)


def test_an_exception_that_is_taken_back_is_as_it_was_given():
    given = ValueError("b")
    given.__cause__ = cause = KeyError("k")
    Stepper(averager).next().throw(given).back()
    assert (given.__traceback__, given.__cause__, given.__context__) == (None, cause, None)
    assert given.__suppress_context__


# -- errors that teach ------------------------------------------------------------------------------------------------


def test_the_first_send_must_be_none():
    with pytest.raises(StepperError) as error:
        Stepper(averager).send(10)
    assert str(error.value).splitlines() == [
        "averager was only created: it has not reached a yield, so nothing receives 10.",
        "  You wrote: .send(10)",
        "  Write:     .next() first",
    ]
    assert Stepper(averager).send(None).state == "suspended"


@pytest.mark.parametrize(
    "operation, wrote", [("next", ".next()"), ("send", ".send(1)"), ("throw", ".throw(KeyError())")]
)
def test_a_closed_generator_cannot_be_resumed(operation, wrote):
    stepper = Stepper(echo).next().close()
    carried = {"next": (), "send": (1,), "throw": (KeyError(),)}[operation]
    with pytest.raises(StepperError) as error:
        getattr(stepper, operation)(*carried)
    assert str(error.value).splitlines() == [
        "echo is closed: it has no frame left to resume.",
        f"  You wrote: {wrote}",
        "  Write:     .back(), or a new Stepper(echo)",
    ]
    assert stepper.state == "closed" and len(stepper.history) == 2


def test_a_generator_is_not_its_function():
    with pytest.raises(ArgumentError) as error:
        Stepper(echo())
    assert str(error.value).splitlines() == [
        "A stepper starts over to go back, so it needs the function that makes a generator, not a generator.",
        "  You wrote: Stepper(echo(...))",
        "  Write:     Stepper(echo, ...) with the arguments after the comma",
    ]


class Maker:
    """Something that can be called and is no function: it has no name but its class's."""

    def __call__(self, made=None):
        return echo("made") if made is None else made


def test_a_callable_without_a_name_goes_by_its_class():
    assert repr(Stepper(Maker()).next()) == f"<Stepper of Maker: suspended at line {ECHO_YIELDS}, it yielded 'made'>"
    assert [lane.name for lane in Stepper(Maker()).next().trace.lanes] == ["Maker.__call__", "Maker"]
    with pytest.raises(ArgumentError) as error:
        Stepper(Maker(), [1])
    assert str(error.value).splitlines() == [
        "Maker returned [1], which cannot be stepped.",
        "  A stepper needs a function with a yield in it, or one defined with async def.",
    ]


def plain():
    return 3


async def streaming():
    yield


@contextlib.contextmanager
def opened():
    yield "open"


def test_what_a_library_wraps_is_told_what_to_write():
    with pytest.raises(ArgumentError, match=r"Write:     Stepper\(opened.__wrapped__\), which is opened without its"):
        Stepper(opened)
    assert Stepper(opened.__wrapped__).next().value == "open"
    with pytest.raises(ArgumentError, match=r"async generator .*\n  Write:     Stepper\(A\), where A is an async func"):
        Stepper(streaming)


@pytest.mark.parametrize("function", [plain, len, 3, "echo"])
def test_what_makes_no_generator_cannot_be_stepped(function):
    with pytest.raises(ArgumentError, match=r"needs a function with a yield in it"):
        Stepper(function, *(["abc"] if function is len else []))


def test_what_cannot_be_called_is_named_as_it_was_written():
    with pytest.raises(ArgumentError) as error:
        Stepper([1, 2])
    assert str(error.value).splitlines() == [
        "A stepper needs a function with a yield in it, or one defined with async def.",
        "  You wrote: Stepper([1, 2])",
        "  Write:     Stepper(A), where A is the name of the function",
    ]


@pytest.mark.parametrize(
    "wrong, wrote, instead",
    [
        (3, "throw(3)", "ValueError(3)"),
        ("KeyError", "throw('KeyError')", "ValueError('KeyError')"),
        (None, "throw(None)", "ValueError(None)"),
        (int, "throw(int)", "ValueError(<class int>)"),
    ],
    ids=str,
)
def test_only_an_exception_can_be_thrown(wrong, wrote, instead):
    stepper = Stepper(echo).next()
    with pytest.raises(ArgumentError) as error:
        stepper.throw(wrong)
    assert str(error.value).splitlines() == [
        "Only an exception can be thrown.",
        f"  You wrote: .{wrote}",
        f"  Write:     .throw({instead}), or any other exception",
    ]
    assert stepper.state == "suspended" and len(stepper.history) == 1


def test_a_class_of_exceptions_can_be_thrown_too():
    stepper = Stepper(averager).next().throw(KeyError)
    assert repr(stepper.error) == "KeyError()"
    assert str(stepper.history[-1]) == "throw(KeyError)"


@pytest.mark.replaces_builtins
def test_a_generator_that_replaces_a_builtin_is_stepped_on(monkeypatch):
    def greedy():
        monkeypatch.setattr(builtins, "isinstance", lambda *arguments: 1 / 0)
        yield 1
        yield 2

    stepper = Stepper(greedy)
    try:
        stepper.next().next()
        state = stepper.state
    finally:
        monkeypatch.undo()  # pytest, too, takes isinstance
    assert (stepper.value, state) == (2, "suspended")


def test_a_stepper_inside_a_recording_is_refused():
    trace = record(lambda: Stepper(echo).next())
    assert isinstance(trace.error, RecordingError)


def endless():
    yield 1
    while True:
        pass


def test_a_step_that_does_not_end_is_stopped():
    stepper = Stepper(endless, max_events=50).next().next()
    assert stepper.state == "closed" and stepper.value is None
    assert stepper.trace.cut == "The run was stopped after 50 events; Stepper(..., max_events=...) sets another limit."
    assert repr(stepper) == f"<Stepper of endless: closed. {stepper.trace.cut}>"


def test_an_interrupt_goes_on_to_the_learner():
    def interrupted():
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Stepper(interrupted).next().next()


def test_a_generator_that_refuses_to_be_closed_says_so():
    def stubborn():
        try:
            yield 1
        except GeneratorExit:
            yield 1

    stepper = Stepper(stubborn).next().close()
    assert re.fullmatch(
        r"<Stepper of stubborn: still suspended at line \d+, "
        r"close\(\) raised RuntimeError\('generator ignored GeneratorExit'\)>",
        repr(stepper),
    )
    assert repr(stepper.next()) == "<Stepper of stubborn: closed, it returned None>"


def test_a_partial_goes_by_the_name_of_its_function():
    def echoes(first, second):
        yield first + (yield second)

    assert Stepper(functools.partial(functools.partial(echoes, 1), 2)).next().name == "echoes"


def test_after_its_limit_of_events_a_stepper_says_so():
    def runs_on():
        while True:
            yield

    stepper = Stepper(runs_on, max_events=5)
    while stepper.state != "closed":
        stepper.next()
    with pytest.raises(StepperError, match=r"is closed. The run was stopped after 5 events; Stepper\(..., max_events="):
        stepper.send(1)
