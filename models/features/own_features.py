"""Features that another package gives: of a customer, or of a customer and an item, by SQL or by a function of frames.

Both see copies of one bucket's tables, and nothing that lies at or after `as_of`:

    lines       customer_no, item_no (null where a product is no item), purchased_at, age_days (local days before the day
                of `as_of`), quantity_milli, paid_minor, discount_minor
    items       item_no, item_id, name, family_1 .. family_4
    candidates  customer_no, item_no: the pairs that are scored

Times are shown in the shop's time zone. What all buckets together tell of an item is no feature of a bucket and cannot
be given so; a customer's value must not depend on who else is in the bucket.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb
import numpy as np
import pandas as pd

from models.features.catalogue import Catalogue
from models.features.feature_matrix import FeatureMatrix
from models.features.recipe import PAIR_FEATURES
from models.ground.code import digest_behind
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.ground.plug_ins import FEATURES, installed_names, installed_plug_in, source_digest
from models.tables import CUSTOMER_NO, FAMILY_LEVELS, ITEM_ID, ITEM_NO

CUSTOMER: Literal["customer"] = "customer"
PAIR: Literal["pair"] = "pair"
_KEYS = {CUSTOMER: [CUSTOMER_NO], PAIR: [CUSTOMER_NO, ITEM_NO]}
# LightGBM takes no other characters in a feature's name, and neither does anybody who types it.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class KnownTables:
    """What a feature's function sees of a bucket: the tables above as frames, and the moment they end before."""

    lines: pd.DataFrame
    items: pd.DataFrame
    candidates: pd.DataFrame
    moment: Moment

    def apart(self) -> "KnownTables":
        """The same for one function alone, which may add columns; pandas copies what is written to."""
        lines, items, candidates = (
            frame.copy(deep=False) for frame in (self.lines, self.items, self.candidates)
        )
        return KnownTables(lines, items, candidates, self.moment)


@dataclass(frozen=True)
class OwnFeature:
    """A feature that a profile can choose.

    Attributes:
        name: in the profile, the recipe and the model; also the column that holds the value.
        of: "customer" or "pair".
        sql: a SELECT from `lines`, `items` and `candidates` that gives customer_no, for a pair item_no as well, and the
            value under the feature's name; a row a customer or pair, none or null where nothing is known.
        frame: a function of KnownTables that gives the same as a frame, in place of `sql`.
        state: a digest of what `frame` holds besides its source: a model, a table.

    """

    name: str
    of: Literal["customer", "pair"]
    sql: str = ""
    frame: Callable[[KnownTables], pd.DataFrame] | None = None
    state: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of name, kind, SQL or the source behind `frame`, and of how we compute it; BadInput where it has none."""
        code = "" if self.frame is None else source_digest([self.frame], self._said, state=self.state)
        ours = digest_behind(__name__, whole=False)
        about = [self.name, self.of, self.sql, self.state, code, ours]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()

    @property
    def _said(self) -> str:
        return f"feature {self.name!r}"

    def require_sense(self) -> None:
        """BadInput where the name cannot be a feature's or is ours, or there is not one of `sql` and `frame`."""
        if not _NAME.fullmatch(self.name) or self.name in PAIR_FEATURES:
            raise BadInput(
                f"The feature {self.name!r} needs another name: up to 63 of a-z, 0-9 and _, and none of our own features'."
            )
        if self.of not in _KEYS or bool(self.sql) == (self.frame is not None):
            raise BadInput(
                f"The feature {self.name!r} must be of a customer or of a pair, and given by sql or by frame, not both."
            )


def installed_features(names: Sequence[str]) -> tuple[OwnFeature, ...]:
    """The features that installed distributions give under these names, in the order of the names.

    Raises:
        BadInput: nobody gives one, or it makes no sense, or a name stands twice.

    """
    if len(set(names)) < len(names):
        raise BadInput(f"own_features names a feature twice: {', '.join(names)}; remove one of them.")
    found = []
    for name in sorted(names):
        feature = installed_plug_in(FEATURES, name, OwnFeature, "feature", shipped=PAIR_FEATURES)
        if feature is None:
            raise BadInput(
                f"There is no feature {name!r}: installed distributions give {installed_names(FEATURES)}. Name one of "
                "these, or install the distribution that gives it."
            )
        feature.require_sense()
        found.append(feature)
    return tuple(found)


