"""The pictures as SVG, drawn without matplotlib: a browser's Python may be without it.

What a picture shows is decided before, in the same plan that is drawn by matplotlib. `drawing.py` is the sheet and its
marks, `picture.py` is what a reader gets, and each other module draws one kind of picture.
"""
