"""Exercises of notebook 05: what may stand between a read and the write that depends on it."""

from __future__ import annotations

from typing import Any

from coro_lab.engine.explore import EndlessError, Exploration, explore, preemptible
from coro_lab.errors import ArgumentError, ExplorationError
from coro_lab.lessons.checker.answer import Answer
from coro_lab.lessons.checker.exercise import Exercise, Mistake
from coro_lab.lessons.checker.outcome import NotYet
from coro_lab.trace.safe_repr import describe

NOTEBOOK = "05-no-locks"
TITLE = "No locks?"

ACCOUNT = """
    from coro_lab import Lock

    class Account:
        def __init__(self):
            self.balance = 100
            self.lock = Lock("the account's lock")
"""


def alone(answer: Answer, function: Any) -> Any:
    """The account after one task has run `withdraw` alone, for as many turns as it takes."""
    account = answer.get("Account")()
    trace = answer.run("withdraw(account), alone,", lambda: list(function(account)))
    if account.balance != 20:
        raise NotYet(
            f"Alone with 100 in the account, withdraw leaves {describe(account.balance)}; 20 is asked for.",
            trace=trace,
            index=-1,
        )
    return trace


def in_every_order(answer: Answer, function: Any) -> Exploration:
    """What two tasks that run `withdraw` can do to one account."""
    both = {"A": function, "B": function}
    try:
        found = explore(setup=answer.get("Account"), coroutines=both, invariant=lambda account: account.balance == 20)
    except EndlessError:
        raise NotYet(
            "Two of them do not come to their end: one goes round and round, whatever the other does."
        ) from None
    except (ArgumentError, ExplorationError) as error:
        raise NotYet(f"Two of them cannot be tried in every order: {error}") from None
    if found.broken:
        schedule = " ".join(found.schedule or "")
        what = f"Two of them, in the order {schedule}"
        if found.finding is not None and found.finding.kind != "invariant":
            raise NotYet(f"{what}: {found.finding.text}.", trace=found.counterexample, index=-1)
        raise NotYet(f"{what}, both take 80, and more is taken than there was.", trace=found.counterexample, index=-1)
    return found


# ---- overdraw -------------------------------------------------------------------------------------------------------


def check_overdraw(answer: Answer) -> None:
    schedule = answer.get("schedule")
    if not isinstance(schedule, str) or set(schedule) - set("AB"):
        raise NotYet(f"`schedule` is {describe(schedule)}; a text of the letters A and B is asked for.")
    account, withdraw = answer.get("Account")(), answer.get("withdraw")
    tasks = {"A": withdraw(account), "B": withdraw(account)}
    trace = answer.run(f"The order {schedule}", lambda: [next(tasks[letter], None) for letter in schedule])
    if account.balance >= 0:
        raise NotYet(
            f"The order {schedule} leaves {account.balance} in the account; less than 0 is asked for.", trace=trace
        )


OVERDRAW = Exercise(
    name="overdraw",
    task="**Change one line.** `withdraw` looks whether there is enough, rests, and takes 80. There are "
    "100 in the account. "
    "Choose an order of the steps of `A` and `B`, two each, in which both take their 80.",
    given=ACCOUNT
    + """
    def withdraw(account):
        if account.balance >= 80:
            yield
            account.balance = account.balance - 80
""",
    starter="""
        schedule = "AABB"
    """,
    solution="""
        schedule = "ABAB"
    """,
    check=check_overdraw,
    hints=(
        "Both have to look before one of them has taken anything.",
        "The first step of each is to look, the second to take.",
    ),
    mistakes=(
        Mistake('schedule = "BBAA"', "One is through before the other looks, and then there is not enough."),
        Mistake('schedule = "AB"', "Both have looked, and nobody has taken anything yet."),
        Mistake('schedule = "ABA"', "Both have looked, but only one has taken."),
    ),
)

# ---- repair ---------------------------------------------------------------------------------------------------------


def check_repair(answer: Answer) -> None:
    withdraw = answer.generator_function("withdraw", "account")
    alone(answer, withdraw)
    in_every_order(answer, withdraw)


REPAIR = Exercise(
    name="repair",
    task="**Move one line.** Keep the `yield`, and need no lock: in every order of two tasks, only "
    "one of them may get its 80.",
    given=ACCOUNT,
    starter="""
        def withdraw(account):
            if account.balance >= 80:
                yield
                account.balance = account.balance - 80
    """,
    solution="""
        def withdraw(account):
            yield
            if account.balance >= 80:
                account.balance = account.balance - 80
    """,
    check=check_repair,
    hints=(
        "A task that looks and takes in one step cannot be disturbed. What stands between the two now?",
        "Rest before you look, or after you have taken.",
    ),
    mistakes=(
        Mistake(
            """
            def withdraw(account):
                if account.balance >= 80:
                    account.balance = account.balance - 80
            """,
            "Keep the `yield`: without it this is a plain function, and nobody else gets a turn.",
        ),
        Mistake(
            """
            def withdraw(account):
                enough = account.balance >= 80
                yield
                if enough:
                    account.balance = account.balance - 80
            """,
            "What was read before the `yield` can be stale after it.",
        ),
        Mistake(
            """
            def withdraw(account):
                yield
                account.balance = account.balance - 80
            """,
            "Neither task looks any more, so the second one takes what is not there.",
        ),
    ),
)

# ---- guard ----------------------------------------------------------------------------------------------------------


