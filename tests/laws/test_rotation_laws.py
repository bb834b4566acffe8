"""What holds over several nights under rotation, whatever was used, taken back, withdrawn or merged between them."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.nightly.choosing.assignment import Assigned, assign_bucket
from engine.nightly.choosing.bucket_plan import BucketPlan, plan_bucket
from engine.nightly.choosing.policy import depth_rule
from engine.nightly.choosing.staples import HeldItems, most_of
from engine.nightly.choosing.staples_exchanged import at_item_prices
from engine.nightly.shelf.assortment import build_assortment
from engine.nightly.shelf.offered_before import COLUMNS
from engine.nightly.shelf.rotation import rotation_rules
from engine.programme import Programme, parse_programme, programme_text
from tests.engine.nightly import bucket
from tests.engine.nightly.shop_nights import with_rotation
from tests.laws.night_cases import ITEMS, MESSAGES, Shop, make_shop

LAW = settings(
    max_examples=2,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Asked:
    """What a programme asks of rotation; 0 and None are off."""

    item_bundles: int
    family_days: int
    returning: int | None
    families: int
    fatigue_offers: int
    share: float

    def programme(self) -> Programme:
        text = (
            programme_text().replace("share = 0.10", "share = 0.2").replace("min_items = 5", "min_items = 3")
        )
        returning = "" if self.returning is None else f"returning = {self.returning}\n"
        tired = 28 if self.fatigue_offers else 0
        own = (
            f"item_bundles = {self.item_bundles}\nfamily_days = {self.family_days}\n{returning}families = {self.families}\n"
            f"fatigue_offers = {self.fatigue_offers}\nfatigue_days = {tired}\nstaples_share = {self.share}\n"
        )
        return parse_programme(with_rotation(own, text), "a law")


asked = st.builds(
    Asked,
    item_bundles=st.integers(0, 2),
    family_days=st.sampled_from([0, 0, 3]),
    returning=st.sampled_from([None, 0, 1, 3]),
    families=st.integers(0, 2),
    fatigue_offers=st.sampled_from([0, 1, 2]),
    share=st.sampled_from([0.15, 0.4, 1.0]),
)


def many_families(shop: Shop) -> Shop:
    """The drawn shop with five families, and items that all customers like."""
    names = np.array(["BREAD", "MILK", "TEA", "FRUIT", "SOAP"], dtype=object)[np.arange(ITEMS) % 5]
    liked = shop.candidates.assign(
        p_buy=np.round(shop.candidates["p_buy"] / 2 + 0.5 * (shop.candidates["item_no"] % 9 == 0), 3)
    ).sort_values(["customer_no", "p_buy", "item_no"], ascending=[True, False, True], ignore_index=True)
    return Shop(shop.items.assign(family_2=names), shop.customers, liked, shop.consent, frozenset())


def planned(shop: Shop, rules: Programme, offered: pd.DataFrame, part: int, parts: int) -> BucketPlan:
    """A bucket of the shop: the customers whose number leaves `part`."""
    people = shop.customers[shop.customers["customer_no"] % parts == part].reset_index(drop=True)
    mine = shop.candidates[shop.candidates["customer_no"].isin(people["customer_no"])]
    assortment = build_assortment(shop.items, rules)
    rotation = rotation_rules(rules.rotation, offered, assortment, shop.items)
    return plan_bucket(
        bucket.night(rules),
        assortment,
        people,
        mine.reset_index(drop=True),
        consent=shop.consent,
        open_customers=(),
        rules=rotation.rules,
        variety=rotation.variety,
        policy=depth_rule,
    )


def a_night(shop: Shop, rules: Programme, offered: pd.DataFrame, parts: int) -> Assigned:
    """The night of a shop in so many buckets, its staples' prices found from their sums."""
    plans = [planned(shop, rules, offered, part, parts) for part in range(parts)]
    section, least = rules.rotation, rules.bundle.min_items
    assert section is not None
    price, rounds = np.zeros(ITEMS, dtype=np.int64), 0
    while section.staples_share < 1:
        rounds += 1
        looked_at = frozenset(np.flatnonzero(price).tolist())
        told = [
            HeldItems.of(one.claims.exchanged(price, least), 0, price, looked_at)
            for one in plans
            if one.claims
        ]
        whole = told[0]
        for one in told[1:]:
            whole += one
        if not whole.too_many(section.staples_share):
            break
        price = whole.raised(price, section.staples_share, 2**rounds)
    night, assortment = bucket.night(rules), build_assortment(shop.items, rules)
    made = [assign_bucket(at_item_prices(one, price, least), night, assortment, 0, MESSAGES) for one in plans]
    return Assigned(
        *(pd.concat([getattr(one, name) for one in made]) for name in ("slots", "customers", "shadows"))
    )


