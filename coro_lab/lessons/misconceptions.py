"""Common misconceptions about coroutines, each with a test program and a section of a notebook that corrects it.

`believed` is what the test program would print if the belief were right; `happens()` is what it prints.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

from coro_lab.errors import UnknownMisconceptionError
from coro_lab.lessons.checker.source import block, compiled


@dataclass(frozen=True)
class Misconception:
    """One belief, a program that tests it, and the section of a notebook that corrects it."""

    name: str
    belief: str  # a sentence, as a learner would say it
    truth: str  # one or two sentences
    program: str  # source; what it prints shows whether the belief is right
    believed: str  # what the program would print if the belief were right
    notebook: str  # a notebook without .ipynb, and one of its headings
    heading: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "program", block(self.program))

    def happens(self) -> str:
        """Run the test program, and return what it prints."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compiled(self.program, self.name), {"__name__": "__test__"})
        return printed.getvalue().strip()


MISCONCEPTIONS = (
    Misconception(
        name="a-call-runs-it",
        belief="Calling a generator function runs it.",
        truth="The call only creates a generator and runs none of its lines. "
        "The first `next` or `send(None)` starts it.",
        program="""
            def greet():
                print("hello")
                yield

            greet()
            print("after the call")
        """,
        believed="hello\nafter the call",
        notebook="03-generators-and-send",
        heading="yield hands a value out",
    ),
    Misconception(
        name="send-before-next",
        belief="The first thing that I do with a generator can be to send it a value.",
        truth="A generator that was only created stands at no `yield`, so nothing could take the value. "
        "Start it first, with `next` or `send(None)`.",
        program="""
            def listener():
                word = yield
                print("heard", word)
                yield

            try:
                listener().send("hello")
            except TypeError as error:
                print("TypeError")
        """,
        believed="heard hello",
        notebook="03-generators-and-send",
        heading="Why the first send must be None",
    ),
    Misconception(
        name="a-yield-assigns-at-once",
        belief="`x = yield v` happens at once.",
        truth="It happens in two halves. `v` goes out and the generator is suspended in the middle of the line; `x` is "
        "bound only when it is resumed, to what was sent then.",
        program="""
            def ask():
                x = "nothing yet"
                try:
                    x = yield "out"
                finally:
                    print(x)

            asker = ask()
            next(asker)
            asker.close()
        """,
        believed="out",
        notebook="03-generators-and-send",
        heading="yield takes a value in",
    ),
    Misconception(
        name="yield-is-return",
        belief="`yield` is another word for `return`.",
        truth="`return` ends the function and drops its locals. `yield` suspends it: its line and its locals are kept "
        "until somebody resumes it.",
        program="""
            def two():
                n = 1
                yield n
                n = n + 1
                yield n

            print(list(two()))
        """,
        believed="[1]",
        notebook="03-generators-and-send",
        heading="Four states",
    ),
    Misconception(
        name="a-send-answers-the-next-yield",
        belief="A value that I send goes to the next `yield` that is reached.",
        truth="It goes to the `yield` at which the generator is suspended now. What `send` returns comes from the next "
        "one.",
        program="""
            def form():
                first = yield "name?"
                second = yield "age?"
                print(first, second)

            asked = form()
            next(asked)
            print(asked.send("Ann"))
            for _ in asked:
                pass
        """,
        believed="age?\nNone Ann",
        notebook="03-generators-and-send",
        heading="yield takes a value in",
    ),
    Misconception(
        name="for-and-send-do-not-disturb",
        belief="I can send into a generator while a `for` loop walks through it, and the loop still gets every value.",
        truth="Each value goes to whoever resumed the generator. What `send` returned, the loop never sees.",
        program="""
            def count():
                for n in range(1, 5):
                    yield n

            numbers = count()
            for n in numbers:
                print(n)
                if n == 1:
                    numbers.send("hello")
        """,
        believed="1\n2\n3\n4",
        notebook="03-generators-and-send",
        heading="for and send together",
    ),
    Misconception(
        name="closed-can-go-on",
        belief="A closed generator can go on when it is resumed again.",
        truth="A closed generator has no frame left. Every further `next` raises `StopIteration`.",
        program="""
            def count():
                n = 0
                while True:
                    n = n + 1
                    yield n

            numbers = count()
            print(next(numbers))
            numbers.close()
            print(next(numbers, "nothing more"))
        """,
        believed="1\n2",
        notebook="03-generators-and-send",
        heading="How it ends: close and throw",
    ),
    Misconception(
        name="every-await-switches",
        belief="Every `await` lets another task run.",
        truth="An `await` switches only if something inside it suspends. A coroutine that never does is run like a "
        "function, straight through.",
        program="""
            async def nothing():
                return None

            async def worker(name):
                for step in (1, 2):
                    print(name, step)
                    await nothing()

            tasks = [worker("A"), worker("B")]
            while tasks:
                task = tasks.pop(0)
                try:
                    task.send(None)
                except StopIteration:
                    continue
                tasks.append(task)
        """,
        believed="A 1\nB 1\nA 2\nB 2",
        notebook="09-async-await",
        heading='2. "Every await switches"',
    ),
    Misconception(
        name="one-thread-no-race",
        belief="With one thread there can be no race.",
        truth="Nobody interrupts you between two switch points. But if a `yield` or an `await` stands between "
        "a read and the write that depends on it, another one may have written meanwhile.",
        program="""
            balance = 0

            def deposit():
                global balance
                seen = balance
                yield
                balance = seen + 1

            one, other = deposit(), deposit()
            next(one), next(other)
            next(one, None), next(other, None)
            print(balance)
        """,
        believed="2",
        notebook="05-no-locks",
        heading="One yield in the wrong place",
    ),
    Misconception(
        name="a-generator-restarts",
        belief="A generator can be restarted: a second loop over it begins anew.",
        truth="A generator runs once. Call the generator function again to get a new one.",
        program="""
            def count():
                yield 1
                yield 2

            numbers = count()
            print(list(numbers))
            print(list(numbers))
        """,
        believed="[1, 2]\n[1, 2]",
        notebook="03-generators-and-send",
        heading="Two generators of one function",
    ),
)


def named(name: str) -> Misconception:
    """The misconception of this name. Raises UnknownMisconceptionError."""
    for misconception in MISCONCEPTIONS:
        if misconception.name == name:
            return misconception
    known = tuple(misconception.name for misconception in MISCONCEPTIONS)
    said = f"There is no misconception {name!r}. Write one of: {', '.join(known)}."
    raise UnknownMisconceptionError(said, name=str(name), known=known)
