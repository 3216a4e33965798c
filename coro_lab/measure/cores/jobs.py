"""The job of notebook 07: fetch pages, parse them, and count the primes on them.

A Job is a small value that can be sent to another process or machine. Fetching waits and takes almost no CPU time;
parsing and counting take CPU time and never wait. `delay` and `numbers` set how much of each there is.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from html.parser import HTMLParser

from coro_lab.errors import ArgumentError, advice
from coro_lab.measure.counts import check_count, check_seconds
from coro_lab.trace.safe_repr import describe


class PageError(Exception):
    """The server answered with an error, or not at all."""


@dataclass(frozen=True)
class Job:
    """Pages to fetch and work on. Raises ArgumentError for a number that is not a count, or not seconds.

    >>> from coro_lab import cores
    >>> cores.Job("127.0.0.1:8000", delay=0.1, numbers=40).target(17)
    '/page/17?delay=0.1&numbers=40'
    """

    address: str  # the page server, as `serve` gives it
    pages: int = 100  # how many pages; they are numbered from 0
    delay: float = 0.05  # seconds the server waits before it answers
    numbers: int = 10  # how many numbers are on a page, each of which may be prime
    patience: float = 30.0  # seconds without an answer after which a page has failed

    def __post_init__(self) -> None:
        """Refuse impossible numbers, before a worker gets them."""
        check_count("pages", self.pages, "how many pages there are", least=0)
        check_count("numbers", self.numbers, "how many numbers are on a page", least=0)
        check_seconds("delay", self.delay, "how long the server waits before it answers")
        check_seconds("patience", self.patience, "after how long without an answer a page has failed")

    def target(self, page: int) -> str:
        """The target of the request for this `page`, a number from 0."""
        return f"/page/{page}?delay={self.delay}&numbers={self.numbers}"

    def compute(self, html: str) -> int:
        """How many primes there are on a page, whose text is `html`. This part of the job takes CPU time."""
        parser = _Items()
        parser.feed(html)
        return sum(is_prime(number) for number in parser.numbers)


def check_job(job: object, function: str) -> None:
    """ArgumentError for anything but a Job, which this function was given."""
    if not isinstance(job, Job):
        given = describe(job)
        instead = f"{function}(cores.Job(address), ...), with the address that cores.serve() gives"
        said = advice(f"{function} does a Job.", f"{function}({given}, ...)", instead)
        raise ArgumentError(said, argument="job", given=given)


def is_prime(number: int) -> bool:
    """Whether a number is prime, by trying divisors.

    >>> [n for n in range(20) if is_prime(n)]
    [2, 3, 5, 7, 11, 13, 17, 19]
    """
    if number < 4 or number % 2 == 0:
        return number in (2, 3)
    return all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2))


class Fetcher:
    """One connection to the page server at this `address`, used for many pages and opened again after a failure.

    It is closed at the end of an `async with` block: `async with Fetcher(address) as fetcher`. Raises
    ArgumentError for anything but an address.
    """

    def __init__(self, address: str) -> None:
        self.host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
        if not self.host or not port.isdecimal():
            given = describe(address)
            what = "A page server has an address, which cores.serve() gives: HOST:PORT."
            said = advice(what, f"Fetcher({given})", 'Fetcher("127.0.0.1:8000"), or Job("127.0.0.1:8000")')
            raise ArgumentError(said, argument="address", given=given)
        self.port = int(port)  # of the server; its name is `host`
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None  # None: no connection is open

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *about: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; the next fetch opens another."""
        if self.streams:
            self.streams[1].close()
            self.streams = None

    async def fetch(self, target: str, patience: float = 30.0) -> str:
        """The text of the page that this `target` names, as `Job.target` gives it.

        Raises PageError if the server answers with an error, and if no page has arrived after `patience` seconds.
        """
        try:
            async with asyncio.timeout(patience):
                status, text = await self._ask(target)
        except (OSError, asyncio.IncompleteReadError) as error:  # a TimeoutError is an OSError
            self.close()
            raise PageError(f"no answer ({type(error).__name__})") from None
        if status != 200:
            raise PageError(f"status {status}: {text}")
        return text

    async def _ask(self, target: str) -> tuple[int, str]:
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        writer.write(f"GET {target} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status, length = int(head.split(b" ", 2)[1]), int(head.rpartition(b"Content-Length: ")[2])
        return status, (await reader.readexactly(length)).decode()


class _Items(HTMLParser):
    """Collects the numbers of the list items."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "li"

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.numbers.append(int(data))
