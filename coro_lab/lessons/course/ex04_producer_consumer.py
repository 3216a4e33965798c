"""Exercises of notebook 04: two that work together, and a third in between."""

from __future__ import annotations

import inspect
from typing import Any

from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake, Parsons
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.events import Event, Kind
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace

NOTEBOOK = "04-producer-consumer"
TITLE = "Producer and consumer"

CONSUMER = """
    def consumer():
        r = ""
        while True:
            n = yield r
            if not n:
                return
            print(f"[CONSUMER] Consuming {n}...")
            r = "200 OK"
"""


def send(generator: Any, *values: object) -> list[object]:
    """What the generator yields for each of these values in turn."""
    return [generator.send(value) for value in values]


# ---- receipt --------------------------------------------------------------------------------------------------------


def check_receipt(answer: Answer) -> None:
    answer.generator_function("consumer")
    answer.behaves("consumer(), sent 7 and 8", lambda names: send(names["consumer"](), None, 7, 8), returned=False)
    answer.behaves("consumer(), sent 7 and 0", lambda names: send(names["consumer"](), None, 7, 0), returned=False)


RECEIPT = Exercise(
    name="receipt",
    task="**Change one line.** The consumer shall say in its reply which message it has consumed: sent 7, it yields "
    "`'200 OK: 7'`.",
    starter="""
        def consumer():
            r = ""
            while True:
                n = yield r
                if not n:
                    return
                print(f"[CONSUMER] Consuming {n}...")
                r = "200 OK"
    """,
    solution="""
        def consumer():
            r = ""
            while True:
                n = yield r
                if not n:
                    return
                print(f"[CONSUMER] Consuming {n}...")
                r = f"200 OK: {n}"
    """,
    check=check_receipt,
    hints=(
        "What goes out next is what `r` holds when the loop comes round.",
        "The line that prints shows how a value gets into a text.",
    ),
    mistakes=(
        Mistake(
            """
            def consumer():
                r = ""
                while True:
                    n = yield r
                    if not n:
                        return
                    print(f"[CONSUMER] Consuming {n}...")
                    r = "200 OK: {n}"
            """,
            "Without the `f` in front of the quotes, the braces are only braces.",
        ),
        Mistake(
            """
            def consumer():
                r = ""
                while True:
                    n = yield r
                    if not n:
                        return
                    print(f"[CONSUMER] Consuming {n}...")
                    r = "200 OK: 7"
            """,
            "That is right for one message only. Let the reply hold what was sent.",
        ),
        Mistake(
            """
            def consumer():
                r = ""
                n = None
                while True:
                    n = yield f"200 OK: {n}"
                    if not n:
                        return
                    print(f"[CONSUMER] Consuming {n}...")
            """,
            "Nothing was consumed yet when the very first reply goes out: it should stay the empty text.",
        ),
    ),
)

# ---- deliver --------------------------------------------------------------------------------------------------------


def check_deliver(answer: Answer) -> None:
    deliver = answer.function("deliver", "c", "messages")
    if inspect.isgeneratorfunction(deliver):
        raise NotYet(
            "`deliver` has a `yield` in it, so deliver(consumer(), [3, 5]) only makes a generator: nothing is sent."
        )
    consumer = answer.get("consumer")
    trace = answer.run("deliver(consumer(), [3, 5])", lambda: deliver(consumer(), [3, 5]))
    sent = received(trace)
    if sent != ["3", "5"]:
        raise NotYet(
            f"The consumer receives {', '.join(sent) or 'nothing'}; 3 and 5 are asked for.", trace=trace, index=-1
        )
    if trace.result != ["200 OK", "200 OK"]:
        got = describe(trace.result)
        raise NotYet(f"deliver returns {got}; ['200 OK', '200 OK'] is asked for.", trace=trace, index=-1)
    if not any(event.peer is not None for event in of_the_consumer(trace, Kind.CLOSE)):
        raise NotYet("When deliver has ended, nobody has closed the consumer.", trace=trace, index=-1)


def of_the_consumer(trace: Trace, kind: Kind) -> list[Event]:
    """What happened in the given consumer, not in another generator of the answer."""
    return [event for event in trace.of(kind=kind) if event.lane.name.partition(" ")[0] == "consumer"]


def received(trace: Trace) -> list[str]:
    """What the consumer was sent after it was started."""
    return [event.value or "" for event in of_the_consumer(trace, Kind.RESUME)]


DELIVER = Exercise(
    name="deliver",
    task="**Write it.** `deliver(c, messages)` is a producer: it starts the consumer `c`, sends it every "
    "message of a list, closes it, and returns the list of the replies.",
    given=CONSUMER,
    starter="""
        def deliver(c, messages):
            replies = []
            ...
            return replies
    """,
    solution="""
        def deliver(c, messages):
            replies = []
            c.send(None)
            for message in messages:
                replies.append(c.send(message))
            c.close()
            return replies
    """,
    check=check_deliver,
    hints=(
        "Follow the five moves: start, send, take the answer, go on, close.",
        "`c.send(message)` stands for the reply: `replies.append(...)` can take it at once.",
        "Before the loop the consumer has to be started, and after it closed.",
    ),
    mistakes=(
        Mistake(
            """
            def deliver(c, messages):
                replies = []
                for message in messages:
                    replies.append(c.send(message))
                c.close()
                return replies
            """,
            "Move 1 is missing: the consumer was only created, and has not reached a `yield` yet.",
            anywhere=True,
        ),
        Mistake(
            """
            def deliver(c, messages):
                replies = []
                c.send(None)
                for message in messages:
                    replies.append(c.send(message))
                return replies
            """,
            "Move 5 is missing: the producer closes the consumer when it has had enough.",
        ),
        Mistake(
            """
            def deliver(c, messages):
                replies = []
                c.send(None)
                for message in messages:
                    c.send(message)
                    replies.append(next(c))
                c.close()
                return replies
            """,
            "The reply comes back from `send` itself. A further `next` sends None, which ends this consumer.",
        ),
        Mistake(
            """
            def deliver(c, messages):
                c.send(None)
                for message in messages:
                    print(c.send(message))
                c.close()
            """,
            "The caller gets nothing: keep the replies in the list, and return it at the end.",
        ),
        Mistake(
            """
            def deliver(c, messages):
                replies = []
                c.send(None)
                for message in messages:
                    replies.append((yield c.send(message)))
                c.close()
                return replies
            """,
            "Here the producer drives: it calls `send` and needs no `yield`. `c.send(message)` stands for the reply.",
        ),
    ),
)

