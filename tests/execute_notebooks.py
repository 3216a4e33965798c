"""Run notebooks from top to bottom and store their outputs: `make notebooks`, or some: `make notebooks NOTEBOOKS=...`.

What is stored is stable, so that a change of a lesson is all that a diff shows: no times, no versions of this machine,
and widgets numbered in their order. The state of the widgets is stored too: a stored player plays before anything ran.
A notebook in which a cell fails is left as it was. At the end the list of fingerprints is written anew, for
`coro_lab.lessons.notebook_folder` to tell what is as shipped.
"""

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from coro_lab.lessons.notebook_folder import SHIPPED, fingerprints_of, write_fingerprints

FOLDER = Path(__file__).parent.parent / "notebooks"
CELL_TIMEOUT = 120  # seconds, as for nbval
LARGEST = 1_000_000  # bytes of one notebook with its outputs

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def main(names: list[str]) -> int:
    """Execute the named notebooks, or all; returns how many could not be."""
    files = [Path(name) for name in names] or sorted(FOLDER.glob("*.ipynb"))
    failures = sum(not stored(file) for file in files)
    write_fingerprints(FOLDER / SHIPPED, fingerprints_of(FOLDER))
    print(f"{len(files) - failures} notebooks run and stored, {failures} failed.")
    return failures


def stored(file: Path) -> bool:
    """Run one notebook and store it with its outputs; says so and returns False where that cannot be done."""
    print(f"{file.name} ...", flush=True)
    try:
        text = executed(file)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        print(f"{file.name} is left as it was: {error}", file=sys.stderr)
        return False
    if len(text.encode()) > LARGEST:
        print(f"{file.name} is left as it was: {len(text.encode()):,} bytes with its outputs, more than {LARGEST:,}.")
        return False
    file.write_text(text, encoding="utf-8", newline="\n")
    return True


def executed(file: Path) -> str:
    """The text of a notebook with the outputs that running it gives now."""
    notebook = nbformat.read(file, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("trusted", None)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_TIMEOUT,
        coalesce_streams=True,
        record_timing=False,
        store_widget_state=True,
        resources={"metadata": {"path": str(file.parent)}},
    )
    client.execute()
    widgets = notebook.metadata.get("widgets")
    notebook.metadata = nbformat.from_dict(METADATA | ({"widgets": widgets} if widgets else {}))
    nbformat.validate(notebook)
    return numbered(nbformat.writes(notebook), (widgets or {}).get(WIDGET_STATE, {}).get("state", {}))


def numbered(text: str, widgets: dict[str, Any]) -> str:
    """The notebook's text with each widget's random id replaced by its number in the order they were made."""
    for number, identity in enumerate(widgets, start=1):
        text = text.replace(identity, f"{number:032x}")
    return nbformat.writes(nbformat.reads(text, as_version=4)) + "\n"  # puts the new ids in their order


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
