"""A shop through init, load, fit, four weekly nights with redemptions, and metrics: what was expected, and what was bought.

Nothing is declared by hand: both files are what `abonement init` proposes. What the held-back days show is redeemed at the
till week by week, before the next night.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from engine.cli import app as operator
from engine.day.till.redeem import redeem
from engine.domain.till.basket import Basket, BasketLine, Unit
from engine.settings import store_url_in
from engine.store import open_store
from models.features.catalogue import build_catalogue
from models.ground.moment import Moment, local_midnight
from models.sources import Data, open_data
from tests.engine.commands.test_operating import say
from training.cli import app as scientist
from training.fitting.labels import bought_after, bought_labels

NIGHTS, WEEK = 4, timedelta(days=7)
DRAWS = 2_000


@dataclass(frozen=True)
class FourNights:
    """What came of them.

    Attributes:
        offers: one row an offer: customer_id, item_id, p_buy, bought (within its validity).
        redeemed: how many offers the till has booked.
        churn: one row an eligible customer and night: customer_id, p_churn, silent.
        learnt: what the fit said.
        metrics: what `abonement metrics` said of the four weeks.
    """

    offers: pd.DataFrame
    redeemed: int
    churn: pd.DataFrame
    learnt: str
    metrics: str

    @property
    def expected(self) -> float:
        return float(self.offers["p_buy"].sum())

    @property
    def bought(self) -> int:
        return int(self.offers["bought"].sum())

    def interval(self) -> tuple[float, float]:
        """Where 95 % of the sums of purchases lie if P(buy) is right: the wider of two.

        Drawn offer by offer (Poisson-binomial), and with the customers drawn again (what one customer buys comes
        together, which the first does not know; but few purchases cannot be drawn again).
        """
        rng = np.random.default_rng(0)
        p = self.offers["p_buy"].to_numpy()
        alone = np.array([(rng.random(len(p)) < p).sum() for _ in range(DRAWS)])
        missed = (self.offers["bought"] - self.offers["p_buy"]).groupby(self.offers["customer_id"]).sum()
        of_each = missed.to_numpy() - missed.mean()
        drawn = rng.integers(0, len(of_each), size=(DRAWS, len(of_each)))
        together = self.expected + of_each[drawn].sum(axis=1)
        bounds = [np.quantile(one, (0.025, 0.975)) for one in (alone, together)]
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    def churn_loss(self) -> tuple[float, float]:
        """Mean log loss of P(silent), and of the share that the nights themselves expected, for everybody."""
        silent, p = self.churn["silent"], self.churn["p_churn"].clip(1e-6, 1 - 1e-6)
        losses = [
            -float(np.mean(np.where(silent, np.log(said), np.log1p(-said)))) for said in (p, p * 0 + p.mean())
        ]
        return losses[0], losses[1]

    def said(self, name: str) -> str:
        """One line of docs/proofs.md."""
        low, high = self.interval()
        own, constant = self.churn_loss()
        return (
            f"| {name} | {len(self.offers):,} | {self.expected:.1f} | {self.bought} | {low:.0f} to {high:.0f} | "
            f"{self.redeemed} | {own:.4f} | {constant:.4f} |"
        )


def four_nights(
    shop: Path, workspace: Path, first: date, *, currency: str, timezone: str, silent_days: int = 28
) -> FourNights:
    """Go through all commands; every one has to succeed, and every night has to be published."""
    say(operator, "init", "--data", shop, "--currency", currency, "--timezone", timezone)
    say(operator, "load", "--data", shop, "--workspace", workspace)
    learnt = say(scientist, "fit", "--workspace", workspace, "--as-of", first, "--jobs", 1)
    data = open_data(workspace)
    offers, churn, redeemed = [], [], 0
    for night in (first + WEEK * place for place in range(NIGHTS)):
        programme = shop / "programme.toml"
        say(
            operator,
            "nightly",
            "--workspace",
            workspace,
            "--as-of",
            night,
            "--programme",
            programme,
            "--jobs",
            1,
        )
        moment = local_midnight(night, timezone)
        made = _bought(data, moment, _exported(workspace, "offers", night))
        redeemed += _redeem(workspace, moment, made[made["bought"]])
        offers.append(made)
        scores = _exported(workspace, "customers", night).dropna(subset="p_churn")
        back = _bought_by_anybody(data, moment, silent_days)
        churn.append(scores[["customer_id", "p_churn"]].assign(silent=~scores["customer_id"].isin(back)))
    last = first + WEEK * NIGHTS
    metrics = say(operator, "metrics", "--workspace", workspace, "--from", first, "--to", last, "--by", "arm")
    return FourNights(pd.concat(offers), redeemed, pd.concat(churn), learnt, metrics)


def _exported(workspace: Path, what: str, night: date) -> pd.DataFrame:
    file = workspace / f"{what}-{night}.parquet"
    run = f"{night}.1"
    say(operator, "export", "--workspace", workspace, "--what", what, "--run", run, "--out", file)
    return pd.read_parquet(file)


def _bought(data: Data, night: Moment, offers: pd.DataFrame) -> pd.DataFrame:
    """The offers with `bought` and `days_after`, by the fit's own definition of a purchase within a window."""
    catalogue = build_catalogue(pd.read_parquet(data.products), "product")
    numbers = {item: number for number, item in enumerate(catalogue.items["item_id"])}
    days = (offers["valid_to"] - offers["valid_from"]).dt.round("D").dt.days.to_numpy()
    parts = []
    for bucket in range(data.buckets):
        people = pd.read_parquet(data.customers(bucket))[["customer_id", "customer_no"]]
        here = offers.assign(days=days, item_no=offers["item_id"].map(numbers)).merge(
            people, on="customer_id"
        )
        after = bought_after(data.purchases(bucket), catalogue, night, 7)
        here["bought"] = bought_labels(here, here["days"].to_numpy(), after)
        first = after.dropna(subset="item_no").astype({"item_no": "int64"})
        parts.append(here.merge(first, on=["customer_no", "item_no"], how="left"))
    return pd.concat(parts, ignore_index=True)


def _bought_by_anybody(data: Data, night: Moment, days: int) -> set[str]:
    """Customers who came within so many days."""
    catalogue = build_catalogue(pd.read_parquet(data.products), "product")
    found: set[str] = set()
    for bucket in range(data.buckets):
        people = pd.read_parquet(data.customers(bucket)).set_index("customer_no")["customer_id"]
        came = bought_after(data.purchases(bucket), catalogue, night, days)["customer_no"]
        found |= set(people.loc[came])
    return found


def _redeem(workspace: Path, night: Moment, bought: pd.DataFrame) -> int:
    """One basket a customer and day, one piece of each offer, at noon; how many offers were booked."""
    store, booked = open_store(store_url_in(workspace)), 0
    try:
        for (customer, day), lines in bought.groupby(["customer_id", "days_after"]):
            basket = tuple(
                BasketLine(str(place), str(item), 1000, Unit.PIECE, int(price))
                for place, (item, price) in enumerate(
                    zip(lines["item_id"], lines["price_minor"], strict=True)
                )
            )
            noon = night.as_of + timedelta(days=int(day), hours=12)
            booked += len(redeem(store, Basket(str(customer), basket), now=noon).receipt.lines)
    finally:
        store.close()
    return booked
