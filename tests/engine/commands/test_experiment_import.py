"""`abonement experiment import`: another engine's customers and offers beside ours, from its files to the report."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli import app
from engine.domain.offer_errors import BadRequest
from engine.measurement.begun_experiments import statuses
from engine.nightly.verify import verify
from engine.settings import store_url_in
from engine.store import open_store
from models import sources
from models.ground.errors import BadInput
from tests.engine.commands.test_experiment_report import write_purchases
from tests.engine.nightly.in_force.test_tried_tonight import of_run
from tests.engine.nightly.shop_nights import SECOND_NIGHT, night, silent

ARMS = "customer_id,arm\n" + "".join(
    f"c{one:03d},{'incumbent' if one < 150 else 'ours'}\n" for one in range(300)
)
OFFERS = """customer_id,product_id,discount,valid_from,valid_to,shown,used
c000,995240,0.2,2017-12-04,2017-12-11,yes,
c001,995240,0.2,2017-12-04,2017-12-11,yes,
c002,995240,0.2,2017-12-04,2017-12-11,yes,no
c003,995240,0.2,2017-12-25,2018-01-01,,yes
stranger,995240,0.2,2017-12-04,2017-12-11,,
c000,no-such-thing,0.2,2017-12-04,2017-12-11,,
c200,995240,0.2,2017-12-04,2017-12-11,,
"""
BEGINS = ("--from", "2017-12-04", "--weeks", "6", "--ours-share", "0.5")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 customers with a purchase of milk a week; three of them got a quarter of it off in the first week."""
    folder = tmp_path_factory.mktemp("incumbent")
    write_purchases(folder / "shop", 0, seed=3)
    file = folder / "shop" / "purchases.parquet"
    bought = pd.read_parquet(file)
    cheaper = bought["basket_id"].isin(["c000-0", "c001-0", "c002-0"])
    bought.loc[cheaper, ["paid", "discount"]] = (1500, 500)
    bought.loc[bought["basket_id"] == "c003-3", "paid"] = 800
    bought.to_parquet(file, index=False)
    sources.load(folder / "shop", folder / "workspace", buckets=2)
    return folder / "workspace"


@pytest.fixture
def workspace(shop: Path, tmp_path: Path) -> Path:
    copied = Path(shutil.copytree(shop, tmp_path / "workspace"))
    (copied / "arms.csv").write_text(ARMS, encoding="utf-8")
    (copied / "offers.csv").write_text(OFFERS, encoding="utf-8")
    return copied


def asked(workspace: Path, *words: str) -> str:
    answer = CliRunner().invoke(app, ["experiment", *words, "--workspace", str(workspace)])
    if isinstance(answer.exception, Exception) and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert answer.exit_code == 0, answer.output
    return answer.output


def taken_over(workspace: Path, *words: str) -> str:
    files = ("--arms", str(workspace / "arms.csv"), "--offers", str(workspace / "offers.csv"))
    return asked(workspace, "import", "switch", *files, *words)


def test_an_import_says_what_it_took_over_and_names_what_it_left_out(workspace: Path) -> None:
    assert taken_over(workspace, *BEGINS).splitlines() == [
        "Experiment switch, 2017-12-04 until 2018-01-15: 150 incumbent, 150 ours; 4 new offers of the other engine.",
        "  Left out, products of offers not in the data: 1, such as no-such-thing.",
        "  Left out, customers of offers in no arm: 1, such as stranger.",
        "  Left out, customers of offers in arm ours, whom the other engine should leave alone: 1, such as c200.",
    ]
    again = taken_over(workspace).splitlines()[0]
    assert again.endswith(
        "no new customers; 0 new offers of the other engine; known already: 300 customers, 4 offers."
    )


def test_a_customer_whom_a_later_file_moves_stays_where_they_were(workspace: Path) -> None:
    taken_over(workspace, *BEGINS)
    (workspace / "arms.csv").write_text("customer_id,arm\nc000,ours\n", encoding="utf-8")
    said = taken_over(workspace)
    assert (
        "Left out, customers of another arm than in an earlier file, who stay in that: 1, such as c000."
        in said
    )
    with closing(open_store(store_url_in(workspace))) as store:
        (about,) = statuses(store)
    assert about.customers == {"incumbent": 150, "ours": 150}


