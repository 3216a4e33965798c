"""The orders of an asyncio program: the learner's own, run unedited on an event loop of ours.

Where to read: `loop.py` is that event loop, on which time is simulated, and `orders.py` says what may go on next: any
ready task, or as in asyncio what was ready first. `callbacks.py` tells the steps of tasks from other callbacks,
`refused.py` has what reaches outside, and `names.py` names what was chosen. `program.py` describes what is explored,
`run.py` is one run of it, `judgement.py` says what is wrong at its end, with `waits.py` and `watch.py` where nobody can
go on. `search.py` runs one order after the other, and `trace.py` records one.
"""
