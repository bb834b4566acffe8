"""Programmes that run side by side say the same of what the shop has once."""

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.programme import (
    Programme,
    differing_rules,
    effective_text,
    parse_programme,
    programme_text,
    require_agreement,
)
from engine.programme.rules_in_words import rules_in_words


def named(name: str, *changes: tuple[str, str]) -> Programme:
    text = f'name = "{name}"\n{programme_text()}' if name else programme_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse_programme(text, "mine.toml")


WEEKLY = named("weekly")


def test_programmes_may_differ_in_bundles_windows_and_budget() -> None:
    daily = named("daily", ("min_days = 4", "min_days = 1"), ("max_days = 7", "max_days = 1"))
    assert differing_rules(WEEKLY, daily) == []
    require_agreement({"weekly.toml": WEEKLY, "daily.toml": daily})


def test_what_tills_go_by_is_said_alike() -> None:
    daily = named("daily", ('stacking = "best_wins"', 'stacking = "promotion_first"'))
    with pytest.raises(
        BadProgramme,
        match=r'checkout\.stacking = "best_wins" and "promotion_first"\n  Write the same into both',
    ):
        require_agreement({"weekly.toml": WEEKLY, "daily.toml": daily})


def test_one_of_the_holdouts_own_rules_is_strict_and_one_of_a_till_is_not() -> None:
    daily = named(
        "daily", ("share = 0.10", "share = 0.0"), ('stacking = "best_wins"', 'stacking = "promotion_first"')
    )
    assert differing_rules(WEEKLY, daily, strict=True) == ["holdout.share = 0.1 and 0.0"]


def test_a_holdout_may_cover_one_programmes_bundles_only_but_the_favourite_is_the_shops() -> None:
    rest = ('covers = ["bundle", "favourite"]', 'covers = ["favourite"]')
    assert differing_rules(WEEKLY, named("daily", rest)) == []
    other = ('covers = ["bundle", "favourite"]', 'covers = ["bundle"]')
    assert differing_rules(WEEKLY, named("daily", other)) == ["holdout.covers.favourite = true and false"]


@pytest.mark.parametrize(("name", "said"), [("weekly", 'have the name "weekly"'), ("", "are without a name")])
def test_two_programmes_of_one_name_would_replace_each_other(name: str, said: str) -> None:
    with pytest.raises(BadProgramme, match=f"a.toml and b.toml cannot run side by side: both {said}"):
        require_agreement({"a.toml": named(name), "b.toml": named(name)})


def test_a_file_that_says_only_what_differs_may_have_a_name_and_somebody_it_is_for() -> None:
    own = 'language = "en"\nday_starts_at = "00:00"\nseed = 7\nholdout = {share = 0.10, covers = ["bundle"]}\nconsent = {rule = "unless_refused"}\nassumed_margin_bp = {default = 3000}\nbudget = {amount_minor = 100, period = "week"}\nfavourite = {budget = {amount_minor = 100}}'
    text = f'like = "classic-subscription"\nname = "win-back"\n{own}\n[assigned]\nto = ["lost"]\nmax_items = 12\n'
    rules = parse_programme(text, "mine.toml")
    assert (rules.name, rules.assigned and rules.assigned.to) == ("win-back", ("lost",))
    assert parse_programme(effective_text(text), "whole.toml") == rules
    said = {one.topic: one.sentence for one in rules_in_words(rules)}
    assert said["assigned"] == (
        "Only for who stands as lost; nobody gets one that makes it more than 12 items of all programmes at once."
    )
