"""A learner's copies: made, refreshed, never overwritten; and only what is as shipped is trusted."""

import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook, new_output

from coro_lab.lessons import notebook_folder
from coro_lab.lessons.notebook_folder import (
    COPIED,
    SHIPPED,
    START,
    Copied,
    NotebookFolderError,
    as_shipped,
    copy_notebooks,
    fingerprint,
    fingerprints_of,
    read_fingerprints,
    shipped_folder,
    trust,
    write_fingerprints,
)
from tests.places import NOTEBOOKS


def write(file: Path, source: str) -> None:
    """A notebook of one cell."""
    file.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source, id="only")]), file)


def ship(folder: Path, **sources: str) -> None:
    """Ship notebooks, each of one cell, with the list of their fingerprints."""
    for name, source in sources.items():
        write(folder / f"{name}.ipynb", source)
    write_fingerprints(folder / SHIPPED, fingerprints_of(folder))


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped notebooks of a small checkout of the test's own: the start notebook, one lesson and a picture."""
    package = tmp_path / "checkout" / "coro_lab"
    monkeypatch.setattr(notebook_folder, "_PACKAGE", package)
    folder = package.parent / "notebooks"
    write(folder / START, "start")
    ship(folder, lesson="print('one')")
    (folder / "images").mkdir()
    (folder / "images" / "timeline.png").write_bytes(b"a picture")
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "my notebooks"


EVERYTHING = [START, "images/timeline.png", "lesson.ipynb"]


class TestCopying:
    def test_the_first_time_everything_is_copied(self, shipped: Path, mine: Path):
        assert copy_notebooks(mine) == Copied(new=EVERYTHING)
        assert fingerprints_of(mine) == fingerprints_of(shipped)

    def test_the_second_time_nothing_is_written(self, shipped: Path, mine: Path):
        copy_notebooks(mine)
        assert copy_notebooks(mine) == Copied()

    def test_what_the_learner_changed_is_kept(self, shipped: Path, mine: Path):
        copy_notebooks(mine)
        write(mine / "lesson.ipynb", "print('my own')")
        assert copy_notebooks(mine) == Copied(kept=["lesson.ipynb"])

    def test_a_changed_notebook_is_kept_and_reported_when_a_newer_one_ships(self, shipped: Path, mine: Path):
        copy_notebooks(mine)
        write(mine / "lesson.ipynb", "print('my own')")
        ship(shipped, lesson="print('two')")
        for _ in range(2):  # they are told until they have taken it
            assert copy_notebooks(mine) == Copied(kept=["lesson.ipynb"], outdated=["lesson.ipynb"])
        assert "my own" in (mine / "lesson.ipynb").read_text()

    def test_what_the_learner_did_not_change_is_refreshed(self, shipped: Path, mine: Path):
        copy_notebooks(mine)
        ship(shipped, lesson="print('two')")
        assert copy_notebooks(mine) == Copied(refreshed=["lesson.ipynb"])
        assert "two" in (mine / "lesson.ipynb").read_text()

    def test_a_deleted_notebook_is_copied_again(self, shipped: Path, mine: Path):
        copy_notebooks(mine)
        (mine / "lesson.ipynb").unlink()
        assert copy_notebooks(mine) == Copied(new=["lesson.ipynb"])

    def test_a_file_that_was_there_before_is_the_learners(self, shipped: Path, mine: Path):
        write(mine / "lesson.ipynb", "print('a lesson of mine')")
        assert copy_notebooks(mine).kept == ["lesson.ipynb"]
        assert "a lesson of mine" in (mine / "lesson.ipynb").read_text()

    def test_an_interrupted_copy_is_finished_the_next_time(self, shipped: Path, mine: Path):
        copy_notebooks(mine)
        (mine / ".copied.sha256").unlink()  # the copies had been written, the list had not
        assert copy_notebooks(mine) == Copied()
        ship(shipped, lesson="print('two')")
        assert copy_notebooks(mine) == Copied(refreshed=["lesson.ipynb"])

    def test_the_shipped_folder_is_not_copied_onto_itself(self, shipped: Path):
        assert copy_notebooks(shipped) == Copied()
        assert not (shipped / ".copied.sha256").exists()

    def test_a_file_in_the_place_of_the_folder_is_refused_with_a_sentence(self, shipped: Path, mine: Path):
        mine.write_text("not a folder")
        with pytest.raises(NotebookFolderError, match="cannot be copied to .*my notebooks: it is a file"):
            copy_notebooks(mine)


