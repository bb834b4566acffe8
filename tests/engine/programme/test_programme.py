import hashlib
import re
from datetime import time
from pathlib import Path
from typing import get_args

import pytest

from engine.domain import eligibility
from engine.domain.claim_rules import ClaimTerms
from engine.domain.offer_errors import BadProgramme
from engine.nightly.choosing.policies import policy_of
from engine.nightly.choosing.policy import depth_rule
from engine.programme import load_programme, parse_programme, programme_text
from engine.programme.bundle_sections import Flag
from engine.programme.rules_in_words import rules_in_words
from models.tables import PRODUCT_FLAGS, UNCONFIRMED
from tests.engine.nightly.shop_nights import with_rotation
from tests.engine.programme.test_presets import OF_THE_FIRST_RELEASE


def changed(old: str, new: str) -> str:
    text = programme_text()
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_shipped_programme_is_the_classic_subscription() -> None:
    programme = load_programme()
    assert (programme.bundle.min_items, programme.bundle.max_items) == (5, 6)
    assert programme.depths.bp == (1000, 1500, 2000)
    assert (programme.validity.min_days, programme.validity.max_days) == (4, 7)
    assert (programme.holdout.share, programme.holdout.covers) == (0.1, ("bundle", "favourite"))
    assert programme.eligibility.seen_days == 56


def test_a_copy_of_the_shipped_file_means_the_same(tmp_path: Path) -> None:
    copy = tmp_path / "programme.toml"
    copy.write_text(programme_text() + "\n# a comment\n", encoding="utf-8")
    assert load_programme(copy).fingerprint() == load_programme().fingerprint()


def test_another_rule_gives_another_fingerprint() -> None:
    other = parse_programme(changed("[floors]\nprice_minor = 50 ", "[floors]\nprice_minor = 51 "), "x")
    assert other.fingerprint() != load_programme().fingerprint()


def test_a_programme_without_a_policy_chooses_the_shipped_one() -> None:
    chosen = load_programme().policy
    assert (chosen.name, chosen.parameters) == ("depth_rule", {})


def test_a_programme_may_choose_a_policy_and_change_its_parameters() -> None:
    text = programme_text() + '\n[policy]\nname = "acme"\n[policy.parameters]\nsteps = [1, 2]\nshy = true\n'
    chosen = parse_programme(text, "x").policy
    assert (chosen.name, chosen.parameters) == ("acme", {"steps": (1, 2), "shy": True})


def test_another_parameter_gives_another_fingerprint() -> None:
    text = programme_text() + '\n[policy]\nname = "acme"\n[policy.parameters]\nstep = 1\n'
    one, other = (parse_programme(given, "x") for given in (text, text.replace("step = 1", "step = 2")))
    assert one.fingerprint() != other.fingerprint()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (
            "[policy.parameters]\nx = 1",
            r"policy.name is required and has no default: expected the name of a policy",
        ),
        ('[policy]\nname = ""', r"policy.name = '': expected the name of a policy, such as \"depth_rule\""),
        (
            '[policy]\nname = "a"\nparameter = 1',
            r"policy.parameter is not a key .* did you mean 'parameters'\?",
        ),
        (
            '[policy]\nname = "a"\n[policy.parameters]\nx = nan',
            r"policy.parameters.x = nan: expected a finite number, text, true or false, or a list of these",
        ),
        (
            '[policy]\nname = "a"\n[policy.parameters]\nx = 2017-12-04\ny = [[1]]',
            r"policy.parameters.x = .*2017, 12, 4.*\n  policy.parameters.y = \[\[1\]\]: expected",
        ),
    ],
)
def test_an_impossible_choice_of_a_policy_is_refused(section: str, message: str) -> None:
    with pytest.raises(BadProgramme, match=message):
        parse_programme(f"{programme_text()}\n{section}\n", "x")


def test_the_commented_policy_is_the_shipped_one() -> None:
    commented = re.search(r"^# \[policy\].*?(?=^$)", programme_text(), re.DOTALL | re.MULTILINE)
    assert commented is not None
    chosen = parse_programme(programme_text() + "\n" + re.sub(r"(?m)^# ", "", commented[0]), "x")
    assert policy_of(chosen) == depth_rule


