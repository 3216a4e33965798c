"""wait(): many connections to a server on loopback, served by threads and by coroutines.

Both do the same: open a connection, request a page that the server delays, read the page, repeat. The client is a fresh
process each time, so that only its own memory is measured; the server is another process. If the machine allows fewer
connections than asked for, the result says how many.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from coro_lab.errors import JobError
from coro_lab.measure.costs.memory import environment
from coro_lab.measure.counts import check_count
from coro_lab.measure.machine import allowed
from coro_lab.measure.page_server import allow_many_files, serve
from coro_lab.trace.packages import needs

TIMEOUT = 30.0  # seconds that a reply may take

type Sample = dict[str, float]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The result of one way to wait on many connections."""

    way: str  # what waited: threads, coroutines
    connections: int  # how many were open at the same time
    replies: int  # how many came back, over all connections
    seconds: float  # how many seconds it took
    memory: float  # bytes of the client's RAM for each connection

    @property
    def throughput(self) -> float:
        """Replies a second."""
        return self.replies / self.seconds

    def __repr__(self) -> str:
        return f"<Waiting by {self.way}: {self.replies:,} replies on {self.connections:,} connections>"


def wait(connections: int = 1_000, *, delay: float = 1.0, seconds: float = 4.0) -> tuple[Waiting, Waiting]:
    """Wait by threads, then by coroutines: each connection sends one request after the other for about `seconds`.

    Returns the two results. `connections` is how many are open at the same time; if the machine allows fewer, the
    result says how many there were. The server delays every reply by `delay` seconds. CORO_LAB_BUDGET can lower the
    seconds, but each connection sends at least one request. Raises ServerError if the server cannot begin,
    JobError if the client fails, and ArgumentError for fewer than one connection.
    """
    check_count("connections", connections, "how many connections are open at once")
    rounds = max(1, round(allowed(seconds) / 2 / delay))
    with serve() as address:
        threads = _in_a_fresh_process("threads", address, connections, rounds, delay)
        coroutines = _in_a_fresh_process("coroutines", address, connections, rounds, delay)
    return threads, coroutines


def _in_a_fresh_process(way: str, address: str, connections: int, rounds: int, delay: float) -> Waiting:
    with needs("measuring memory"):
        import psutil  # noqa: F401  for the other process
    command = [
        sys.executable,
        "-m",
        __name__,
        way,
        address,
        str(connections),
        str(rounds),
        str(delay),
    ]
    asked = subprocess.run(command, capture_output=True, text=True, env=environment())
    if asked.returncode:
        raise JobError(f"The client that waits by {way} failed: {asked.stderr.strip().splitlines()[-1]}")
    return Waiting(way, **json.loads(asked.stdout))


@contextmanager
def _connected(address: str, connections: int) -> Iterator[list[socket.socket]]:
    """Open as many connections as asked for, or as the machine allows."""
    host, _, port = address.rpartition(":")
    opened: list[socket.socket] = []
    with ExitStack() as closing:
        for _ in range(connections):
            try:
                opened.append(closing.enter_context(socket.create_connection((host, int(port)), TIMEOUT)))
            except OSError:
                if not opened:
                    raise
                break
        yield opened


def _by_threads(opened: list[socket.socket], rounds: int, request: bytes, look: Callable[[], None]) -> int:
    replies: list[int] = []

    def ask(connection: socket.socket) -> None:
        with suppress(OSError):  # after a timeout the connection gives up, and its replies are missing
            for _ in range(rounds):
                connection.sendall(request)
                if connection.recv(4096):
                    replies.append(1)  # list.append is atomic

    threads = [threading.Thread(target=ask, args=(connection,)) for connection in opened]
    for thread in threads:
        thread.start()
    look()
    for thread in threads:
        thread.join()
    return len(replies)


def _by_coroutines(opened: list[socket.socket], rounds: int, request: bytes, look: Callable[[], None]) -> int:
    async def ask(connection: socket.socket) -> int:
        loop, replies = asyncio.get_running_loop(), 0
        with suppress(OSError):
            for _ in range(rounds):
                async with asyncio.timeout(TIMEOUT):
                    await loop.sock_sendall(connection, request)
                    replies += bool(await loop.sock_recv(connection, 4096))
        return replies

    async def all_of_them() -> int:
        tasks = [asyncio.create_task(ask(connection)) for connection in opened]
        await asyncio.sleep(0)
        look()
        return sum(await asyncio.gather(*tasks))

    for connection in opened:
        connection.setblocking(False)
    return asyncio.run(all_of_them())


def _measure(way: str, address: str, connections: int, rounds: int, delay: float) -> Sample:
    import psutil

    allow_many_files()
    request = f"GET /page/0?delay={delay}&numbers=1 HTTP/1.1\r\nHost: loopback\r\n\r\n".encode()
    ways = {"threads": _by_threads, "coroutines": _by_coroutines}
    process, memory = psutil.Process(), 0
    with _connected(address, 1) as opened:
        ways[way](opened, 1, request, lambda: None)  # memory that is needed only once is allocated now

    def look() -> None:
        nonlocal memory
        memory = process.memory_info().rss - memory

    with _connected(address, connections) as opened:
        gc.collect()
        memory = process.memory_info().rss
        begin = time.perf_counter()
        replies = ways[way](opened, rounds, request, look)
        seconds = time.perf_counter() - begin
        return {
            "connections": len(opened), "replies": replies, "seconds": round(seconds, 3), "memory": memory / len(opened)
        }  # fmt: skip


if __name__ == "__main__":
    name, where, count, times, pause = sys.argv[1:]
    print(json.dumps(_measure(name, where, int(count), int(times), float(pause))))