def check_guard(answer: Answer) -> None:
    withdraw = answer.generator_function("withdraw", "account")
    alone(answer, withdraw)
    found = in_every_order(answer, withdraw)
    if found.total == 2 or not rests_inside(answer, withdraw):
        raise NotYet("Nothing is overdrawn, but the rest between looking and taking is gone; keep it.")
    gives_back_unpaid(answer, withdraw)


def gives_back_unpaid(answer: Answer, function: Any) -> None:
    """Require that a task that finds too little money gives the lock back.

    `in_every_order` does not see this: there are only two tasks, so no third one waits for the lock.
    """
    account = answer.get("Account")()
    account.balance = 10
    trace = answer.run("withdraw(account), alone with 10 in the account,", lambda: list(function(account)))
    if account.balance != 10:
        raise NotYet(
            f"Alone with 10 in the account, withdraw leaves {describe(account.balance)}; 10 is asked for.",
            trace=trace,
            index=-1,
        )
    if account.lock.holder is not None:
        raise NotYet(
            "Alone with 10 in the account, withdraw takes nothing, and at its end the lock is still held.",
            trace=trace,
            index=-1,
        )


def rests_inside(answer: Answer, function: Any) -> bool:
    """Whether the task is suspended once while it holds the lock, with the money still there."""
    account = answer.get("Account")()
    return any(account.lock.holder is not None and account.balance == 100 for _ in function(account))


GUARD = Exercise(
    name="guard",
    task="**Write it.** Now the rest between looking and taking has to stay. Guard it with "
    "`account.lock`, and give the lock back, whether there was enough or not.",
    given=ACCOUNT,
    starter="""
        def withdraw(account):
            if account.balance >= 80:
                yield
                account.balance = account.balance - 80
    """,
    solution="""
        def withdraw(account):
            yield from account.lock.acquire()
            if account.balance >= 80:
                yield
                account.balance = account.balance - 80
            account.lock.release()
    """,
    check=check_guard,
    hints=(
        "`yield from account.lock.acquire()` waits for the lock; `account.lock.release()` gives it back.",
        "The lock must be held from the look to the taking: take it before the `if`.",
        "A task that finds too little must give the lock back too, so the release stands behind the `if`, not in it.",
    ),
    mistakes=(
        Mistake(
            """
            def withdraw(account):
                yield from account.lock.acquire()
                if account.balance >= 80:
                    yield
                    account.balance = account.balance - 80
            """,
            "The lock is never given back, so the second one waits for ever.",
        ),
        Mistake(
            """
            def withdraw(account):
                yield from account.lock.acquire()
                if account.balance >= 80:
                    yield
                    account.balance = account.balance - 80
                    account.lock.release()
            """,
            "A task that finds too little keeps the lock: every way out of `withdraw` has to lead past the release.",
        ),
        Mistake(
            """
            def withdraw(account):
                if account.balance >= 80:
                    yield from account.lock.acquire()
                    yield
                    account.balance = account.balance - 80
                    account.lock.release()
            """,
            "The look stands before the lock: when the second one gets in, what it saw is stale.",
        ),
        Mistake(
            """
            def withdraw(account):
                yield
                if account.balance >= 80:
                    account.balance = account.balance - 80
            """,
            "That was the first repair. Here the `yield` stays inside, and the lock keeps the other one out.",
        ),
    ),
)

# ---- least ----------------------------------------------------------------------------------------------------------


def check_least(answer: Answer) -> None:
    least = answer.get("least")
    if type(least) is not int:
        raise NotYet(f"`least` is {describe(least)}; a whole number is asked for.")
    add, tally = preemptible(answer.get("add_twice")), answer.get("Tally")
    below = explore(setup=tally, coroutines={"A": add, "B": add}, invariant=lambda tally: tally.value >= least)
    if below.broken:
        order = " ".join(below.schedule or "")
        raise NotYet(
            f"The order {order} leaves less than {least}: {below.broken} of {below.total} orders do.",
            trace=below.counterexample,
            index=-1,
        )
    reached = explore(setup=tally, coroutines={"A": add, "B": add}, invariant=lambda tally: tally.value > least)
    if not reached.broken:
        raise NotYet(f"None of the {reached.total} orders leaves as little as {least}.")


LEAST = Exercise(
    name="least",
    task="**Work it out.** Two threads run `add_twice` on one tally that begins at 0. What is the least "
    "value that they can leave behind? All orders are tried when you run the cell.",
    given="""
    class Tally:
        def __init__(self):
            self.value = 0

    def add_twice(tally):
        for _ in range(2):
            tally.value += 1
    """,
    starter="""
        least = 4
    """,
    solution="""
        least = 2
    """,
    check=check_least,
    hints=(
        "Each `+=` reads and then writes. How old can the value be that a thread has read before it writes?",
        "Walk through the order that is shown, and let the stale write come later still.",
    ),
    mistakes=(
        Mistake("least = 3", "One update can be lost, and then one more."),
        Mistake(
            "least = 1",
            "The thread that writes last has read something that was written by then, or writes twice.",
        ),
        Mistake("least = 0", "Nobody ever writes 0."),
    ),
)

EXERCISES = (OVERDRAW, REPAIR, GUARD, LEAST)
PREDICTIONS: dict[str, dict[str, str]] = {
    "Of all orders, how many lose an update?": {
        "0": "add-and-assign-is-one-action",
        "6": "a-race-shows-in-every-order",
    },
    "The yield stands between read and write. How many orders lose an update?": {
        "0": "one-thread-no-race",
        "6": "a-race-shows-in-every-order",
    },
    "Lose an update": {},
    "Bring P and Q into a deadlock": {},
}
