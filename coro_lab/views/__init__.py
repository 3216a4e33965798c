"""Views of a run: pictures, widgets, saved pages, and the %%record magic."""
