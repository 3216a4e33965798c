"""What runs in Pyodide: unpack the wheels, and run pytest with these words; the last value is its exit status."""

import os
import shutil
import site
import sys
import zipfile
from pathlib import Path

packages = Path(site.getsitepackages()[0])
for wheel in Path("/wheels").glob("*.whl"):
    zipfile.ZipFile(wheel).extractall(packages)
# among the packages, so that no code of them is the learner's
for module in ("docs/site/lab/kernel/coro_lab_stored.py", "tests/pyodide/without_threads.py"):
    shutil.copy(f"/checkout/{module}", packages)
sys.dont_write_bytecode = True
sys.path.insert(0, "/checkout")
os.chdir("/checkout")

import pytest  # noqa: E402
import without_threads  # noqa: E402

int(pytest.main([*words, "-p", "no:cacheprovider"], plugins=[without_threads]))  # type: ignore[name-defined]  # noqa: F821
