"""What a worker needs for any bucket of one night, read once in each process from the workspace."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.domain.arms import arm_of, first_salt, salt_from
from engine.domain.budget_lines import cell_of
from engine.domain.eligibility import Removal
from engine.domain.experiments import RunningExperiment, arms_of
from engine.nightly.choosing.favourite_suggestions import Pickable, find_pickable
from engine.nightly.choosing.policies import policy_of
from engine.nightly.choosing.policy import Policy
from engine.nightly.folder.customer_scores import lifecycle_rules
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.in_force.funders_promised import promised_in_request
from engine.nightly.in_force.tried_tonight import Changes, changes_in, trials_of_request
from engine.nightly.night import Night
from engine.nightly.shelf.assortment import Assortment, build_assortment
from engine.nightly.shelf.funded_items import FundedItems, funded_items
from engine.nightly.shelf.off_shelf import off_shelf
from engine.nightly.shelf.products import product_rows, shown_of_products, stock_of
from engine.nightly.shelf.sold_lately import asks_what_was_sold
from engine.programme import parse_programme
from engine.programme.experiment_file import changed_programme
from engine.wording.customer_sentences import CustomerSentences
from engine.wording.language_files import OwnWording, disclosure, load_sentences
from models.customers.lifecycle import LifecycleRules
from models.features.catalogue import PRODUCT_LEVEL, Catalogue, build_catalogue
from models.features.lowest_prices import LOWEST_PRICE_MINOR, promoted_lowest
from models.features.promoted_weeks import PromotedWeeks
from models.ground.moment import Moment
from models.response.exposure import Exposure
from models.response.knowledge import NOTHING_KNOWN, Knowledge
from models.scoring import ShopAt
from models.sources import Data, open_load
from models.tables import (
    CUSTOMER_ID,
    ITEM_ID,
    ITEM_NO,
    PRICE_MINOR,
    PRODUCT_ID,
    PRODUCT_NO,
    VAT_BP,
)
from models.versions import registry
from models.versions.artifact import Artifact
from models.versions.response_versions import open_response_version, response_folder


@dataclass(frozen=True)
class CellRules:
    """Customers in the same arms: their night, their policy where an arm has its own, what is allowed on each item."""

    night: Night
    policy: Policy | None
    assortment: Assortment

    @property
    def min_items(self) -> int:
        """Below so many there is no bundle."""
        return self.night.programme.bundle.min_items


@dataclass(frozen=True)
class NightContext:
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

    @cached_property
    def trials(self) -> tuple[RunningExperiment, ...]:
        """The experiments that the night goes by."""
        return trials_of_request(self.folder.request().get("experiments", ()))

    @cached_property
    def _cells(self) -> dict[str, "CellRules"]:
        return {}

    def cell(self, label: str) -> "CellRules":
        """The rules for everybody who is in the same arms, whatever pays; those of the programme where these change nothing."""
        label = cell_of(label)
        if label not in self._cells:
            changes = changes_in(self.trials, arms_of(label))
            self._cells[label] = (
                self._changed(changes, label) if changes else CellRules(self.night, None, self.assortment)
            )
        return self._cells[label]

    def _changed(self, changes: list[Changes], label: str) -> "CellRules":
        text = self.folder.programme.read_text(encoding="utf-8")
        rules = changed_programme(text, changes, f"the programme of {label}")
        policy = policy_of(rules) if any("policy" in change for change in changes) else None
        name = self.night.policy_name if policy is None else policy.name
        night = replace(self.night, programme=rules, policy_name=name)
        funded = self._funded(night)
        return CellRules(night, policy, build_assortment(self._priced_items, rules, self._off_shelf, funded))

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
        return pd.read_parquet(self.folder.items).set_index(ITEM_NO)

    @property
    def unit_minor(self) -> np.ndarray:
        """The price of each item's unit without a promotion, NaN where unknown."""
        return self.item_table[PRICE_MINOR].to_numpy(dtype=np.float64)

    @cached_property
    def promoted(self) -> PromotedWeeks | None:
        """What is promoted for everybody around the night; None where the shop does not say."""
        if self.data.promotions is None:
            return None
        return PromotedWeeks.of(pd.read_parquet(self.folder.promoted), self.catalogue)

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
        return pd.read_parquet(self.folder.products).set_index(ITEM_NO)

    @cached_property
    def products(self) -> pd.DataFrame:
        """Every product as the day needs to know it (index product_no)."""
        price = self.product_table[PRICE_MINOR].to_numpy(dtype=np.float64)
        return product_rows(pd.read_parquet(self.data.products), self.product_catalogue, price)

    @cached_property
    def shown_of_products(self) -> dict[str, dict[str, str]]:
        """What an app shows of a product beside its name and price, by item id: only what the shop says."""
        if self.catalogue.item_level != PRODUCT_LEVEL:
            return {}
        return shown_of_products(pd.read_parquet(self.data.products))

    @cached_property
    def pickable(self) -> Pickable:
        """What may be picked as a favourite."""
        buyers = self.product_table["buyers_28d"].to_numpy(dtype=np.float64)
        products = self.products[~self.products[PRODUCT_ID].isin(self.recalled)]
        rows = products[ITEM_NO]
        known = rows[rows.notna()].astype("int64")
        item_no = self.catalogue.product_items.set_index(PRODUCT_NO)[ITEM_NO]
        return find_pickable(
            products,
            item_no,
            pd.Series(buyers[known], index=known.index),
            len(self.catalogue),
            self.night,
        )

    @cached_property
    def recalled(self) -> frozenset[str]:
        """Products that the shop had withdrawn from all offers when the night began."""
        return frozenset(self.folder.request().get("recalled", ()))

    @property
    def _recalled_items(self) -> frozenset[str]:
        # An offer on a family stays: tills give nothing for the recalled product in it.
        return self.recalled if self.catalogue.item_level == PRODUCT_LEVEL else frozenset()

    @cached_property
    def assortment(self) -> Assortment:
        """What the programme allows on each item."""
        return build_assortment(
            self._priced_items, self.night.programme, self._off_shelf, self._funded(self.night)
        )

    @property
    def unfunded_assortment(self) -> Assortment:
        """The same without what suppliers pay: what stands in for their goods by day is the shop's own."""
        return build_assortment(self._priced_items, self.night.programme, self._off_shelf, None)

    def _funded(self, night: Night) -> FundedItems | None:
        """What suppliers pay of a night's items; None where they pay nothing, or the shop does not say."""
        if self.data.fundings is None:
            return None
        days, longest = night.days, night.programme.validity.max_days
        last = days.day_of(days.after(night.valid_from, longest) - timedelta(microseconds=1))
        promised = promised_in_request(self.folder.request())
        fundings = pd.read_parquet(self.data.fundings)
        return funded_items(fundings, self.catalogue, days.day_of(night.valid_from), last, promised)

    @property
    def _priced_items(self) -> pd.DataFrame:
        return self.catalogue.items.assign(
            price_minor=self.item_table[PRICE_MINOR],
            unit_price_minor=self.item_table["unit_price_minor"],
            lowest_price_minor=self.catalogue.items[ITEM_ID].map(self.folder.lowest_prices).astype("float64"),
            stock=self.stock,
        )

    @cached_property
    def _off_shelf(self) -> list[Removal | None]:
        gone = off_shelf(self.stock, self.item_table, self.sold, self.night.programme.shelf)
        ids, recalled = self.catalogue.items[ITEM_ID].tolist(), self._recalled_items
        for row in np.flatnonzero(self._told_sold_out):
            gone[row] = gone[row] or Removal.SOLD_OUT
        return [Removal.RECALLED if item in recalled else why for item, why in zip(ids, gone, strict=True)]

    @property
    def _told_sold_out(self) -> npt.NDArray[np.bool_]:
        """(items,) of what nothing was left by what the day was told last; nothing where the night does not read stock."""
        shelf = self.night.programme.shelf
        told = self.folder.request().get("told_sold_out", {})
        if (
            shelf is None
            or not (shelf.stock_days or shelf.substitutes)
            or self.catalogue.item_level != PRODUCT_LEVEL
        ):
            return np.zeros(len(self.catalogue), dtype=np.bool_)
        later = self.catalogue.items[ITEM_ID].map(told)
        return np.asarray((later.eq(True) | (later.notna() & np.isnan(self.stock))).to_numpy(dtype=np.bool_))

    @cached_property
    def sold(self) -> pd.DataFrame | None:
        """What was sold lately, by store; None where nothing asks for it."""
        asked = asks_what_was_sold(self.night.programme.shelf, self.stock)
        return pd.read_parquet(self.folder.sold) if asked else None

    @cached_property
    def stock(self) -> npt.NDArray[np.float64]:
        """(items,) units when the shop's data were loaded; NaN where the shop does not say."""
        return stock_of(pd.read_parquet(self.data.products), self.catalogue)

    def lowest_prices(self) -> dict[str, int]:
        """The lowest price at which everybody could buy each product in the last 30 days, by id; none of families."""
        if (
            self.catalogue.item_level != PRODUCT_LEVEL
            or not self.night.programme.law_in_force.tells_lowest_price
        ):
            return {}
        lowest = self.item_table[LOWEST_PRICE_MINOR].to_numpy(dtype=np.float64)
        if self.data.promotions is not None:
            lowest = promoted_lowest(
                self.data.promotions, self.catalogue, self.moment, lowest, self.unit_minor
            )
        found = zip(self.catalogue.items[ITEM_ID], lowest, strict=True)
        return {name: int(price + 0.5) for name, price in found if not np.isnan(price)}

    @cached_property
    def knowledge(self) -> Knowledge:
        """What is known of response: nothing where the night's policy does not ask."""
        request = self.folder.request()
        if "response" not in request:
            return NOTHING_KNOWN
        learnt = open_response_version(response_folder(self.workspace), request["response"])
        return learnt.knowledge(Exposure.read(request["exposure"]))

    @property
    def vat(self) -> pd.DataFrame | None:
        """What each item's price includes of VAT: item_id, vat_bp; None where the shop declares none."""
        return self.catalogue.items[[ITEM_ID, VAT_BP]] if self.catalogue.tax_known else None

    @cached_property
    def shop(self) -> ShopAt:
        """The shop in which only items that may be offered become candidates: others would only take a place."""
        offerable = np.asarray(self.assortment.allowed.any(axis=1))
        neighbours = self.artifact.neighbours(self.catalogue)
        return ShopAt(
            self.moment,
            self.catalogue,
            self.item_table,
            offerable,
            neighbours,
            self.artifact.own_features,
            self.promoted,
            self.artifact.recipe.promotions,
        )

    @cached_property
    def lifecycle_rules(self) -> LifecycleRules:
        """What it takes to say where a customer stands."""
        return lifecycle_rules(self.night.programme, self.catalogue.items, self.data.answers)

    def arms(self, bucket: int) -> pd.DataFrame:
        """In which arms every customer of a bucket is: customer_id, unit, seen_as, arm, cell, in the order of the customers."""
        file = self.folder.arms(bucket)
        if file.exists():
            return pd.read_parquet(file)
        # A run of an earlier release, which drew every customer by its programme's seed.
        ids = pd.read_parquet(self.data.customers(bucket), columns=[CUSTOMER_ID])[CUSTOMER_ID]
        salt, share = salt_from(first_salt(self.night.programme.seed)), self.night.programme.holdout.share
        return pd.DataFrame(
            {
                CUSTOMER_ID: ids,
                "unit": ids,
                "seen_as": ids,
                "arm": [arm_of(name, salt, share).value for name in ids],
                "cell": "",
            }
        ).astype("str")

    @cached_property
    def customer_sentences(self) -> CustomerSentences:
        """What customers read of a reason."""
        return load_sentences(self.night.programme.language, self._own_wording)

    @cached_property
    def disclosure(self) -> str | None:
        """What answers say of who set their prices; None where the programme's law does not ask."""
        programme = self.night.programme
        if not programme.law_in_force.discloses:
            return None
        return disclosure(programme.language, self.customer_sentences)

    @property
    def _own_wording(self) -> OwnWording | None:
        """What the shop worded itself; the request says whether it did."""
        if "wording" not in self.folder.request():
            return None
        return OwnWording(self.folder.wording.read_text(encoding="utf-8"), str(self.folder.wording))


@lru_cache(maxsize=2)
def context_of(workspace: Path, run_id: str, request: str) -> NightContext:
    """The process's own copy of a night's context, so that model and shop are read once and not for every bucket."""
    return NightContext(workspace, run_id, request)
