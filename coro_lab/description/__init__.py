"""What a value looks like, in one bounded line, at the moment it is asked.

`wording.py` chooses the words; `anatomy.py` reads what a value is made of without running code of the learner's.
"""

from coro_lab.description.wording import WIDTH, describe

__all__ = ["WIDTH", "describe"]
