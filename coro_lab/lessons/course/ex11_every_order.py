"""Exercises of notebook 11: programs of asyncio that are right in every order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from coro_lab.engine.explore import Exploration, explore, replay
from coro_lab.errors import ExplorationError, ScheduleError
from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.lessons.course.ex09_async_await import coroutine_function
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "11-every-order"
TITLE = "Every order"

BANK = """
    import asyncio

    async def pay():
        await asyncio.sleep(0)
"""
VOUCHER = (
    BANK
    + """
    async def redeem(used, voucher):
        if voucher not in used:
            await pay()
            used.append(voucher)

    async def rush():
        used = []
        await asyncio.gather(redeem(used, "tea"), redeem(used, "tea"))
        return used
"""
)


def watched(answer: Answer) -> list[str]:
    """A list that gets one entry for each call of `pay` from now on."""
    calls: list[str] = []

    async def pay() -> None:
        calls.append("pay")
        await asyncio.sleep(0)

    answer.names["pay"] = pay
    return calls


def in_every_order(main: Callable[[], Any], invariant: Callable[[Any], bool], order: str = "tasks") -> Exploration:
    """What the orders of this program do. NotYet where it cannot be explored."""
    try:
        return explore(main, invariant=invariant, order=order)
    except ExplorationError as error:
        raise NotYet(f"Two of them cannot be tried in every order: {error}") from None


# ---- polite_order ---------------------------------------------------------------------------------------------------


def check_polite_order(answer: Answer) -> None:
    schedule = answer.get("schedule")
    if not isinstance(schedule, str):
        raise NotYet(f"`schedule` is {describe(schedule)}; a text of names is asked for.")
    try:
        trace = replay(answer.get("rush"), schedule)
    except (ScheduleError, ExplorationError) as error:
        raise NotYet(f"This order cannot be: {error}") from None
    if trace.result != ["tea"]:
        raise NotYet("In this order the voucher is used twice; once is asked for.", trace=trace, index=-1)


POLITE_ORDER = Exercise(
    name="polite_order",
    task="**Change one line.** In this order of `rush` both guests get their tea. Choose an order in which only one of "
    "them does.",
    given=VOUCHER,
    starter="""
        schedule = "rush redeem redeem 2 redeem redeem 2 rush"
    """,
    solution="""
        schedule = "rush redeem redeem redeem 2 rush"
    """,
    check=check_polite_order,
    hints=(
        "One of them has to be through before the other one looks.",
        "A guest who finds the voucher used has nothing to wait for, and ends in a single step.",
    ),
    mistakes=(
        Mistake(
            'schedule = "rush redeem 2 redeem redeem redeem 2 rush"',
            "Both look before one of them has entered the voucher.",
        ),
        Mistake(
            'schedule = "rush redeem redeem redeem 2 redeem 2 rush"',
            "The second guest does not wait for anything, and so has one step only.",
        ),
        Mistake(
            'schedule = "redeem redeem redeem 2 rush"',
            "The tasks are made by `rush`, so it has the first step.",
        ),
    ),
)

# ---- redeem ---------------------------------------------------------------------------------------------------------


def check_redeem(answer: Answer) -> None:
    redeem = coroutine_function(answer, "redeem", "used", "voucher")
    paid = watched(answer)
    _alone(answer, redeem, [], ["tea"])
    if not paid:
        raise NotYet("Alone, redeem(used, 'tea') does not await `pay` any more; keep that `await`.")
    _alone(answer, redeem, ["tea"], ["tea"])

    async def rush() -> list[str]:
        used: list[str] = []
        await asyncio.gather(redeem(used, "tea"), redeem(used, "tea"))
        return used

    found = in_every_order(rush, lambda used: used == ["tea"])
    if found.finding is not None:
        what = "the voucher is used twice" if found.finding.kind == "invariant" else found.finding.text
        raise NotYet(f"In the order {found.schedule}: {what}.", trace=found.counterexample, index=-1)


def _alone(answer: Answer, redeem: Callable[..., Any], used: list[str], wanted: list[str]) -> None:
    call = f"redeem({used}, 'tea'), alone,"
    trace = answer.run(call, lambda: asyncio.run(redeem(used, "tea")))
    if used != wanted:
        raise NotYet(f"{call} leaves {describe(used)}; {wanted} is asked for.", trace=trace, index=-1)


REDEEM = Exercise(
    name="redeem",
    task="**Move one line.** Keep the `await`, and need no lock: in every order, a voucher is used once.",
    given=BANK,
    starter="""
        async def redeem(used, voucher):
            if voucher not in used:
                await pay()
                used.append(voucher)
    """,
    solution="""
        async def redeem(used, voucher):
            if voucher not in used:
                used.append(voucher)
                await pay()
    """,
    check=check_redeem,
    hints=(
        "Where is the `await` that lets the other guest in between the look and the entry?",
        "Look and enter in one step, and wait for the bank after that.",
    ),
    mistakes=(
        Mistake(
            """
            async def redeem(used, voucher):
                async with asyncio.Lock():
                    if voucher not in used:
                        await pay()
                        used.append(voucher)
            """,
            "Nothing keeps the other guest out while this one waits; a lock that each call makes for itself does not.",
        ),
        Mistake(
            """
            async def redeem(used, voucher):
                if voucher not in used:
                    used.append(voucher)
            """,
            "Without the `await` there is no race, but nobody has paid either.",
        ),
        Mistake(
            """
            async def redeem(used, voucher):
                await pay()
                used.append(voucher)
            """,
            "Nobody checks any more whether the voucher has been used.",
        ),
    ),
)

# ---- carry ----------------------------------------------------------------------------------------------------------


def check_carry(answer: Answer) -> None:
    carry = coroutine_function(answer, "carry", "locks", "one", "other")
    paid = watched(answer)
    made: list[list[asyncio.Lock]] = [[]]
    held: list[bool] = []

    def say(*_: object) -> None:
        held.append(all(lock.locked() for lock in made[0]))

    async def there_and_back() -> None:
        locks = made[0] = [asyncio.Lock(), asyncio.Lock()]
        await asyncio.gather(carry(locks, 0, 1), carry(locks, 1, 0))

    answer.names["print"] = say
    found = in_every_order(there_and_back, lambda _: True)
    if found.finding is not None:
        what = f"In the order {found.schedule}: {found.finding.text}."
        raise NotYet(what, trace=found.counterexample, index=-1)
    if not held:
        raise NotYet("`carry` prints nothing any more; keep the `print`.")
    if not all(held):
        raise NotYet("When `carry` prints, one of its two locks is free; hold both.")
    if not paid:
        raise NotYet("`carry` does not await `pay` any more; keep that `await`.")


CARRY = Exercise(
    name="carry",
    task="**Write it.** `locks` is a list of locks, and `one` and `other` are places in it. `carry(locks, 0, 1)` and "
    "`carry(locks, 1, 0)` at the same time can end in a deadlock. Change `carry`, so that they cannot; both locks are "
    "still held when it prints.",
    given=BANK,
    starter="""
        async def carry(locks, one, other):
            async with locks[one]:
                await pay()
                async with locks[other]:
                    print("from", one, "to", other)
    """,
    solution="""
        async def carry(locks, one, other):
            async with locks[min(one, other)]:
                await pay()
                async with locks[max(one, other)]:
                    print("from", one, "to", other)
    """,
    check=check_carry,
    hints=(
        "Both have to take the same lock first. `one` and `other` are numbers: which of them could that be?",
        "`min` gives the smaller of two numbers, and `max` the larger.",
    ),
    mistakes=(
        Mistake(
            """
            async def carry(locks, one, other):
                async with locks[other]:
                    await pay()
                    async with locks[one]:
                        print("from", one, "to", other)
            """,
            "For two that go in opposite directions, this is the same as before, with the roles exchanged.",
        ),
        Mistake(
            """
            async def carry(locks, one, other):
                async with locks[one]:
                    await pay()
                async with locks[other]:
                    print("from", one, "to", other)
            """,
            "Both `async with` belong around the `print`, one of them inside the other.",
        ),
        Mistake(
            """
            async def carry(locks, one, other):
                first, second = sorted((one, other))
                async with locks[first]:
                    async with locks[second]:
                        print("from", one, "to", other)
            """,
            "The order of the locks is right. Now the wait for the bank has to come back.",
        ),
    ),
)

EXERCISES = (POLITE_ORDER, REDEEM, CARRY)
PREDICTIONS: dict[str, dict[str, str]] = {
    "One seat, two buyers, one thread. When are two tickets sold?": {"never": "one-thread-no-race"},
    "take is notified and goes on behind its wait. When is the shelf empty?": {"never": "notified-means-true"},
    "The time limit fires while transfer waits. Who has the coin?": {"Ann or Bob": "a-time-limit-undoes"},
}
