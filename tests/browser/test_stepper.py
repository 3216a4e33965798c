"""The stepper in a real JupyterLab: the learner is the producer, with the mouse and with the keyboard."""

from __future__ import annotations

import inspect
import re
from statistics import median

import pytest
from playwright.sync_api import TimeoutError as OutOfPatience

from tests.browser.reading import read, read_all
from tests.browser.test_learning import run
from tests.programs import consumer

pytestmark = pytest.mark.browser

CONSUMER = inspect.getsource(consumer)
TAKES_NONE = "def counter():\n    n = 1\n    while True:\n        by = yield n\n        if by is None"
IMPORT = "from collections.abc import Generator\nfrom coro_lab import StepperWidget"

PRESS_TO_PAINT = """([panel, press]) => new Promise((painted) => {
  const begun = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => painted(performance.now() - begun)));
  });
  seen.observe(panel, { attributes: true, attributeFilter: ["data-answer"] });
  press.click();
})"""

LOOK = """(one) => {
  const style = getComputedStyle(one);
  return ['font', 'borderRadius', 'borderWidth', 'borderStyle', 'color', 'backgroundColor'].map((name) => style[name]);
}"""

FLIGHTS = """async (press) => {
  const root = press.closest('.coro-stepper');
  const words = [...root.querySelectorAll(':scope > .coro-traveller')];
  const flying = () => words.filter((one) => one.getAnimations().length);
  while (flying().length) await new Promise(requestAnimationFrame);
  press.click();
  while (flying().length < 2) await new Promise(requestAnimationFrame);
  const base = root.getBoundingClientRect();
  const [leaves, crossed] = [root.querySelector('.coro-leaves'), root.querySelectorAll('.coro-crossed')];
  const names = { in: crossed[0], out: crossed[2], [leaves.textContent]: leaves };
  const at = (x, y) => Object.keys(names).find((name) => {
    const box = names[name].getBoundingClientRect();
    return Math.hypot(box.left + box.width / 2 - base.left - x, box.top + box.height / 2 - base.top - y) < 2;
  }) ?? root.querySelector('.coro-here .coro-code').textContent.trim()[0];
  return flying().map((one) => {
    const frames = one.getAnimations()[0].effect.getKeyframes();
    const [from, to] = [frames.at(0), frames.at(-1)].map(({ transform }) => at(...transform.match(/[\\d.]+(?=px)/g)));
    return `${one.textContent} from ${from} to ${to}`;
  });
}"""

INTERRUPTED = """async (panel) => {  // it asks again and again, since nothing says when the step has begun
  await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt();
  return panel.textContent.includes('next ended in KeyboardInterrupt()');
}"""


class Shown:
    """A stepper on a page, in the words that a learner reads."""

    def __init__(self, page, number: int = 0):
        self.page, self.root = page, page.locator(".coro-stepper").nth(number)
        self.panel = self.root.locator(".coro-panel")
        self.box = self.panel.get_by_label("value")
        self.panel.wait_for()

    def button(self, verb: str):
        return self.panel.get_by_role("button", name=verb, exact=True)

    def answered(self, act) -> None:
        """Do something that asks Python, and wait until its answer is on the page."""
        before = self.panel.get_attribute("data-answer")
        act()
        arguments = [self.panel.element_handle(), before]
        try:
            self.page.wait_for_function("([panel, before]) => panel.dataset.answer !== before", arg=arguments)
        except OutOfPatience as error:
            raise AssertionError(f"no answer, and the panel says: {read(self.panel)}") from error

    def click(self, verb: str) -> None:
        self.answered(self.button(verb).click)

    def key(self, key: str) -> None:
        self.answered(lambda: self.page.keyboard.press(key))

    @property
    def values(self) -> tuple[str, str, str]:
        """What went in, the state, what came out."""
        return tuple(read(self.panel.locator(f"[data-side={side}] .coro-crossed")) for side in ("in", "state", "out"))

    @property
    def card(self) -> str:
        return read(self.root.locator(".coro-card .coro-state").first)

    @property
    def line(self) -> str:
        return read(self.root.locator(".coro-here .coro-code").first)

    @property
    def locals(self) -> dict[str, str]:
        names, values = (read_all(self.root.locator(f".coro-locals {part}")) for part in ("dt", "dd"))
        return dict(zip(names, (value.partition("  ●")[0] for value in values), strict=True))

    @property
    def output(self) -> list[str]:
        return read_all(self.root.locator(".coro-print .coro-text"))

    def focused(self) -> str:
        return self.page.evaluate("() => document.activeElement.dataset.verb ?? document.activeElement.tagName")


