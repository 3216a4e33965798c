"""Python and JavaScript draw a run by the same table, and say the same words on an arrow."""

from __future__ import annotations

import json

from coro_lab.views import marks
from tests.node import run_node

READ = """
import * as marks from "../../../../coro_lab/views/widgets/marks.js";
console.log(JSON.stringify(marks));
"""


def test_both_sides_have_the_same_table():
    there = json.loads(run_node("--input-type=module", "--eval", READ))
    assert there["BARS"] == {name: bar._asdict() for name, bar in marks.BARS.items()}
    assert there["ENDS"] == {name: end._asdict() for name, end in marks.ENDS.items()}
    assert (there["DASHED"], there["FONTS"]) == ([*marks.DASHED], [*marks.FONTS])
