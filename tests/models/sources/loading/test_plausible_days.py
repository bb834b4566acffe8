"""One impossible day must not make the shop decades older, and a long pause is no impossible day."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from models.ground.errors import BadInput
from models.sources import load, open_data
from models.sources.loading.load_check import check
from models.sources.loading.plausible_days import plausible_days
from models.sources.reading.declaration import Declaration
from tests.models.sources.small import rows, write_small_shop

NOW = datetime(2024, 7, 1, 3, tzinfo=UTC)
TODAY = date(2024, 7, 1)


def lines_of(first: date, days: int, *, step: int = 1, a_day: int = 2) -> tuple[str, ...]:
    return tuple(
        f"c{n},{day}-{n},1,{day} 10:00:00,milk,1,1.19,0"
        for day in (first + timedelta(days=step * ago) for ago in range(days))
        for n in range(a_day)
    )


BULK = lines_of(date(2024, 1, 1), 90)
TILL_OF_1980 = "c0,odd,1,1980-01-01 00:05:00,milk,1,1.19,0"
TOMORROWS_YEAR = "c1,late,1,2042-01-01 12:00:00,milk,1,1.19,0"


def test_one_line_of_1980_is_set_aside_and_named_with_file_line_and_value(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=(*BULK[:5], TILL_OF_1980, *BULK[5:]))
    summary = load(shop, tmp_path / "w")
    assert summary.tables["purchases"].quarantined == {"implausible_day": 1}
    assert (summary.lines, min(summary.days)) == (180, "2024-01-01")
    (said,) = summary.findings
    assert "1 line years before the shop's other days, 2024-01-01 to 2024-03-30" in said
    assert "purchases.csv, line 7: 1980-01-01 00:05:00" in said
    assert 'declare first_day = "1980-01-01" in tables.toml' in said
    assert check(shop).remarks == [said]


def test_what_is_loaded_beside_an_impossible_day_is_what_is_loaded_without_it(tmp_path: Path) -> None:
    odd = load(
        write_small_shop(tmp_path / "odd", lines=(TILL_OF_1980, *BULK, TOMORROWS_YEAR)),
        tmp_path / "o",
        now=NOW,
    )
    plain = load(write_small_shop(tmp_path / "plain", lines=BULK), tmp_path / "p", now=NOW)
    assert odd.days == plain.days
    what = "COLUMNS(*)::VARCHAR"
    stored = [rows(open_data(tmp_path / name).purchases(0), what) for name in ("o", "p")]
    assert stored[0] == stored[1]
    assert odd.tables["purchases"].quarantined == {"implausible_day": 2}


def test_a_day_after_that_of_the_load_is_set_aside_and_tomorrow_is_not(tmp_path: Path) -> None:
    tomorrow = "c1,early,1,2024-07-02 00:10:00,milk,1,1.19,0"
    shop = write_small_shop(tmp_path / "shop", lines=(*BULK, tomorrow, TOMORROWS_YEAR))
    summary = load(shop, tmp_path / "w", now=NOW)
    assert max(summary.days) == "2024-07-02"
    (said,) = summary.findings
    assert "after the day of this load, 2024-07-01: purchases.csv, line 183: 2042-01-01 12:00:00" in said
    assert 'declare last_day = "2042-01-01"' in said


def test_declared_days_stand_above_every_rule_and_are_no_bad_rows(tmp_path: Path) -> None:
    odd = (TILL_OF_1980, *BULK, TOMORROWS_YEAR)
    kept = write_small_shop(tmp_path / "kept", lines=odd, first_day="1980-01-01", last_day="2050-12-31")
    assert load(kept, tmp_path / "k", now=NOW).lines == 182
    cut = write_small_shop(
        tmp_path / "cut", lines=odd, first_day="2024-02-01", last_day="2024-02-29", max_bad_share=0
    )
    summary = load(cut, tmp_path / "c", now=NOW)
    assert (min(summary.days), max(summary.days)) == ("2024-02-01", "2024-02-29")
    assert summary.tables["purchases"].quarantined == {"undeclared_day": 182 - 58}
    assert "before first_day = 2024-02-01 of tables.toml" in summary.findings[0]
    assert "and 58 more" in summary.findings[0]


def test_a_shop_whose_every_day_is_undeclared_is_refused_with_the_reason(tmp_path: Path) -> None:
    shop = write_small_shop(tmp_path / "shop", lines=BULK, first_day="2042-01-01")
    with pytest.raises(
        BadInput, match=r"none of 180 rows is left: 180 undeclared_day \(the day is before first_day"
    ):
        load(shop, tmp_path / "w")


def test_an_appended_line_of_1980_is_set_aside_too(tmp_path: Path) -> None:
    load(write_small_shop(tmp_path / "shop", lines=BULK), tmp_path / "w", now=NOW)
    new = (*lines_of(date(2024, 3, 31), 1), TILL_OF_1980)
    summary = load(write_small_shop(tmp_path / "new", lines=new), tmp_path / "w", append=True, now=NOW)
    assert (summary.lines, min(summary.days)) == (182, "2024-01-01")
    assert summary.tables["purchases"].quarantined == {"implausible_day": 1}
    (kept,) = rows(open_data(tmp_path / "w").folder / "quarantine.parquet", '"row"')
    assert "1980-01-01 00:05:00" in str(kept[0])


@pytest.mark.parametrize(
    "values",
    [
        {"first_day": "soon"},
        {"last_day": "2024-02-30"},
        {"first_day": "2024-02-01", "last_day": "2024-01-01"},
    ],
)
def test_a_declared_day_that_is_none_is_refused(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="_day = "):
        load(write_small_shop(tmp_path / "shop", **values), tmp_path / "w")


def history(*spans: tuple[date, int, int]) -> dict[date, int]:
    """Lines of each day, from spans of first day, number of days and lines a day."""
    return {first + timedelta(days=ago): lines for first, days, lines in spans for ago in range(days)}


PLAIN = Declaration("UTC", "EUR", "decimal", "decimal", "piece", "included", 0.01)


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(history((date(2019, 1, 1), 300, 20), (date(2022, 1, 1), 300, 20)), id="closed for two years"),
        pytest.param(history((date(2020, 1, 1), 300, 500), (date(2024, 6, 28), 2, 40)), id="opened again last week"),
        pytest.param(
            history(*((date(year, 12, 1), 24, 50) for year in (2018, 2019, 2022, 2023))), id="a Christmas market"
        ),
        pytest.param(history((date(2010, 1, 1), 14, 30), (date(2024, 1, 1), 90, 300)), id="two weeks of old history"),
        pytest.param(history((date(2023, 4, 1), 1, 1), (date(2024, 1, 1), 90, 30)), id="a first sale nine months early"),
        pytest.param(history((date(2010, 1, 1), 1, 1), (date(2024, 1, 1), 3, 2)), id="too few lines to tell"),
        pytest.param({}, id="no line"),
    ],
)  # fmt: skip
def test_a_pause_that_a_shop_may_make_sets_nothing_aside(days: dict[date, int]) -> None:
    found = plausible_days(days, PLAIN, TODAY)
    assert found.first is None
    assert found.last is not None
    assert all(day <= found.last.day for day in days)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(history((date(1970, 1, 1), 1, 3), (date(1980, 1, 1), 1, 5)), id="two batteries"),
        pytest.param(history((date(2019, 1, 1), 1, 4)), id="a year mistyped"),
    ],
)
def test_few_lines_further_away_than_any_pause_of_the_shop_are_before_its_first_day(
    odd: dict[date, int],
) -> None:
    found = plausible_days(odd | history((date(2023, 1, 1), 360, 30)), PLAIN, None)
    assert found.first is not None
    assert found.first.day == date(2023, 1, 1)


def test_years_between_an_old_history_and_one_line_are_no_reopening() -> None:
    days = history((date(2010, 12, 1), 370, 100), (date(2019, 5, 5), 1, 1))
    found = plausible_days(days, PLAIN, TODAY)
    assert found.last is not None
    assert found.last.day == date(2011, 12, 5)
