"""record(): run a program, keep what happened.

1. The program runs as it would alone. Its functions are neither edited nor wrapped; what a recording borrows (a
   `sys.monitoring` tool id, functions' code, the write method of stdout) it gives back, whatever happens.
2. A lane is told from another by its frame, and by nothing that would keep the frame alive: finalisers run when they
   would.
3. Looking is harmless: values are described without running the learner's code.
4. What an event needs is taken once, at its moment, and is as little as can be; whatever can wait for the end waits.

What a program can still notice stands in the docstring of `record`. What runs inside a trace function is left out: the
interpreter reports nothing of it.

Where to read: `recording.py` and `run.py` run a program, `recorder.py` opens and closes, `monitor.py` borrows from the
interpreter. What the interpreter reports is heard in `callbacks.py`, where a lane runs, and in `entering.py` and
`leaving.py`, where it begins and stops; `lane_table.py` knows which lane is which, and `journal.py` keeps it all.
`threads.py` keeps apart the threads and the garbage collector, `greenlets.py` the greenlets; `interrupts.py` sees that
no interrupt is lost; `suspendables.py` asks a generator what cannot be heard; `naming.py` names the lanes. The rest
are the small facts that those lean on.
"""

from coro_lab.engine.recorder.limits import MAX_EVENTS, Cut
from coro_lab.engine.recorder.recorder import Recorder
from coro_lab.engine.recorder.recording import record
from coro_lab.engine.recorder.tracebacks import without_recorder

__all__ = ["MAX_EVENTS", "Cut", "Recorder", "record", "without_recorder"]
