"""The builtins as they were when Coro Lab was imported.

A recorded program may replace `len` or `isinstance` in `builtins`. A module that imports this name looks builtins up
here instead: Python gives each function the `__builtins__` that its module has when the function is made.
"""

import builtins

__builtins__ = dict(vars(builtins))  # type: ignore[assignment]
