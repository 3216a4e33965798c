"""The pictures as matplotlib draws them, each in Axes: the same names as in `svg/`, which is for where it is missing.

Importing matplotlib takes longer than the rest of a notebook's first cell, so this waits until the first picture.
"""