VALUE = '\n[policy]\nname = "value"\n'
EXPLORE = "[explore]\nfirst_share = 0.15\namount_minor = 50_000\n"


def test_a_programme_that_chooses_value_says_what_learning_may_cost() -> None:
    explore = parse_programme(programme_text() + VALUE + EXPLORE, "x").explore
    assert explore is not None
    assert (explore.first_share, explore.amount_minor, explore.salt) == (0.15, 50_000, "explore")


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (VALUE, r"nothing says how much that may cost: write \[explore\] with first_share"),
        (EXPLORE, r'policy.name = "depth_rule" would not heed it; leave the section out'),
        (
            VALUE + "[explore]\namount_minor = 5",
            r"explore.first_share is required and has no default: expected a share of customers above 0",
        ),
        (
            VALUE + EXPLORE.replace("0.15", "1.0"),
            r"explore.first_share = 1.0: expected a share of customers above 0, up to 0.95",
        ),
        (VALUE + EXPLORE + "sum = 1", r"explore.sum is not a key"),
    ],
)
def test_learning_without_its_price_or_a_price_without_learning_is_refused(
    sections: str, message: str
) -> None:
    with pytest.raises(BadProgramme, match=message):
        parse_programme(f"{programme_text()}\n{sections}\n", "x")


def test_a_programme_with_a_name_is_another_one_and_a_name_is_a_short_word() -> None:
    named = parse_programme('name = "weekly"\n' + programme_text(), "mine.toml")
    assert (named.name, load_programme().name) == ("weekly", "")
    assert named.fingerprint() != load_programme().fingerprint()
    with pytest.raises(BadProgramme, match="name = 'Our 6 offers': expected small letters, digits and -"):
        parse_programme('name = "Our 6 offers"\n' + programme_text(), "mine.toml")


def test_a_cap_on_items_that_no_bundle_keeps_is_refused() -> None:
    with pytest.raises(BadProgramme, match=r"assigned\.max_items = 5 is below bundle\.max_items = 6"):
        parse_programme(f"{programme_text()}\n[assigned]\nmax_items = 5\n", "mine.toml")


def test_a_programme_that_says_nothing_of_later_sections_keeps_the_fingerprint_that_it_had() -> None:
    programme = parse_programme(OF_THE_FIRST_RELEASE, "mine.toml")
    later = {
        "name": True,
        "claim": True,
        "explore": True,
        "rotation": True,
        "shelf": True,
        "law": True,
        "rules": True,
        "assigned": True,
        "grants": True,
        "eligibility": {"legal_age", "one_a_household", "household_shares"},
    }
    without = programme.model_dump_json(exclude=later)
    assert programme.fingerprint() == hashlib.sha256(without.encode()).hexdigest()


def test_keys_that_came_later_to_a_section_change_no_fingerprint_until_they_are_written() -> None:
    shipped = load_programme()
    later = {
        **dict.fromkeys(("name", "claim", "explore", "law", "rules", "grants", "assigned"), True),
        "eligibility": {"household_shares"},
        "shelf": {"substitutes", "substitute_band_bp"},
    }
    without = shipped.model_dump_json(exclude=later)
    assert shipped.fingerprint() == hashlib.sha256(without.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unsold_days = 0 ", "substitutes = 2\nunsold_days = 0 ", "needs shelf.substitute_band_bp"),
        ("unsold_days = 0 ", "substitute_band_bp = 2000\nunsold_days = 0 ", "write shelf.substitutes too"),
        ("one_a_household = true ", "household_shares = true #", "write one_a_household = true"),
    ],
)
def test_a_key_that_needs_another_says_which(old: str, new: str, message: str) -> None:
    with pytest.raises(BadProgramme, match=message):
        parse_programme(changed(old, new), "mine.toml")


