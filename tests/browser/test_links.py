"""The player page of the site, with the network off: it shows what a link holds, as text, or says why it does not."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from coro_lab import Trace, record, share
from coro_lab.trace.fragment import LARGEST, pack
from docs.site.player import build
from tests.browser.pages import READY

HOSTILE = "</script><img src=x onerror=alert(1)>"


def hostile():
    print(HOSTILE)
    yield HOSTILE


def test_a_link_shows_its_run_or_its_program_as_text(new_context, tmp_path, figure):
    (tmp_path / "player").mkdir()
    build(tmp_path / "player")
    figure("player page of the site, bytes", str((tmp_path / "player" / "index.html").stat().st_size))
    page = new_context(offline=True, permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    site, trace = tmp_path.as_uri(), record(lambda: list(hostile()))

    page.goto(trace.link(site=site, title=HOSTILE))
    sentence = page.locator(".coro-sentence")
    expect(sentence).to_have_text("<lambda> is called.")
    page.locator(".coro").press("End")
    expect(sentence).to_have_text('<lambda> returns ["</script><img src=x onerror=alert(1)>"].'.replace('"', "'"))
    expect(page.locator(".coro-output")).to_contain_text(HOSTILE)
    expect(page).to_have_title(HOSTILE)
    page.get_by_role("button", name="more").click()
    page.get_by_role("button", name="copy a link to this run").click()
    expect(page.get_by_role("status")).to_have_text("Copied. The run itself is in the link, and no server sees it.")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(f"{site}/player/index.html#run=") and Trace.from_link(copied) == trace

    def open_fragment(fragment: str) -> None:
        page.evaluate("fragment => { location.hash = fragment }", fragment)

    open_fragment(share(f"# {HOSTILE}\nprint('not run')", site=site).partition("#")[2])
    expect(page.get_by_role("heading", level=1)).to_have_text("A shared program")
    expect(page.locator(".coro-program")).to_have_text(f"# {HOSTILE}\nprint('not run')")
    page.get_by_role("button", name="copy the program").click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    faults = {
        f"run={HOSTILE}": "it has characters that no link has",
        copied.partition("#")[2][:-9]: "a part of it is missing or was changed",
        f"program={pack(' ' * (LARGEST + 1))}": "it unpacks to more than 4,000,000 bytes",
        f"program={pack(' ' * 100_001)}": "This program has more than 100,000 characters.",
        f"run={pack(HOSTILE)}": "it is not a run with its colours",
        f"run={pack('{"lanes": [], "looks": []}')}": "This is JSON, but not a trace of Coro Lab.",
    }
    for fragment, told in faults.items():
        open_fragment(fragment)
        expect(page.get_by_role("alert")).to_contain_text(told)
    open_fragment("")
    expect(page.get_by_role("heading", level=1)).to_have_text("No run is in this address")
    assert not page.locator("img").count()
    assert not re.search(r"(src|href)=[\"']?http", page.content())


def test_a_shared_program_stands_in_a_cell_of_the_playground_and_has_not_run(lab, new_context):
    page = new_context().new_page()
    fragment = share("print('<b>shared</b>')\n", site="http://127.0.0.1/").partition("#")[2]
    page.goto(f"{lab.url('playground.ipynb')}#{fragment}")
    page.wait_for_function(READY)
    cell = page.locator(".jp-CodeCell").filter(has_text="shared")
    expect(cell.locator(".cm-content")).to_contain_text("%%playground programprint('<b>shared</b>')")
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[ ]:")
    expect(page.locator(".jp-CodeCell").filter(has_text="asyncio.run(main([]))")).to_be_attached()
