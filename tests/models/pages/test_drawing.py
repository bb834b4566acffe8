import re

from matplotlib.axes import Axes

from models.pages.drawing import LEAF, SKY, bars, draw
from models.pages.rendering import STYLE, render

HOSTILE = "<script>alert('\"&\"')</script>"


def two_bars(axes: Axes) -> None:
    bars(axes, {"milk": 3.0, "bread": 1.0}, [LEAF, SKY])


def test_a_drawing_has_the_pages_colours_and_its_numbers_as_text() -> None:
    drawing = draw("basket", two_bars)
    assert re.fullmatch(r"0 0 [\d.]+ [\d.]+", drawing.view_box)
    assert "var(--leaf)" in drawing.shapes
    assert "var(--sky)" in drawing.shapes
    assert re.search(r"<text[^>]*>milk</text>", drawing.shapes)
    assert re.search(r"<text[^>]*>3</text>", drawing.shapes)


def test_what_a_plot_says_is_text_whatever_a_shop_calls_its_families() -> None:
    shapes = draw("basket", lambda axes: bars(axes, {HOSTILE: 3.0}, [LEAF])).shapes
    assert "<script" not in shapes
    assert "&lt;script&gt;" in shapes


def test_a_dollar_sign_in_a_name_is_a_dollar_sign() -> None:
    shapes = draw("basket", lambda axes: bars(axes, {r"$\foo$ & more": 3.0}, [LEAF])).shapes
    assert r">$\foo$ &amp; more</text>" in shapes


def test_two_drawings_on_a_page_share_no_id() -> None:
    one, other = (set(re.findall(r' id="([^"]+)"', draw(name, two_bars).shapes)) for name in ("one", "other"))
    assert one
    assert not one & other


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert draw("basket", two_bars) == draw("basket", two_bars)


def test_every_colour_of_a_drawing_is_defined_for_light_and_dark() -> None:
    used = set(re.findall(r"var\(--([a-z]+)\)", draw("basket", two_bars).shapes))
    light, dark = render(STYLE).split("@media (prefers-color-scheme: dark)", 1)
    for colour in used:
        assert f"--{colour}:" in light
        assert f"--{colour}:" in dark
