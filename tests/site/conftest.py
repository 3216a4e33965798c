"""The site as `make site` built it, on the loopback address, and the browser of tests/browser with the network off.

Whatever is opened is watched: a request that leaves the machine or an error in the console fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.conftest import (  # noqa: F401  (fixtures and a hook, found by their names)
    chromium,
    figure,
    new_context,
    open_file,
    pytest_terminal_summary,
    unavailable,
    watched,
    watching,
)
from tests.places import ROOT

SITE = ROOT / "site"
LOOPBACK = "http://127.0.0.1"
ALIVE = """() => [...document.querySelectorAll('.coro-host')].every((host) => !host.querySelector(':scope > script')
  || host.childElementCount > 1)"""


class Quiet(SimpleHTTPRequestHandler):
    """The server of `python -m http.server`, without its log."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the site."""
    if not (SITE / "index.html").exists():
        unavailable("There is no site: run `make site` first.")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"{LOOPBACK}:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(site, new_context) -> Callable[..., object]:  # noqa: F811
    """Opens a page of the site by its path; further options are those of a browser context."""

    def open_it(path: str, **options):
        context = new_context(**options)
        context.route(lambda url: not url.startswith(LOOPBACK), lambda route: route.abort())
        page = context.new_page()
        page.goto(site + path)
        page.wait_for_function(ALIVE)
        return page

    return open_it
