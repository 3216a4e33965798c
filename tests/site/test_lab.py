"""The lab: a learner with nothing but a browser, and no network."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable

import pytest

from docs.site.lab.contents import needs
from docs.site.notebooks import names
from tests.browser.reading import read
from tests.places import NOTEBOOKS
from tests.site.conftest import LOOPBACK, SITE
from tests.site.lab_pages import (
    ANSWERS,
    OPENED,
    PATIENCE,
    address,
    errors,
    fails_on_purpose,
    is_compared,
    run_all,
    texts,
)

pytestmark = pytest.mark.browser

LARGEST = 60e6  # bytes on disk
MOST_TRANSFERRED = 15e6  # bytes, compressed, at the first opening
_LINES = "Python 3.14 reports one line more than 3.12"
_SHIELD = "since Python 3.14 `shield` adds callbacks, and each of them is a step"
OTHERWISE: dict[str, dict[int, str]] = {
    "09-async-await": {7: "Python 3.14 says this error in other words"},
    "11-every-order": {27: _LINES},
    "12-cancelled": {3: _LINES, 17: _SHIELD, 18: _SHIELD, 23: _LINES},
    "16-inside": {23: "greenlet is not in the lab"},
}
"""Of a notebook, the code cells (from 0) that say something else in a browser, and why that is right."""


@pytest.fixture
def open_lab(site, new_context, watched) -> Callable[..., object]:
    """Opens a notebook of the lab by its name, with the network off but for the loopback address."""

    def open_it(name: str):
        context = new_context(viewport={"width": 1280, "height": 900})
        context.route(lambda url: not url.startswith((LOOPBACK, "blob:", "data:")), lambda route: route.abort())
        page = context.new_page()
        page.goto(site + address(name))
        page.wait_for_function(OPENED, timeout=PATIENCE)
        return page

    return open_it


@pytest.mark.parametrize("name", names())
def test_every_cell_of_a_notebook_runs_and_says_what_is_stored(open_lab, watched, figure, name):
    page = open_lab(name)
    started = time.perf_counter()
    ran = run_all(page)
    figure(f"{name}: all cells", f"{time.perf_counter() - started:.0f} s")
    stored = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    stored = [cell for cell in stored if cell["cell_type"] == "code"]
    assert [bool(errors(cell)) for cell in ran] == [fails_on_purpose(cell) for cell in stored], [*map(errors, ran)]
    for number, (now, then) in enumerate(zip(ran, stored, strict=True)):
        if is_compared(then) and number not in OTHERWISE.get(name, {}):
            assert texts(now) == texts(then), f"code cell {number} of {name}"
        if needs(then):
            assert "stored" in texts(now).casefold()
    watched.forgive_late_models()


def test_the_lab_is_small():
    files = [file for file in (SITE / "lab").rglob("*") if file.is_file()]
    assert not [file for file in files if file.suffix == ".map"]
    assert sum(file.stat().st_size for file in files) < LARGEST


def test_a_stored_player_steps_before_python_is_there_and_the_kernel_answers_soon(site, new_context, watched, figure):
    bodies = {}
    context = new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    context.on("response", lambda response: bodies.setdefault(response.url, response))
    page = context.new_page()
    started = time.perf_counter()
    page.goto(site + address("00-start-here"))
    page.wait_for_function(OPENED, timeout=PATIENCE)
    where = page.locator(".coro-where").first
    before = read(where)
    page.get_by_role("button", name="forward").first.click()
    page.wait_for_function("before => document.querySelector('.coro-where').innerText !== before", arg=before)
    figure("lab: from its address to a player that steps", f"{time.perf_counter() - started:.1f} s")
    page.locator(".coro-share button").first.dispatch_event("click")  # the lab knows the site in which it lies
    page.wait_for_function("() => document.querySelector('.coro-link').value")
    assert page.locator(".coro-link").first.input_value().startswith(f"{site}player/#")
    page.evaluate(ANSWERS)
    figure("lab: from its address to the kernel's first answer", f"{time.perf_counter() - started:.1f} s")
    paths = [SITE / url.removeprefix(site).partition("?")[0] for url in bodies if url.startswith(site)]
    transferred = sum(len(gzip.compress(path.read_bytes(), 6)) for path in paths if path.is_file())
    figure("lab: transferred at the first opening, compressed", f"{transferred / 1e6:.1f} MB")
    assert transferred < MOST_TRANSFERRED
    watched.forgive_errors()  # without its service worker, by which all files are seen here, the lab misses its folders