def test_the_hour_at_which_days_start_may_be_a_toml_time_or_text() -> None:
    for written in ("04:00:00", '"04:00"'):
        programme = parse_programme(changed('day_starts_at = "00:00"', f"day_starts_at = {written}"), "x")
        assert programme.day_starts_at == time(4)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "share = 0.10 ",
            "share = 0.9 ",
            r"holdout.share = 0.9: expected a share of customers from 0 to 0.5",
        ),
        ("share = 0.10 ", "share = nan ", r"holdout.share = nan: expected a share"),
        (
            "min_items = 5",
            'min_items = "5"',
            r"bundle.min_items = '5': expected a whole number of items from 1 to 20",
        ),
        ("min_items = 5", "min_items = 5.0", r"bundle.min_items = 5.0: expected a whole number"),
        ("min_items = 5", "min_items = true", r"bundle.min_items = True: expected a whole number"),
        (
            "[1000, 1500, 2000]",
            "[1000, 10000]",
            r"depths.bp = 10000: expected a list of 1 to 10 ascending depths",
        ),
        ("[1000, 1500, 2000]", "[]", r"depths.bp = \[?\(?.*: expected a list of 1 to 10 ascending depths"),
        (
            '600_000\nperiod = "week"',
            '600_000\nperiod = "year"',
            r"budget.period = 'year': expected \"day\", \"week\" or \"month\"",
        ),
        ('rule = "unless_refused"', 'rule = "no"', r"consent.rule = 'no': expected \"required\" or"),
        (
            'covers = ["bundle", "favourite"]',
            'covers = ["points"]',
            r"holdout.covers = 'points': expected a list of \"bundle\" and \"favourite\"",
        ),
        (
            'mode = "automatic"',
            'mode = "some"',
            r"activation.mode = 'some': expected \"automatic\" or \"choose\"",
        ),
        (
            "discount_bp = 3000",
            "discount_bp = 10000",
            r"favourite.discount_bp = 10000: expected bp of the price",
        ),
        ("expected_units = 3 ", "#", r"favourite.budget.expected_units is required and has no default"),
        ('"00:00"', '"04:00Z"', r"day_starts_at = '04:00Z': expected a time"),
        ("seed = 20171204 ", "#", r"seed is required and has no default: expected a whole number"),
        ("share = 0.10 ", "#", r"holdout.share is required and has no default"),
        ('covers = ["bundle", "favourite"]', "#", r"holdout.covers is required and has no default"),
        ("amount_minor = 600_000", "#", r"budget.amount_minor is required and has no default"),
        ("default = 3000", "#", r"assumed_margin_bp.default is required and has no default"),
        ('rule = "unless_refused"', "#", r"consent.rule is required and has no default"),
        ('language = "en" ', "#", r"language is required and has no default"),
        ('day_starts_at = "00:00"', "#", r"day_starts_at is required and has no default"),
        (
            '"alcohol", "tobacco"',
            '"booze"',
            r"exclusions.flags = 'booze': expected a list of alcohol, tobacco",
        ),
        ("margin, for families that differ", "\nBEEF = 3.5 #", r"assumed_margin_bp.families.BEEF = 3.5"),
    ],
)
def test_a_wrong_value_is_refused_with_key_value_and_range(old: str, new: str, message: str) -> None:
    with pytest.raises(BadProgramme, match=message):
        parse_programme(changed(old, new), "programme.toml")


@pytest.mark.parametrize("section", ["points", "stacking", "tiers", "refresh", "fatigue", "learning"])
def test_a_section_without_behaviour_is_refused_by_name(section: str) -> None:
    with pytest.raises(BadProgramme, match=f"{section} is not a key of the programme"):
        parse_programme(f"{programme_text()}\n[{section}]\ndays = 1\n", "programme.toml")


