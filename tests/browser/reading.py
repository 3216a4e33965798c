"""What a reader of the page reads. The tests of this folder read with these two and with `expect`, never otherwise.

JupyterLab gives the cells that are out of view no layout (`content-visibility: auto`) and moves the view while a
notebook settles. What has no layout has an empty `innerText`, which is a picture of the moment and not of the page. So
the element is brought into view first, and its text is taken in the same breath.
"""

from __future__ import annotations

from typing import Any

READ = """async (elements) => {
  const outOfView = (one) => one.checkVisibility() && !one.checkVisibility({ contentVisibilityAuto: true });
  const texts = [];
  for (const one of elements) {
    for (let frame = 0; outOfView(one); frame += 1) {
      if (frame === 1000) throw new Error('never came into view: ' + one.outerHTML);
      one.scrollIntoView({ block: 'nearest' });
      await new Promise(requestAnimationFrame);
    }
    texts.push(one.innerText);
  }
  return texts;
}"""


def read(locator: Any) -> str:
    """The text of the one element, in the lines that a reader sees; what is hidden is not part of it."""
    return locator.evaluate(f"(one) => ({READ})([one])")[0]


def read_all(locator: Any) -> list[str]:
    """The texts of all elements that are there now."""
    return locator.evaluate_all(READ)
