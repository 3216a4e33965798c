"""Judging one order of many that differ only in steps that have nothing to do with each other.

`footprint.py` is what a step reads and writes, `notes.py` writes it down while a program runs, and `noted_program.py`
puts the notes into the learner's functions. `order_search.py` runs one order of each class of equivalent orders, and
`same_orders.py` says how many orders such a class has.

`calls.py`, `objects.py` and `numbers.py` help the notes, and `wakeup_tree.py` the search. For asyncio programs,
`swapped_code.py` puts notes into functions in their place: `in_place.py` and `in_place_marks.py` rewrite them, and
`in_place_notes.py` is what they call.
"""
