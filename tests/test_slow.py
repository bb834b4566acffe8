"""A new test that takes its time is left out of `make quick` though nobody has marked it."""

import pytest

from engine.nightly import run
from tests.slow import mark_slow
from training.fitting.fit import fit

pytest_plugins = ["pytester"]
LOADED = (
    run,
    fit,
)  # before pytester, which forgets what is imported in it, and native libraries bear no second import


def slow_among(pytester: pytest.Pytester, source: str) -> list[str]:
    items = pytester.getitems(source)
    mark_slow(items)
    return [item.name for item in items if item.get_closest_marker("slow")]


@pytest.mark.parametrize(
    "imported",
    ["from training.fitting.fit import fit", "from engine.nightly import run", "import subprocess"],
)
def test_a_module_that_imports_what_takes_its_time_is_slow(pytester: pytest.Pytester, imported: str) -> None:
    assert slow_among(pytester, f"{imported}\ndef test_it(): pass\n") == ["test_it"]


def test_who_asks_for_a_shop_with_a_model_is_slow_and_their_neighbour_is_not(
    pytester: pytest.Pytester,
) -> None:
    source = "def test_shop(opened_shop): pass\ndef test_neighbour(tmp_path): pass\n"
    assert slow_among(pytester, source) == ["test_shop"]


def test_only_the_database_that_is_a_server_is_slow(pytester: pytest.Pytester) -> None:
    source = (
        "import pytest\n"
        "@pytest.mark.parametrize('database', ['sqlite', 'postgresql'])\n"
        "def test_it(database): pass\n"
    )
    assert slow_among(pytester, source) == ["test_it[postgresql]"]
