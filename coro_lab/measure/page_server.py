"""A small page server on loopback: what the job of this lesson fetches from.

It runs in a process of its own, so that it takes no time from the loops that are measured, and it ends with the `with`
block: the process holds one end of a pipe, and leaves when the other end speaks or is gone (after an error, an
interrupt, or when the notebook's kernel is killed).

    GET /page/17?delay=0.05&numbers=40     after 0.05 s, a page of 40 numbers; page 17 is always the same
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

from coro_lab.engine.processes import Spawned
from coro_lab.errors import ServerError

HOST = "127.0.0.1"
FAULTS = ("error", "hang up")
"""What a page can be told to do instead of answering: status 500, or close the connection."""


@contextmanager
def serve(port: int = 0, faults: Mapping[int, Sequence[str]] | None = None) -> Iterator[str]:
    """The address ('127.0.0.1:PORT') of a page server that runs inside this block; port 0 takes a free one.

    `faults` says what pages do wrong, in order: `{3: ["error", "hang up"]}` lets page 3 fail twice before it answers.
    Raises ServerError when the port is taken.
    """
    planned = {page: list(kinds) for page, kinds in (faults or {}).items()}
    if unknown := {kind for kinds in planned.values() for kind in kinds} - set(FAULTS):
        raise ValueError(f"A fault is one of {', '.join(FAULTS)}; you wrote {', '.join(sorted(unknown))}.")
    ours, theirs = get_context("spawn").Pipe()
    process = Spawned(target=_run, args=(theirs, port, planned), name="page server", daemon=True)
    try:
        process.start()
        theirs.close()
        yield f"{HOST}:{_port(ours, port)}"
    finally:
        ours.close()
        if process.pid is not None:
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()
        process.close()


def allow_many_files() -> None:
    """Let this process have thousands of connections: many systems allow 256 or 1,024 until they are asked for more."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if most == resource.RLIM_INFINITY else min(most, 65_536)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _port(pipe: Connection, asked: int) -> int:
    try:
        answer = pipe.recv()
    except EOFError:
        raise ServerError(
            "The page server ended before it began. In a script, put what starts it under: if __name__ == '__main__':"
        ) from None
    if isinstance(answer, int):
        return answer
    raise ServerError(
        f"The page server cannot use port {asked}: {answer}.\n"
        f"  You wrote: serve(port={asked})\n"
        f"  Write:     serve()          which takes a free port"
    )


def _run(pipe: Connection, port: int, faults: dict[int, list[str]]) -> None:
    allow_many_files()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the notebook; this process ends with its block
    asyncio.run(_serve(pipe, port, faults))


async def _serve(pipe: Connection, port: int, faults: dict[int, list[str]]) -> None:
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(lambda: _Pages(faults), HOST, port, backlog=2048)
    except OSError as error:
        pipe.send(error.strerror or str(error))
        return
    pipe.send(server.sockets[0].getsockname()[1])
    with suppress(EOFError, OSError):
        await asyncio.to_thread(pipe.recv)  # a pipe is no socket on Windows, so a thread waits for it
    server.close()


class _Pages(asyncio.Protocol):
    """One connection: answers its requests one after the other."""

    def __init__(self, faults: dict[int, list[str]]) -> None:
        self.faults = faults
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, self.received = self.received.split(b"\r\n\r\n", 1)
            self.request(head.split(b" ", 2)[1].decode("ascii", "replace"))

    def request(self, target: str) -> None:
        parts = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            page, delay, numbers = int(parts.path.removeprefix("/page/")), float(asked["delay"]), int(asked["numbers"])
        except (KeyError, ValueError):
            self.answer(404, "There is no such page.")
            return
        planned = self.faults.get(page)
        fault = planned.pop(0) if planned else None
        asyncio.get_running_loop().call_later(delay, self.turn_out, page, numbers, fault)

    def turn_out(self, page: int, numbers: int, fault: str | None) -> None:
        if fault == "hang up":
            self.transport.abort()
        elif fault == "error":
            self.answer(500, "this page fails on purpose")
        else:
            self.answer(200, page_text(page, numbers))

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.transport.write(b"HTTP/1.1 %d \r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


def page_text(page: int, numbers: int) -> str:
    """The HTML of a page: its title, and a list of odd numbers of seven digits that depends on the page alone."""
    value, items = page + 1, []
    for _ in range(numbers):
        value = (value * 1_103_515_245 + 12_345) % 2**31  # the generator of numbers that the C standard gives
        items.append(f"<li>{1_000_001 + value % 4_500_000 * 2}</li>")
    return f"<html><head><title>Page {page}</title></head><body><ol>{''.join(items)}</ol></body></html>"
