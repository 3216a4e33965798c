"""The colours of code: the front end finds the tokens that Python finds, and each colour can be read in its place."""

from __future__ import annotations

import io
import json
import keyword
import re
import tokenize
from pathlib import Path

import nbformat
import pytest

from coro_lab.views import palette
from coro_lab.views.widgets import frontend
from tests.node import run_node
from tests.places import NOTEBOOKS, ROOT
from tests.views.test_palette import contrast

SORTS = {
    tokenize.NUMBER: "number",
    tokenize.STRING: "string",
    tokenize.COMMENT: "comment",
    tokenize.OP: "operator",
    tokenize.ERRORTOKEN: "operator",
}
TEMPLATES = {"FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END", "TSTRING_START", "TSTRING_MIDDLE", "TSTRING_END"}
ODD = r'''
0xFF + 0b_1 + 0o17 + 1_000.5e-3j + .5 + 5. + 1if x else 2
x = rb"\"" + b"" + R'\'' ; z = u"\N{DASH}"
f"{a}{b!r:>{width}.{digits}} {{no}} {c['d']} {f'{e}'} {x:=5}" + f"\N{BULLET}{g}" + Rf"\{y}"
f"""{
    3 # a comment in a template
    + n}""" f'{x = }'
match = case = type = 1; été = ª = 名 = 2
a **= b // c >> d << e != f <= g -> (h := ...) @ i
def f(a, /, *, b: int = 1) -> None: ...
class C(metaclass=M): pass
"""two
lines""" ; s = 'a\
b' \
  + "c"
'''


def python_tokens(text: str) -> list[list[str]]:
    """What Python's tokenizer finds, without the parts of templates and without the layout."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            found.append(["keyword" if keyword.iskeyword(token.string) else "name", token.string])
        elif token.type in SORTS:
            found.append([SORTS[token.type], token.string])
        else:
            assert tokenize.tok_name[token.type] in TEMPLATES | {"NEWLINE", "NL", "INDENT", "DEDENT", "ENDMARKER"}
    return found


def front_end_tokens(texts: list[str]) -> list[list[list[str]]]:
    found = json.loads(run_node("tokens.js", given=json.dumps(texts)))
    return [[["name" if sort == "defined" else sort, text] for sort, text in tokens] for tokens in found]


def comparable(tokens: list[list[str]]) -> list[list[str]]:
    """Without the parts of templates, and without the signs that Python finds at the edges of their values."""
    return [token for token in tokens if token[0] != "text" and token[1] not in set("{}:")]


@pytest.mark.integration
def test_the_front_end_finds_the_tokens_that_python_finds():
    files = [*ROOT.glob("coro_lab/**/*.py"), *ROOT.glob("tests/views/**/*.py"), Path(io.__file__), Path(re.__file__)]
    texts = [ODD, *(file.read_text(encoding="utf-8") for file in files)]
    for text, found in zip(texts, front_end_tokens(texts), strict=True):
        assert comparable(found) == comparable(python_tokens(text))


def test_the_cells_of_the_course_too():
    notebooks = [nbformat.read(file, as_version=4) for file in sorted(NOTEBOOKS.glob("*.ipynb"))]
    cells = [cell.source for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"]
    python = [cell for cell in cells if not re.search("^[%!]", cell, re.MULTILINE)]
    for text, found in zip(python, front_end_tokens(python), strict=True):
        assert comparable(found) == comparable(python_tokens(text))


# ---- Colours ---------------------------------------------------------------------------------------------------------

CSS = "".join((frontend.FOLDER / "player" / f"{name}.css").read_text(encoding="utf-8") for name in ("code", "player"))
PAGE = (frontend.FOLDER / "page.css").read_text(encoding="utf-8")
PAPERS = {"light": ("#FFFFFF",), "dark": ("#111111", "#141518")}  # JupyterLab's, and that of a page without one


def colours(theme: str, prefix: str, sheet: str) -> dict[str, str]:
    """The custom properties of a theme whose names begin so."""
    blocks = re.findall(r"^ *(\.coro[^{\n]*) \{(.*?)\n *\}", sheet, re.MULTILINE | re.DOTALL)
    (block,) = [body for selector, body in blocks if ('"dark"' in selector) == (theme == "dark") and prefix in body][:1]
    return dict(re.findall(rf"({prefix}[\w-]+|{prefix}): (#\w{{6}})", block))


def mixed(colour: str, share: float, page: str) -> str:
    parts = [(int(colour[at : at + 2], 16), int(page[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02X}" for one, other in parts)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_can_be_read_on_every_card_and_on_the_current_line(theme):
    share = float(re.search(r"coro-here \{ background: color-mix\(in srgb, var\(--coro-hue\) (\d+)%", CSS)[1]) / 100
    pages = [*PAPERS[theme], colours(theme, "--coro-soft", PAGE)["--coro-soft"]]
    hues = [hue.dark if theme == "dark" else hue.colour for hue in (*palette.HUES, palette.GREY)]
    backgrounds = [*pages, *(mixed(hue, share, page) for hue in hues for page in pages)]
    code = colours(theme, "--coro-py-", CSS)
    assert set(code) == {f"--coro-py-{sort}" for sort in ("keyword", "defined", "string", "number", "comment")}
    code |= colours(theme, "--coro-ink", PAGE)
    worst = {name: min(contrast(colour, page) for page in backgrounds) for name, colour in code.items()}
    worst["dim, beside the current line"] = min(
        contrast(colours(theme, "--coro-dim", PAGE)["--coro-dim"], page) for page in pages
    )
    assert {name: ratio for name, ratio in worst.items() if ratio < 4.5} == {}
