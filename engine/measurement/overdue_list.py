"""The overdue list: customers late by their own cycle, worst expected loss first, contacts respected.

`models.customers.overdue` finds the late ones of each bucket; here the programme's margins, the store's contacts and the words
come in. Only the late customers of all buckets are held together.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.domain.contacts import Contact, ContactState, contact_state
from engine.domain.eligibility import may_receive
from engine.domain.money import WHOLE_BP
from engine.programme import Programme
from engine.store import Store
from engine.store.choices.contact_log import contacts_of
from engine.wording.churn_sentences import sentences
from models.customers.overdue import LateRules, late_of_bucket
from models.features.catalogue import Catalogue, build_catalogue
from models.ground.errors import BadInput
from models.ground.moment import Moment
from models.ground.progress import Progress
from models.running.cluster import map_buckets
from models.sources import Data
from models.tables import CUSTOMER_ID, CUSTOMER_NO, FAMILY_LEVELS, OVERDUE
from models.versions import registry
from models.versions.artifact import Artifact


@dataclass(frozen=True)
class Overdue:
    """The list, and who was left off it.

    Attributes:
        customers: columns of OVERDUE, worst expected loss first.
        quiet: late customers who were contacted of late.
        moved: late customers who were found moved.
        no_consent: late customers whom the programme's consent rule lets nobody address.
        net_of_vat: the shop declares VAT, and margins are without it.
    """

    customers: pd.DataFrame
    quiet: int
    moved: int
    no_consent: int
    net_of_vat: bool


def overdue_list(
    workspace: Path,
    data: Data,
    as_of: Moment,
    programme: Programme,
    store: Store | None,
    horizon_days: int | None,
    jobs: int,
    progress: Progress,
) -> Overdue:
    """Make the list.

    Args:
        workspace: its current model is used.
        data: the load in use.
        as_of: nothing at or after it is known.
        programme: late share, stake, quiet days, assumed margins.
        store: for contacts; None where there is no store yet.
        horizon_days: how much longer a customer may stay away; None for the model's first horizon.
        jobs: buckets worked on side by side.
        progress: told bucket by bucket.

    Raises:
        BadInput: the model has no such horizon.
        BadInput, BadArtifact: there is no current model, or it is damaged.
    """
    version = registry.open_current(registry.registry_folder(workspace)).version
    artifact = registry.open_version(registry.registry_folder(workspace), version)
    horizons = artifact.churn.horizons
    if horizon_days is not None and horizon_days not in horizons:
        known = ", ".join(map(str, horizons))
        raise BadInput(
            f"The model knows silences of {known} days, not of {horizon_days}; choose one of them."
        )
    catalogue = build_catalogue(pd.read_parquet(data.products), artifact.manifest.item_level)
    rules = LateRules(
        late_share=programme.outreach.late_share,
        horizon_days=horizon_days or horizons[0],
        stake_days=programme.outreach.stake_days,
        margin_share=_margin_shares(catalogue, programme),
        other_margin_share=programme.assumed_margin_bp.default / WHOLE_BP,
    )
    tasks = [(workspace, version, data, bucket, catalogue, as_of, rules) for bucket in range(data.buckets)]
    parts = map_buckets(_late_rows, tasks, jobs=jobs, what="finding who is late", progress=progress)
    late = pd.concat(parts, ignore_index=True)
    may = np.array([_may_be_addressed(answer, programme) for answer in late["consent"].tolist()], dtype=bool)
    unasked, late = int((~may).sum()), late[may].reset_index(drop=True)
    held = contacts_of(store, late[CUSTOMER_ID].tolist()) if store else {}
    return _respecting(late, _standings(held, as_of, programme), unasked, net_of_vat=catalogue.tax_known)


def _may_be_addressed(consent: object, programme: Programme) -> bool:
    return may_receive(None if pd.isna(consent) else bool(consent), programme.consent.rule)  # type: ignore[call-overload]


def _late_rows(
    workspace: Path,
    version: str,
    data: Data,
    bucket: int,
    catalogue: Catalogue,
    as_of: Moment,
    rules: LateRules,
) -> pd.DataFrame:
    artifact: Artifact = registry.open_version(registry.registry_folder(workspace), version)
    purchases = data.purchases(bucket)
    late = late_of_bucket(artifact.rhythm, artifact.churn, purchases, catalogue, as_of, rules)
    columns = [CUSTOMER_NO, CUSTOMER_ID, "open_complaint", "consent"]
    people = pd.read_parquet(data.customers(bucket), columns=columns)
    rows = late.customers.merge(people, on=CUSTOMER_NO, how="left", validate="one_to_one")
    names = catalogue.items["name"].to_numpy()
    rows["due_items"] = [
        json.dumps([str(names[item]) for item in items], ensure_ascii=False) for items in rows["due_items"]
    ]
    rows["reasons"] = [sentences(reasons) for reasons in late.reasons]
    rows["open_complaint"] = rows["open_complaint"].fillna(value=False).astype(bool)
    return rows.assign(horizon_days=rules.horizon_days, stake_days=rules.stake_days)


def _margin_shares(catalogue: Catalogue, programme: Programme) -> np.ndarray:
    """The programme's assumed margin of each item, as a share of its price."""
    levels = [catalogue.items[level].tolist() for level in FAMILY_LEVELS]
    families = [tuple(name for name in names if isinstance(name, str)) for names in zip(*levels, strict=True)]
    return np.array(
        [programme.assumed_margin_bp.of(names) / WHOLE_BP for names in families], dtype=np.float64
    )


def _standings(
    held: Mapping[str, Collection[Contact]], as_of: Moment, programme: Programme
) -> dict[str, ContactState]:
    summed = {
        name: contact_state(contacts, as_of.as_of, programme.outreach.quiet_days)
        for name, contacts in held.items()
    }
    return {name: known for name, known in summed.items() if known is not None}


def _respecting(
    late: pd.DataFrame, standings: Mapping[str, ContactState], no_consent: int, *, net_of_vat: bool
) -> Overdue:
    known = [standings.get(name) for name in late[CUSTOMER_ID].tolist()]
    moved = np.array([one is not None and one.moved for one in known], dtype=bool)
    quiet = np.array([one is not None and one.quiet and not one.moved for one in known], dtype=bool)
    complaining = np.array([one is not None and one.complaint for one in known], dtype=bool)
    rows = late.assign(
        open_complaint=late["open_complaint"].to_numpy(dtype=bool) | complaining,
        last_contact=pd.Series([one.last.found.value if one else None for one in known], dtype="str"),
    )[~(moved | quiet)]
    rows = rows.sort_values(["expected_loss_minor", CUSTOMER_ID], ascending=[False, True], ignore_index=True)
    return Overdue(rows[list(OVERDUE.names)], int(quiet.sum()), int(moved.sum()), no_consent, net_of_vat)
