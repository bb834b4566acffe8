"""A night as a person would tell it: who everybody is, what they get or why not, and what a rule left out beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from engine.commands.night_summary import night_summary
from engine.console.frame.texts import texts_in
from engine.nightly.context import NightContext
from engine.nightly.folder.rule_figures import rule_in_words, rule_of
from engine.nightly.folder.run_folder import RunFolder
from engine.nightly.folder.why_no_bundle import why_no_bundle
from engine.nightly.run import NightResult
from engine.nightly.shelf.assortment import REMOVALS
from models.ground.currencies import written
from tests.engine.nightly.golden_shop import HABITS, PRODUCT_NAMES, SAID_PRICES, GoldenNight

TOLD = Path(__file__).with_name("golden_night.txt")
# Versions, and what shows no rule.
UNTOLD = ("  use ", "  model ", "  guard ", "  favourite ")
FLAGS = ("at_a_loss", "deal_only", "at_height", "reward_alarm")


def rows_of(folder: RunFolder, kind: str) -> pd.DataFrame:
    """One of the run's logs, all buckets together."""
    return pd.concat([pd.read_parquet(file) for file in folder.checked_files(kind)], ignore_index=True)


def golden_text(night: GoldenNight) -> str:
    """The whole night: its sums, what is the matter with its goods, then customer by customer."""
    context = night.context
    folder, currency, rules = context.folder, context.data.currency, context.night.programme.rules
    slots, people = rows_of(folder, "slots"), rows_of(folder, "people").set_index("customer_id")
    gifts = pd.read_parquet(folder.grants).set_index("customer_id")["kind"]
    summary = night_summary(NightResult(folder.run_id, folder.manifest(), 1, 0), currency, 90).splitlines()
    lines = [line for line in summary if not line.startswith(UNTOLD)]
    lines += ["", "The goods:", *(f"  {line}" for line in (*night.findings, *_goods(context, currency)))]
    for name, habit in HABITS.items():
        always = ", ".join(PRODUCT_NAMES[product] for product in habit.always.split())
        lines += [
            "",
            f"{name.capitalize()} {habit.who} ({_standing(people.loc[name])}); always buys: {always}.",
        ]
        own = slots[slots["customer_id"] == name].to_dict("records")
        lines += [f"  {line}" for line in (_offers(own, currency) if own else _none(folder, name))]
        if rule := rule_of(folder, name):
            lines.append(f"  By the programme's rule {rule_in_words(rule)}.")
        if name in gifts:
            terms = getattr(rules, gifts[name])
            money = written(terms.each_minor, currency)
            lines.append(f'  Given: a {gifts[name].replace("_", "-")} of {money} {currency}, "{terms.says}"')
    return "\n".join(lines) + "\n"


def _goods(context: NightContext, currency: str) -> Iterator[str]:
    goods = context.assortment
    for item, price in zip(goods.item_id, goods.price_minor, strict=True):
        said = round(100 * SAID_PRICES[item])
        if said != price:
            yield (
                f"{PRODUCT_NAMES[item]} counts as {written(price, currency)} {currency}; the products table says "
                f"{written(said, currency)}."
            )
    for item, code in zip(goods.item_id, goods.removed_by, strict=True):
        if rule := REMOVALS[code]:
            yield f"{PRODUCT_NAMES[item]}: offered to nobody, because {_in_words(rule)} ({rule})."


def _standing(person: "pd.Series[Any]") -> str:
    flags = person[list(FLAGS)].fillna(value=False).astype(bool)
    return ", ".join([person["ladder"], *flags[flags].index])


def _none(folder: RunFolder, name: str) -> Iterator[str]:
    why = why_no_bundle(folder, name, tell_arms=True)
    yield f"No bundle, because {why.text} ({why.code})."


def _offers(slots: list[dict[str, Any]], currency: str) -> Iterator[str]:
    yield f"A bundle from {slots[0]['valid_from']:%d %B} to {slots[0]['valid_to']:%d %B}:"
    for slot in slots:
        before, now = (written(slot[price], currency) for price in ("price_minor", "offer_price_minor"))
        yield (
            f"  {slot['name']:<15} -{slot['discount_bp'] // 100} %  {before} -> {now}  {slot['kind']:<11}"
            f"{slot['reason_text']}"
        )
    left_out = {
        slot["runner_up"]: slot["runner_up_rule"] for slot in slots if isinstance(slot["runner_up"], str)
    }
    for item, rule in left_out.items():
        yield f"Next best was {PRODUCT_NAMES[item]}, but {_in_words(rule)} ({rule})."


def _in_words(rule: str) -> str:
    return texts_in("en")(f"rule.{rule}")
