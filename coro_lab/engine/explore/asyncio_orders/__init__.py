"""Every order of the learner's asyncio program, which runs unedited on our event loop.

Where to read: `loop.py` is that event loop, on which time is simulated, and `entries.py` is what can go on there. What
may go on next is said by `any_order.py`, any ready task, and by `first_in_first_out.py`, as in asyncio. `callbacks.py`
tells the steps of tasks from other callbacks, `refused.py` has what reaches outside, and `names.py` names what was
chosen. `program.py` describes what is explored, `run.py` is one run of it, and `judgement.py` says what is wrong at its
end, with `waits.py` and `watch.py` where nobody can go on. `search.py` runs one order after the other, and `trace.py`
records one. `judging.py` says which orders are judged; `reduced.py` judges one order of each class, on `noted_loop.py`
with `noted_futures.py`, where `noted_run.py` sees what each step touches.
"""
