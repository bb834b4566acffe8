"""What a worker needs for any bucket of one night, read once in each process from the workspace."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from engine.nightly.allocation import NOTHING
from engine.nightly.explain import Messages, load_messages
from engine.nightly.favourites import Pickable, find_pickable, suggest, without_favourites
from engine.nightly.folder import RunFolder, write_parquet
from engine.nightly.goods import goods_of
from engine.nightly.leaving import sentences
from engine.nightly.measure import keep_counts
from engine.nightly.night import Night
from engine.nightly.people import people_table, standing_rules
from engine.nightly.plan import BucketPlan, plan_bucket
from engine.nightly.policy import Policy
from engine.nightly.settle import settle_bucket
from engine.nightly.shelf import Shelf, build_shelf
from engine.programme import parse_programme
from models import registry
from models.artifact import Artifact
from models.features.catalogue import PRODUCT_LEVEL, Catalogue, build_catalogue
from models.features.items import ItemPart
from models.moment import Moment
from models.scoring import ShopAt, bucket_item_part, score_bucket
from models.sources import Data, open_load
from models.standing import StandingRules


@dataclass(frozen=True)
class Scene:
    """One night's data, model, rules and shop; `request` is the run folder's `request.json`, as text.

    The text is part of the identity, so that a process which has worked on an abandoned request under the
    same run name does not mistake it for this one.
    """

    workspace: Path
    run_id: str
    request: str

    @property
    def folder(self) -> RunFolder:
        """Where the night leaves its files."""
        return RunFolder.of(self.workspace, self.run_id)

    @cached_property
    def data(self) -> Data:
        """The load that the night began with, also if another one became current since."""
        return open_load(self.workspace, self.folder.request()["load"])

    @cached_property
    def artifact(self) -> Artifact:
        """The model version that the night began with."""
        return registry.open_version(registry.registry_folder(self.workspace), self.night.model_version)

    @cached_property
    def night(self) -> Night:
        """The run, its moment and its rules."""
        request = self.folder.request()
        return Night(
            run_id=self.run_id,
            as_of=datetime.fromisoformat(request["as_of"]),
            timezone=request["timezone"],
            programme=parse_programme(
                self.folder.programme.read_text(encoding="utf-8"), str(self.folder.programme)
            ),
            model_version=request["model"],
            policy_name=request["policy"],
        )

    @property
    def moment(self) -> Moment:
        """The moment up to which history is known."""
        return Moment(self.night.as_of, self.night.timezone)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The shop's items."""
        return build_catalogue(
            pd.read_parquet(self.data.products), self.night.programme.prediction.item_level
        )

    @cached_property
    def item_table(self) -> pd.DataFrame:
        """The shop's item statistics just before the night (index item_no)."""
        return pd.read_parquet(self.folder.items).set_index("item_no")

    @cached_property
    def product_catalogue(self) -> Catalogue:
        """The shop's products as items, whatever the level of its offers."""
        if self.catalogue.item_level == PRODUCT_LEVEL:
            return self.catalogue
        return build_catalogue(pd.read_parquet(self.data.products), PRODUCT_LEVEL)

    @cached_property
    def product_table(self) -> pd.DataFrame:
        """The statistics of `product_catalogue` (index item_no)."""
        if self.catalogue.item_level == PRODUCT_LEVEL:
            return self.item_table
        return pd.read_parquet(self.folder.products).set_index("item_no")

    @cached_property
    def goods(self) -> pd.DataFrame:
        """Every product as the day needs to know it (index product_no)."""
        price = self.product_table["price_minor"].to_numpy(dtype=np.float64)
        return goods_of(pd.read_parquet(self.data.products), self.product_catalogue, price)

    @cached_property
    def pickable(self) -> Pickable:
        """What may be picked as a favourite."""
        buyers = self.product_table["buyers_28d"].to_numpy(dtype=np.float64)
        rows = self.goods["item_no"]
        known = rows[rows.notna()].astype("int64")
        item_no = self.catalogue.product_items.set_index("product_no")["item_no"]
        return find_pickable(
            self.goods, item_no, pd.Series(buyers[known], index=known.index), len(self.catalogue), self.night
        )

    @cached_property
    def shelf(self) -> Shelf:
        """What the programme allows on each item."""
        priced = self.catalogue.items.assign(
            price_minor=self.item_table["price_minor"], unit_price_minor=self.item_table["unit_price_minor"]
        )
        return build_shelf(priced, self.night.programme)

    @cached_property
    def shop(self) -> ShopAt:
        """The shop in which only items that may be offered become candidates: others would only take a place."""
        offerable = np.asarray(self.shelf.allowed.any(axis=1))
        neighbours = self.artifact.neighbours(self.catalogue)
        return ShopAt(self.moment, self.catalogue, self.item_table, offerable, neighbours)

    @cached_property
    def standing_rules(self) -> StandingRules:
        """What it takes to say where a customer stands."""
        return standing_rules(self.night.programme, self.catalogue.items, self.data.answers)

    @cached_property
    def messages(self) -> Messages:
        """The customer's wording."""
        return load_messages(self.night.programme.language)


