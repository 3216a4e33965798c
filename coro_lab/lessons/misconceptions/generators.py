"""Misconceptions about generators: what goes out, what comes in, and how one ends, for notebooks 03 and 03b."""

from __future__ import annotations

from coro_lab.lessons.misconceptions.misconception import Misconception

GENERATORS = (
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
        truth="Each value goes to the one that resumed the generator. The loop never sees what `send` returned.",
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
        notebook="03b-how-a-generator-ends",
        heading="From outside: close",
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
        notebook="03b-how-a-generator-ends",
        heading="The same one twice",
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
)
