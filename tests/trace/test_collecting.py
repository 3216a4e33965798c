"""The garbage collector is held back while a function runs, and afterwards is as it was."""

import gc

import pytest

from coro_lab.trace.collecting import uncollected


@uncollected
def is_on(fails=False):
    if fails:
        raise KeyError
    return gc.isenabled()


def test_it_is_off_meanwhile_and_on_afterwards():
    assert not is_on() and gc.isenabled()
    with pytest.raises(KeyError):
        is_on(fails=True)
    assert gc.isenabled()


def test_one_that_was_off_stays_off(collected_only_when_told):
    is_on()
    assert not gc.isenabled()
