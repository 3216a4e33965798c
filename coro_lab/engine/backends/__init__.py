"""One program on four engines: generators, asyncio, threads and processes, each run as a Trace of the same form.

1. The program is written once, for generators. Another engine differs from it in the switch alone: `yield` becomes
   `await switch()` or `switch()`, and `n = yield r` becomes `n = await answer(r)` or `n = answer(r)`. In a
   conversation `n = yield` answers, too: with None.
2. Functions without a parameter take turns. A function with one begins a conversation: it is handed the other one,
   `c`, and sends to it.
3. The order is forced on every engine, so that four runs can be laid side by side. A thread or a process that hands
   over waits until it is its turn again. In a real program nobody makes it wait.

Where to read: `translation.py` rewrites the text, and `unsupported.py` refuses what cannot be rewritten; `workers.py`
and `turns.py` run it in threads and processes; `traces.py` makes a Trace of what they did.
"""

from coro_lab.engine.backends.run_on import run_on
from coro_lab.engine.backends.translation import ENGINES, Translation, rewritten
from coro_lab.errors import EngineError

__all__ = ["ENGINES", "EngineError", "Translation", "rewritten", "run_on"]
