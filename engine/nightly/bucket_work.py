"""What a worker of a night does for one bucket; every argument can be pickled, what it leaves lies in the run folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.domain.arms import Arm
from engine.domain.budget_lines import cell_of, line_of
from engine.domain.eligibility import Outcome
from engine.nightly.choosing.assignment import assign_bucket
from engine.nightly.choosing.bucket_plan import paid_by_a_line, plan_bucket
from engine.nightly.choosing.cell_plans import CellPlans
from engine.nightly.choosing.customer_facts import OFFERS_SEEN, OFFERS_USED, customer_facts
from engine.nightly.choosing.favourite_suggestions import NO_ADVICE, suggest, without_favourites
from engine.nightly.choosing.funded_slots import funded_slots
from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.rule_effects import RuleCase, with_effects
from engine.nightly.choosing.staples_exchanged import at_item_prices
from engine.nightly.choosing.thinned_lots import thinned
from engine.nightly.context import NightContext, context_of
from engine.nightly.folder.customer_scores import customer_scores
from engine.nightly.folder.run_folder import RunFolder, write_parquet
from engine.nightly.guard.night_measures import keep_counts
from engine.nightly.prices.funders_tonight import lines_of
from engine.nightly.prices.staples_tonight import prices_of
from engine.nightly.shelf.age_rule import AgeRule, with_ages
from engine.nightly.shelf.assigned_customers import assigned_to_others, with_enough
from engine.nightly.shelf.candidate_rule import CandidateRule
from engine.nightly.shelf.offered_before import nothing_offered
from engine.nightly.shelf.offered_beside import beside_rules
from engine.nightly.shelf.one_a_household import HOUSEHOLD_ID, household_part, with_years
from engine.nightly.shelf.own_stores import OwnStores
from engine.nightly.shelf.rotation import rotation_rules
from engine.nightly.shelf.ruled_customers import ruled_customers, with_rules, without_bundle, without_the_late
from engine.nightly.shelf.sold_lately import sold_part
from engine.nightly.shelf.stock_lots import StockLots
from engine.nightly.shelf.usual_store import customers_elsewhere
from engine.nightly.shelf.who_is_asked import OTHER_ENGINE
from engine.wording.churn_sentences import sentences
from models.features.item_statistics import ItemPart
from models.ground.errors import BadInput
from models.scoring import bucket_item_part, bucket_standing, score_bucket
from models.tables import CUSTOMER_ID, CUSTOMER_NO


def item_part_of(workspace: Path, run_id: str, request: str, bucket: int) -> ItemPart:
    """One bucket's share of the item statistics."""
    context = context_of(workspace, run_id, request)
    return bucket_item_part(context.data.purchases(bucket), context.catalogue, context.moment)


def product_part_of(workspace: Path, run_id: str, request: str, bucket: int) -> ItemPart:
    """One bucket's share of the product statistics, where items are families."""
    context = context_of(workspace, run_id, request)
    return bucket_item_part(context.data.purchases(bucket), context.product_catalogue, context.moment)


def sold_part_of(workspace: Path, run_id: str, request: str, bucket: int) -> pd.DataFrame:
    """One bucket's share of what was sold lately, by store."""
    context = context_of(workspace, run_id, request)
    rules = context.night.programme.shelf
    if rules is None:
        raise BadInput("expected a programme with [shelf]; without it nobody asks what was sold lately")
    return sold_part(context.data.purchases(bucket), context.catalogue, context.moment, rules)