# What can lie where a notebook should: how it is made, and whether it is a file that can be read.
ODD: dict[str, tuple[Callable[[Path], object], bool]] = {
    "metadata that is a list": (lambda file: file.write_text('{"metadata": []}'), True),
    "deeply nested": (lambda file: file.write_text("[" * 100_000), True),
    "not UTF-8": (lambda file: file.write_bytes(b"\xff\xfe{"), True),
    "empty": (lambda file: file.write_bytes(b""), True),
    "a number of many digits": (lambda file: file.write_text("9" * 10_000), True),
    "a folder": (Path.mkdir, False),
    "a pipe": (os.mkfifo, False),
    "a link to nothing": (lambda file: file.symlink_to("nothing"), False),
    "a link to itself": (lambda file: file.symlink_to(file.name), False),
}


class TestDamage:
    @pytest.fixture(autouse=True)
    def a_learner_of_their_own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))

    @pytest.mark.parametrize("odd", ODD)
    @pytest.mark.parametrize("name", ["lesson.ipynb", "own.ipynb"])
    def test_a_damaged_notebook_is_left_as_it_is_and_the_others_are_copied(
        self, shipped: Path, mine: Path, odd: str, name: str
    ):
        make, readable = ODD[odd]
        mine.mkdir()
        make(mine / name)
        before = (mine / name).lstat()
        done = copy_notebooks(mine)
        ours = name == "lesson.ipynb"
        assert done.unreadable == [name] * (ours and not readable)
        assert done.kept == [name] * (ours and readable)
        assert done.new == [other for other in EVERYTHING if other != name]
        assert trust(mine) == [mine / other for other in (START, "lesson.ipynb") if other != name]
        assert (mine / name).lstat().st_ino == before.st_ino

    def test_a_notebook_that_may_not_be_read_is_left_as_it_is(
        self, shipped: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
    ):
        copy_notebooks(mine)
        read = Path.read_bytes

        def refused(file: Path) -> bytes:
            if file == mine / "lesson.ipynb":
                raise PermissionError(13, "Permission denied")
            return read(file)

        monkeypatch.setattr(Path, "read_bytes", refused)  # root may read everything
        assert copy_notebooks(mine) == Copied(unreadable=["lesson.ipynb"])
        assert trust(mine) == [mine / START]

    def test_a_file_where_a_folder_should_be_is_left_as_it_is(self, shipped: Path, mine: Path):
        mine.mkdir()
        (mine / "images").write_text("mine")
        assert copy_notebooks(mine) == Copied(new=[START, "lesson.ipynb"], unreadable=["images/timeline.png"])
        assert (mine / "images").read_text() == "mine"

    @pytest.mark.parametrize("odd", [odd for odd, (_, readable) in ODD.items() if readable])
    def test_a_damaged_list_is_replaced_and_the_learners_files_are_kept(self, shipped: Path, mine: Path, odd: str):
        copy_notebooks(mine)
        write(mine / "lesson.ipynb", "print('my own')")
        make, _ = ODD[odd]
        make(mine / COPIED)
        assert copy_notebooks(mine).kept == ["lesson.ipynb"]
        assert "my own" in (mine / "lesson.ipynb").read_text()
        assert set(read_fingerprints(mine / COPIED)) == {START, "images/timeline.png"}

    @pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a folder", "a pipe"])
    def test_a_list_that_cannot_be_written_is_reported(self, shipped: Path, mine: Path, make: Callable[[Path], None]):
        mine.mkdir()
        make(mine / COPIED)
        done = copy_notebooks(mine)
        assert done.new == EVERYTHING
        assert done.note_error.endswith("is not a file")

    def test_a_folder_in_which_everything_is_up_to_date_need_not_be_written_to(
        self, shipped: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
    ):
        copy_notebooks(mine)
        monkeypatch.setattr(notebook_folder, "replace_file", None)
        assert copy_notebooks(mine) == Copied()

    def test_an_error_says_that_jupyter_cannot_store_its_list_of_trusted_notebooks(self, shipped: Path, tmp_path: Path):
        (tmp_path / "jupyter").write_text("a file in the place of the folder")
        with pytest.raises(NotebookFolderError, match="Jupyter cannot keep which notebooks it trusts"):
            trust(shipped)


