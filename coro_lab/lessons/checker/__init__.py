"""Judging answers to exercises: each runs in a separate process, and the outcome says in words what is wrong."""