def household_part_of(workspace: Path, run_id: str, request: str, bucket: int) -> pd.DataFrame:
    """One bucket's members of households who could have a bundle."""
    context = context_of(workspace, run_id, request)
    columns = [CUSTOMER_NO, CUSTOMER_ID, "consent", "open_complaint", "birth_date", HOUSEHOLD_ID]
    people = pd.read_parquet(context.data.customers(bucket), columns=columns)
    rules, folder, purchases = context.night.programme, context.folder, context.data.purchases(bucket)
    paused = _paused(people, pd.read_parquet(folder.paused(bucket)))
    stopped = customers_elsewhere(people, purchases, rules, context.moment).union(
        _with_enough(context, bucket), *(paused[why] for why in rules.outreach.pauses_offers)
    )
    drawn = context.arms(bucket)
    held = set(drawn.loc[drawn["arm"] == Arm.HOLDOUT, CUSTOMER_ID])
    has_open = set(pd.read_parquet(folder.open_customers(bucket))[CUSTOMER_ID])
    has_open |= _open_shadows(folder, bucket)
    part = household_part(
        people,
        purchases,
        context.moment,
        context.night,
        stopped=stopped | (_stopped_for_where_they_stand(context, bucket) - has_open),
        has_open=has_open,
        held=held if "bundle" in rules.holdout.covers else (),
    )
    return with_years(part, people, context.night) if rules.eligibility.household_shares else part


def _stopped_for_where_they_stand(context: NightContext, bucket: int) -> set[str]:
    """The ids of whom a rule gives no bundle and whom the programme is not for."""
    programme, data = context.night.programme, context.data
    if programme.rules is None and programme.assigned is None:
        return set()
    stand = bucket_standing(
        context.artifact,
        data.purchases(bucket),
        data.customers(bucket),
        context.catalogue,
        context.moment,
        context.lifecycle_rules,
    )
    drawn = context.arms(bucket)
    cells = dict(zip(drawn[CUSTOMER_ID], drawn["cell"], strict=True))
    others = assigned_to_others(programme.assigned, stand, cells)
    return others | without_bundle(ruled_customers(programme.rules, stand))