@pytest.fixture
def stepper(write_notebook, open_notebook):
    """Opens a notebook with these cells and a stepper of this expression at its end."""

    def open_it(*cells: str, of: str, **options) -> Shown:
        return Shown(open_notebook(write_notebook("stepper.ipynb", IMPORT, *cells, f"StepperWidget({of})"), **options))

    return open_it


def stepper_of_notebook_04(open_notebook) -> Shown:
    """Only its cells are run."""
    page = open_notebook("04-producer-consumer.ipynb", run=False)
    run(page, "%load_ext coro_lab", "def consumer", "StepperWidget(consumer)")
    return Shown(page)


def test_the_consumer_of_notebook_04_by_clicks_to_its_end(open_notebook):
    shown = stepper_of_notebook_04(open_notebook)
    assert shown.values == ("nothing yet", "created", "nothing yet")
    shown.click("next")
    assert shown.line.strip() == "n = yield r"
    for n in range(1, 6):
        shown.box.fill(str(n))
        shown.click("send")
        assert shown.values[0] == f"send({n})"
        assert shown.values[2] == "yield '200 OK'"
        assert "suspended at line" in shown.card
    shown.click("close")
    assert shown.values == ("close()", "closed", "nothing: closed")
    assert shown.output == [f"[CONSUMER] Consuming {n}..." for n in range(1, 6)]


def test_the_consumer_of_notebook_04_by_keys_to_its_end(open_notebook):
    shown = stepper_of_notebook_04(open_notebook)
    shown.button("next").focus()
    shown.key("Enter")
    assert shown.focused() == "next"
    shown.page.keyboard.press("Tab")
    for n in range(1, 6):
        shown.page.keyboard.type(str(n))  # what was sent is selected, so typing replaces it
        shown.key("Enter")
        assert shown.values[0] == f"send({n})"
        assert shown.focused() == "INPUT"
    for verb in ("send", "throw", "close"):
        shown.page.keyboard.press("Tab")
        assert shown.focused() == verb
    shown.key("Space")
    assert shown.values == ("close()", "closed", "nothing: closed")
    assert shown.focused() == "close"


def test_the_stepper_and_the_fork_of_notebook_03(open_notebook):
    page = open_notebook("03-generators-and-send.ipynb", run=False)
    run(page, "from coro_lab import predict", TAKES_NONE, "StepperWidget(counter)")
    shown = Shown(page)
    shown.click("next")
    shown.box.fill("10")
    shown.click("send")
    assert shown.values == ("send(10)", "suspended at line 4", "yield 11")
    assert shown.locals == {"n": "11", "by": "10"}
    cell = run(page, "s = Stepper(counter).next().send(10).send(5)", "Player(s, index=11)")
    fork = cell.get_by_role("group", name="what if")
    assert "What if I send instead of 5:" in read(fork)
    fork.get_by_role("textbox").fill("100")
    fork.get_by_role("button", name="try it").click()
    fork.get_by_text("▼ marks the first difference.").wait_for()
    assert "counter resumes at line 4 and receives 5." in read(fork)
    assert "counter resumes at line 4 and receives 100." in read(fork)


