"""A night in a few lines, and a bundle as its customer sees it, for people at a terminal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.domain.budget import MILLI
from engine.domain.customer_view import by_bundle
from engine.nightly.choosing.policy import depth_rule
from engine.nightly.folder.rule_figures import rule_in_words
from engine.nightly.guard.arm_inspection import in_words
from engine.nightly.in_force.funders_promised import given_of
from engine.nightly.run import NightResult
from models.ground.currencies import written
from models.ground.model_age import old_model
from models.running.terminal import number_of


def night_summary(result: NightResult, currency: str, model_days: int) -> str:
    """The night's one-line summary, then who got what and what it is expected to cost, and whether its model is old."""
    manifest = result.manifest
    night, budget = manifest["result"], manifest["budget"]
    lines = [
        (
            f"Night {result.run_id}: {night['bundles']:,} bundles with {night['offers']:,} offers for "
            f"{night['customers']:,} customers seen, published{_resumed(result)}."
        ),
        f"  outcomes   {counts(night['outcomes'])}",
        f"  kinds      {counts(night['kinds'])}",
        f"  depths     {counts({f'{int(depth) / 100:g} %': n for depth, n in night['depths_bp'].items()})}",
        f"  reasons    {counts(night['reasons'])}",
        (
            f"  budget     expected cost {written(budget['planned_milli'] / MILLI, currency)} of "
            f"{written(budget['allowance_milli'] / MILLI, currency)} {currency} that tonight may plan ({number_of(budget['nights_left'], 'night')} left of the {budget['period']})"
            f"{_net(night, currency)}"
        ),
        *_use(night, budget),
        *(f"  line       {line}" for line in budget_lines(budget, currency)),
        *(f"  supplier   {_funder(manifest, line, currency)}" for line in budget.get("funders", ())),
        f"  favourite  {favourite_line(manifest['favourite'], currency)}",
        f"  guard      {guard_line(manifest['guard'])}",
        f"  model      {manifest['model']}; expected to be bought: {night['expected_uses'] or 0:,.0f} offers",
    ]
    lines += _side_by_side(manifest.get("side_by_side"))
    if "shelf" in manifest:
        lines.append(f"  shelf      {shelf_line(manifest['shelf'])}")
    if (manifest.get("holdout") or {"rotated": False})["rotated"]:
        lines.append("  holdout    rotated as planned: others are held out from tonight on")
    arms = manifest.get("arms", {"experiments": {}, "alarms": ()})  # of a night of an earlier release
    lines += [f"  arms       {line}" for line in in_words(arms)]
    lines += [f"  warning    {alarm}" for alarm in arms["alarms"]]
    if manifest["policy"] != depth_rule.name:
        lines += [f"  policy     {manifest['policy']}", f"  plans      {counts(night['plans'])}"]
    if _takes(manifest.get("rotation")):
        lines.append(f"  rotation   {rotation_line(manifest['rotation'])}")
    lines += [f"  rule       {line}" for line in rule_lines(manifest.get("rules", {}), currency)]
    if "learning" in manifest:
        lines.append(f"  learning   {learning_line(manifest['learning'], currency)}")
    old = old_model(manifest["model"], datetime.fromisoformat(manifest["as_of"]).date(), model_days)
    return "\n".join([*lines, *([f"  warning    {old}"] if old else [])])


def budget_lines(budget: Mapping[str, Any], currency: str) -> list[str]:
    """`win_back: expected cost 3.20 of 50.00 EUR that tonight may plan (5 nights left of the week); 12.40 were wanted`."""
    return [
        f"{name}: expected cost {written(line['planned_milli'] / MILLI, currency)} of "
        f"{written(line['allowance_milli'] / MILLI, currency)} {currency} that tonight may plan "
        f"({number_of(line['nights_left'], 'night')} left of the {line['period']}); "
        f"{written(line['wanted_milli'] / MILLI, currency)} were wanted"
        + (f"; given to {line['given']:,} of {line['due']:,} who are due" if "given" in line else "")
        for name, line in budget.get("lines", {}).items()
    ]


def rule_lines(rules: dict[str, Any], currency: str) -> list[str]:
    """`at_height: none, 41 customers, 38 of them would have had a bundle; 33.2 expected uses and 12.40 EUR less`."""
    return [
        f"{rule_in_words({'rule': name, **rule})}, {number_of(rule['customers'], 'customer')}, {rule['bundles']:,} of them would "
        f"have had a bundle; {(rule['uses_milli'] - rule['uses_kept_milli']) / MILLI:,.1f} expected uses and "
        f"{written((rule['cost_milli'] - rule['cost_kept_milli']) / MILLI, currency)} {currency} less"
        for name, rule in rules.items()
    ]


