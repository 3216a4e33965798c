"""Every widget looks in JupyterLab as by its own style sheet: the page's rules for lists and tables stay out."""

from __future__ import annotations

import pytest

from tests.programs import cell, consumer, produce

pytestmark = pytest.mark.browser

CELLS = (
    cell(consumer, produce),
    "from coro_lab import *\n%load_ext coro_lab",
    "def A():\n    print(1)\n    yield\n    print(2)\n\ndef B():\n    print('x')\n    yield",
    "trace = record(lambda: produce(consumer()))\ntrace",
    "StepperWidget(consumer)",
    "SchedulerWidget({'A': A, 'B': B})",
    "Engines(A, B)",
    "predict('How many?', lambda: 2, choices=[1, 2, 3])",
    "Quiz(trace, {2: 'who', 4: 'value'})",
    "parsons('countdown')",
    "progress_map()",
    "Glossary()",
)
WIDGETS = 10  # the quiz has two: a player and a question

# Of each element: what its own style sheet makes of it, in a frame without the page, and what the page has made of it.
STYLED = """(number) => {
  const names = ['display', 'float', 'position', 'marginTop', 'marginLeft', 'marginBottom', 'marginRight', 'paddingTop',
    'paddingLeft', 'paddingBottom', 'paddingRight', 'listStyleType', 'textAlign', 'whiteSpace', 'fontWeight',
    'fontStyle', 'borderTopStyle', 'borderLeftStyle', 'flexDirection', 'textTransform', 'verticalAlign', 'clear'];
  const root = document.querySelectorAll('.coro-widget')[number];
  const frame = document.body.appendChild(document.createElement('iframe'));
  frame.style.cssText = `width: ${root.parentElement.clientWidth}px; height: 800px; position: fixed; left: -5000px`;
  const page = frame.contentDocument;
  page.body.style.margin = 0;
  for (const style of document.querySelectorAll('style')) {
    if (style.textContent.includes('.coro-widget')) page.head.append(page.importNode(style, true));
  }
  const alone = page.body.appendChild(page.importNode(root, true));
  const [here, there] = [root, alone].map((one) => [one, ...one.querySelectorAll('*')]);
  const differ = here.flatMap((element, at) => {
    const [mine, its] = [getComputedStyle(element), frame.contentWindow.getComputedStyle(there[at])];
    return names.filter((name) => mine[name] !== its[name]).map((name) =>
      `${element.tagName} .${element.getAttribute('class')} ${name}: ${mine[name]}, alone ${its[name]}`);
  });
  frame.remove();
  return [...new Set(differ)];
}"""


def test_no_style_of_the_page_reaches_a_widget(write_notebook, open_notebook):
    page = open_notebook(write_notebook("styles.ipynb", *CELLS), new_kernel=True)
    for name in ("more", "hint"):
        for button in page.get_by_role("button", name=name, exact=True).all():
            button.click()
    widgets = page.locator(".coro-widget")
    widgets.nth(WIDGETS - 1).wait_for()
    assert widgets.count() == WIDGETS
    assert [found for number in range(WIDGETS) for found in page.evaluate(STYLED, number)] == []
