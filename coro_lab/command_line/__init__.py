"""The commands of `python -m coro_lab` that work on a run: `record` a script, `show` a stored trace."""