def with_own_features(
    pairs: FeatureMatrix,
    history: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    moment: Moment,
    features: Sequence[OwnFeature],
) -> FeatureMatrix:
    """The pairs with a column more for each feature.

    Args:
        pairs: a bucket's candidate pairs.
        history: an `open_history` connection of the bucket.
        catalogue: the items.
        moment: up to which history is known.
        features: whose values to add, in this order.

    Raises:
        BadInput: a feature cannot be computed, or gives something else than one number a row.

    """
    if not features:
        return pairs
    said = history.sql(
        "SELECT customer_no, item_no, purchased_at, age_days, quantity_milli, paid_minor, discount_minor FROM lines "
        "ORDER BY ALL"
    )
    lines = said.to_arrow_table().to_pandas().astype({ITEM_NO: "Int32"})
    lines["purchased_at"] = lines["purchased_at"].dt.tz_convert(moment.timezone)
    items = catalogue.items[[ITEM_ID, "name", *FAMILY_LEVELS]].reset_index()
    known = KnownTables(lines, items, pairs.keys[[CUSTOMER_NO, ITEM_NO]].copy(), moment)
    columns = [_column(feature, known) for feature in features]
    values = np.column_stack([pairs.values, *columns]).astype(np.float32)
    return FeatureMatrix(pairs.keys, values, (*pairs.names, *(feature.name for feature in features)))


def values_of(feature: OwnFeature, known: KnownTables) -> pd.Series:
    """A feature's values by customer_no, or by customer_no and item_no.

    Raises:
        BadInput: it cannot be computed, or gives something else than one number a row.

    """
    keys = _KEYS[feature.of]
    try:
        found = _selected(feature, known) if feature.frame is None else feature.frame(known.apart())
        rows = found.reset_index()[[*keys, feature.name]].set_index(keys)[feature.name]
        values: pd.Series = rows.astype("float32")
    except Exception as error:  # whatever foreign code raises
        raise BadInput(
            f"The feature {feature.name!r} cannot be computed ({type(error).__name__}: {error}); expected rows of "
            f"{', '.join([*keys, feature.name])}, the last a number. Correct the feature."
        ) from error
    if values.index.has_duplicates or np.isinf(values.to_numpy()).any():
        came = "several rows" if values.index.has_duplicates else "infinity"
        raise BadInput(
            f"The feature {feature.name!r} gives {came} for a {feature.of}; expected one finite number, or none where nothing "
            "is known. Correct the feature."
        )
    return values


def _column(feature: OwnFeature, known: KnownTables) -> np.ndarray:
    """A feature's value of each candidate, shape (n,), NaN where nothing is known."""
    values, keys = values_of(feature, known), _KEYS[feature.of]
    wanted = known.candidates[keys]
    index = pd.Index(wanted[CUSTOMER_NO]) if feature.of == CUSTOMER else pd.MultiIndex.from_frame(wanted)
    return values.reindex(index).to_numpy(dtype=np.float32)


def _selected(feature: OwnFeature, known: KnownTables) -> pd.DataFrame:
    """What a feature's SQL gives, asked of a database that holds the three tables and reaches no file."""
    with duckdb.connect(config={"threads": 1, "preserve_insertion_order": True}) as database:
        database.execute(f"SET timezone = '{known.moment.timezone}'")
        for name in ("lines", "items", "candidates"):
            database.register("given", getattr(known, name))
            database.execute(f"CREATE TABLE {name} AS FROM given")
            database.unregister("given")
        database.execute("SET python_enable_replacements = false")
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        found = database.sql(f"SELECT * FROM ({feature.sql.strip().rstrip(';')})").to_arrow_table()
    frame: pd.DataFrame = found.to_pandas()
    return frame
