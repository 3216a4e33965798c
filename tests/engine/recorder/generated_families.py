"""Programs of tasks in groups in groups, as hypothesis draws them, and a ledger that each program keeps itself.

A program is a tree of nodes. Each node runs in a task of the same name, and opens at most one family, or two nested
ones. Sets of tasks have the order in which the tasks were made, so that a program does the same whenever it runs.
"""

from __future__ import annotations

import asyncio
import gc
import sysconfig
from itertools import count
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from coro_lab.trace.safe_repr import describe

FAMILIES = ["group", "two groups", "gather", "two gathers", "wait", "as_completed"]
ENDS = ["return", "raise", "raise", "stay", "cancel itself", "swallow", "replace"]
WHEN = [asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED]


class Node(NamedTuple):
    name: str
    kind: str  # one of FAMILIES, or "leaf", "spawn", "join" or "drop"
    end: str
    pauses: int  # before it does what its kind says, and again before it ends
    choice: int  # what its kind leaves open
    children: tuple[Node, ...] = ()


@st.composite
def programs(draw):
    """The root of a program."""
    numbers = count()

    def node(deep):
        kinds = FAMILIES * (deep < 3) + ["spawn"] * (0 < deep < 3) + ["leaf", "join", "drop"] * (deep > 0)
        name, kind = f"n{next(numbers)}", draw(st.sampled_from(kinds))
        many = 0 if kind in ("leaf", "drop") else draw(st.integers(1, 1 if kind in ("spawn", "join") else 3))
        children = tuple(node(deep + 1 if kind != "join" else 3) for _ in range(many))
        end = draw(st.sampled_from(ENDS if kind in ("leaf", "join", "drop") else ["return", "return", "raise"]))
        return Node(name, kind, end, draw(st.integers(0, 3)), draw(st.integers(0, 5)), children)

    return node(0)


class Ledger:
    """What a program notes about itself, in its order."""

    def __init__(self, fails):
        self.fails = fails
        self.log: list[tuple[str, str, object]] = []
        self.groups: list[tuple[str, asyncio.TaskGroup]] = []

    def opens(self, family, group=None):
        self.log.append((family, "opens", ""))
        if group is not None:
            self.groups.append((family, group))

    def start(self, family, nodes):
        self.opens(family)
        tasks = [asyncio.create_task(node(each, self), name=each.name) for each in nodes]
        self.log += [(family, "has", each.name) for each in nodes]
        return tasks

    def join(self, family, group, child):
        made = node(child, self)
        try:
            group.create_task(made, name=child.name)
        except RuntimeError:
            made.close()
        else:
            self.log.append((family, "has", child.name))


async def node(tree, ledger):
    name, children = tree.name, tree.children
    try:
        for _ in range(tree.pauses):
            await asyncio.sleep(0)
        match tree.kind:
            case "group":
                async with asyncio.TaskGroup() as group:
                    ledger.opens(name, group)
                    for child in children:
                        ledger.join(name, group, child)
                    if tree.choice == 0:
                        raise KeyError(name)
            case "two groups":
                async with asyncio.TaskGroup() as group:
                    ledger.opens(name, group)
                    ledger.join(name, group, children[0])
                    async with asyncio.TaskGroup() as inner:
                        ledger.opens(name + " 2", inner)
                        for child in children[1:]:
                            ledger.join(name + " 2", inner, child)
                        if tree.choice == 0:
                            raise KeyError(name)
            case "gather":
                await asyncio.gather(*ledger.start(name, children), return_exceptions=tree.choice > 3)
            case "two gathers":
                made = asyncio.gather(*ledger.start(name, children))
                ledger.opens(name + " 2")
                ledger.log.append((name + " 2", "has", "gather"))
                await asyncio.gather(made, return_exceptions=tree.choice > 3)
            case "wait":
                tasks = ledger.start(name, children)
                done, pending = await asyncio.wait(tasks, return_when=WHEN[tree.choice % 3])
                for task in sorted(pending, key=hash) if tree.choice > 3 else ():
                    task.cancel()
                for task in done if tree.choice < 3 else ():
                    task.cancelled() or task.exception()
            case "as_completed":
                for each in asyncio.as_completed(ledger.start(name, children)):
                    try:
                        await each
                    except ValueError:
                        if tree.choice > 3:
                            raise
                    if tree.choice == 0:
                        break
            case "spawn":
                asyncio.create_task(node(*children, ledger), name=children[0].name)  # noqa: RUF006 - so it goes at once
            case "drop":
                future = asyncio.get_running_loop().create_future()
                future.set_exception(OSError(name))
                task = ledger.fails(name)
                await asyncio.sleep(0)
                for each in (future, task) if tree.choice > 3 else ():
                    each.exception()
                each = future = task = None
            case "join" if ledger.groups:
                family, group = ledger.groups[tree.choice % len(ledger.groups)]
                ledger.join(family, group, children[0])
        for _ in range(tree.pauses):
            await asyncio.sleep(0)
        match tree.end:
            case "raise":
                raise ValueError(name)
            case "stay":
                await asyncio.sleep(1000)
            case "cancel itself":
                asyncio.current_task().cancel()
                await asyncio.sleep(0)
            case "swallow" | "replace":
                try:
                    await asyncio.sleep(1000)
                except asyncio.CancelledError:
                    if tree.end == "replace":
                        raise LookupError(name) from None
        ledger.log.append((name, "returned", name))
        return name
    except BaseException as error:
        ledger.log.append((name, "raised", told(error)))
        raise