@lru_cache(maxsize=2)
def scene_of(workspace: Path, run_id: str, request: str) -> Scene:
    """The process's own copy of a scene, so that model and shop are read once and not for every bucket."""
    return Scene(workspace, run_id, request)


def item_part_of(workspace: Path, run_id: str, request: str, bucket: int) -> ItemPart:
    """One bucket's share of the item statistics."""
    scene = scene_of(workspace, run_id, request)
    return bucket_item_part(scene.data.purchases(bucket), scene.catalogue, scene.moment)


def product_part_of(workspace: Path, run_id: str, request: str, bucket: int) -> ItemPart:
    """One bucket's share of the product statistics, where items are families."""
    scene = scene_of(workspace, run_id, request)
    return bucket_item_part(scene.data.purchases(bucket), scene.product_catalogue, scene.moment)


def plan_of(workspace: Path, run_id: str, request: str, bucket: int, policy: Policy) -> None:
    """First pass over a bucket, left in the run folder."""
    scene = scene_of(workspace, run_id, request)
    known = score_bucket(
        scene.artifact,
        scene.data.purchases(bucket),
        scene.data.customers(bucket),
        scene.shop,
        scene.night.window_days,
        scene.night.programme.eligibility.seen_days,
        scene.standing_rules,
        prospects=scene.night.programme.eligibility.prospects,
    )
    scored = known.scored
    told = [
        sentences(known.reasons.get(customer_no, ())) or None
        for customer_no in scored.customers["customer_no"].tolist()
    ]
    write_parquet(scene.folder.people(bucket), people_table(known.standing, scene.night))
    keep_counts(scene.folder.counts(bucket), scored.candidates)
    people = pd.read_parquet(
        scene.data.customers(bucket), columns=["customer_no", "customer_id", "consent", "open_complaint"]
    )
    if scene.night.programme.favourite.offered:
        seen = scored.customers["customer_no"]
        advised = suggest(scene.night, people, seen, scored.candidates, scene.pickable)
        write_parquet(scene.folder.suggestions(bucket), advised)
    favourites = pd.read_parquet(scene.folder.favourites(bucket))
    plan = plan_bucket(
        scene.night,
        scene.shelf,
        scored.customers.assign(churn_reasons=pd.Series(told, scored.customers.index, dtype="str")),
        without_favourites(scored.candidates, people, scene.shelf.item_id, favourites),
        consent=people.set_index("customer_no")["consent"],
        open_customers=set(pd.read_parquet(scene.folder.open_customers(bucket))["customer_id"]),
        paused=_paused(people, pd.read_parquet(scene.folder.paused(bucket))),
        policy=policy,
    )
    plan.save(scene.folder.plan(bucket))


def _paused(people: pd.DataFrame, found: pd.DataFrame) -> dict[str, set[str]]:
    """Customers with an open complaint, and those who have moved: by the shop's table and by contacts."""
    complaining = people.loc[people["open_complaint"].fillna(value=False).astype(bool), "customer_id"]
    return {
        "complaint": set(complaining) | set(found.loc[found["why"] == "complaint", "customer_id"]),
        "moved": set(found.loc[found["why"] == "moved", "customer_id"]),
    }


def settle_of(workspace: Path, run_id: str, request: str, bucket: int, price_index: int) -> None:
    """Second pass over a bucket, left in the run folder; the outcomes are written last."""
    scene = scene_of(workspace, run_id, request)
    plan = BucketPlan.load(scene.folder.plan(bucket))
    settled = settle_bucket(plan, scene.night, scene.shelf, min(price_index, NOTHING), scene.messages)
    write_parquet(scene.folder.slots(bucket), settled.slots)
    write_parquet(scene.folder.outcomes(bucket), settled.customers)
