"""The part "player" of the site: one page that shows the run or the program in its address.

`trace.link()` and `share(program)` make such addresses. What they hold stands behind `#`, so no server sees it.
"""

from pathlib import Path

from coro_lab.views.html_page import page
from coro_lab.views.widgets import frontend

HERE = Path(__file__).parent
APPS = {"wide": Path("lab", "lab", "index.html"), "narrow": Path("lab", "notebooks", "index.html")}
"""Where the lab of the site is, from its top: JupyterLab, and Notebook 7 for a phone."""
HEAD = '<meta name="coro-lab-site" content="../">\n'
"""The address of the site, for the player's button that copies a link."""


def build(target: Path) -> None:
    """Write this part into the folder `target`, which is there and empty."""
    has_lab = all((target.parent / app).exists() for app in APPS.values())
    addresses = {width: f"../{app.as_posix()}?path=playground.ipynb" for width, app in APPS.items()}
    given = {"lab": addresses if has_lab else None}
    script = frontend.joined(*frontend.MODULES, HERE / "page.js")
    style = frontend.stripped(HERE / "page.css")
    (target / "index.html").write_text(
        page("A shared run", script, given, head=HEAD, style=style), encoding="utf-8", newline="\n"
    )