def _side_by_side(told: dict[str, Any] | None) -> list[str]:
    """Which programme it is, by which windows its model serves it, and which ones stand beside it; nothing for a shop with one."""
    if told is None:
        return []
    (shortest, longest), (least, most) = told["model_window_days"], told["validity_days"]
    name = told["name"] or "without a name"
    lines = [
        f"  programme  {name}: its bundles last {_days(least, most)}; the model predicts purchases within {_days(shortest, longest)}"
    ]
    for other, about in told["beside"].items():
        lines.append(f"  beside     {other or 'the programme without a name'}, by run {about['run_id']}")
        lines += [
            f"  warning    {rule} there; tills and apps go by the night published last: write the same into both"
            for rule in about["differs"]
        ]
    return lines


def _days(least: int, most: int) -> str:
    return number_of(least, "day") if least == most else f"{least} to {most} days"


def learning_line(learning: dict[str, Any], currency: str) -> str:
    """`exploring: 812 of 5,420 asked are exposed (at most 15.0%), 640 bundles by lot, 0 surely pay; ` and `learning_cost`."""
    return (
        f"{learning['state']}: {learning['exposed']:,} of {learning['asked']:,} asked are exposed "
        f"(at most {learning['share']:.1%}), {learning['by_lot']:,} bundles by lot, {learning['paying']:,} surely pay; "
        f"{learning_cost(learning, currency)}"
        + (f"; the budget has room for {learning['lots']:.0%} of the lots" if "lots" in learning else "")
    )


def learning_cost(learning: dict[str, Any], currency: str) -> str:
    """`tonight's lots may cost 12.40 EUR; 320.00 of 500.00 EUR for learning is spent, 180.00 left`.

    Beside it, where bundles surely pay, what they would lose: the sum does not bound that.
    """
    left = max(learning["sum_minor"] - learning["spent_minor"], 0.0)
    beyond = ", less than tonight may cost" if learning["cost_minor"] > left else ""
    return (
        f"tonight's lots may cost {written(learning['cost_minor'], currency)} {currency}; "
        f"{written(learning['spent_minor'], currency)} of {written(learning['sum_minor'], currency)} {currency} for learning is "
        f"spent, {written(left, currency)} left{beyond}{_beside(learning, currency)}"
    )


def _beside(learning: dict[str, Any], currency: str) -> str:
    """What bundles that surely pay lose by themselves; nothing where there are none, or an earlier release did not say."""
    paying_minor = learning.get("paying_at_most_minor", 0.0)
    if not paying_minor > 0:
        return ""
    lost = f"{written(paying_minor, currency)} {currency}"
    return f"; beside it, bundles that surely pay by what is believed lose {lost} should they bring nobody"


def _takes(rotation: dict[str, Any] | None) -> bool:
    """Whether rotation changed anything tonight; on a first night nothing can return."""
    return rotation is not None and bool(rotation["places"] or rotation["staples"])


def rotation_line(rotation: dict[str, Any]) -> str:
    """`bundles are expected to be used 1.92 times instead of 2.05 (-6.3 %): item_rests 1,203, returning 80 places; 14 items at their share`."""
    without, kept = (
        rotation[uses] / max(rotation[bundles], 1) / MILLI
        for uses, bundles in (("uses_milli", "bundles"), ("uses_kept_milli", "bundles_kept"))
    )
    kept -= rotation["exchanged_milli"] / max(rotation["bundles_kept"], 1) / MILLI
    change = f" ({kept / without - 1:+.1%})" if without else ""
    places = counts(rotation["places"])
    return (
        f"a bundle is expected to be used {kept:.2f} times instead of {without:.2f}{change}; places taken: {places}; "
        f"{number_of(rotation['staples'], 'item')} in as many bundles as allowed"
    )


def shelf_line(shelf: dict[str, Any]) -> str:
    """`12 items sold out, 3 sold no more, 4 scarce and offered by lot (of 1 the bundles may use more than is there)`."""
    said = (
        f"{shelf['sold_out']:,} items sold out, {shelf['sold_no_more']:,} sold no more, "
        f"{shelf['scarce']:,} scarce and offered by lot"
    )
    over = shelf["over_stock"]
    return f"{said} (of {over:,} the bundles may use more than is there)" if over else said


def guard_line(guard: dict[str, Any]) -> str:
    """`15 checks passed (6 had nothing to compare with)`, and what was accepted."""
    passed = sum(check["ok"] for check in guard.values())
    silent = sum(check["value"] is None for check in guard.values())
    accepted = [name for name, check in guard.items() if check["accepted"]]
    said = f"{passed} checks passed" + (f", {silent} of them had nothing to compare with" if silent else "")
    return said + (f"; failed and accepted: {', '.join(accepted)}" if accepted else "")


