"""The named, ordered and fingerprinted features of a model."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from models.features.bucket_history import read_sql

CUSTOMER_FEATURES = (
    "visits",
    "visits_7d",
    "visits_14d",
    "visits_28d",
    "visits_29_56d",
    "visits_84d",
    "visits_182d",
    "days_since_visit",
    "tenure_days",
    "gap_mean_days",
    "gap_median_days",
    "gap_p90_days",
    "gap_max_days",
    "gap_log_mean",
    "gap_log_sd",
    "gap_last_5_days",
    "visits_decayed_28d",
    "spend_minor_28d",
    "spend_minor_84d",
    "basket_minor",
    "basket_minor_last_5",
    "items_a_visit",
    "items_a_visit_last_5",
    "discount_share_84d",
    "overdue_ratio",
    "overdue_log_z",
    "overdue_p90",
    "visits_trend_28d",
    "items",
    "items_84d",
    "repeated_share",
    "new_share_28d",
    "visits_a_28d_7d",
    "visits_a_28d_14d",
    "visits_a_28d_28d",
    "visits_a_28d_56d",
    "visits_a_28d_112d",
    "spend_minor_a_28d",
    "spend_trend",
    "spend_trend_14d",
    "spend_trend_28d",
    "spend_trend_56d",
    "spend_trend_112d",
    "basket_trend",
    "regular_families",
    "dropped_families",
)
# Columns of pair.sql: what customer, item and families have in common.
COMMON_FEATURES = (
    "window_days",
    "buys",
    "buys_28d",
    "buys_84d",
    "buys_last_5_visits",
    "days_since_buy",
    "days_since_first_buy",
    "visits_since_buy",
    "item_gap_days",
    "decayed_14d",
    "decayed_42d",
    "decayed_126d",
    "decayed_visits",
    "units_a_buy",
    "pair_discount_share",
    "share_of_visits",
    "item_overdue_ratio",
    "item_due_ratio",
    "decayed_a_visit",
    "price_paid_ratio",
    "fine_buys",
    "fine_buys_84d",
    "fine_days_since_buy",
    "fine_gap_days",
    "fine_decayed_42d",
    "fine_overdue_ratio",
    "share_of_fine",
    "days_with_another_of_fine",
    "coarse_decayed_42d",
    "coarse_days_since_buy",
)
# What customers who shop alike tell, and the customer's own part of it (`models.neighbours`).
NEIGHBOUR_FEATURES = ("tifu_own", "tifu_neighbours", "upcf", "follow_up", "foretold", "foretold_by_others")
# Columns of the item table, repeated for each pair of the item.
ITEM_FEATURES = (
    "demand_share_7d",
    "demand_share_28d",
    "demand_share_84d",
    "buyers_trend",
    "repeat_share",
    "trial_repeat_share",
    "usual_gap_days",
    "buys_a_buyer",
    "share_of_fine_buyers",
    "unit_price_minor",
    "discount_share_7d",
    "discount_share_56d",
    "first_sold_days",
    "last_sold_days",
)
# Customer features that are repeated for each pair of the customer.
CUSTOMER_FEATURES_OF_PAIRS = (
    "visits_7d",
    "visits_28d",
    "visits_84d",
    "days_since_visit",
    "tenure_days",
    "gap_mean_days",
    "overdue_p90",
    "visits_decayed_28d",
    "items_a_visit",
    "items_a_visit_last_5",
    "items_84d",
    "repeated_share",
    "new_share_28d",
    "discount_share_84d",
    "spend_minor_28d",
)
# What the chain promotes, where the shop says it (`promotion_features`): after all others, and of no model of another shop.
PROMOTION_FEATURES = (
    "promo_display_now",
    "promo_mailer_now",
    "promo_off_now",
    "promo_display_last",
    "promo_mailer_last",
    "promo_display_before",
    "promo_mailer_before",
    "promo_off_before",
    "promo_display_rise",
    "promo_mailer_rise",
    "promo_off_rise",
    "promo_fine_display_now",
    "promo_fine_mailer_now",
    "promo_fine_display_rise",
    "promo_fine_mailer_rise",
    "promo_shop_display_now",
    "promo_shop_mailer_now",
    "promo_shop_display_rise",
    "promo_shop_mailer_rise",
)
PAIR_FEATURES = COMMON_FEATURES + NEIGHBOUR_FEATURES + ITEM_FEATURES + CUSTOMER_FEATURES_OF_PAIRS
# Whatever a feature's value, or which pairs are there to have features, is computed by: package and file.
FORMULAS = (
    ("models.sources.stored", "netting.py"),
    *(
        ("models.features", name)
        for name in ("bought.sql", "history.sql", "item.sql", "price.sql", "customer.sql", "pair.sql")
    ),
    *(
        ("models.features", name)
        for name in ("visit_baskets.py", "odd_values.py", "item_statistics.py", "feature_matrix.py")
    ),
    *(
        ("models.neighbours", name)
        for name in ("vectors.py", "reference.py", "follow_ups.py", "foretold.py", "scores.py")
    ),
    *(("models.items", name) for name in ("candidates.sql", "candidates.py")),
)
# And where the shop says what it promotes.
PROMOTION_FORMULAS = tuple(
    ("models.features", name)
    for name in ("promoted_weeks.sql", "promoted_pairs.sql", "promoted_weeks.py", "promotion_features.py")
)

_NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Recipe:
    """Which features a model reads, in which order, computed by which formulas.

    Attributes:
        customer_features: columns of `customer.sql`, the churn model's matrix.
        pair_features: the affinity model's matrix: columns of `pair.sql`, of the item table, of `customer.sql`.
        formulas_sha256: digest of the texts in FORMULAS; a changed formula under an unchanged name is another
            recipe. A changed comment is one too, which costs a fit; telling the two apart would cost trust.
        own: name and fingerprint of each feature of other packages, the last of `pair_features`.
        promotions: PROMOTION_FEATURES stand before them.
    """

    customer_features: tuple[str, ...]
    pair_features: tuple[str, ...]
    formulas_sha256: str
    own: tuple[tuple[str, str], ...] = ()
    promotions: bool = False

    @property
    def fingerprint(self) -> str:
        """Digest of names, order and formulas."""
        own = [f"{name} {told}" for name, told in self.own]
        text = "\n".join(
            (*self.customer_features, "--", *self.pair_features, "--", self.formulas_sha256, *own)
        )
        return hashlib.sha256(text.encode()).hexdigest()


def current_recipe(own: Mapping[str, str] = _NONE, *, promotions: bool = False) -> Recipe:
    """The recipe that this version of the code computes, with features of other packages: fingerprints by name.

    `promotions`: of a shop that says what it promotes; that of another one is what it was before there were any.
    """
    digest = hashlib.sha256()
    for package, name in (*FORMULAS, *(PROMOTION_FORMULAS if promotions else ())):
        digest.update(read_sql(name, package).encode())
    pair_features = (*PAIR_FEATURES, *(PROMOTION_FEATURES if promotions else ()), *own)
    return Recipe(CUSTOMER_FEATURES, pair_features, digest.hexdigest(), tuple(own.items()), promotions)