def test_every_button_says_why_it_can_do_nothing(stepper):
    shown = stepper(CONSUMER, of="consumer")
    send = shown.button("send")
    assert send.get_attribute("aria-disabled") == "true"
    assert "was only created" in send.get_attribute("title")
    described = send.get_attribute("aria-describedby")
    assert "was only created" in read(shown.page.locator(f"#{described}"))
    shown.box.fill("None")
    assert send.get_attribute("aria-disabled") == "false"
    shown.box.fill("1")
    send.click(force=True)  # to Playwright a button with aria-disabled cannot be clicked; a reader can
    assert read(shown.panel.get_by_role("alert")).startswith("send is not possible now. consumer was only created")
    shown.click("next")
    shown.click("close")
    assert "next, send, throw: consumer is closed: it has no frame left to resume." in read(shown.panel)
    for verb in ("next", "send", "throw"):
        assert shown.button(verb).get_attribute("aria-disabled") == "true"


def test_what_is_no_value_is_said_and_focus_stays(stepper):
    shown = stepper(CONSUMER, of="consumer")
    shown.click("next")
    shown.box.fill("hello")
    shown.key("Enter")
    said = shown.panel.get_by_role("alert")
    assert read(said) == "hello is not a Python literal, so it cannot be sent. A text takes quotes: 'hello'."
    assert shown.focused() == "INPUT"
    shown.click("throw")
    assert (
        read(said) == "hello is not a built-in exception. Write one to throw, such as ValueError('no') or ValueError."
    )
    shown.box.fill("ValueError('no')")
    shown.click("throw")
    assert said.is_hidden()
    assert shown.values == ("throw(ValueError('no'))", "closed", "raise ValueError('no')")


def test_back_and_a_screen_reader(stepper):
    shown = stepper(CONSUMER, of="consumer")
    status = shown.panel.get_by_role("status")
    shown.click("next")
    shown.box.fill("7")
    shown.click("send")
    assert read(status) == "In: send(7). Out: yield '200 OK'. consumer is suspended at line 4."
    shown.click("back")
    assert read(status) == "send(7) is taken back. consumer is suspended at line 4."
    assert shown.values == ("next()", "suspended at line 4", "yield ''")
    assert shown.output == []


def test_looking_back_changes_nothing_and_an_operation_returns_to_now(stepper):
    shown = stepper(CONSUMER, of="consumer")
    shown.click("next")
    assert shown.root.locator(".coro-tell").is_hidden()
    shown.root.get_by_text("look back over the run").click()
    shown.root.get_by_role("button", name="more", exact=True).click()
    shown.root.get_by_role("button", name="first", exact=True).click()
    assert read(shown.root.locator(".coro-sentence")) == "consumer starts."
    assert shown.values[1] == "suspended at line 4"
    shown.box.fill("1")
    shown.click("send")
    assert shown.root.locator(".coro-tell").is_hidden()
    assert shown.card.endswith("suspended at line 4")


def test_in_the_past_another_value_is_tried(stepper):
    shown = stepper(CONSUMER, of="consumer")
    shown.click("next")
    shown.box.fill("1")
    flights = shown.page.evaluate(FLIGHTS, shown.button("send").element_handle())
    assert flights == ["1 from in to n", "'200 OK' from r to out"], "what crosses flies, and nothing waits for it"
    shown.root.get_by_text("look back over the run").click()
    shown.root.get_by_role("button", name="more", exact=True).click()
    shown.root.get_by_role("button", name="previous switch", exact=True).click()
    looks = [shown.root.locator(part).evaluate(LOOK) for part in (".coro-pill", "[data-side=in] .coro-crossed")]
    assert looks[0] == looks[1], "what crosses looks alike in the panel and between the cards"
    fork = shown.root.get_by_role("group", name="what if")
    assert "What if I send instead of 1:" in read(fork)
    fork.get_by_role("textbox").fill("0")
    fork.get_by_role("button", name="try it").click()
    fork.get_by_text("▼ marks the first difference.").wait_for()
    assert "and receives 1." in read(fork) and "and receives 0." in read(fork)
    assert shown.values[0] == "send(1)"


def test_three_lanes_of_one_chain(stepper):
    inner = "def inner():\n    x = yield 1\n    yield x"
    chain = f"{inner}\ndef middle():\n    yield from inner()\ndef outer():\n    yield from middle()"
    shown = stepper(chain, of="outer")
    shown.click("next")
    shown.box.fill("'x'")
    shown.click("send")
    assert shown.values == ("send('x')", "suspended at line 7", "yield 'x'")
    assert read_all(shown.root.locator(".coro-card .coro-name")) == ["outer", "middle", "inner"]


