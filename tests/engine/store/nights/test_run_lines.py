from datetime import date

from engine.store import Store
from engine.store.nights.run_lines import RunLine, run_lines
from engine.store.nights.run_records import keep_manifest, run_states
from tests.engine.shop import publish_shop

MANIFEST = {
    "result": {"customers": 3},
    "budget": {"planned_milli": 2500},
    "model": "2017-12-03-aa",
    "programme": "ff",
}


def test_a_list_has_every_run_with_the_few_figures_of_its_manifest(store: Store) -> None:
    publish_shop(store, ["anna"], manifest=MANIFEST)
    publish_shop(store, ["anna"], night=date(2017, 12, 5))
    first, second = run_lines(store)
    assert first == RunLine(
        "2017-12-04.1",
        date(2017, 12, 4),
        "published",
        "USD",
        False,
        True,
        1,
        5,
        3,
        2500,
        "2017-12-03-aa",
        "ff",
    )
    assert (second.run_id, second.is_current, second.customers) == ("2017-12-05.1", True, None)
    assert run_states(store) == {"2017-12-04.1": "published", "2017-12-05.1": "published"}


def test_a_manifest_that_was_rewritten_is_read_again(store: Store) -> None:
    publish_shop(store, ["anna"], manifest=MANIFEST)
    assert run_lines(store)[0].customers == 3
    keep_manifest(store, "2017-12-04.1", MANIFEST | {"result": {"customers": 2}})
    assert run_lines(store)[0].customers == 2