def test_a_misspelt_key_is_refused_with_the_right_one() -> None:
    with pytest.raises(BadProgramme, match=r"bundle.max_unit is not a key .* did you mean 'max_units'\?"):
        parse_programme(changed("max_units = 4", "max_units = 4\nmax_unit = 3"), "programme.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("min_items = 5", "min_items = 7", r"bundle.min_items = 7 is above bundle.max_items = 6"),
        ("min_days = 4", "min_days = 8", r"validity.min_days = 8 is above validity.max_days = 7"),
        ("min_slots = 1", "min_slots = 3", r"novelty.min_slots = 3 is above novelty.max_slots = 2"),
        ("max_slots = 2", "max_slots = 7", r"novelty.max_slots = 7 is above bundle.max_items = 6"),
        ("[1000, 1500, 2000]", "[1500, 1000]", r"depths.bp = \[1500, 1000\] must be ascending"),
        ("[1000, 1500, 2000]", "[1000, 1000]", r"depths.bp = \[1000, 1000\] must be ascending"),
        ("default = 3000", "default = 1000", r"floors.margin_bp = 500 leaves no depth"),
        ("slots = 6 ", "slots = 7 ", r"activation.slots = 7 is above bundle.max_items = 6"),
        ("min_price_minor = 50 ", "min_price_minor = 2001 ", r"favourite.min_price_minor = 2001 is above"),
        ("margin_bp = 0 ", "margin_bp = 1 ", r"favourite.margin_bp = 1 leaves nothing to pick"),
        (
            'covers = ["bundle", "favourite"]',
            "covers = []",
            r"holdout.share = 0.1 but holdout.covers is empty",
        ),
    ],
)
def test_an_impossible_programme_is_refused_with_the_reason(old: str, new: str, message: str) -> None:
    with pytest.raises(BadProgramme, match=message):
        parse_programme(changed(old, new), "programme.toml")


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = changed("min_items = 5", "min_items = 0").replace(
        '600_000\nperiod = "week"', '600_000\nperiod = "year"'
    )
    with pytest.raises(BadProgramme, match=r"(?s)bundle.min_items = 0.*budget.period = 'year'"):
        parse_programme(text, "programme.toml")


def test_a_file_that_is_not_toml_is_refused_with_the_place() -> None:
    with pytest.raises(BadProgramme, match=r"mine\.toml is not TOML: .* line 2"):
        parse_programme('language = "en"\nseed = yes\n', "mine.toml")


def test_a_missing_file_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(BadProgramme, match=r"nowhere\.toml"):
        load_programme(tmp_path / "nowhere.toml")


def test_the_finest_named_family_gives_the_assumed_margin() -> None:
    text = changed(
        "[assumed_margin_bp.families] ", "[assumed_margin_bp.families]\nGROCERY = 2000\nCANDY = 4000 #"
    )
    margins = parse_programme(text, "x").assumed_margin_bp
    assert [margins.of(names) for names in (("GROCERY", "CANDY"), ("GROCERY", "BREAD"), ("MEAT",), ())] == [
        4000,
        2000,
        3000,
        3000,
    ]


def test_what_no_offer_may_be_on_is_no_favourite_either() -> None:
    rules = parse_programme(changed("flags = []  ", 'flags = ["own_brand"]  '), "x").favourite_rules
    assert rules.flags == {"alcohol", "tobacco", "partner", "own_brand"}


def test_a_favourite_that_is_not_offered_need_not_be_possible() -> None:
    text = changed("offered = true ", "offered = false ").replace("margin_bp = 0 ", "margin_bp = 1 ")
    assert not parse_programme(text, "x").favourite.offered


def test_a_model_fitted_for_this_programme_is_accepted() -> None:
    load_programme().require_model(item_level="product", window_days=(4, 7), churn_horizon_days=28)


@pytest.mark.parametrize(
    ("level", "window", "horizon", "message"),
    [
        ("family_3", (4, 7), 28, "prediction.item_level = 'product', the model's is 'family_3'"),
        (
            "product",
            (7, 7),
            28,
            "validity is 4 to 7 days, but the model predicts purchases within 7 to 7 days",
        ),
        ("product", (4, 7), 56, "prediction.churn_horizon_days = 28, the model's are 56"),
    ],
)
def test_a_model_fitted_for_something_else_is_refused(
    level: str, window: tuple[int, int], horizon: int, message: str
) -> None:
    with pytest.raises(BadProgramme, match=message):
        load_programme().require_model(item_level=level, window_days=window, churn_horizon_days=horizon)