# ---- doubler --------------------------------------------------------------------------------------------------------


def check_doubler(answer: Answer) -> None:
    doubler, consumer = answer.generator_function("doubler", "c"), answer.get("consumer")
    trace = answer.run("doubler(consumer()), sent 3 and 5", lambda: send(doubler(consumer()), None, 3, 5)[1:])
    reached = received(trace)
    if reached != ["6", "10"]:
        got = ", ".join(reached) or "nothing"
        raise NotYet(f"Sent 3 and 5, doubler sends on {got}; 6 and 10 are asked for.", trace=trace, index=-1)
    if trace.result != ["200 OK", "200 OK"]:
        got = describe(trace.result)
        raise NotYet(f"doubler yields {got}; the consumer's replies are asked for.", trace=trace, index=-1)


DOUBLER = Exercise(
    name="doubler",
    task="**Write it.** `doubler(c)` stands between a producer and the consumer `c`. It starts `c`; for "
    "each `n` that it is sent, it sends `2 * n` on to `c`, and yields back what `c` replied.",
    given=CONSUMER,
    starter="""
        def doubler(c):
            ...
    """,
    solution="""
        def doubler(c):
            reply = c.send(None)
            while True:
                n = yield reply
                reply = c.send(2 * n)
    """,
    check=check_doubler,
    hints=(
        "It is a consumer to one side and a producer to the other: one `yield` to the left, one `send` to the right.",
        "Begin by starting `c`; what that yields may be the first thing that you yield.",
        "In the loop: receive `n`, then keep what `c.send(2 * n)` gives for the next round.",
    ),
    mistakes=(
        Mistake(
            """
            def doubler(c):
                reply = None
                while True:
                    n = yield reply
                    reply = c.send(2 * n)
            """,
            "`c` was only created, and has not reached a `yield` yet: start it first.",
            anywhere=True,
        ),
        Mistake(
            """
            def doubler(c):
                c.send(None)
                n = None
                while True:
                    n = yield n
                    c.send(2 * n)
            """,
            "The reply of `c` gets lost on the way back.",
        ),
        Mistake(
            """
            def doubler(c):
                reply = c.send(None)
                while True:
                    n = yield reply
                    reply = c.send(n)
            """,
            "It passes everything on as it came.",
        ),
    ),
)

# ---- picky ----------------------------------------------------------------------------------------------------------


def check_picky(answer: Answer) -> None:
    answer.generator_function("picky")
    answer.behaves("picky(), sent 1, 2 and 3", lambda names: send(names["picky"](), None, 1, 2, 3))


PICKY = Parsons(
    name="picky",
    task="**Put the lines in order.** `picky` is a consumer that replies `'taken'` to an odd message and "
    "`'refused'` to an even one. Its first reply is the empty text. Two of the lines are not needed.",
    solution="""
        def picky():
            r = ""
            while True:
                n = yield r
                if n % 2 == 1:
                    r = "taken"
                else:
                    r = "refused"
    """,
    distractors=("        yield r", "        n = yield"),
    check=check_picky,
    hints=(
        "One `yield` does both: it gives the last reply and takes the next message.",
        "What is decided in the loop goes out when the loop comes round.",
    ),
    mistakes=(
        Mistake(
            """
            def picky():
                r = ""
                while True:
                    n = yield r
                    if n % 2 == 1:
                        r = "refused"
                    else:
                        r = "taken"
            """,
            "An odd number leaves 1 when it is divided by 2: the two replies have changed places.",
        ),
        Mistake(
            """
            def picky():
                r = ""
                while True:
                    n = yield
                    if n % 2 == 1:
                        r = "taken"
                    else:
                        r = "refused"
                    yield r
            """,
            "One `yield` receives and another one replies, so each message takes two resumes.",
        ),
        Mistake(
            """
            def picky():
                while True:
                    r = ""
                    n = yield r
                    if n % 2 == 1:
                        r = "taken"
                    else:
                        r = "refused"
            """,
            "The reply is forgotten again before it goes out.",
        ),
    ),
)

EXERCISES = (RECEIPT, DELIVER, DOUBLER, PICKY)
PREDICTIONS: dict[str, dict[str, str]] = {
    "Producer and consumer: what happens next?": {},
    "Moves 2, 3 and 4 repeat. How many arrows will carry '200 OK'?": {"6": "the-start-gets-an-answer"},
    "In which state is the consumer after it has received 0?": {"suspended": "closed-can-go-on"},
}
