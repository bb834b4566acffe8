"""Rolling calendar cuts: every example knows only what lay before its cut, and its window ended by `as_of`."""

from datetime import date, timedelta

from models.ground.moment import Moment, local_midnight


def rolling_cuts(
    as_of: Moment, *, window_days: int, step_days: int, count: int, first_day: date
) -> list[Moment]:
    """Moments to learn from, latest first.

    Args:
        as_of: nothing at or after this moment may be used.
        window_days: length of the window that follows each cut, in local days.
        step_days: local days from one cut to the next.
        count: how many cuts at most.
        first_day: no cut lies before this local day (there would be too little history before it).

    Returns:
        Local midnights c with c + window_days <= as_of, as many as fit; none where the history is too short.
    """
    cuts = []
    for place in range(count):
        day = as_of.day - timedelta(days=window_days + place * step_days)
        if day < first_day:
            break
        cuts.append(local_midnight(day, as_of.timezone))
    return cuts
