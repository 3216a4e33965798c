"""`make reference`: write docs/reference.md, a page of every public name, from the docstrings.

The page is a file of the repository, so that a link to it leads somewhere in every checkout and on every forge, in
light and dark, on a phone, without a build; and a change of a docstring is reviewed as the reader will see it.
griffe reads the source: it gives names, signatures and docstrings as data and imports nothing, and its page can be in
our words and our order. The same file is a page of a book made by Sphinx with MyST.
"""

from tests.places import ROOT
from tests.reference.page import Page

PAGE = ROOT / "docs" / "reference.md"

if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(Page().text(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written.")
