"""Judging an answer to an exercise: it runs in a process of its own, and what is wrong with it is said in words."""
