"""One program on four engines: generators, asyncio, threads and processes, each run as a Trace of the same form.

1. The program is written once, for generators. For another engine only the switch is rewritten: `yield` becomes
   `await switch()` or `switch()`, and `n = yield r` becomes `n = await answer(r)` or `n = answer(r)`. In a
   conversation `n = yield` is an answer, too: None.
2. Functions without a parameter take turns. A function with a parameter begins a conversation: it sends to its partner,
   the argument `c`.
3. The order is the same on every engine, so that four runs can be compared. A thread or a process that hands over waits
   for its next turn; in a real program it would run on.

Where to read: `translation.py` rewrites the text, and `unsupported.py` finds what cannot be rewritten; `workers.py` and
`turns.py` run it in threads and processes; `traces.py` makes a Trace of what they did.
"""

from coro_lab.engine.backends.run_on import run_on
from coro_lab.engine.backends.translation import ENGINES, Translation, rewritten
from coro_lab.errors import EngineError

__all__ = ["ENGINES", "EngineError", "Translation", "rewritten", "run_on"]
