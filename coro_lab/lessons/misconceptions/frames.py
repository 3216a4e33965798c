"""Misconceptions about what a suspended coroutine keeps, for notebook 16."""

from __future__ import annotations

from coro_lab.lessons.misconceptions.misconception import Misconception

FRAMES = (
    Misconception(
        name="a-frame-is-copied",
        belief="To suspend a generator, Python copies its frame away, and copies it back to resume it.",
        truth="The frame lies in the generator from the call to the end, and nothing is copied.",
        program="""
            def ask():
                name = yield "name?"
                yield "age?"

            c = ask()
            c.send(None)
            before = c.gi_frame
            c.send("Ann")
            print(c.gi_frame is before, before.f_locals["name"])
        """,
        believed="False Ann",
        notebook="16-inside",
        heading='"A suspended frame is copied"',
    ),
    Misconception(
        name="a-resumed-line-begins-anew",
        belief="A generator that is resumed begins its line anew, and reads the values of now.",
        truth="It goes on in the middle of the line, with what it read before it was suspended.",
        program="""
            class Till:
                money = 0

            def pay(till):
                till.money = till.money + (yield)
                yield

            till = Till()
            ann, bob = pay(till), pay(till)
            for each in (ann, bob):
                each.send(None)
            for each in (ann, bob):
                each.send(10)
            print(till.money)
        """,
        believed="20",
        notebook="16-inside",
        heading='"A resumed line begins anew"',
    ),
    Misconception(
        name="a-helper-yields-for-me",
        belief="A `yield` in a function that I call suspends me, too.",
        truth="It suspends the one frame in which it stands. A plain call only makes a generator.",
        program="""
            def question(text):
                yield text

            def survey():
                question("name?")
                yield "thanks"

            print(list(survey()))
        """,
        believed="['name?', 'thanks']",
        notebook="16-inside",
        heading='"My helper yields for me"',
    ),
)
