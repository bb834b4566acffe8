"""What another policy would have brought on nights that were published: from their logs, and from what both could have done.

Each night is planned again twice in a folder of its own, from the run's own data, model, snapshot and what it was told of response:
by the policy that was in force, which says what could have been given by which chance, and by the one in question. What was given and
what came of it is then weighed (`models.effects.policy_value`). Nothing of the workspace is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from engine.nightly import passes
from engine.nightly.choosing.cell_plans import CellPlans
from engine.nightly.choosing.drawn_actions import NOTHING_GIVEN, Action, DrawnActions, Place, drawn_actions
from engine.nightly.choosing.policies import policy_of
from engine.nightly.choosing.policy import Policy
from engine.nightly.choosing.staples_exchanged import at_item_prices
from engine.nightly.choosing.thinned_lots import thinned
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.prices.budget_price import settled_at, shadow_price
from engine.nightly.prices.staples_tonight import prices_of
from engine.nightly.verify import only_inputs, policy_of_run
from engine.programme import parse_programme
from engine.programme.policy_section import LEARNS_BY_LOT
from engine.store import Store
from engine.store.log.exported_log import came_of
from engine.store.nights.run_records import Run
from models.effects.logged_support import ratios
from models.effects.policy_value import ExpectedRewards, LoggedRewards, PolicyValue, policy_value
from models.ground.errors import BadInput
from models.ground.locks import only_writer
from models.ground.moment import Moment
from models.ground.progress import Progress
from models.sources import Data
from models.sources.stored.netting import make_standing
from models.tables import CUSTOMER_ID, CUSTOMER_NO, ITEM_ID, OFFER_ID

Chances = Mapping[str, DrawnActions]


@dataclass(frozen=True)
class Target:
    """The policy in question: by itself, or with a programme of its own."""

    policy: Policy
    programme_text: str | None = None


@dataclass
class LoggedActions:
    """Rows of customers and nights, in the order in which they were read.

    Attributes:
        customer, night: whose, and of which run.
        given: what was given.
        uses: by place of it, 1 where the till redeemed the offer.
        visits: days of its window with a purchase.
        logged, target: what either policy could have done.
    """

    customer: list[str] = field(default_factory=list)
    night: list[str] = field(default_factory=list)
    given: list[Action] = field(default_factory=list)
    uses: list[tuple[float, ...]] = field(default_factory=list)
    visits: list[float] = field(default_factory=list)
    logged: list[DrawnActions] = field(default_factory=list)
    target: list[DrawnActions] = field(default_factory=list)


@dataclass(frozen=True)
class OffPolicyAnswer:
    """What was found.

    Attributes:
        logging: names of the policies in force.
        nights: how many.
        rows: customers and nights.
        explored: share of these in which a lot decided what was given.
        found: by estimator; those that the logs do not support are absent.
        refused: by estimator, why.
    """

    logging: tuple[str, ...]
    nights: int
    rows: int
    explored: float
    found: Mapping[str, PolicyValue]
    refused: Mapping[str, str]


def off_policy(
    workspace: Path,
    runs: Sequence[Run],
    store: Store,
    data: Data,
    target: Target,
    *,
    jobs: int,
    progress: Progress,
) -> OffPolicyAnswer:
    """Value a policy on published nights whose windows have ended.

    Raises:
        BadInput: a run cannot be planned again, or the logs support no estimate at all; the sentence says which and why.
    """
    rows, logging = LoggedActions(), []
    for run in runs:
        folder = RunFolder.of(workspace, run.run_id)
        request = folder.request()
        logging.append(str(request["policy"]))
        _require_known(folder, request, target)
        before = planned_actions(workspace, folder, policy_of_run(folder, request), None, jobs, progress)
        after = planned_actions(workspace, folder, target.policy, target.programme_text, jobs, progress)
        add_night(rows, folder, run, store, data, before, after)
    if not rows.customer:
        raise BadInput(
            "No window of these nights has ended by the loaded data; load later purchases, or name earlier nights."
        )
    found, refused = valued(rows)
    if not found:
        raise BadInput(
            f"These nights cannot tell what the policy would bring: {next(iter(refused.values()))}."
        )
    explored = np.mean([max(one.chances.values(), default=0.0) < 1 - 1e-9 for one in rows.logged])
    return OffPolicyAnswer(
        tuple(dict.fromkeys(logging)), len(runs), len(rows.customer), float(explored), found, refused
    )


def valued(rows: LoggedActions) -> tuple[dict[str, PolicyValue], dict[str, str]]:
    """Each estimate that the rows support, by name, and why the others are refused.

    uses_by_slot is the item-position form of the pseudo-inverse; uses and visits are self-normalised importance sampling of whole
    bundles; uses_doubly_robust weighs only what the scores did not foretell.
    """
    places = max((len(action) for one in (*rows.logged, *rows.target) for action in one.chances), default=0)
    whole = _whole(rows)
    uses = np.array([sum(used) for used in rows.uses], dtype=np.float64)
    expected = ExpectedRewards(
        [one.expected_uses.get(given, 0.0) for one, given in zip(rows.logged, rows.given, strict=True)],
        [
            sum(chance * one.expected_uses.get(action, 0.0) for action, chance in one.chances.items())
            for one in rows.target
        ],
    )
    found: dict[str, PolicyValue] = {}
    refused: dict[str, str] = {}
    for name in ("uses_by_slot", "uses", "uses_doubly_robust", "visits"):
        try:
            if name == "uses_by_slot":
                found[name] = policy_value(_by_slot(rows, max(places, 1)))
            else:
                reward = np.array(rows.visits) if name == "visits" else uses
                ratio, reachable = whole
                logged = LoggedRewards(reward, ratios(*ratio), rows.night, rows.customer, reachable)
                found[name] = policy_value(logged, expected if name == "uses_doubly_robust" else None)
        except BadInput as error:
            refused[name] = str(error)
    return found, refused


_Pair = tuple[list[float], list[float]]


def _whole(rows: LoggedActions) -> tuple[_Pair, list[float]]:
    """Both policies' chances of what was given, and how much of the target's the log could have shown."""
    target = [one.chances.get(given, 0.0) for one, given in zip(rows.target, rows.given, strict=True)]
    logged = [one.chances[given] for one, given in zip(rows.logged, rows.given, strict=True)]
    reachable = [
        sum(chance for action, chance in new.chances.items() if action in old.chances)
        for new, old in zip(rows.target, rows.logged, strict=True)
    ]
    return (target, logged), reachable


def _by_slot(rows: LoggedActions, places: int) -> LoggedRewards:
    target, logged, reachable = (np.ones((len(rows.given), places)) for _ in range(3))
    reward = np.zeros((len(rows.given), places))
    for row, (given, used, old, new) in enumerate(
        zip(rows.given, rows.uses, rows.logged, rows.target, strict=True)
    ):
        reward[row, : len(used)] = used
        for place in range(places):
            before, after = _of_place(old, place), _of_place(new, place)
            here = _at(given, place)
            target[row, place], logged[row, place] = after.get(here, 0.0), before[here]
            reachable[row, place] = sum(chance for what, chance in after.items() if what in before)
    return LoggedRewards(reward, ratios(target, logged), rows.night, rows.customer, reachable)


def _of_place(one: DrawnActions, place: int) -> dict[Place | None, float]:
    found: dict[Place | None, float] = {}
    for action, chance in one.chances.items():
        here = _at(action, place)
        found[here] = found.get(here, 0.0) + chance
    return {what: min(chance, 1.0) for what, chance in found.items()}


def _at(action: Action, place: int) -> Place | None:
    return action[place] if place < len(action) else None


def _require_known(folder: RunFolder, request: Mapping[str, Any], target: Target) -> None:
    if folder.claim is not None:
        raise BadInput(
            f"Run {folder.run_id} made pools, of which its customers drew; what they would have drawn of another policy's nobody "
            "knows. Name nights of which every offer counted."
        )
    if target.policy.name == LEARNS_BY_LOT and "response" not in request:
        raise BadInput(
            f'Run {folder.run_id} was told of no response, so the policy "{LEARNS_BY_LOT}" has nothing to go by there; name nights '
            "that were, or another policy."
        )


def planned_actions(
    workspace: Path, folder: RunFolder, policy: Policy, programme: str | None, jobs: int, progress: Progress
) -> dict[str, DrawnActions]:
    """What a policy could have done that night with each customer."""
    request = folder.request()
    committed = folder.committed_milli
    if committed is None:
        raise BadInput(f"Run {folder.run_id} has no snapshot/committed.json; it cannot be planned again.")
    with (
        TemporaryDirectory(prefix="abonement-off-policy-") as scratch,
        only_writer(Path(scratch), f"another policy on {folder.run_id}") as fence,
    ):
        again = only_inputs(workspace, folder, Path(scratch), request | {"policy": policy.name})
        if programme is not None:
            again.folder.programme.write_text(programme, encoding="utf-8")
        passes.read_items(again, fence, jobs, progress)
        passes.plan(again, fence, policy, jobs, progress, every_plan=True)
        budget = shadow_price(again, committed, folder.use().get("factor_bp", {}))
        settled = settled_at(budget)
        found: dict[str, DrawnActions] = {}
        for bucket in range(again.data.buckets):
            for label, plan in CellPlans.load(again.folder.plan(bucket)).plans.items():
                cell, (index, lots_bp) = again.cell(label), settled[label]
                kept = at_item_prices(plan, prices_of(again, budget.get("staples"), label), cell.min_items)
                found |= drawn_actions(thinned(kept, lots_bp), cell.assortment, index)
    return found


def add_night(
    rows: LoggedActions,
    folder: RunFolder,
    run: Run,
    store: Store,
    data: Data,
    before: Chances,
    after: Chances,
) -> None:
    """Add everybody whom both policies could have given a bundle and whose window has ended."""
    used = {one.offer_id for one in came_of(store, run) if one.redeemed_units_milli > 0}
    slots = [
        pd.read_parquet(file, columns=[CUSTOMER_ID, "slot", ITEM_ID, "discount_bp", OFFER_ID])
        for file in folder.checked_files("slots")
    ]
    given = _given(pd.concat(slots, ignore_index=True), used) if slots else {}
    starts = Moment(run.as_of, run.timezone).day
    until = Moment(data.last_purchased_at, data.timezone).day
    names = [name for name in before if name in after and (until - starts).days >= before[name].days]
    visits = _visits(data, {name: before[name].days for name in names}, starts.isoformat())
    for name in names:
        action, redeemed = given.get(name, (NOTHING_GIVEN, ()))
        if action not in before[name].chances:
            raise BadInput(
                f"Run {run.run_id} gave a customer what its policy would not give them now; `abonement verify {run.run_id}` says why. "
                "Leave that night out."
            )
        rows.customer.append(name)
        rows.night.append(run.run_id)
        rows.given.append(action)
        rows.uses.append(redeemed)
        rows.visits.append(visits.get(name, 0.0))
        rows.logged.append(before[name])
        rows.target.append(after[name])


def _given(slots: pd.DataFrame, used: set[str]) -> dict[str, tuple[Action, tuple[float, ...]]]:
    found: dict[str, tuple[Action, tuple[float, ...]]] = {}
    ordered = slots.sort_values([CUSTOMER_ID, "slot"], kind="stable")
    columns = (ordered[name].tolist() for name in (CUSTOMER_ID, ITEM_ID, "discount_bp", OFFER_ID))
    for name, item, depth, offer in zip(*columns, strict=True):
        action, uses = found.get(name, (NOTHING_GIVEN, ()))
        found[name] = (*action, (item, int(depth))), (*uses, float(offer in used))
    return found


def _visits(data: Data, days: Mapping[str, int], starts: str) -> dict[str, float]:
    """Days with a purchase in the window of each customer that begins on a day."""
    windows = pd.DataFrame({CUSTOMER_ID: list(days), "days": list(days.values())})
    found: dict[str, float] = {}
    for purchases, people in _buckets(data):
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET timezone = 'UTC'")
            make_standing(connection, purchases, "true")
            connection.register(
                "windows", windows.merge(people, on=CUSTOMER_ID)[[CUSTOMER_ID, CUSTOMER_NO, "days"]]
            )
            rows = connection.execute(
                f"""
                SELECT customer_id, count(DISTINCT local_day) FROM windows JOIN standing USING (customer_no)
                WHERE date_diff('day', DATE '{starts}', local_day) >= 0 AND date_diff('day', DATE '{starts}', local_day) < days
                GROUP BY 1
                """
            ).fetchall()
        found |= {str(name): float(count) for name, count in rows}
    return found


def _buckets(data: Data) -> Iterator[tuple[Path, pd.DataFrame]]:
    for bucket in range(data.buckets):
        yield (
            data.purchases(bucket),
            pd.read_parquet(data.customers(bucket), columns=[CUSTOMER_NO, CUSTOMER_ID]),
        )


def target_of(policy: Policy | None, programme_text: str | None) -> Target:
    """The policy by itself, else the programme's own.

    Raises:
        BadProgramme: the programme is impossible, or names no policy.
    """
    if programme_text is None and policy is None:
        raise BadInput("Expected --policy NAME or --programme FILE: what is to be valued.")
    chosen = policy or policy_of(parse_programme(str(programme_text), "the programme"))
    return Target(chosen, programme_text)
