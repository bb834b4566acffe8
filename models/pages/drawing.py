"""Plots for pages: matplotlib drawings as inline SVG whose colours and type are the page's own.

Colours are drawn as fixed stand-ins and replaced by the CSS variables of `page.css`, so that one drawing is right
in light and dark; text stays text, so that it is sharp, selectable and in the page's font. The night's report and
the evaluation's page both draw with it; it lies in `models` because `engine` and `training` do not import each
other.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from models.pages.parts import Drawing

INK, SOFT, LINE, CARD = "#010101", "#020202", "#030303", "#040404"
LEAF, AMBER, BERRY, SKY = "#050505", "#060606", "#070707", "#080808"
VARIABLES = {
    INK: "ink",
    SOFT: "soft",
    LINE: "line",
    CARD: "card",
    LEAF: "leaf",
    AMBER: "amber",
    BERRY: "berry",
    SKY: "sky",
}
WIDTH, HEIGHT, TALL = 4.6, 2.4, 3.2  # inches; about a phone's width, so that type is never scaled down much
STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a shop that calls a family `$5 or less$` means dollars
    "font.size": 9.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "ytick.major.size": 0,
    "xtick.major.size": 0,
    "axes.grid": False,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


def draw(name: str, plot: Callable[[Axes], None], height: float = HEIGHT) -> Drawing:
    """Return one plot, the same bytes for the same numbers.

    Args:
        name: the plot's own name on its page, from which its ids are made.
        plot: draws on the axes it is given.
        height: inches; the width is WIDTH.
    """
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):  # type: ignore[arg-type]
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        plot(figure.subplots())
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    svg = target.getvalue()
    head, inside = svg[svg.index("<svg") :].split(">", 1)
    (view_box,) = re.findall(r'viewBox="([^"]+)"', head)
    shapes = inside[: inside.rindex("</svg")]
    shapes = re.sub(r"<metadata>.*?</metadata>", "", shapes, flags=re.DOTALL)
    shapes = re.sub(r"font-family: [^;\"]*", "font-family: inherit", shapes)
    shapes = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px; font-family: inherit", shapes)
    for colour, variable in VARIABLES.items():
        shapes = shapes.replace(colour, f"var(--{variable})")
    shapes = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', shapes)
    shapes = re.sub(r'(href="|url\()#', rf"\1#{name}-", shapes)
    # matplotlib writes whatever text it is given as text, so nothing that a plot says can become markup.
    return Drawing(view_box, Markup(shapes))  # noqa: S704


def bars(
    axes: Axes,
    counts: Mapping[str, float],
    colours: Sequence[str],
    *,
    logarithmic: bool = False,
    words: Callable[[float], str] = lambda count: f"{count:,.0f}",
) -> None:
    """Horizontal bars from the top, each with its number beside it and no axis."""
    places = range(len(counts))
    values: list[float] = list(counts.values())
    axes.barh(places, values, 0.66, color=list(colours))
    axes.set_yticks(places, list(counts))
    axes.invert_yaxis()
    if logarithmic:
        axes.set_xscale("log")
        axes.set_xlim(left=1)
    for place, value in enumerate(values):
        axes.annotate(words(value), (value, place), (4, 0), textcoords="offset points", va="center")
    axes.set_xticks([])
    axes.minorticks_off()
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.18)
    if logarithmic:
        axes.set_xlim(1, max([*values, 10]) ** 1.2)


def count_axis(axes: Axes) -> None:
    """Whole numbers at the left, with a faint grid."""
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _place: f"{y:,.0f}"))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", labelcolor=SOFT)


def percent_ticks(axes: Axes, shares: Sequence[float]) -> None:
    """Shares of one as percentages below."""
    axes.set_xticks(list(shares), [f"{100 * share:g} %" for share in shares])
    axes.minorticks_off()
