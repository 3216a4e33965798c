"""What all widgets here have in common: they hear the browser in the kernel's main thread, one message at a time.

JupyterLab has messages to widgets handled in a thread of their own, a "subshell", while cells go on running (since 4.4,
with ipykernel 7; Jupyter Enhancement Proposal 91). What is recorded here is not made for that: a step would run in the
midst of a cell, a recording would be refused because a cell is recording, and no interrupt would reach either, since
Python hears those in the main thread alone. So a message waits until the cell is through.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

import anywidget


class LabWidget(anywidget.AnyWidget):
    """A widget whose messages wait their turn in the loop in which it was made; without a loop they do not wait."""

    def __init__(self, *args: Any, **traits: Any) -> None:
        self._loop = asyncio._get_running_loop() if _in_main_thread() else None
        super().__init__(*args, **traits)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        if _in_main_thread():
            _interruptibly(super()._handle_msg, msg)
        elif self._loop is None:
            super()._handle_msg(msg)
        else:
            self._loop.call_soon_threadsafe(_interruptibly, super()._handle_msg, msg)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _interruptibly(handle: Callable[[dict[str, Any]], None], msg: dict[str, Any]) -> None:
    """Handle a message as the kernel runs a cell. Elsewhere it ignores interrupts, or cancels the cell that awaits, and
    one that were raised there would end its loop."""
    elsewhere = signal.getsignal(signal.SIGINT)
    if elsewhere is None:  # a kernel that is not written in Python does it its own way
        return handle(msg)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            handle(msg)
        finally:
            signal.signal(signal.SIGINT, elsewhere)
    except KeyboardInterrupt:
        pass
