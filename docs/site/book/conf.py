"""How Sphinx makes the book; `docs/site/book/__init__.py` runs it."""

from __future__ import annotations

from coro_lab import __version__
from docs.site.notebooks import names
from docs.site.places import HERE, WORK

project = "Coro Lab"
version = release = __version__
language = "en"
extensions = ["myst_nb", "docs.site.book.transforms"]
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
nb_code_prompt_show = "Show {type}"
nb_code_prompt_hide = "Hide {type}"
myst_heading_anchors = 4
myst_heading_slug_func = "docs.site.book.transforms.as_in_jupyter"
myst_links_external_new_tab = False
exclude_patterns: list[str] = []

html_theme = "furo"
html_title = "Coro Lab"
html_favicon = str(HERE / "book" / "static" / "favicon.svg")
html_static_path = [str(HERE / "book" / "static"), str(WORK / "book" / "static")]
templates_path = [str(HERE / "book" / "templates")]
html_css_files = ["book.css"]
html_js_files = [("book.js", {"defer": "defer"}), ("widgets/alive.js", {"defer": "defer"})]
html_context = {"notebooks": names()}
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {"color-brand-primary": "#1a5fb4", "color-brand-content": "#1a5fb4"},
    "dark_css_variables": {"color-brand-primary": "#8ab8ff", "color-brand-content": "#8ab8ff"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