def remembered(nights: list[pd.DataFrame], used: set[tuple[str, str]]) -> pd.DataFrame:
    """What the snapshot says before the next weekly night; `used` are customers and items of the last one."""
    rows = [
        (name, item, ago, 7 * ago, 7 * ago - 5, ago == 1 and (name, item) in used, False)
        for ago, slots in enumerate(reversed(nights), start=1)
        for name, item in zip(slots["customer_id"], slots["item_id"], strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    # who had no bundle that week counts from their own last one
    frame["bundles_ago"] = frame.groupby("customer_id")["bundles_ago"].rank(method="dense").astype("int64")
    return frame


@LAW
@given(st.integers(0, 10_000), asked, st.integers(1, 2), st.sets(st.integers(0, ITEMS - 1), max_size=20))
def test_what_rotation_asks_holds_night_after_night(
    seed: int, want: Asked, parts: int, taken: set[int]
) -> None:
    shop, rules = many_families(make_shop(seed, 12)), want.programme()
    family = dict(zip(shop.items["item_id"], shop.items["family_2"], strict=True))
    nights: list[pd.DataFrame] = []
    for _ in range(3):
        # every odd night all that was taken is used; what was rolled back stays unused
        used = {(name, f"i{item}") for name in shop.customers["customer_id"] for item in taken}
        offered = remembered(nights, used if len(nights) % 2 else set())
        slots = a_night(shop, rules, offered, parts).slots
        last = offered[offered["bundles_ago"] == 1]
        before = set(zip(last["customer_id"], last["item_id"], strict=True))
        for name, own in slots.groupby("customer_id"):
            items = own["item_id"].tolist()
            assert len(items) >= rules.bundle.min_items
            assert own["item_id"].map(family).nunique() >= want.families
            again = sum((name, item) in before for item in items)
            assert want.returning is None or again <= want.returning
            if want.family_days:
                theirs = offered[
                    (offered["customer_id"] == name) & (offered["ended_days"] < want.family_days)
                ]
                assert not {family[item] for item in items} & set(theirs["item_id"].map(family))
            rests = offered[(offered["customer_id"] == name) & (offered["bundles_ago"] <= want.item_bundles)]
            assert not set(items) & set(rests["item_id"])
            if want.fatigue_offers == 1:
                tired = offered[
                    (offered["customer_id"] == name) & (offered["bundles_ago"] == 1) & ~offered["used"]
                ]
                assert not set(items) & set(tired["item_id"])
        if len(slots):
            most = slots["item_id"].value_counts().max()
            bundles = slots["customer_id"].nunique()
            assert want.share == 1 or most <= most_of(bundles, want.share)
        nights.append(slots)


@LAW
@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.3, 0.5]))
def test_neither_buckets_nor_their_order_change_who_gives_up_what(seed: int, share: float) -> None:
    shop, rules = many_families(make_shop(seed, 12)), Asked(0, 0, None, 2, 0, share).programme()
    nothing = pd.DataFrame(columns=list(COLUMNS))
    one, two = (a_night(shop, rules, nothing, parts).slots for parts in (1, 2))
    order = ["customer_id", "slot"]
    pd.testing.assert_frame_equal(
        one.sort_values(order, ignore_index=True), two.sort_values(order, ignore_index=True)
    )
