"""interleavings(): every order of some coroutines, one after the other, to look at."""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from types import CodeType, FunctionType
from typing import Any

from coro_lab.engine.explore.asyncio_orders.program import AsyncProgram, program_of
from coro_lab.engine.explore.asyncio_orders.run import AsyncRun, own_loop
from coro_lab.engine.explore.asyncio_orders.search import count_async, every_async
from coro_lab.engine.explore.determinism import run_first
from coro_lab.engine.explore.explorer import explore
from coro_lab.engine.explore.order_trace import trace_of
from coro_lab.engine.explore.parallel import AnySchedule
from coro_lab.engine.explore.program import MAX_STEPS, Program, in_one_dict
from coro_lab.engine.explore.run import LiveRun
from coro_lab.engine.explore.schedules import count, every
from coro_lab.engine.explore.step_limit import quietly
from coro_lab.errors import InfinitelyManyError
from coro_lab.trace.trace import Trace

MOST_AT_ONCE = 256
"""The largest batch of orders that is run at once."""

_PLAIN = frozenset(
    {"RETURN_GENERATOR", "RESUME", "NOP", "POP_TOP", "LOAD_CONST", "LOAD_SMALL_INT", "LOAD_FAST", "LOAD_FAST_BORROW"}
    | {"STORE_FAST", "LOAD_GLOBAL", "CALL", "YIELD_VALUE", "RETURN_CONST", "RETURN_VALUE"}
    | {"CALL_INTRINSIC_1", "RERAISE"}  # the end of each generator, which turns a StopIteration into a RuntimeError
)
"""Instructions that neither jump nor raise an error, as long as only `print` is called."""


class Order:
    """One order of all steps, and what was printed in it. Orders are equal if both are."""

    __slots__ = ("output", "program", "steps")

    def __init__(self, program: Program | AsyncProgram, steps: AnySchedule, output: str) -> None:
        self.program = program  # what was run
        self.steps = steps  # who takes each step: the numbers of the tasks, from 0
        self.output = output  # what the tasks printed

    @property
    def schedule(self) -> str:
        """The tasks in the order of their steps: 'AABBAB'; with longer names 'produce consume produce'."""
        return self.program.spell(self.steps, spaced=False)

    @property
    def trace(self) -> Trace:
        """What happens in this order; it is run once more to record it."""
        return trace_of(self.program, self.steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Order) and (self.schedule, self.output) == (other.schedule, other.output)

    def __hash__(self) -> int:
        return hash((self.schedule, self.output))

    def __repr__(self) -> str:
        return f"{self.schedule}: {' '.join(self.output.split())}"


class Interleavings:
    """All orders of the steps of some coroutines: their number, and each order when it is asked for."""

    def __init__(self, program: Program | AsyncProgram) -> None:
        self.program = program  # what is run, for `lattice`

    @cached_property
    def count(self) -> int:
        """The number of orders: by formula, without a run, if each body only prints and yields.

        Raises InfinitelyManyError if a task can wait in a loop for as long as it likes.
        """
        if isinstance(self.program, AsyncProgram):
            return count_async(self.program)
        functions = list(self.program.coroutines.values())
        steps = [steps_of(function) for function in functions]
        if None not in steps:
            return count(own for own in steps if own is not None)
        found = explore(coroutines=self.program.coroutines, setup=self.program.setup, max_steps=self.program.max_steps)
        if found.endless:
            raise InfinitelyManyError(
                "There are infinitely many orders, because a task can wait in a loop for as long as it likes.\n"
                "  Look at some of them, itertools.islice(orders, 10), or judge all: explore(...)",
                states=found.runs,
                endings=found.judged,
            )
        return count(run_first(self.program).steps) if found.total is None else found.total

    def __len__(self) -> int:
        """The number of orders. Raises OverflowError for more than `len` can return: then ask for `count`."""
        if self.count > sys.maxsize:
            raise OverflowError(
                f"There are {self.count:,} orders, more than len() can return.\n"
                "  You wrote: len(orders)\n"
                "  Write:     orders.count"
            )
        return self.count

    def __bool__(self) -> bool:
        return True  # there is always one

    def __iter__(self) -> Iterator[Order]:
        """Each order, in lexicographic order. They are run in growing batches, so that the first come at once."""
        runs: Iterator[LiveRun | AsyncRun]
        if isinstance(self.program, AsyncProgram):
            runs = (run for run, _ in every_async(self.program))
        else:
            run_first(self.program)
            runs = every(self.program)
        batch = 1
        while orders := self._some(runs, batch):
            yield from orders
            batch = min(2 * batch, MOST_AT_ONCE)

    def _some(self, runs: Iterator[LiveRun | AsyncRun], number: int) -> list[Order]:
        """The next orders, at most `number`."""
        orders = []
        with quietly(), own_loop():
            for run in islice(runs, number):
                steps = run.names() if isinstance(run, AsyncRun) else tuple(run.schedule)
                orders.append(Order(self.program, steps, run.output))
                run.close()
        return orders

    def __repr__(self) -> str:
        try:
            many = f"{self.count:,}"
        except InfinitelyManyError:
            many = "infinitely many"
        return f"{many} interleavings of {', '.join(self.program.names)}"


@in_one_dict
def interleavings(
    coroutines: Mapping[str, Callable[..., Any]] | Callable[..., Any],
    *,
    setup: Callable[[], Any] | None = None,
    max_steps: int = MAX_STEPS,
    order: str = "tasks",
) -> Interleavings:
    """Every order of the steps of these coroutines, each with its schedule, its output and, on request, its Trace.

    An asyncio program is given as to `explore`, by the async function that begins it, and `order` as well.

    The orders come lazily, in lexicographic order. `.count` is their number; if each body only prints and yields, it
    is known before any of them is run. `coroutines` maps names to generator functions. `setup` makes the shared object
    afresh for each order; a coroutine that takes an argument is called with it. `max_steps` limits the steps of one
    order. Raises ArgumentError for coroutines that cannot be ordered.

    >>> def A():
    ...     print(1)
    ...     yield
    ...     print(2)
    >>> def B():
    ...     print("x")
    ...     yield
    ...     print("y")
    >>> orders = interleavings({"A": A, "B": B})
    >>> orders.count
    6
    >>> next(iter(orders))
    AABB: 1 2 x y
    """
    asynchronous = program_of(coroutines, setup, None, max_steps, order)
    if asynchronous is not None:
        return Interleavings(asynchronous)
    return Interleavings(Program(coroutines, setup, None, max_steps))  # type: ignore[arg-type]


def steps_of(function: Callable[..., Any]) -> int | None:
    """How many steps a generator function takes, read from its code; None if that may vary.

    It is certain if the function takes no argument, and only prints and yields, without a branch or a loop.
    """
    code = getattr(function, "__code__", None)
    if not (isinstance(function, FunctionType) and isinstance(code, CodeType) and code.co_flags & inspect.CO_GENERATOR):
        return None
    if inspect.signature(function).parameters or "print" in function.__globals__:
        return None
    instructions = list(dis.get_instructions(code))
    opnames = [instruction.opname for instruction in instructions]
    prints = [i for i in instructions if i.opname == "LOAD_GLOBAL" and i.argval == "print" and i.arg and i.arg & 1]
    others = set(opnames) - _PLAIN or opnames.count("LOAD_GLOBAL") - len(prints) or opnames.count("CALL") - len(prints)
    return None if others else 1 + opnames.count("YIELD_VALUE")