class TestTrust:
    @pytest.fixture(autouse=True)
    def a_learner_of_their_own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))

    def trusted(self, file: Path) -> bool:
        notary = NotebookNotary()
        try:
            return bool(notary.check_signature(nbformat.read(file, as_version=4)))
        finally:
            notary.store.close()

    def test_notebooks_as_shipped_are_trusted(self, shipped: Path):
        assert not self.trusted(shipped / START)
        assert trust(shipped) == [shipped / START, shipped / "lesson.ipynb"]
        assert self.trusted(shipped / START)

    def test_a_changed_notebook_is_not_trusted(self, shipped: Path):
        write(shipped / "lesson.ipynb", "print('changed')")
        assert trust(shipped) == [shipped / START]
        assert not self.trusted(shipped / "lesson.ipynb")

    def test_a_notebook_of_another_author_is_not_trusted(self, shipped: Path):
        write(shipped / "stranger.ipynb", "print('hello')")
        assert shipped / "stranger.ipynb" not in trust(shipped)
        assert not self.trusted(shipped / "stranger.ipynb")

    def test_copies_are_trusted_as_long_as_they_are_as_shipped(self, shipped: Path, mine: Path):
        copy_notebooks(mine)
        write(mine / "lesson.ipynb", "print('changed')")
        assert trust(mine) == [mine / START]

    def test_without_the_list_nothing_is_as_shipped(self, shipped: Path):
        (shipped / SHIPPED).unlink()
        assert as_shipped(shipped) == []


class TestFingerprints:
    def test_the_ends_of_lines_make_no_difference(self, tmp_path: Path):
        (tmp_path / "unix").write_bytes(b"a\nb\n")
        (tmp_path / "windows").write_bytes(b"a\r\nb\r\n")
        assert fingerprint(tmp_path / "unix") == fingerprint(tmp_path / "windows")

    def test_what_jupyter_writes_on_opening_a_notebook_makes_no_difference(self, tmp_path: Path):
        write(tmp_path / "shipped.ipynb", "print('one')")
        opened = nbformat.read(tmp_path / "shipped.ipynb", as_version=4)
        opened.metadata["language_info"] = {"name": "python", "version": "3.13.0"}
        (tmp_path / "opened.ipynb").write_text(nbformat.writes(opened, indent=2))
        assert fingerprint(tmp_path / "opened.ipynb") == fingerprint(tmp_path / "shipped.ipynb")

    @pytest.mark.parametrize("part", ["source", "outputs", "widgets"])
    def test_anything_else_in_a_notebook_makes_a_difference(self, tmp_path: Path, part: str):
        write(tmp_path / "shipped.ipynb", "print('one')")
        changed = nbformat.read(tmp_path / "shipped.ipynb", as_version=4)
        if part == "source":
            changed.cells[0].source = "print('two')"
        elif part == "outputs":
            changed.cells[0].outputs = [new_output("stream", text="one")]
        else:
            changed.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
        nbformat.write(changed, tmp_path / "changed.ipynb")
        assert fingerprint(tmp_path / "changed.ipynb") != fingerprint(tmp_path / "shipped.ipynb")

    @pytest.mark.parametrize("text", ["not json", "[]", '{"metadata": 3}'])
    def test_a_damaged_notebook_has_a_fingerprint(self, tmp_path: Path, text: str):
        (tmp_path / "damaged.ipynb").write_text(text)
        assert len(fingerprint(tmp_path / "damaged.ipynb")) == 64

    def test_a_list_is_read_as_it_was_written(self, tmp_path: Path):
        listing = {"b  c.ipynb": "1f", "a.ipynb": "2e"}
        write_fingerprints(tmp_path / "list", listing)
        assert read_fingerprints(tmp_path / "list") == listing
        assert (tmp_path / "list").read_text() == "2e  a.ipynb\n1f  b  c.ipynb\n"

    def test_a_missing_list_and_lines_without_a_name_give_nothing(self, tmp_path: Path):
        (tmp_path / "list").write_text("nonsense\n\n")
        assert read_fingerprints(tmp_path / "list") == read_fingerprints(tmp_path / "none") == {}

    def test_the_shipped_list_says_what_the_notebooks_are(self):
        """Red after a notebook was changed by hand: `make notebooks` runs the notebooks and writes the list."""
        assert read_fingerprints(NOTEBOOKS / SHIPPED) == fingerprints_of(NOTEBOOKS)


def test_the_notebooks_of_an_installed_package_are_inside_it(shipped: Path, tmp_path: Path):
    inside = tmp_path / "checkout" / "coro_lab" / "notebooks"
    inside.parent.mkdir()
    shipped.rename(inside)
    assert shipped_folder() == inside


def test_missing_notebooks_are_said_to_be_missing(shipped: Path):
    (shipped / START).unlink()
    with pytest.raises(NotebookFolderError, match="notebooks are missing"):
        shipped_folder()
