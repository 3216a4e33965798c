"""What reaches outside a program is refused: no order of tasks could decide when an answer comes."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

from coro_lab.errors import OutsideError

_SLEEP = "await asyncio.sleep(1) in its place: time is simulated, so it takes none"
_QUEUE = "an asyncio.Queue that a task of yours fills, in place of the connection"

_WAITS = frozenset({"acquire", "get", "join", "put", "wait"})
_OF_THREADS = (
    *(queue.Queue, queue.SimpleQueue, threading.Barrier, threading.Condition, threading.Event, threading.Semaphore),
    *(threading.Thread, type(threading.Lock()), type(threading.RLock())),
)

INSTEAD = {
    "add_reader": _QUEUE,
    "add_signal_handler": "a task that does at some time what the handler would do",
    "add_writer": _QUEUE,
    "connect_accepted_socket": _QUEUE,
    "connect_read_pipe": _QUEUE,
    "connect_write_pipe": _QUEUE,
    "create_connection": _QUEUE,
    "create_datagram_endpoint": _QUEUE,
    "create_server": _QUEUE,
    "create_unix_connection": _QUEUE,
    "create_unix_server": _QUEUE,
    "getaddrinfo": _SLEEP,
    "getnameinfo": _SLEEP,
    "remove_reader": _QUEUE,
    "remove_signal_handler": "a task that does at some time what the handler would do",
    "remove_writer": _QUEUE,
    "run_forever": "async def main(): ..., and await in it what the loop should run",
    "run_until_complete": "await, in place of loop.run_until_complete(...)",
    "sendfile": _QUEUE,
    "set_default_executor": "asyncio.to_thread(...), which is explored as one step at an open time",
    "sock_accept": _QUEUE,
    "sock_connect": _QUEUE,
    "sock_recv": _QUEUE,
    "sock_recv_into": _QUEUE,
    "sock_recvfrom": _QUEUE,
    "sock_recvfrom_into": _QUEUE,
    "sock_sendall": _QUEUE,
    "sock_sendfile": _QUEUE,
    "sock_sendto": _QUEUE,
    "start_tls": _QUEUE,
    "stop": "return in main: the program ends when main does",
    "subprocess_exec": _SLEEP,
    "subprocess_shell": _SLEEP,
}
"""Methods of an event loop, and what to write instead of calling them."""


def outside_error(name: str, instead: str) -> OutsideError:
    """The error for a call of this method of the loop."""
    return OutsideError(
        f"The program calls {name} of the event loop, which reaches outside; explore runs only its tasks.\n"
        f"  Write: {instead}.",
        call=name,
    )


def waits_for_a_thread(function: Any) -> bool:
    """Whether this is a method by which threads wait, such as `queue.Queue().get`; here nobody would end the wait."""
    is_wait = getattr(function, "__name__", "") in _WAITS
    return is_wait and isinstance(getattr(function, "__self__", None), _OF_THREADS)


def refuse_outside(loop_class: type[asyncio.BaseEventLoop]) -> type[asyncio.BaseEventLoop]:
    """The same class, whose methods that reach outside raise OutsideError."""
    for name, instead in INSTEAD.items():
        setattr(loop_class, name, _refusing(name, instead))
    return loop_class


def _refusing(name: str, instead: str) -> Callable[..., Any]:
    def refuse(self: Any, *args: Any, **options: Any) -> Any:
        raise self.refuse(outside_error(name, instead))

    refuse.__name__ = name
    return refuse
