"""The playground: any program can be pasted into a cell, and is tried with every tool of the course.

`%%playground program` runs the text below it as `python` would run a script, in a separate process (`child.py`; the
kernel's side of it is `process.py`). So a program may end in `asyncio.run(main())`, though an event loop runs in the
notebook's kernel, and an endless one does no harm. What comes back is its Trace, for the player, the timeline and the
text.

The stepper and `explore` need the program's functions in the kernel. Running the program there would do all of its work
a second time. So `definitions.py` runs only those top-level definitions that a wanted function needs, and `program.py`
chooses what there is to step and to explore.
"""

from coro_lab.lessons.playground.program import PastedProgram

__all__ = ["PastedProgram"]
