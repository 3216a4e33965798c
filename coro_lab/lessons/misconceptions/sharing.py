"""Misconceptions about what several tasks share, and what it costs, for notebooks 04 to 07."""

from __future__ import annotations

from coro_lab.lessons.misconceptions.misconception import Misconception

SHARING = (
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
)
