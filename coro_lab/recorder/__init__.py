"""record(): run a program, keep what happened.

1. The program runs as it would alone. Its functions are neither edited nor wrapped; what a recording borrows (a
   `sys.monitoring` tool id, functions' code, the write method of stdout) it gives back, whatever happens.
2. A lane is told from another by its frame, and by nothing that would keep the frame alive: finalisers run when they
   would.
3. Looking is harmless: values are described without running the learner's code.
4. An event is made once, at its moment, and is as small as it can be; whatever can wait for the end waits.

Where to read: `recording.py` opens and closes; `monitor.py` borrows from the interpreter; `journal.py` turns what the
interpreter reports into events; `naming.py` gives the lanes their names. The rest are the small facts those four lean
on.
"""

from coro_lab.recorder.callbacks import MAX_EVENTS, Cut
from coro_lab.recorder.recording import Recorder, record, without_recorder

__all__ = ["MAX_EVENTS", "Cut", "Recorder", "record", "without_recorder"]
