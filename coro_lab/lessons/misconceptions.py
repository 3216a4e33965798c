"""Common misconceptions, each with a program that tests it and a section of a notebook that corrects it.

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
    Misconception(
        name="lines-run-as-they-stand",
        belief="Lines run in the order in which they stand on the page.",
        truth="Lines run in the order of the calls. A `def` only makes a function; its lines run when it is called.",
        program="""
            def outer():
                inner()
                print("the upper line")

            def inner():
                print("the lower line")

            outer()
        """,
        believed="the upper line\nthe lower line",
        notebook="01-subroutines",
        heading="A calls B, and B calls C",
    ),
    Misconception(
        name="the-caller-does-not-wait",
        belief="A caller goes on while the function that it called is still at work.",
        truth="A caller waits until its call has returned. Only then does its next line run.",
        program="""
            def caller():
                called()
                print("caller ends")

            def called():
                print("called begins")
                print("called ends")

            caller()
        """,
        believed="called begins\ncaller ends\ncalled ends",
        notebook="01-subroutines",
        heading="The stack grows and shrinks",
    ),
    Misconception(
        name="locals-outlive-the-call",
        belief="A function remembers its locals from one call to the next.",
        truth="Each call has its own locals, and they are gone when it returns.",
        program="""
            def visit():
                visits = 0
                visits = visits + 1
                return visits

            print(visit(), visit())
        """,
        believed="1 2",
        notebook="01-subroutines",
        heading="One entry, one return",
    ),
    Misconception(
        name="a-turn-runs-to-the-end",
        belief="A coroutine that gets a turn runs to its end.",
        truth="A turn ends at the next `yield`. The coroutine is suspended there until its next turn.",
        program="""
            def count():
                print("1")
                yield
                print("2")

            turn = count()
            next(turn)
        """,
        believed="1\n2",
        notebook="02-coroutines",
        heading="A place to stop",
    ),
    Misconception(
        name="coroutines-call-each-other",
        belief="Coroutines that take turns call each other.",
        truth="Each of them only stops. A third one, the scheduler, decides who is resumed next.",
        program="""
            import sys

            def A():
                yield sys._getframe(1).f_code.co_name

            def B():
                yield sys._getframe(1).f_code.co_name

            def scheduler():
                return next(A()), next(B())

            print(*scheduler())
        """,
        believed="scheduler A",
        notebook="02-coroutines",
        heading="A never calls B",
    ),
    Misconception(
        name="what-is-sent-replaces-what-was-yielded",
        belief="What I send takes the place of the value that was yielded.",
        truth="What is sent becomes the value of the `yield`, and of the name on its left. The name on its right keeps "
        "what it had.",
        program="""
            def counter():
                n = 1
                while True:
                    by = yield n
                    n = n + by

            c = counter()
            next(c)
            print(c.send(10))
        """,
        believed="10",
        notebook="03-generators-and-send",
        heading="yield takes a value in",
    ),
    Misconception(
        name="the-start-gets-an-answer",
        belief="The `send(None)` that starts a consumer already brings a reply to a message.",
        truth="The start only brings it to its first `yield`. No message has arrived yet, so what goes out there is "
        "no reply to one.",
        program="""
            def consumer():
                r = "nothing yet"
                while True:
                    n = yield r
                    r = "200 OK"

            c = consumer()
            print(c.send(None))
            print(c.send(1))
        """,
        believed="200 OK\n200 OK",
        notebook="04-producer-consumer",
        heading="The answer and the end",
    ),
    Misconception(
        name="add-and-assign-is-one-action",
        belief="`value += 1` is one action, so nobody can come in between.",
        truth="It is a read and a write. Between them the value can become stale.",
        program="""
            import dis

            def add(tally):
                tally.value += 1

            names = [instruction.opname for instruction in dis.get_instructions(add)]
            print(sum(name in ("LOAD_ATTR", "STORE_ATTR") for name in names))
        """,
        believed="1",
        notebook="05-no-locks",
        heading="A number that two write to",
    ),
    Misconception(
        name="a-race-shows-in-every-order",
        belief="A program with a race gives a wrong result every time.",
        truth="Some orders are wrong and others are right. That is why tests seldom find a race.",
        program="""
            value = 0

            def deposit():
                global value
                seen = value
                yield
                value = seen + 1

            for each in (deposit(), deposit()):
                for _ in each:
                    pass
            print(value)
        """,
        believed="1",
        notebook="05-no-locks",
        heading="All orders in one picture",
    ),
    Misconception(
        name="a-turn-is-one-switch",
        belief="One turn of the ring is one switch.",
        truth="A turn resumes every task of the ring once, and each of them is a switch.",
        program="""
            def task():
                while True:
                    yield

            switches = 0
            for each in [task(), task(), task()]:
                each.send(None)
                switches += 1
            print(switches)
        """,
        believed="1",
        notebook="06-switching-costs",
        heading="What is a switch?",
    ),
    Misconception(
        name="threads-belong-to-python",
        belief="Python makes its threads itself and needs no operating system to switch them.",
        truth="Each Python thread is a thread of the operating system with its own number, and the kernel resumes it.",
        program="""
            import threading

            numbers = {threading.get_native_id()}
            thread = threading.Thread(target=lambda: numbers.add(threading.get_native_id()))
            thread.start()
            thread.join()
            print(len(numbers))
        """,
        believed="1",
        notebook="06-switching-costs",
        heading="Why",
    ),
    Misconception(
        name="asyncio-runs-tasks-in-threads",
        belief="asyncio gives each task a thread.",
        truth="All tasks of an event loop run on the thread of the loop, one after the other.",
        program="""
            import asyncio
            import threading

            threads = set()

            async def task():
                threads.add(threading.get_ident())

            async def two():
                await asyncio.gather(task(), task())

            loop = threading.Thread(target=lambda: asyncio.run(two()))
            loop.start()
            loop.join()
            print(len(threads))
        """,
        believed="2",
        notebook="06-switching-costs",
        heading="Why",
    ),
    Misconception(
        name="what-fails-once-is-lost",
        belief="A page that fails once is lost.",
        truth="A failure in a network is often over a moment later, so what failed is tried again.",
        program="""
            answers = ["error", "error", "page"]

            def fetch():
                answer = answers.pop(0)
                if answer == "error":
                    raise OSError
                return answer

            for _ in range(3):
                try:
                    print(fetch())
                except OSError:
                    print("again")
        """,
        believed="again",
        notebook="07-many-cores",
        heading="What goes wrong",
    ),
    Misconception(
        name="a-result-goes-past-the-caller",
        belief="What an inner call returns arrives unchanged at the outermost one.",
        truth="It arrives at the caller, one step up. The caller decides what it returns itself.",
        program="""
            def outer():
                return middle()

            def middle():
                return inner() + 1

            def inner():
                return 41

            print(outer())
        """,
        believed="41",
        notebook="08-subroutines-are-coroutines",
        heading="A call is a yield",
    ),
    Misconception(
        name="a-yield-has-no-value",
        belief="A `yield` hands out a value and has none itself.",
        truth="The value of a `yield` is what the generator is sent when it is resumed.",
        program="""
            def listener():
                heard = yield
                print(heard)
                yield

            one = listener()
            next(one)
            one.send("hello")
        """,
        believed="None",
        notebook="03-generators-and-send",
        heading="yield takes a value in",
    ),
    Misconception(
        name="suspended-is-waiting",
        belief="A coroutine that has yielded still runs, as a caller does that waits for its call.",
        truth="It is suspended: it has left the stack, and it goes on only when somebody resumes it.",
        program="""
            import inspect

            def task():
                yield

            one = task()
            next(one)
            print(inspect.getgeneratorstate(one))
        """,
        believed="GEN_RUNNING",
        notebook="08-subroutines-are-coroutines",
        heading="A call is a yield",
    ),
    Misconception(
        name="a-running-one-can-be-resumed",
        belief="A generator can be resumed while it runs.",
        truth="Only a suspended generator can be resumed. Python refuses one that is running, with ValueError.",
        program="""
            def myself():
                try:
                    own.send(None)
                    print("resumed")
                except ValueError:
                    print("refused")
                yield

            own = myself()
            next(own)
        """,
        believed="resumed",
        notebook="08-subroutines-are-coroutines",
        heading="What generators lack",
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
