"""A process that is started is known, or was never started."""

from __future__ import annotations

import pickle
import signal
import sys

import pytest

from coro_lab.engine.processes import Spawned, pickler


class Interrupting:
    """Interrupts whoever pickles it, as a start does with what the process is to work on."""

    def __reduce__(self) -> tuple[type[int], tuple[()]]:
        signal.raise_signal(signal.SIGINT)
        return int, ()


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts are sent in other ways there")
def test_an_interrupt_in_the_midst_of_a_start_waits_until_the_process_is_known() -> None:
    process = Spawned(target=abs, args=(Interrupting(),))
    with pytest.raises(KeyboardInterrupt):
        process.start()
    process.join()
    assert process.exitcode == 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_a_notebook_defines_goes_to_a_process_by_value_where_cloudpickle_is_there(monkeypatch) -> None:
    def local() -> int:
        return 7

    assert pickle.loads(pickler().dumps(local))() == 7
    monkeypatch.setitem(sys.modules, "cloudpickle", None)  # as where it is not installed
    assert pickler() is pickle