def test_a_run_that_does_not_end_is_stopped_and_said(stepper):
    never = "def never():\n    n = 0\n    while True:\n        n += 1\n    yield n"
    shown = stepper(never, of="never, max_events=500")
    shown.click("next")
    assert shown.values == ("next()", "closed", "nothing: stopped")
    assert "500 events" in read(shown.root)


def test_values_are_text_and_never_markup(stepper):
    evil = "<img src=x onerror=\"document.title='owned'\">"
    program = f"def echo():\n    heard = yield {evil!r}\n    print(heard)\n    raise ValueError(heard)"
    shown = stepper(program, of="echo")
    shown.click("next")
    shown.box.fill(repr(evil))
    shown.click("send")
    assert shown.values[0] == f"send({evil!r})"
    assert shown.output == [evil]
    assert shown.root.locator("img, script").count() == 0
    assert shown.page.title() != "owned"


def test_nothing_is_printed_into_a_cell_or_the_log(stepper):
    shown = stepper(CONSUMER, of="consumer")
    shown.click("next")
    shown.box.fill("1")
    shown.click("send")
    assert shown.output == ["[CONSUMER] Consuming 1..."]
    assert shown.page.locator(".jp-OutputArea-output[data-mime-type*=stdout]").count() == 0


@pytest.mark.parametrize("scheme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_page_passes_an_accessibility_audit(stepper, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    shown = stepper(CONSUMER, of="consumer")
    shown.page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", scheme)
    shown.click("next")
    shown.box.fill("hello")
    shown.key("Enter")
    found = axe.run(shown.page, context=".coro-stepper").response["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []


def test_it_fits_a_page_of_800_pixels(stepper):
    shown = stepper(CONSUMER, of="consumer", viewport={"width": 800, "height": 900})
    shown.click("next")
    assert shown.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    for verb in ("next", "send", "throw", "close", "back"):
        assert shown.button(verb).is_visible()


def test_a_stored_one_says_at_once_that_its_cell_has_to_run(open_stored):
    page = open_stored("04-producer-consumer.ipynb")
    shown = Shown(page)
    shown.button("next").click()
    shown.panel.get_by_text(re.compile("run this cell first")).wait_for(timeout=1000)  # no eight seconds of silence
    assert shown.values == ("nothing yet", "created", "nothing yet")


def test_a_kernel_that_is_gone_is_said(stepper, watched):
    shown = stepper(CONSUMER, of="consumer")
    shown.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    shown.button("next").click()
    shown.panel.get_by_text(re.compile("The kernel does not answer")).wait_for()
    watched.forgive_errors()  # JupyterLab's own, about the kernel that is gone


def test_every_step_runs_in_the_thread_of_the_cells(stepper):
    """JupyterLab hears a widget in a separate thread from the second click on (see `coro_lab.views.widgets.base`)."""
    shown = stepper(
        "import threading\ndef names():\n    while True:\n        yield threading.current_thread().name", of="names"
    )
    for _ in range(3):
        shown.click("next")
        assert shown.values[2] == "yield 'MainThread'"


def test_a_step_that_never_ends_is_interrupted(stepper):
    shown = stepper("import time\ndef sleeper():\n    yield 1\n    time.sleep(100_000)", of="sleeper")
    shown.click("next")
    shown.button("next").click()
    shown.page.wait_for_function(INTERRUPTED, arg=shown.panel.element_handle())
    assert shown.values[1] == "closed"


def test_click_to_paint_is_reported(stepper, figure):
    shown = stepper(CONSUMER, of="consumer")
    shown.click("next")
    shown.box.fill("1")
    panel, send = shown.panel.element_handle(), shown.button("send").element_handle()
    took = sorted(shown.page.evaluate(PRESS_TO_PAINT, [panel, send]) for _ in range(50))
    figure("stepper, click to paint over 50 sends, with kernel: p50, p90", f"{median(took):.0f} and {took[45]:.0f} ms")
    assert shown.output[-1] == "[CONSUMER] Consuming 1..."
