"""The picture of full queues: a line for each queue, which says how many items wait after each put."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from coro_lab.lessons.queue_picture import items_that_wait
from tests.readable import assert_readable


@pytest.mark.parametrize("most", [0, 1, 3, 20, 1_000])
def test_each_queue_has_a_line_with_its_name_at_the_end(most):
    sizes = [min(put, most) for put in range(1, 21)]
    ax = items_that_wait({"Queue(0)": range(1, 21), "Queue(3)": sizes})
    assert [list(line.get_xydata()[:, 1]) for line in ax.lines] == [list(range(1, 21)), sizes]
    assert [text.get_text() for text in ax.texts] == [
        name for _, name in sorted([(20, "Queue(0)"), (sizes[-1], "Queue(3)")], key=lambda end: end[0])
    ]
    assert ax.get_title(loc="left") == f"The most items that wait: 20 in Queue(0), {max(sizes)} in Queue(3)"
    assert_readable(ax)
    plt.close(ax.figure)
