"""Pages of JupyterLab: what they do is watched, and a notebook in them is opened, run and closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PATIENCE = 60_000  # milliseconds; only a failure waits that long

OPEN = """([path, id]) => {
  const kernel = id ? { id } : undefined;
  return window.jupyterapp.commands.execute('docmanager:open', { path, kernel }).then(() => null);
}"""
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
RESET = """
from ipywidgets import Widget
from coro_lab.views import palette
Widget.close_all()
palette.reset()
get_ipython().reset()
"""
CLEAR = """async ([keep, reset]) => {
  const opened = [...window.jupyterapp.shell.widgets('main')].filter((one) => one.sessionContext);
  const patience = new Promise((over) => setTimeout(over, 5000, null));  // a kernel that died does not answer
  const said = ({ content }) => (content.status === 'ok' ? content : null);
  let kept = null;
  for (const one of opened) {
    const kernel = one.sessionContext.session?.kernel;
    const answers = keep && kernel?.status === 'idle';
    const done = answers && kernel.requestExecute({ code: reset, store_history: false }).done.then(said);
    if (await Promise.race([done, patience])) kept = kernel.id;
    else await one.sessionContext.shutdown();
    one.dispose();
  }
  await new Promise((over) => setTimeout(over));
  return [!document.querySelector('.jp-Dialog'), kept];
}"""


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

    def forgive_late_models(self) -> None:
        """anywidget 0.11 gives the module of a widget two seconds, and logs it when a busy machine takes longer.

        It is drawn when it comes, but hears nothing from Python until its cell is run again.
        """
        self.errors[:] = [error for error in self.errors if error != "[anywidget] Failed to initialize model."]

    def forgive_missing_models(self) -> None:
        """JupyterLab logs stored widgets that come late; coro_lab/views/labextension shows them."""
        self.errors[:] = [error for error in self.errors if "widget model not found" not in error]


class Desk:
    """A JupyterLab that stays open from test to test, with one notebook at a time in it.

    The kernel of a notebook that a test wrote is emptied afterwards, for the next notebook that a test writes. A
    notebook of the course has a new kernel.
    """

    def __init__(self, new_page: Callable[[], object], watching: Watched) -> None:
        self._new_page, self._watching, self._page = new_page, watching, None
        self._kernel: str | None = None
        self._written = False

    def open(self, name: str, viewport: dict[str, int], motion: str = "no-preference", *, written: bool) -> object:
        """The page, of this size, on its way to this notebook, which a test wrote or which is of the course."""
        self.clear()
        if self._page is None:
            self._page = self._new_page()
        self._page.set_viewport_size(viewport)
        self._page.emulate_media(reduced_motion=motion)
        kernel, self._written = None, written
        if written:
            kernel, self._kernel = self._kernel, None
        self._page.evaluate(OPEN, [name, kernel])
        return self._page

    def clear(self) -> None:
        """Close the notebook without saving; empty or stop its kernel. A page that a test left in disorder is given up.

        What JupyterLab says to that in the console, about a kernel that is gone, is no error of the test.
        """
        if self._page is None:
            return
        errors = list(self._watching.errors)
        try:
            in_order, kept = self._page.evaluate(CLEAR, [self._written, RESET])
        except Exception:  # it may have crashed
            in_order, kept = False, None
        self._kernel = kept or self._kernel
        if not in_order:
            self.give_up()
        self._watching.errors[:] = errors

    def give_up(self) -> None:
        """Open the next notebook in a JupyterLab that is loaded anew, with a new kernel."""
        if self._page is not None:
            self._page.context.close()
        self._page = self._kernel = None


def run_all(page) -> None:
    """Run all cells, and wait for what they show."""
    page.evaluate(RUN_ALL)
    page.wait_for_function(HAS_RUN)
    wait_until_drawn(page)


def wait_until_drawn(page) -> None:
    """Wait until nothing new will appear on a page: a button that moves away while it is clicked is not clicked."""
    page.wait_for_function(DRAWN)
