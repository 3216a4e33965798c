"""The palette keeps its promises: names keep their colours, and people can tell them apart."""

import math
import subprocess
import sys
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coro_lab.views import palette

LIGHT_PAGES = ["#FFFFFF", "#F5F5F5"]  # JupyterLab Light: layout colour 1 and the editor of a cell
DARK_PAGES = ["#000000", "#111111", "#212121"]  # JupyterLab Dark: layout colours 0 and 1; and Dark High Contrast
EVERY_HUE = [*palette.HUES, palette.GREY]

# Machado, Oliveira and Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0; the matrices apply to linear RGB.
MACHADO = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
SRGB_TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
WHITE = (0.95047, 1.0, 1.08883)  # D65


@pytest.fixture(autouse=True)
def a_new_session():
    palette.reset()
    yield
    palette.reset()


def linear(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def contrast(one, other):
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted(times(SRGB_TO_XYZ, linear(colour))[1] for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def lab(colour, sight="normal"):
    seen = [min(max(part, 0), 1) for part in times(MACHADO[sight], linear(colour))]
    x, y, z = (
        t ** (1 / 3) if t > (6 / 29) ** 3 else t / (3 * (6 / 29) ** 2) + 4 / 29
        for t in (part / white for part, white in zip(times(SRGB_TO_XYZ, seen), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def cos(degrees):
    return math.cos(math.radians(degrees))


def ciede2000(one, other):
    """The colour difference of Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula"."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_chroma = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = (1 - math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7))) / 2
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    if turn == -180:
        turn = 180.0 if h2 > h1 else -180.0
    dl, dc, dh = l2 - l1, c2 - c1, 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    lightness, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = h1 + h2
    if c1 * c2:
        h = h / 2 if abs(h1 - h2) <= 180 else (h + 360) / 2 if h < 360 else (h - 360) / 2
    t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.20 * cos(4 * h - 63)
    sl = 1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rotation = -math.sin(math.radians(60 * math.exp(-(((h - 275) / 25) ** 2)))) * 2 * math.sqrt(c**7 / (c**7 + 25**7))
    return math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rotation * (dc / sc) * (dh / sh))


def worst_pair(colours):
    return min(
        ciede2000(lab(one, sight), lab(other, sight)) for one, other in combinations(colours, 2) for sight in MACHADO
    )


@pytest.mark.parametrize(
    "one, other, difference",  # three of the pairs that Sharma, Wu and Dalal publish to check an implementation by
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_measure_agrees_with_its_published_examples(one, other, difference):
    assert ciede2000(one, other) == pytest.approx(difference, abs=1e-4)


def test_three_coroutines_stay_apart_for_every_kind_of_sight():
    assert worst_pair([hue.colour for hue in palette.HUES[:3]]) >= 25
    assert worst_pair([hue.dark for hue in palette.HUES[:3]]) >= 25


def test_the_same_measure_rejects_matplotlib_s_default_colours():
    assert worst_pair(["#1F77B4", "#FF7F0E", "#2CA02C", "#D62728", "#9467BD", "#8C564B"]) < 5


@pytest.mark.parametrize("hue", EVERY_HUE, ids=lambda hue: hue.colour)
def test_bars_and_words_stand_out_from_the_page(hue):
    assert min(contrast(hue.colour, page) for page in LIGHT_PAGES) >= 3
    assert min(contrast(hue.text, page) for page in LIGHT_PAGES) >= 4.5
    assert min(contrast(hue.dark, page) for page in DARK_PAGES) >= 4.5
    assert contrast(hue.inside, hue.colour) >= 4.5


def colours(*names):
    return [look.colour for look in palette.styles(names)]


def test_a_name_keeps_its_colour_when_other_names_follow():
    first = palette.style("countdown")
    assert palette.style("worker").colour != palette.style("worker 2").colour
    assert palette.style("countdown") == first


def test_the_names_of_the_course_look_the_same_whatever_was_shown_before():
    palette.styles(f"worker {number}" for number in range(7))
    assert [(look.colour, look.symbol) for look in palette.styles(["B", "A", "C"])] == [
        ("#E76300", "▲"),
        ("#3F90DA", "●"),
        ("#882255", "◆"),
    ]
    assert palette.style("produce")[1:] == palette.style("producer")[1:]
    assert palette.style("consume")[1:] == palette.style("consumer")[1:]


@pytest.mark.parametrize("shown", ["A B C main", "produce consumer", "main producer consumer", "consume producer"])
def test_names_of_the_course_that_are_shown_together_keep_different_colours(shown):
    names = shown.split()
    assert colours(*names) == [palette.style(name).colour for name in names]
    assert len({*colours(*names)}) == len(names)


@given(
    pictures=st.lists(
        st.lists(
            st.one_of(st.sampled_from([*palette.COURSE, *palette.LOOP_NAMES]), st.text(max_size=2)),
            max_size=6,
            unique=True,
        ),
        max_size=6,
    )
)
def test_six_names_in_one_picture_never_share_a_colour_and_the_same_picture_looks_the_same_again(pictures):
    palette.reset()
    seen = [palette.styles(picture) for picture in pictures]
    for picture, looks in zip(pictures, seen, strict=True):
        own = [look for look in looks if look.name not in palette.LOOP_NAMES]
        assert [look.name for look in looks] == picture
        assert len({look.colour for look in own}) == len(own)
    assert [palette.styles(picture) for picture in pictures] == seen


def test_a_known_name_lends_its_colour_only_where_another_has_it():
    alone = palette.style("worker")
    assert alone.colour == palette.style("A").colour  # the first colour, in another shape
    assert alone.symbol != palette.style("A").symbol
    assert palette.styles(["worker", "A"])[0].colour != palette.styles(["worker", "A"])[1].colour
    assert palette.style("worker") == alone


def test_the_event_loop_is_grey_and_takes_no_place():
    assert palette.style("event loop").colour == palette.style("scheduler").colour == "#717581"
    assert palette.style("worker").colour == "#3F90DA"


def test_after_six_names_the_colours_come_again_in_another_shape():
    lanes = palette.styles(f"worker {number}" for number in range(36))
    assert len({(lane.colour, lane.marker, lane.symbol) for lane in lanes}) == 36
    assert [len({lane.colour for lane in lanes[at : at + 6]}) for at in range(0, 36, 6)] == [6] * 6


def test_ten_thousand_names_are_styled_and_use_each_colour_as_often():
    used = Counter(lane.colour for lane in palette.styles(f"worker {number}" for number in range(10_000)))
    assert max(used.values()) - min(used.values()) <= 36


def test_a_new_session_begins_with_the_first_colour():
    before = palette.style("countdown")
    palette.reset()
    assert palette.style("worker").colour == before.colour


@pytest.mark.integration
def test_the_palette_needs_no_matplotlib():
    code = "import sys, coro_lab.views.palette; print({'matplotlib', 'numpy'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
