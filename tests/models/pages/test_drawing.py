import re

from matplotlib.axes import Axes

from models.pages.drawing import LEAF, SKY, bars, draw, page_style


def two_bars(axes: Axes) -> None:
    bars(axes, {"milk": 3.0, "bread": 1.0}, [LEAF, SKY])


def test_a_drawing_has_the_pages_colours_and_its_numbers_as_text() -> None:
    svg = draw("basket", two_bars, "What was bought")
    assert svg.startswith('<svg role="img" aria-label="What was bought" viewBox=')
    assert "var(--leaf)" in svg
    assert "var(--sky)" in svg
    assert re.search(r"<text[^>]*>milk</text>", svg)
    assert re.search(r"<text[^>]*>3</text>", svg)


def test_two_drawings_on_a_page_share_no_id() -> None:
    one, other = (set(re.findall(r' id="([^"]+)"', draw(name, two_bars, ""))) for name in ("one", "other"))
    assert one
    assert not one & other


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert draw("basket", two_bars, "") == draw("basket", two_bars, "")


def test_every_colour_of_a_drawing_is_defined_for_light_and_dark() -> None:
    used = set(re.findall(r"var\(--([a-z]+)\)", draw("basket", two_bars, "")))
    light, dark = page_style().split("@media (prefers-color-scheme: dark)", 1)
    for colour in used:
        assert f"--{colour}:" in light
        assert f"--{colour}:" in dark