def plan_of(
    workspace: Path, run_id: str, request: str, bucket: int, policy: Policy, every_plan: bool = False
) -> None:
    """First pass over a bucket, left in the run folder; `every_plan` as in `plan_bucket`."""
    context = context_of(workspace, run_id, request)
    rules, seen_days = context.night.programme.rules, context.night.programme.eligibility.seen_days
    known = score_bucket(
        context.artifact,
        context.data.purchases(bucket),
        context.data.customers(bucket),
        context.shop,
        context.night.window_days,
        seen_days if rules is None else rules.seen_days(seen_days),
        context.lifecycle_rules,
        prospects=context.night.programme.eligibility.prospects,
    )
    ruled = ruled_customers(rules, known.lifecycle)
    scored = without_the_late(known.scored, seen_days, ruled)
    told = [
        sentences(known.reasons.get(customer_no, ())) or None
        for customer_no in scored.customers[CUSTOMER_NO].tolist()
    ]
    drawn = context.arms(bucket)
    arms = dict(zip(drawn[CUSTOMER_ID].tolist(), drawn["arm"].tolist(), strict=True))
    write_parquet(context.folder.people(bucket), customer_scores(known.lifecycle, arms))
    keep_counts(context.folder.counts(bucket), scored.candidates)
    people = pd.read_parquet(
        context.data.customers(bucket),
        columns=[CUSTOMER_NO, CUSTOMER_ID, "consent", "open_complaint", "birth_date"],
    )
    elsewhere = customers_elsewhere(
        people, context.data.purchases(bucket), context.night.programme, context.moment
    )
    advised = NO_ADVICE
    if context.night.programme.favourite.offered:
        advised = suggest(
            context.night,
            people,
            scored.customers[CUSTOMER_NO],
            scored.candidates,
            context.pickable,
            arms=arms,
            elsewhere=elsewhere,
            ages=AgeRule.of(context.catalogue.items["flags"], people, context.night),
        )
    advised = with_ages(advised, people, context.night)
    if context.night.programme.favourite.offered or len(advised):
        write_parquet(context.folder.suggestions(bucket), advised)
    favourites = pd.read_parquet(context.folder.favourites(bucket))
    facts = customer_facts(
        known.lifecycle, context.night.programme.loyalty.period_days, _lately(context.folder, bucket)
    )
    reasons = pd.Series(told, scored.customers.index, dtype="str")
    customers = scored.customers.assign(churn_reasons=reasons).join(facts, on=CUSTOMER_NO)
    candidates = without_favourites(scored.candidates, people, context.assortment.item_id, favourites)
    in_cell = customers[CUSTOMER_ID].map(drawn.set_index(CUSTOMER_ID)["cell"])
    if rules is not None:
        customers, in_cell = with_rules(customers, ruled, in_cell)
    plans, effects = {}, []
    remembered = context.folder.offered_before(bucket)
    offered = pd.read_parquet(remembered) if remembered.exists() else nothing_offered()
    of_shelf = _shelf_rules(context, bucket)
    one_a_household, youngest = _other_members(context), _youngest(context)
    beside = beside_rules(context.folder.offered_beside(bucket))
    paused = _paused(people, pd.read_parquet(context.folder.paused(bucket))) | {
        Outcome.NOT_ASSIGNED.value: assigned_to_others(
            context.night.programme.assigned,
            known.lifecycle,
            dict(zip(drawn[CUSTOMER_ID], drawn["cell"], strict=True)),
        ),
        Outcome.ENOUGH_OFFERS.value: _with_enough(context, bucket),
    }
    for label in sorted({*in_cell, *map(cell_of, in_cell)}) or [""]:
        cell = context.cell(label)
        mine = customers[(in_cell == label).to_numpy(np.bool_)].reset_index(drop=True)
        theirs = candidates[candidates[CUSTOMER_NO].isin(mine[CUSTOMER_NO])].reset_index(drop=True)
        rotation = rotation_rules(
            cell.night.programme.rotation, offered, cell.assortment, context.catalogue.items
        )
        of_candidates = [
            AgeRule.of(context.catalogue.items["flags"], people, cell.night, youngest),
            *of_shelf,
            *beside,
            *rotation.rules,
        ]
        plans[label] = plan_bucket(
            cell.night,
            cell.assortment,
            mine,
            theirs,
            consent=people.set_index(CUSTOMER_NO)["consent"],
            open_customers=set(pd.read_parquet(context.folder.open_customers(bucket))[CUSTOMER_ID]),
            open_shadows=_open_shadows(context.folder, bucket),
            paused=paused,
            arms=arms,
            elsewhere=elsewhere,
            other_members=one_a_household,
            rules=of_candidates,
            variety=rotation.variety,
            policy=cell.policy or policy,
            knowledge=context.knowledge,
            every_plan=every_plan,
        )
        if line_of(label) is not None:
            plans[label] = paid_by_a_line(plans[label])
        if rules is not None:
            case = RuleCase(cell.night, cell.assortment, of_candidates, rotation.variety, context.knowledge)
            effects.append(case.effects(cell.policy or policy, mine, theirs, plans[label].customers))
    if rules is not None:
        write_parquet(context.folder.ruled(bucket), with_effects(ruled, effects))
    CellPlans(plans).save(context.folder.plan(bucket))


def _shelf_rules(context: NightContext, bucket: int) -> list[CandidateRule]:
    """What the programme's [shelf] takes from single customers of a bucket."""
    rules, sold = context.night.programme.shelf, context.sold
    if rules is None or sold is None:
        return []
    found: list[CandidateRule] = [StockLots.of(context.stock, sold, rules, context.night)]
    if rules.store_sales > 0:
        young = context.catalogue.launched(context.moment.day, rules.store_days)
        found.append(OwnStores.of(sold, context.data.purchases(bucket), context.moment, rules, young))
    return found


def _with_enough(context: NightContext, bucket: int) -> set[str]:
    file, rules = context.folder.offered_beside(bucket), context.night.programme
    if not file.exists():
        return set()
    return with_enough(rules.assigned, pd.read_parquet(file), rules.bundle.max_items)