def test_the_report_counts_what_receipts_show_of_the_other_engines_offers(workspace: Path) -> None:
    """A fifth of 20.00 twice, the rest of that discount is everybody's; of c003 the file says used, and receipts no discount."""
    taken_over(workspace, *BEGINS)
    facts = json.loads(asked(workspace, "report", "switch", "--json"))
    assert facts["arms"] == {"treated": "ours", "control": "incumbent"}
    discount = next(one for one in facts["figures"] if one["metric"] == "discount")
    redemptions = next(one for one in facts["figures"] if one["metric"] == "redemptions")
    assert redemptions["control"] == pytest.approx(3 / 150, abs=0.01)
    lights = {light["name"]: light for light in facts["lights"]}
    assert lights["incumbent"]["says"].startswith(
        "3 of 150 customers of the other engine used an offer of it"
    )
    assert lights["sample_ratio"]["state"] == "ok"
    assert -discount["difference"] == pytest.approx((400 + 400 + 200) / 150, rel=0.5)


def test_parquet_is_read_like_csv(workspace: Path) -> None:
    for name in ("arms", "offers"):
        pd.read_csv(workspace / f"{name}.csv").to_parquet(workspace / f"{name}.parquet")
    files = ("--arms", str(workspace / "arms.parquet"), "--offers", str(workspace / "offers.parquet"))
    assert "150 incumbent, 150 ours; 4 new offers" in asked(workspace, "import", "switch", *files, *BEGINS)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("arms", ARMS + "c299,incumbent\n", "line 302: customer c299 is in both arms"),
        ("arms", ARMS + "c300,control\n", "line 302: arm is 'control', expected ours .* or incumbent"),
        ("arms", "customer,arm\nc000,ours\n", "lacks customer_id. Expected customer_id, arm"),
        ("arms", ARMS.replace("c000", ""), "line 2 lacks customer_id"),
        ("arms", "customer_id,arm\nc000,ours\nstranger,incumbent\n", "expected some of ours and some of"),
        ("offers", OFFERS.replace("c001,995240,0.2", "c001,995240,20"), "line 3: discount is '20'"),
        ("offers", OFFERS.replace("2017-12-25,2018-01-01", "2018-01-01,2018-01-01"), "line 5: valid_to is"),
        ("offers", OFFERS.replace("2017-12-25", "25.12.2017"), "line 5: valid_from as a date"),
        ("offers", OFFERS.replace(",yes,no", ",maybe,no"), "line 4: shown is 'maybe'"),
        ("offers", "", "Cannot read|has the columns"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_a_sentence_and_nothing_is_written(
    workspace: Path, file: str, text: str, said: str
) -> None:
    (workspace / f"{file}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        taken_over(workspace, *BEGINS)
    with closing(open_store(store_url_in(workspace))) as store:
        assert statuses(store) == ()


def test_an_import_without_its_beginning_or_with_another_one_is_refused(workspace: Path) -> None:
    with pytest.raises(
        BadRequest, match="has not begun; say since when with --from and how long with --weeks"
    ):
        taken_over(workspace)
    taken_over(workspace, *BEGINS)
    with pytest.raises(BadRequest, match="began on 2017-12-04 for 6 weeks and is never rewritten"):
        taken_over(workspace, "--from", "2017-12-11")


@pytest.mark.long
def test_the_night_leaves_the_other_engines_customers_to_it_and_says_so(
    shop_after_a_night: Path, tmp_path: Path
) -> None:
    workspace = Path(shutil.copytree(shop_after_a_night, tmp_path / "workspace"))
    names = [
        name
        for bucket in range(2)
        for name in pd.read_parquet(sources.open_data(workspace).customers(bucket))["customer_id"]
    ]
    lines = [f"{name},{'incumbent' if place % 2 else 'ours'}\n" for place, name in enumerate(names)]
    (workspace / "arms.csv").write_text("customer_id,arm\n" + "".join(lines), encoding="utf-8")
    files = ("--arms", str(workspace / "arms.csv"))
    said = asked(workspace, "import", "switch", *files, "--from", SECOND_NIGHT, "--weeks", "4")
    assert "Left out, customers whom our holdout has drawn, who stay in it: 7, such as" in said
    run = night(workspace, SECOND_NIGHT, accepted=["empty_bundles", "expected_cost", "mean_depth"])
    outcomes = of_run(workspace, run, "outcomes").set_index("customer_id")["outcome"]
    cells = of_run(workspace, run, "snapshot/arms").set_index("customer_id")["cell"]
    theirs = cells.index[cells == "switch=incumbent"]
    is_theirs = outcomes.index.isin(theirs)
    assert set(outcomes[is_theirs]) == {"other_engine"}
    assert "other_engine" not in set(outcomes[~is_theirs])
    assert run.manifest["arms"]["experiments"]["switch"]["redrawn"] == 0
    with closing(open_store(store_url_in(workspace))) as store:
        assert verify(workspace, run.run_id, store, jobs=1, progress=silent).bundles > 0
