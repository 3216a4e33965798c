"""A small page server on loopback, from which the job of notebook 07 fetches its pages.

It runs in a separate process, so that it takes no time from the measured loops. It ends with the `with` block: the
process holds one end of a pipe, and exits when the other end is closed (at the end of the block, after an error or an
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

from coro_lab.engine.processes import GUARD, Spawned
from coro_lab.errors import ArgumentError, ServerError, UnknownNameError, advice
from coro_lab.trace.safe_repr import describe

HOST = "127.0.0.1"
FAULTS = ("error", "hang up")
"""What a page can do instead of answering: give status 500, or close the connection."""


@contextmanager
def serve(port: int = 0, faults: Mapping[int, Sequence[str]] | None = None) -> Iterator[str]:
    """The address ('127.0.0.1:PORT') of a page server that runs inside this `with` block.

    `port` 0 means any free port. `faults` lists what pages do wrong, in order: `{3: ["error", "hang up"]}` lets page 3
    fail twice before it answers. Raises ServerError if the port is in use, ArgumentError for anything but a port,
    and UnknownNameError for an unknown fault.
    """
    if not isinstance(faults, Mapping | None):
        given, instead = describe(faults), 'serve(faults={3: ["error", "hang up"]})'
        said = advice("faults lists what each page does wrong.", f"serve(faults={given})", instead)
        raise ArgumentError(said, argument="faults", given=given)
    planned = {page: list(kinds) for page, kinds in (faults or {}).items()}
    if unknown := {kind for kinds in planned.values() for kind in kinds} - set(FAULTS):
        wrote = ", ".join(sorted(unknown))
        said = f"A fault is one of {', '.join(FAULTS)}; you wrote {wrote}."
        raise UnknownNameError(said, name=wrote, known=FAULTS)
    if not isinstance(port, int) or not 0 <= port < 65_536:
        given = describe(port)
        what = "A port is a whole number from 1 to 65535."
        said = advice(what, f"serve({given})", "serve()          which takes a free port")
        raise ArgumentError(said, argument="port", given=given)
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
    """Raise this process's limit of open connections to thousands; on many systems it begins at 256 or 1,024."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (65_536, 24_576, 10_240):  # macOS refuses more than its own limit, which differs between versions
        if soft < wanted and (wanted <= hard or hard == resource.RLIM_INFINITY):
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                return


def _port(pipe: Connection, asked: int) -> int:
    try:
        answer = pipe.recv()
    except EOFError:
        raise ServerError(
            f"The page server ended before it began. {GUARD.format('the server')}",
            port=asked,
        ) from None
    if isinstance(answer, int):
        return answer
    raise ServerError(
        f"The page server cannot use port {asked}: {answer}.\n"
        f"  You wrote: serve(port={asked})\n"
        f"  Write:     serve()          which takes a free port",
        port=asked,
        reason=str(answer),
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
        await asyncio.to_thread(pipe.recv)  # Windows: a loop cannot wait for a pipe, so a thread does
    server.close()


class _Pages(asyncio.Protocol):
    """The server's side of one connection; it answers requests one after the other."""

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
        asyncio.get_running_loop().call_later(delay, self.respond, page, numbers, fault)

    def respond(self, page: int, numbers: int, fault: str | None) -> None:
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
        value = (value * 1_103_515_245 + 12_345) % 2**31  # the C standard's example of a rand()
        items.append(f"<li>{1_000_001 + value % 4_500_000 * 2}</li>")
    return f"<html><head><title>Page {page}</title></head><body><ol>{''.join(items)}</ol></body></html>"
