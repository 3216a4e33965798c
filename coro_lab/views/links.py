"""link(), share(): a run or a program in the fragment of an address, which leads to the player page of a site."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from coro_lab.errors import ArgumentError, UnavailableError, advice
from coro_lab.trace.fragment import LARGEST, LONGEST, pack
from coro_lab.trace.safe_repr import describe
from coro_lab.trace.trace import Trace
from coro_lab.views.site_address import known_site
from coro_lab.views.widgets import frontend

EXAMPLE = "http://127.0.0.1:8000/"
LONGEST_PROGRAM = 100_000
"""Characters; docs/site/player/page.js refuses a longer one."""


def link(trace: Trace, *, site: str | None = None, title: str = "") -> str:
    """The address at which the player page of a site shows this run; see Trace.link."""
    page = _player_page("trace.link(", site)
    if not isinstance(title, str):
        said = advice("title is a text.", f"trace.link(title={describe(title)})", 'trace.link(title="A run")')
        raise ArgumentError(said, argument="title", given=describe(title))
    document = {**json.loads(trace.to_json()), "looks": frontend.looks(trace), "title": title}
    text = frontend.encodable(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    whole = f"{page}#run={pack(text)}"
    if len(whole) > LONGEST or len(text.encode()) > LARGEST:
        instead = 'trace.save_html("run.html"), or record fewer lines: record(program, lines=False)'
        raise _too_long_error("This run", len(whole), "trace.link()", instead)
    return whole


def share(program: str | Callable[..., Any], *, site: str | None = None) -> str:
    """The address at which a site shows this program, to be opened in its lab. It runs only on request.

    `program` is the text of a program, or a function, whose source is taken. The program stands in the fragment of the
    address, behind `#`, which no server sees. `site` is the address of the site, as for `Trace.link`. Raises
    UnavailableError if no site is known, and ArgumentError for anything but a program, for one whose source cannot be
    found, and if the address would be longer than 32,768 characters.

    >>> share("print('hello')", site="https://example.org/course").partition("#program=")[0]
    'https://example.org/course/player/'
    """
    page = _player_page("share(program, ", site)
    source = _source(program)
    whole = f"{page}#program={pack(frontend.encodable(source))}"
    if len(whole) > LONGEST or len(source) > LONGEST_PROGRAM:
        raise _too_long_error("This program", len(whole), "share(program)", "share(a_shorter_program)")
    return whole


def _source(program: object) -> str:
    if isinstance(program, str):
        return program
    try:
        return textwrap.dedent(inspect.getsource(program))  # type: ignore[arg-type]  # TypeError says what it is not
    except (OSError, TypeError):
        wrote = describe(program)
        instead = "trace.link()" if isinstance(program, Trace) else 'share("print(1)"), or share(function)'
        said = advice("share takes the text of a program, or a function with a source.", f"share({wrote})", instead)
        raise ArgumentError(said, argument="program", given=wrote) from None


def _player_page(call: str, site: str | None) -> str:
    """The address of the page that shows what stands in its fragment. `call` is what was written before `site`."""
    if site is None:
        site = known_site()
        if not site:
            said = "A link leads to a site with the player page, and no site is known here."
            instead = f'{call}site="{EXAMPLE}"), with the address of your own copy; make site-serve shows one there'
            raise UnavailableError(advice(said, f"{call.removesuffix(', ')})", instead))
    parts = urlsplit(site) if isinstance(site, str) else None
    if parts is None or parts.scheme not in ("http", "https", "file") or parts.query or parts.fragment:
        said = "site is the address of a site: its first page, without anything behind it."
        wrote = describe(site)
        raise ArgumentError(
            advice(said, f"{call}site={wrote})", f'{call}site="{EXAMPLE}")'), argument="site", given=wrote
        )
    page = "index.html" if parts.scheme == "file" else ""  # a server finds it by itself
    return f"{site.removesuffix('index.html').rstrip('/')}/player/{page}"


def _too_long_error(what: str, length: int, wrote: str, instead: str) -> ArgumentError:
    said = f"{what} is too large for an address: {length:,} characters, and Chrome shows at most {LONGEST:,} of one."
    return ArgumentError(advice(said, wrote, instead), given=f"{length} characters")
