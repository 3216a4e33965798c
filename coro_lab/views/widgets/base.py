"""The base of all widgets: it handles the browser's messages in the kernel's main thread, one at a time.

JupyterLab lets a separate thread, a "subshell", handle messages to widgets while a cell runs (since 4.4, with ipykernel
7; Jupyter Enhancement Proposal 91). Recordings cannot run there: a step would run during the cell, a recording would be
refused because the cell is recording, and no interrupt would arrive, because Python handles interrupts in the main
thread only. So a message waits until the cell has ended.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

import anywidget


class LabWidget(anywidget.AnyWidget):
    """A widget whose messages are handled in the event loop in which it was made; without a loop they do not wait."""

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
    """Handle a message so that an interrupt ends the handling, as an interrupt ends a cell.

    Outside of cells the kernel ignores interrupts, or cancels the cell that awaits. A KeyboardInterrupt that left this
    function would end the kernel's loop.
    """
    kernels = signal.getsignal(signal.SIGINT)
    if kernels is None:  # a kernel that is not written in Python handles interrupts itself
        return handle(msg)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            handle(msg)
        finally:
            signal.signal(signal.SIGINT, kernels)
    except KeyboardInterrupt:
        pass