def test_the_programme_knows_the_flags_of_the_products_table() -> None:
    assert get_args(Flag) == PRODUCT_FLAGS
    assert eligibility.UNCONFIRMED == UNCONFIRMED, "the load writes what the till reads"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "families = 6",
            r"rotation.families = 6 is above bundle.min_items = 5; a bundle of 5 items cannot hold 6 families",
        ),
        ("fatigue_offers = 3", r"fatigue_days = 0: the first says after how many .* write both or neither"),
        (
            "staple_bundles = 1\nstaple_gap_days = 7.0",
            r"staple_bundles = 1 is above rotation.item_bundles = 0; staples return sooner",
        ),
        ("item_days = 7\nstaple_days = 1", r"write that key, such as staple_gap_days = 14.0"),
        (
            "staples_share = 0.0",
            r"rotation.staples_share = 0.0: expected a share of bundles above 0, up to 1",
        ),
        ("returning = 21", r"rotation.returning = 21: expected a whole number of items from 0 to 20"),
        ("return = 2", r"rotation.return is not a key .* did you mean 'returning'"),
        ('family_level = "family_5"', r"expected one of \"family_1\" .. \"family_4\""),
    ],
)
def test_a_rotation_that_cannot_be_meant_is_refused_in_words(keys: str, message: str) -> None:
    with pytest.raises(BadProgramme, match=message):
        parse_programme(with_rotation(keys), "x")


def test_a_programme_without_rotation_is_the_same_as_before_there_was_one() -> None:
    without, with_one = (
        parse_programme(with_rotation(None), "x"),
        parse_programme(with_rotation("families = 2"), "x"),
    )
    assert without.rotation is None
    assert without.fingerprint() != with_one.fingerprint()
    assert not with_one.rotation.remembers if with_one.rotation else False


CLAIM = """
[claim]
shown = 5
refreshes_a_day = 2
swaps_a_day = 1

[activation]"""
CLAIMED = (("\n[activation]", CLAIM), ("slots = 6 ", "slots = 5 "))


def claimed(*more: tuple[str, str]) -> str:
    text = programme_text()
    for old, new in (*CLAIMED, *more):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("shown = 5", "shown = 6"), r"claim.shown = 6 is above bundle.min_items = 5"),
        (
            ("max_items = 6", "max_items = 5"),
            r"claim.shown = 5 is bundle.max_items, so there is nothing else",
        ),
        (('mode = "automatic" ', 'mode = "choose" '), r"all of a claimed set counts at the till"),
        (("slots = 5 ", "slots = 4 "), r"activation.slots = 4, but all of a claimed set counts"),
        (("shown = 5", "shown = 5\ndays = 5"), r"claim.days = 5 is above validity.min_days = 4"),
        (
            ("returning = 3 ", 'returning = 3\nfamilies = 3\nfamily_level = "family_3" '),
            r'rotation.family_level = "family_3", but a set is drawn by the finest family',
        ),
        (("swaps_a_day = 1", "swaps = 1"), r"claim.swaps is not a key .* did you mean 'swaps_a_day'"),
        (
            (
                "# [policy] ",
                '[policy]\nname = "value"\n[explore]\nfirst_share = 0.1\namount_minor = 1\n# [policy] ',
            ),
            r'policy.name = "value" weighs bundles of which every offer counts',
        ),
    ],
)
def test_a_claim_that_cannot_be_meant_is_refused_in_words(change: tuple[str, str], message: str) -> None:
    with pytest.raises(BadProgramme, match=message):
        parse_programme(claimed(change), "x")


def test_what_a_claim_promises_is_said_in_words_and_changes_the_fingerprint() -> None:
    rules = parse_programme(claimed(), "x")
    told = {one.topic: one.sentence for one in rules_in_words(rules)}
    assert told["activation"].startswith(
        "Of these the customer claims 5, drawn by lot, which count at the till for 1 day;"
    )
    assert rules.fingerprint() != load_programme().fingerprint()
    assert rules.claim is not None
    assert rules.claim.terms(rules.rotation) == ClaimTerms(5, 1, 2, 1)
