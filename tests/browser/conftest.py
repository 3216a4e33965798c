"""A real browser, and a real JupyterLab on the loopback address; shared by everything in this folder.

`lab` is the server, with copies of the notebooks in a folder of its own; `open_notebook` opens one of them with a
kernel that answers; `open_file` opens a saved page with the network off. Whatever is opened is watched: a request that
leaves the machine or an error in the console fails the test that made it.

A learner opens JupyterLab once and then notebook after notebook in it. So do the tests (`desk`): to load JupyterLab
takes longer than most of them. The notebook is closed after its test, and its kernel is stopped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from nbformat.sign import NotebookNotary

REPOSITORY = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
FLAGS += ("--disable-component-update", "--disable-sync")
HOW = "Get one with `apt-get install chromium` or `python -m playwright install chromium`."
PATIENCE = 60_000  # milliseconds; only a failure waits that long

VIEWPORT = {"width": 1280, "height": 1000}

OPEN = "(path) => window.jupyterapp.commands.execute('docmanager:open', { path }).then(() => null)"
READY = """() => {
  const shown = window.jupyterapp?.shell.currentWidget;
  return shown?.sessionContext?.session?.kernel?.status === 'idle' && shown?.content?.widgets?.length > 0;
}"""
WHY_NOT = """() => {
  const shown = window.jupyterapp?.shell.currentWidget;
  const { session, pendingInput, kernelDisplayStatus } = shown?.sessionContext ?? {};
  const { status, connectionStatus } = session?.kernel ?? {};
  const dialogs = [...document.querySelectorAll('.jp-Dialog')].map((dialog) => dialog.innerText);
  return JSON.stringify({
    path: shown?.context?.path, session: session?.id, kernelDisplayStatus, status, connectionStatus, pendingInput,
    cells: shown?.content?.widgets?.length, dialogs,
  });
}"""
RUN_ALL = """() => {
  const { commands, shell } = window.jupyterapp;
  const { kernel } = shell.currentWidget.sessionContext.session;
  const last = () => kernel.requestExecute({ code: '', silent: true, store_history: false }).done;
  window.hasRun = false;
  // the command is through at the first exception, be it one that the notebook expects; the cells after it are not
  commands.execute('notebook:run-all-cells').then(last).finally(() => { window.hasRun = true; });
}"""
DRAWN = """() => {
  const empty = ':scope > .lm-Widget:empty';
  const loads = (output) => output.textContent === 'Loading widget...' || output.querySelector(empty);
  return ![...document.querySelectorAll('.jp-OutputArea-output')].some(loads)
    && [...document.images].every((image) => image.complete);
}"""
HAS_RUN = "() => window.hasRun && !document.querySelector('.jupyter-widgets-disconnected')"
CLEAR = """async () => {
  const opened = [...window.jupyterapp.shell.widgets('main')].filter((one) => one.sessionContext);
  for (const one of opened) {
    await one.sessionContext.shutdown();
    one.dispose();
  }
  await new Promise((said) => setTimeout(said));
  return !document.querySelector('.jp-Dialog');
}"""


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


@dataclass
class Watched:
    """What pages did that they should not do; a test that breaks something on purpose forgives it here."""

    strayed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, context) -> None:
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: self._request(request.url))
        context.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _request(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("data", "blob", "file", "about") and address.hostname not in (
            "127.0.0.1",
            "localhost",
        ):
            self.strayed.append(url)

    def forgive_errors(self) -> None:
        self.errors.clear()

    def forgive_missing_models(self) -> None:
        """JupyterLab looks for stored widgets before it has read them, and again afterwards (see `open_stored`)."""
        self.errors[:] = [error for error in self.errors if "widget model not found" not in error]


@dataclass
class Lab:
    """A running JupyterLab: its address with the token, and the folder it serves."""

    address: str
    token: str
    folder: Path
    data: Path  # its own JUPYTER_DATA_DIR, where trusted notebooks are signed

    def trust(self, *notebooks: Path) -> None:
        """Have Jupyter trust these, as it trusts what ships."""
        notary = NotebookNotary(data_dir=str(self.data))
        for notebook in notebooks:
            notary.sign(nbformat.read(notebook, as_version=4))
        notary.store.close()

    def url(self, notebook: str = "", app: str = "lab") -> str:
        """The address of a notebook, or of JupyterLab with nothing open, in a workspace that nobody had before."""
        where = f"lab/workspaces/test-{os.urandom(4).hex()}" if app == "lab" else "notebooks"
        tree = f"/{'tree/' * (app == 'lab')}{notebook}" if notebook else ""
        return f"{self.address}/{where}{tree}?token={self.token}"


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
    with _start(folder, home) as server:
        try:
            address, token = _address(server)
            reader = threading.Thread(target=server.stderr.read, daemon=True)  # so that it never waits for a reader
            reader.start()
            running = Lab(address, token, folder, home / "data")
            running.trust(*folder.glob("*.ipynb"))
            yield running
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:  # a worker thread of the server can outlive its event loop, and wait
                server.kill()
            reader.join(30)


def _start(folder: Path, home: Path) -> subprocess.Popen[str]:
    settings = home / "config" / "labconfig" / "page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}')
    own = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    environment = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(home / where) for name, where in own.items()},
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]),
    }
    options = [
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        "--port=0",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    command = [sys.executable, "-m", "jupyterlab", *options]
    return subprocess.Popen(command, env=environment, cwd=folder, text=True, stderr=subprocess.PIPE)


def _address(server: subprocess.Popen[str]) -> tuple[str, str]:
    """Where the server says it listens, and its token."""
    said = []
    for line in server.stderr:
        said.append(line)
        found = re.search(r"(http://127\.0\.0\.1:\d+)/lab\?token=(\w+)", line)
        if found:
            return found[1], found[2]
    raise AssertionError("JupyterLab did not start:\n" + "".join(said))


class Desk:
    """A JupyterLab that stays open from test to test, with one notebook at a time in it."""

    def __init__(self, new_page: Callable[[], object], watching: Watched) -> None:
        self._new_page, self._watching, self._page = new_page, watching, None

    def open(self, name: str, viewport: dict[str, int]) -> object:
        """The page, of this size, on its way to this notebook."""
        self.clear()
        if self._page is None:
            self._page = self._new_page()
        self._page.set_viewport_size(viewport)
        self._page.evaluate(OPEN, name)
        return self._page

    def clear(self) -> None:
        """Close the notebook without saving and stop its kernel. A page that a test left in disorder is given up.

        What JupyterLab says to that in the console, about a kernel that is gone, is no error of the test.
        """
        if self._page is None:
            return
        errors = list(self._watching.errors)
        try:
            in_order = self._page.evaluate(CLEAR)
        except Exception:  # it may have crashed
            in_order = False
        if not in_order:
            self.give_up()
        self._watching.errors[:] = errors

    def give_up(self) -> None:
        """Open the next notebook in a JupyterLab that is loaded anew."""
        if self._page is not None:
            self._page.context.close()
        self._page = None


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


def run_all(page) -> None:
    """Run all cells, and wait for what they show."""
    page.evaluate(RUN_ALL)
    page.wait_for_function(HAS_RUN)
    wait_until_drawn(page)


def wait_until_drawn(page) -> None:
    """Wait until nothing new will appear on a page: a button that moves away while it is clicked is not clicked."""
    page.wait_for_function(DRAWN)


@pytest.fixture
def open_notebook(lab, desk, new_context, watched, figure) -> Iterator[Callable[..., object]]:
    """Opens a notebook of the lab's folder by its name, once its kernel answers; with `run`, runs all its cells.

    `app` is lab, which is open already, or notebooks, which is Notebook 7 and is loaded.
    """

    def page_on(name: str, app: str, viewport: dict[str, int]):
        if app == "lab":
            return desk.open(name, viewport)
        page = new_context(viewport=viewport).new_page()
        page.goto(lab.url(name, app))
        return page

    def open_it(name: str, *, run: bool = True, app: str = "lab", viewport: dict[str, int] = VIEWPORT):
        page = page_on(name, app, viewport)
        try:
            page.wait_for_function(READY)
        except Exception:  # seen once, with two busy processes beside the tests; the report says how it was
            figure(f"opened anew: {name}", page.evaluate(WHY_NOT))
            desk.give_up()
            page = page_on(name, app, viewport)
            page.wait_for_function(READY)
        page.wait_for_url(f"**/{name}*")  # which our widgets read
        if run:
            run_all(page)
        return page

    yield open_it
    desk.clear()
    watched.forgive_missing_models()


@pytest.fixture
def open_stored(open_notebook, watched) -> Callable[..., object]:
    """Opens a trusted notebook as its reader finds it: nothing has run, and its widgets are those stored in it."""

    def open_it(name: str):
        # JupyterLab's widget manager says "restored" once its kernel is connected, and that can be before it has read
        # the widgets stored in the notebook. Then it shows and logs that there are none, and mostly finds them a moment
        # later; but where the kernel was not there yet when it began, only when the notebook is opened again.
        for _ in range(5):
            watched.forgive_errors()
            page = open_notebook(name, run=False)
            refused = page.get_by_text("Error displaying widget: model not found")
            page.locator(".jupyter-widgets-disconnected > *").or_(refused).first.wait_for()
            if not refused.count():
                break
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
