"""The builtins as they were when Coro Lab was imported, for the code that runs beside a recorded program.

A program may replace `len` or `isinstance` in `builtins`, for a test for instance, and must not meet its own
replacement in a callback of ours. A function looks builtins up in what its module has as `__builtins__` when the
function is made.
"""

import builtins
from typing import Any

_KEPT = dict(vars(builtins))


def keep_builtins(module: dict[str, Any]) -> None:
    """Have the functions that a module makes from here on use today's builtins; `module`: its globals()."""
    module["__builtins__"] = _KEPT
