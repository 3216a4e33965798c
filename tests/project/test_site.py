"""What the site is made of, without building it: `make site-test` builds it and reads it in a browser."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

import coro_lab
from docs.site import notebooks, tested
from docs.site.__main__ import PARTS, clear
from docs.site.stored import STATE, VIEW, StoredWidgets
from tests.places import NOTEBOOKS, ROOT

SITE = ROOT / "docs" / "site"
WORKFLOWS = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / ".github" / "workflows").glob("*.yml")}
KNOWN = {"_esm": "export default {}", "_css": "p {}", "_model_name": "AnyModel", "trace": "</script>"}


def modules_in(file: Path) -> set[str]:
    """The modules of the widgets that a notebook stores."""
    metadata = json.loads(file.read_text(encoding="utf-8"))["metadata"]
    models = metadata.get("widgets", {}).get(STATE, {}).get("state", {}).values()
    return {model["state"]["_esm"] for model in models if "_esm" in model["state"]}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_builds_itself_into_a_folder(part: str):
    tree = ast.parse((SITE / part / "__init__.py").read_text(encoding="utf-8"))
    signatures = [
        ast.unparse(node.args) for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build"
    ]
    assert signatures == ["target: Path"]


def test_every_notebook_has_its_place_in_the_book():
    assert sorted(notebooks.names()) == sorted(file.stem for file in NOTEBOOKS.glob("*.ipynb"))


def test_every_stored_widget_becomes_html_with_what_is_shared_once(tmp_path):
    widgets = StoredWidgets(tmp_path)
    hosts = 0
    for name in notebooks.names():
        notebook = notebooks.read(name, widgets)
        assert notebooks.title(notebook)
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
        assert not any(VIEW in output.get("data", {}) for output in outputs)
        hosts += json.dumps(outputs).count("coro-host")
    scripts = [file.read_text(encoding="utf-8") for file in (tmp_path / "widgets").glob("*.js") if file.stem != "alive"]
    written = {json.loads(script.partition("] = ")[2].rstrip(";\n")) for script in scripts}
    assert hosts > 100
    assert written == {stored for file in NOTEBOOKS.glob("*.ipynb") for stored in modules_in(file)}


def test_a_widget_cannot_end_its_script_and_one_of_an_unknown_kind_is_refused(tmp_path):
    models = {"known": {"model_name": "AnyModel", "state": KNOWN}, "other": {"model_name": "TabModel", "state": {}}}
    html = StoredWidgets(tmp_path).html(models, "known", "<Trace>")
    assert html.count("</script>") == 1 and "&lt;Trace&gt;" in html and "_esm" not in html
    with pytest.raises(ValueError, match="cannot show a widget of the kind TabModel"):
        StoredWidgets(tmp_path).html(models, "other", "")


def test_a_part_is_built_anew_and_the_others_are_kept(tmp_path):
    for name in ("old/page.html", "lab/index.html", "index.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    clear(tmp_path, keep=PARTS)
    assert [path.name for path in tmp_path.iterdir()] == ["lab"]


def test_the_sites_tests_run_again_when_a_source_changes_and_only_then(tmp_path, monkeypatch, capsys):
    for source in tested.SOURCES:
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).write_text("as it was") if "." in source else (tmp_path / source).mkdir()
    module, note = tmp_path / "coro_lab" / "module.py", tmp_path / "docs" / "site" / tested.PASSED.name
    monkeypatch.setattr(tested, "PASSED", note)
    monkeypatch.setattr(tested, "fingerprint", partial(tested.fingerprint, tmp_path))
    module.write_text("1")
    assert tested.main([]) == 1, "nobody has noted that they passed"
    tested.main(["--write"])
    (tmp_path / "coro_lab" / "__pycache__").mkdir()
    (tmp_path / "coro_lab" / "__pycache__" / "module.pyc").touch()
    assert tested.main([]) == 0
    for change in (partial(module.write_text, "2"), partial(module.rename, module.with_name("other.py"))):
        change()
        assert tested.main([]) == 1
        tested.main(["--write"])


def test_the_built_site_is_not_of_the_repository():
    ignored = subprocess.run(["git", "check-ignore", "site/index.html"], cwd=ROOT, capture_output=True, text=True)
    if ignored.returncode == 128:
        pytest.skip("not a checkout of git")
    assert ignored.stdout == "site/index.html\n"


@pytest.mark.parametrize(("name", "runs"), [("pages", "make site"), ("tests", ".ci/run")])
def test_a_workflow_pins_each_action_by_its_commit_and_takes_no_secret(name: str, runs: str):
    used = re.findall(r"uses: (\S+)", WORKFLOWS[name])
    assert used and [action for action in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)] == []
    assert "secrets" not in WORKFLOWS[name] and f"run: {runs}\n" in WORKFLOWS[name]
    assert "\npermissions:\n  contents: read\n" in WORKFLOWS[name]


def test_the_citation_names_this_version():
    assert f"\nversion: {coro_lab.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
