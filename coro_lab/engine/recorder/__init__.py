"""record(): run a program, keep what happened.

1. The program runs as it would alone. Its functions are neither edited nor wrapped; what a recording borrows (a
   `sys.monitoring` tool id, functions' code, the write method of stdout) it gives back, also after an error.
2. Lanes are told apart by their frames, and no frame is kept alive: finalisers run when they would without a recording.
3. Looking is harmless: values are described without running the learner's code.
4. At an event, only what it needs is taken, once; everything else waits for the end.

What a program can still notice stands in the docstring of `record`. What runs inside a trace function is left out: the
interpreter reports nothing of it.

The objects of one recording, and which of them knows which:

    Recorder          opens and closes; makes the Trace
      Monitor         borrows a tool id and events from the interpreter
      Patch           lets functions run from rewritten code
      StdoutWatch     hears what is printed
      Callbacks       owns the objects below; gives each event of the interpreter its callback
        Entering      a lane starts, is resumed, receives a value
        Throwing      an exception is thrown into a lane; a lane is closed
        Leaving       a lane yields, returns, raises
        Cancelling      a task is cancelled, or a cancellation is taken back
        Control       control goes to a lane, to an event loop, or back
        Checks        the limit, postponed interrupts, generators that are closed silently
        FamilyRecords  which tasks belong together, and whose exceptions nobody fetches
        UnrecordedCode   forgotten awaits, and code without a source
        RecordedThreads  which threads belong to the program; their order; greenlets and the garbage collector
        LaneTable     frame -> lane, number -> lane, and the facts of which a Lane is made
        WatchedCode   code -> its facts
        Journal       the events so far, and the lanes that run

Each knows only objects below its own line. The one exception: Entering and Throwing can ask Callbacks for the callbacks
of a program with several threads, when they meet the second thread. An Activation is a lane while it lives, a
ThreadState the lanes of one thread. The other modules are the small facts that these objects use.

A callback runs at each event of the interpreter. So three things are written out by hand where they happen most: a lane
is resumed by its event loop, receives a value, or yields. `test_journal.py` asserts that the short and the long way
write the same journal.
"""

from coro_lab.engine.recorder.limits import MAX_EVENTS, LimitReached
from coro_lab.engine.recorder.recorder import Recorder
from coro_lab.engine.recorder.recording import record
from coro_lab.engine.recorder.tracebacks import without_own_frames, without_recorder

__all__ = ["MAX_EVENTS", "LimitReached", "Recorder", "record", "without_own_frames", "without_recorder"]
