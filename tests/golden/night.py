"""The golden night: twelve customers in Berlin, on the night the clocks go forward, on a tight budget.

One has refused consent, some are held out, and novelties would be deeper if there were more money.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.run import run
from engine.programme import programme_text
from engine.settings import store_url_in
from engine.store import open_store
from models.ground.moment import local_midnight
from models.sources import load, open_data
from models.versions import registry
from tests.shop import write_shop
from training.fitting.fit import fit
from training.fitting.fit_profile import FitProfile

GOLDEN = Path(__file__).with_name("night.txt")
ZONE = "Europe/Berlin"
AS_OF = local_midnight(date(2024, 3, 31), ZONE)
TIGHT = programme_text().replace("amount_minor = 600_000", "amount_minor = 1_557")


def run_night(folder: Path, *, jobs: int = 1) -> RunFolder:
    """Load, fit and run the golden night in an empty folder."""
    shop, workspace = folder / "shop", folder / "workspace"
    write_shop(shop, customers=12, products=60, days=150, seed=11, last_day=date(2024, 3, 30))
    people = pd.read_parquet(shop / "customers.parquet")
    people["consent"] = people["customer_id"] != "c004"
    people.to_parquet(shop / "customers.parquet", index=False)
    declaration = shop / "tables.toml"
    declaration.write_text(
        declaration.read_text(encoding="utf-8").replace('"UTC"', f'"{ZONE}"'), encoding="utf-8"
    )
    load(shop, workspace, buckets=2)
    fitted = fit(open_data(workspace), AS_OF, "product", FitProfile(), jobs, lambda *_: None)
    versions = registry.registry_folder(workspace)
    registry.promote(
        versions,
        registry.publish(
            versions, fitted.manifest, fitted.rhythm, fitted.affinity, fitted.churn, fitted.lifetime
        ),
    )
    store = open_store(store_url_in(workspace))
    try:
        result = run(
            workspace,
            AS_OF,
            TIGHT,
            store,
            now=datetime(2024, 3, 31, 1, tzinfo=UTC),
            jobs=jobs,
            progress=lambda *_: None,
        )
    finally:
        store.close()
    return RunFolder.of(workspace, result.run_id)


def as_text(folder: RunFolder) -> str:
    """The night as a person would tell it."""
    manifest = folder.manifest()
    budget = manifest["budget"]
    slots = pd.concat([pd.read_parquet(file) for file in folder.slot_files()])
    outcomes = pd.concat([pd.read_parquet(file) for file in folder.outcome_files()]).sort_values(
        "customer_id"
    )
    lines = [
        f"night {folder.run_id}, as of {manifest['as_of']}",
        (
            f"budget: wanted {budget['wanted_milli']}, allowed {budget['allowance_milli']}, "
            f"planned {budget['planned_milli']} thousandths of a cent"
        ),
    ]
    for person in outcomes.to_dict("records"):
        lines += ["", f"{person['customer_id']} {person['arm']}: {person['outcome']}"]
        lines[-1] += f", p_churn {person['p_churn']:.3f}, next visit {person['next_visit']:%Y-%m-%d}"
        own = slots[slots["customer_id"] == person["customer_id"]].to_dict("records")
        if own:
            lines.append(f"  {own[0]['valid_from']:%Y-%m-%dT%H:%MZ} to {own[0]['valid_to']:%Y-%m-%dT%H:%MZ}")
        lines += [
            f"  {slot['item_id']} {slot['kind']:<9} {slot['discount_bp']:>4} bp {slot['price_minor']:>4} -> "
            f"{slot['offer_price_minor']:>3}  p_buy {slot['p_buy']:.3f}  cost {slot['expected_cost_milli']:>5}  "
            f"{slot['reason_text']}"
            for slot in own
        ]
    return "\n".join(lines) + "\n"