def _other_members(context: NightContext) -> set[str]:
    """Customers whose household has its one bundle with another member; nobody where each has their own."""
    if not context.night.programme.eligibility.one_a_household:
        return set()
    return set(pd.read_parquet(context.folder.households)[CUSTOMER_ID])


def _youngest(context: NightContext) -> "pd.Series[int] | None":
    """The age of the youngest who sees a shared bundle, by the ids of all who do; None where nobody shares."""
    if not context.night.programme.eligibility.household_shares:
        return None
    return pd.read_parquet(context.folder.sharers).set_index(CUSTOMER_ID)["years"]


def _open_shadows(folder: RunFolder, bucket: int) -> set[str]:
    """Who keeps a bundle that was never served; a run of an earlier release did not ask."""
    file = folder.open_shadows(bucket)
    return set(pd.read_parquet(file)[CUSTOMER_ID]) if file.exists() else set()


def _lately(folder: RunFolder, bucket: int) -> pd.DataFrame:
    """Offers of a bucket's customers that ended lately, where the policy asked for them."""
    if not folder.offers_lately(bucket).exists():
        return pd.DataFrame({CUSTOMER_ID: pd.Series(dtype="str"), OFFERS_SEEN: [], OFFERS_USED: []})
    return pd.read_parquet(folder.offers_lately(bucket))


def _paused(people: pd.DataFrame, found: pd.DataFrame) -> dict[str, set[str]]:
    """Customers with an open complaint, and those who have moved: by the shop's table and by contacts; whom another engine serves."""
    complaining = people.loc[people["open_complaint"].fillna(value=False).astype(bool), CUSTOMER_ID]
    return {
        "complaint": set(complaining) | set(found.loc[found["why"] == "complaint", CUSTOMER_ID]),
        **{why: set(found.loc[found["why"] == why, CUSTOMER_ID]) for why in ("moved", OTHER_ENGINE)},
    }


def assign_of(
    workspace: Path,
    run_id: str,
    request: str,
    bucket: int,
    settled_at: Mapping[str, tuple[int, int]],
    staples: Mapping[str, Any] | None,
    funders: list[dict[str, Any]] | None,
) -> None:
    """Second pass over a bucket, left in the run folder; the outcomes are written last.

    `settled_at` has for each cell the index of its shadow price and how many basis points of its lots count, `staples` what
    items cost where their share is limited, `funders` what suppliers' budgets cost.
    """
    context = context_of(workspace, run_id, request)
    settled = []
    paid: list[pd.DataFrame] = []
    for label, first in CellPlans.load(context.folder.plan(bucket)).plans.items():
        cell, (index, lots_bp) = context.cell(label), settled_at[label]
        price, lines = prices_of(context, staples, label), lines_of(context, funders, label)
        plan = thinned(at_item_prices(first, price, cell.min_items, lines), lots_bp)
        one = assign_bucket(plan, cell.night, cell.assortment, index, context.customer_sentences)
        settled.append(one)
        if cell.assortment.funded is not None:
            paid.append(funded_slots(one.slots, cell.assortment, cell.assortment.funded))
    slots = _in_order([one.slots for one in settled], [CUSTOMER_ID, "slot"])
    write_parquet(context.folder.slots(bucket), slots)
    if paid:
        write_parquet(context.folder.funded(bucket), _in_order(paid, [CUSTOMER_ID, "slot"]))
    shadows = _in_order([one.shadows for one in settled], [CUSTOMER_ID, "slot"])
    write_parquet(context.folder.shadows(bucket), shadows)
    write_parquet(
        context.folder.outcomes(bucket), _in_order([one.customers for one in settled], [CUSTOMER_ID])
    )


def _in_order(parts: Sequence[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    """Cells together, customers in the order in which one cell alone has them."""
    if len(parts) == 1:
        return parts[0]
    return pd.concat(parts).sort_values(by, kind="stable", ignore_index=True)