def told(error, depth=0):
    """An exception as text; a group as the tree that it is."""
    if not isinstance(error, BaseExceptionGroup):
        return ((depth, repr(error)),)
    inner = [row for each in error.exceptions for row in told(each, depth + 1)]
    return ((depth, f"{type(error).__name__}: {error.message}"), *inner)


def main_of(tree, library):
    """The coroutine function that runs this program; it returns the ledger's log and what was lost."""

    async def main():
        ledger, loop = Ledger(library["fails"]), asyncio.get_running_loop()
        loop.set_task_factory(library["make_task"])
        loop.set_exception_handler(library["lost"])
        top = asyncio.create_task(node(tree, ledger), name=tree.name)
        for cancels in (False, True):
            for _ in range(40):
                await asyncio.sleep(0)
            for task in sorted(asyncio.all_tasks(), key=hash) if cancels else ():
                if task is not asyncio.current_task():
                    task.cancel()
        await asyncio.wait([top])
        for _ in range(40):
            await asyncio.sleep(0)
        top = task = None
        ledger.groups.clear()
        gc.collect()
        return ledger.log, sorted(library["unheard"])

    return main


LIBRARY = '''
import asyncio
import sys

class Numbered(asyncio.Task):
    def __init__(self, made, **further):
        self.number = next(numbers)
        super().__init__(made, **further)

    def __hash__(self):
        return self.number

    def __eq__(self, other):
        return self is other

class Noted(Numbered):
    """Notes which group cancels it."""

    def cancel(self, msg=None):
        caller = sys._getframe(1)
        if caller.f_code.co_name == "_abort" and not self.done():
            noted.append((caller.f_locals["self"]._parent_task.get_name(), self.get_name()))
        return super().cancel(msg)

def make_task(loop, made, **further):
    return kind(made, loop=loop, **further)

async def failing(name):
    raise EOFError(name)

def fails(name):
    return asyncio.create_task(failing(name))

def lost(loop, context):
    if context["message"].endswith("never retrieved"):
        unheard.append(describe(context["exception"]))
'''


def library(kind):
    """What a program runs with, in code that is not the learner's; `kind` is the class of its tasks."""
    names = {"__name__": "library", "noted": [], "unheard": [], "numbers": count(), "describe": describe}
    exec(compile(LIBRARY, Path(sysconfig.get_paths()["stdlib"]) / "numbered_tasks.py", "exec"), names)
    names["kind"] = names[kind]
    return names


def run(start, tree, kind):
    """Run this program by `start`; returns what that gives, and the library.

    What is set aside stays so (`functions_of_the_module` in tests/conftest.py says why); the program is made here.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        used = library(kind)
        return start(main_of(tree, used)), used
    finally:
        gc.enable()
