"""Recording: what `record` returns inside an event loop; the recording begins when it is awaited."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any

from coro_lab.engine.recorder.advice import loop_is_running
from coro_lab.engine.recorder.run import ProgramRun
from coro_lab.trace.own_builtins import keep_builtins
from coro_lab.trace.trace import Trace

keep_builtins(globals())


class Recording(Coroutine[Any, Any, Trace]):
    """A recording to be awaited, or to be made a task; it gives the Trace. Shown before that, it says what to write."""

    def __init__(self, program: Coroutine[Any, Any, Any], lines: bool, max_events: int) -> None:
        self.__name__ = self.__qualname__ = "record"  # what its reader wrote; asyncio shows it in the repr of a task
        self._program = program
        coroutine: Any = ProgramRun().trace_in_loop(program, lines, max_events)
        coroutine.__name__ = coroutine.__qualname__ = "record"  # Python warns by it: never awaited
        self._coroutine = coroutine
        self._has_begun = False

    @property
    def program_name(self) -> str:
        """The name of the coroutine that is recorded."""
        return str(getattr(self._program, "__name__", "main"))

    def __repr__(self) -> str:
        if self._has_begun:
            return f"<recording of {self.program_name}>"
        return f"This recording has not begun.\n{self._instead()}"

    def _instead(self) -> str:
        name = self.program_name
        instead = f"t = await record({name}())" if loop_is_running() else f"t = record({name})"
        return f"  You wrote: record({name}())\n  Write:     {instead}"

    def __await__(self) -> Generator[Any, Any, Trace]:
        self._has_begun = True
        return self._coroutine.__await__()  # type: ignore[no-any-return]

    def send(self, value: Any) -> Any:
        """Resume it, as an event loop does."""
        self._has_begun = True
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        """Throw an exception in, as an event loop does."""
        self._has_begun = True
        try:
            return self._coroutine.throw(*error)
        finally:
            self._close_program()

    def close(self) -> None:
        """End it; before it has begun, the program does not begin either."""
        self._has_begun = True
        self._coroutine.close()
        self._close_program()

    def __getattr__(self, name: str) -> Any:
        """`cr_frame`, `cr_await` and the like, as of any coroutine."""
        if not name.startswith("cr_"):
            said = f"A recording has no {name!r}; awaited, it gives a Trace.\n{self._instead()}"
            raise AttributeError(said, name=name, obj=self)
        return getattr(self._coroutine, name)

    def __del__(self) -> None:
        if not self._has_begun:
            self._program.close()  # Python warns of the recording, and need not warn of the program, too

    def _close_program(self) -> None:
        """Where the recording has ended without a beginning, the program has not begun either."""
        if self._coroutine.cr_frame is None:
            self._program.close()
