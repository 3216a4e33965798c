"""A real browser, and a real JupyterLab on the loopback address; shared by everything in this folder.

`lab` is the server, with copies of the notebooks in a separate folder; `open_notebook` opens one of them with a
kernel that answers; `open_file` opens a saved page with the network off. Whatever is opened is watched: a request that
leaves the machine or an error in the console fails the test that made it.

A learner opens JupyterLab once and then notebook after notebook in it. So do the tests (`desk`): to load JupyterLab
takes longer than most of them. The notebook is closed after its test. Its kernel is stopped, or emptied
for the next notebook that a test writes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from tests.browser.pages import PATIENCE, READY, WHY_NOT, Desk, Watched, run_all, wait_until_drawn
from tests.browser.server import REPOSITORY, Lab, serving

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
FLAGS += ("--disable-component-update", "--disable-sync")
HOW = "Get one with `apt-get install chromium` or `python -m playwright install chromium`."
VIEWPORT = {"width": 1280, "height": 1000}


@pytest.fixture
def figure(record_property) -> Callable[[str, str], None]:
    """Puts a measured figure into the report at the end; it travels with the test's own report, from any worker."""
    return record_property


def pytest_terminal_summary(terminalreporter) -> None:
    ended = [report for reports in terminalreporter.stats.values() for report in reports]
    figures = [figure for report in ended if getattr(report, "when", "") == "call" for figure in report.user_properties]
    if figures:
        terminalreporter.section("figures of the browser tests")
        for what, value in figures:
            terminalreporter.write_line(f"{what:60}  {value}")


def unavailable(reason: str) -> None:
    """Skip with this sentence; where CI=true, where everything has to be there, fail with it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """Debian's chromium, or Playwright's own."""
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        unavailable("No Playwright: install the test tools with `make test`.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, BROWSERS)), None) or playwright.chromium.executable_path
        if not Path(found).exists():
            unavailable(f"No browser was found. {HOW}")
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def watching() -> Watched:
    """What every page does; a page can be there for longer than one test."""
    return Watched()


@pytest.fixture
def watched(watching) -> Iterator[Watched]:
    """What every page of this test does; looked at when the test is over."""
    watched = watching
    watched.strayed.clear()
    watched.errors.clear()
    yield watched
    assert watched.strayed == [], "a request left the machine"
    assert watched.errors == [], "there were errors in the browser's console"


@pytest.fixture
def new_context(chromium, watched) -> Iterator[Callable[..., object]]:
    """Makes browser contexts that are watched, and closes them."""
    contexts = []

    def make(**options):
        context = chromium.new_context(**{"viewport": VIEWPORT, **options})
        contexts.append(context)
        watched.watch(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def open_file(new_context) -> Callable[..., object]:
    """Opens a saved page by its path with the network off; further options are those of a browser context."""

    def open_it(path: Path, **options):
        page = new_context(offline=True, **options).new_page()
        page.goto(path.as_uri())
        return page

    return open_it


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab on a free port, with its own settings and copies of the notebooks, trusted as a learner's are."""
    folder, home = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("home")
    if (REPOSITORY / "notebooks").exists():
        shutil.copytree(REPOSITORY / "notebooks", folder, dirs_exist_ok=True)
    with serving(folder, home) as running:
        running.trust(*folder.glob("*.ipynb"))
        yield running


@pytest.fixture(scope="session")
def desk(chromium, lab, watching) -> Desk:
    """The JupyterLab in which tests open their notebooks, one after the other."""

    def new_page():
        context = chromium.new_context(viewport=VIEWPORT)
        watching.watch(context)
        page = context.new_page()
        page.goto(lab.url())
        page.wait_for_function("() => window.jupyterapp?.restored.then(() => true)")
        page.locator(".jp-DirListing-item").first.wait_for()  # only then does the address follow the open notebook
        return page

    return Desk(new_page, watching)


@pytest.fixture
def open_notebook(lab, desk, new_context, watched, figure) -> Iterator[Callable[..., object]]:
    """Opens a notebook of the lab's folder by its name, once its kernel answers; with `run`, runs all its cells.

    `app` is lab, which is open already, or notebooks, which is Notebook 7 and is loaded.
    """

    def page_on(name: str, app: str, viewport: dict[str, int], motion: str, new_kernel: bool):
        if app == "lab":
            written = not new_kernel and not (REPOSITORY / "notebooks" / name).exists()
            return desk.open(name, viewport, motion, written=written)
        page = new_context(viewport=viewport, reduced_motion=motion).new_page()
        page.goto(lab.url(name, app))
        return page

    def open_it(
        name: str,
        *,
        run: bool = True,
        app: str = "lab",
        viewport: dict[str, int] = VIEWPORT,
        motion: str = "no-preference",
        new_kernel: bool = False,
    ):
        page = page_on(name, app, viewport, motion, new_kernel)
        try:
            page.wait_for_function(READY)
        except Exception:  # seen once, with two busy processes beside the tests; the report says how it was
            figure(f"opened anew: {name}", page.evaluate(WHY_NOT))
            desk.give_up()
            page = page_on(name, app, viewport, motion, new_kernel)
            page.wait_for_function(READY)
        page.wait_for_url(f"**/{name}*")  # which our widgets read
        if run:
            run_all(page)
        return page

    yield open_it
    desk.clear()
    watched.forgive_missing_models()


@pytest.fixture
def open_stored(open_notebook) -> Callable[..., object]:
    """Opens a trusted notebook as its reader finds it: nothing has run, and its widgets are those stored in it."""

    def open_it(name: str, **options):
        page = open_notebook(name, run=False, **options)
        page.locator(".jupyter-widgets-disconnected > *").first.wait_for()
        wait_until_drawn(page)
        return page

    return open_it


@pytest.fixture
def write_notebook(lab) -> Callable[..., str]:
    """Puts a notebook of these code cells into the lab's folder and returns its name."""

    def write(name: str, *cells: str) -> str:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, lab.folder / name)
        return name

    return write
