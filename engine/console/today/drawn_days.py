"""Bars by day, drawn as SVG with attributes only: the pages' security policy allows no style in a tag."""

from collections.abc import Mapping
from datetime import date, timedelta

from markupsafe import Markup

_WIDTH, _HEIGHT, _GAP, _FOOT = 560, 110, 5, 18


def bars_by_day(amounts: Mapping[date, float], first: date, last: date, words: Mapping[date, str]) -> Markup:
    """Shapes for a viewBox of `560 128`: a bar a day, its words as its title, Mondays named below."""
    days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    top = max((amounts.get(day, 0.0) for day in days), default=0.0) or 1.0
    step = _WIDTH / len(days)
    shapes = []
    for place, day in enumerate(days):
        height = max(round(_HEIGHT * amounts.get(day, 0.0) / top, 1), 1.5)
        shapes.append(
            Markup(
                '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}" rx="2"><title>{}</title></rect>'
            ).format(
                "" if amounts.get(day) else "track",
                place * step,
                _HEIGHT - height,
                step - _GAP,
                height,
                words[day],
            )
        )
        if day.weekday() == 0:
            shapes.append(
                Markup('<text x="{:.1f}" y="{}">{}</text>').format(
                    place * step, _HEIGHT + _FOOT - 2, f"{day.day}.{day.month}."
                )
            )
    return Markup("").join(shapes)
