"""The whole run as the objects that a timeline draws; the package itself computes only the steps that it shows."""

from coro_lab.trace.trace import Trace
from coro_lab.views.plots.model import ROOM, RunPicture, printed, run_picture
from coro_lab.views.plots.spans import overview


def read(trace: Trace) -> RunPicture:
    """The spans, crossings, endings and printed lines of the run that this trace keeps."""
    return run_picture(trace, overview(trace, ROOM), printed(trace))