def favourite_line(line: dict[str, Any], currency: str) -> str:
    """`312 customers have one; expected cost 45.20 of 2,000.00 EUR a week, 12.30 given so far`."""
    if not line["offered"]:
        return f"not offered; {line['customers']:,} customers still have one"
    said = (
        f"{line['customers']:,} customers have one; expected cost {written(line['planned_milli'] / MILLI, currency)} of "
        f"{written(line['amount_minor'], currency)} {currency} a {line['period']}, "
        f"{written(line['given_minor'], currency)} given so far"
    )
    sold = line["units_sold_milli"]
    if sold is None:
        return said
    return f"{said}; sold {sold / 1000:.1f} units, expected {line['expected_units']}"


def _use(night: dict[str, Any], budget: dict[str, Any]) -> list[str]:
    """`tills gave .67 of what was expected (novelty .52, preferred .70); chance of overspending the week 3 %`."""
    if "overspend_chance" not in night:  # a run of an earlier version
        return []
    factors = budget.get("factor_bp", {})
    kinds = ", ".join(f"{kind} {bp / 100:.0f} %" for kind, bp in factors.items())
    used = f"tills give of what is expected: {kinds}; " if factors else ""
    return [
        f"  use        {used}chance of overspending the {budget['period']} {night['overspend_chance']:.0%}"
    ]


def _funder(manifest: dict[str, Any], line: dict[str, Any], currency: str) -> str:
    """`Dairy, A-7: 120.40 planned of 250.00 EUR left (310.00 wanted), 12.30 given so far`."""
    planned, left, wanted = (
        written(line[name] / MILLI, currency) for name in ("planned_milli", "allowance_milli", "wanted_milli")
    )
    return (
        f"{line['funder']}, {line['agreement']}: {planned} planned of {left} {currency} left ({wanted} wanted), "
        f"{written(given_of(manifest, line), currency)} given so far"
    )


def _net(night: dict[str, Any], currency: str) -> str:
    """`; 31.20 net of VAT` where the shop declares it: the budget counts shelf prices."""
    if "net_cost_milli" not in night:
        return ""
    return f"; {written(night['net_cost_milli'] / MILLI, currency)} net of VAT"


def _resumed(result: NightResult) -> str:
    if not result.resumed_buckets:
        return ""
    return f"; {result.resumed_buckets:,} of {result.buckets:,} buckets were taken over from an interrupted start"


def counts(numbers: dict[str, int]) -> str:
    """`preferred 9,120, novelty 2,880`."""
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items()) or "none"


def bundle_card(view: dict[str, Any]) -> str:
    """One customer's offers as text: item, prices, kind and reason."""
    bundle = view["bundle"]
    if bundle is None:
        why = f": {view['no_bundle']['text']}" if "no_bundle" in view else ""
        return "\n".join([f"Customer {view['customer_id']} has no bundle{why}.", *_rule(view), *_worth(view)])
    lines = []
    for one, offers in by_bundle(view):
        of = f" of {one['programme']}" if "programme" in one else ""
        lines += [
            f"Customer {view['customer_id']}: bundle {one['id']}{of}, {one['valid_from']} to {one['valid_to']}",
            *(line for offer in offers for line in _offer_lines(offer)),
        ]
    if promoted := view.get("planned_promotion"):
        lines.append(f"  left out, because everybody gets it as cheap this week: {', '.join(promoted)}")
    return "\n".join([*lines, *_rule(view), *_why(view), *_worth(view)])


def _why(view: dict[str, Any]) -> list[str]:
    """What speaks for each item, and the likeliest one that a rule left out beside it, where that was asked for."""
    return [
        f"  why {one['name'][:38]}: {one['reason_analyst']}"
        + ("" if one["runner_up"] is None else f"; {one['runner_up']} was left out: {one['runner_up_rule']}")
        for one in view.get("why", ())
    ]


def _rule(view: dict[str, Any]) -> list[str]:
    """The rule that counts for the customer, where one does."""
    return [f"  rule: {view['rule']['text']}"] if "rule" in view else []


def _offer_lines(offer: dict[str, Any]) -> list[str]:
    price = (
        ""
        if offer["price_minor"] is None
        else f"{written(offer['price_minor'], offer['currency']):>7} -> "
        f"{written(offer['offer_price_minor'], offer['currency'])}"
    )
    line = (
        f"  -{offer['discount_bp'] / 100:g} %  {offer['item']['name'][:38]:<38} {price:<16} "
        f"{offer['kind']:<10} {offer['reason']['text']}"
    )
    if instead := offer.get("substitute_for"):
        return [
            line,
            f"         for {instead['item']['name']}, which is sold out: {instead['reason']['text']}",
        ]
    return [line]


def _worth(view: dict[str, Any]) -> list[str]:
    """What the bundle is worth, or the one that is only logged would be, where that was asked for."""
    worth = view.get("worth")
    if worth is None:
        return []
    told = ["  what they would have had:"] if worth["shadow"] else []
    return [*told, *(f"  {line}" for line in worth["text"])]
