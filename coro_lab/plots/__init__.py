"""Pictures of a trace, drawn by matplotlib: `timeline(trace)`."""

from coro_lab.plots.drawing import timeline

__all__ = ["timeline"]
