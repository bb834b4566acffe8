import re
import tomllib

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.programme import effective_text, load_programme, parse_programme, programme_text
from engine.programme.presets import PRESETS

OWN = """
like = "classic-subscription"
language = "en"
day_starts_at = "00:00"
seed = 20171204
[holdout]
share = 0.10
covers = ["bundle", "favourite"]
[consent]
rule = "unless_refused"
[assumed_margin_bp]
default = 3000
[budget]
amount_minor = 600_000
period = "week"
[favourite.budget]
amount_minor = 200_000
"""
# As the first release shipped it, comments left out.
OF_THE_FIRST_RELEASE = """
language = "en"
day_starts_at = "00:00"
seed = 20171204
[prediction]
item_level = "product"
window_days = 7
churn_horizon_days = 28
[holdout]
share = 0.10
covers = ["bundle"]
[consent]
rule = "unless_refused"
[bundle]
min_items = 5
max_items = 5
max_units = 4
[depths]
bp = [1000, 1500, 2000]
[validity]
min_days = 4
max_days = 7
[novelty]
min_slots = 1
max_slots = 2
[eligibility]
seen_days = 56
[exclusions]
flags = ["alcohol", "tobacco", "partner"]
families = []
[floors]
price_minor = 50
margin_bp = 500
[assumed_margin_bp]
default = 3000
[assumed_margin_bp.families]
[budget]
amount_minor = 2_000_000
period = "week"
"""


def test_a_file_like_the_classic_one_means_the_same_with_what_only_its_owner_decides() -> None:
    assert parse_programme(OWN, "mine.toml").fingerprint() == load_programme().fingerprint()


def test_a_file_says_only_what_differs() -> None:
    rules = parse_programme(OWN + "\n[depths]\nbp = [500]\n[bundle]\nmax_units = 2\n", "mine.toml")

    assert (rules.depths.bp, rules.bundle.max_units, rules.bundle.max_items) == ((500,), 2, 6)


@pytest.mark.parametrize(
    ("left_out", "named"),
    [
        ('language = "en"\n', "language"),
        ('day_starts_at = "00:00"\n', "day_starts_at"),
        ("seed = 20171204\n", "seed"),
        ("share = 0.10\n", "holdout.share"),
        ('[consent]\nrule = "unless_refused"\n', "consent.rule"),
        ("[assumed_margin_bp]\ndefault = 3000\n", "assumed_margin_bp.default"),
        ("amount_minor = 600_000\n", "budget.amount_minor"),
        ('period = "week"\n', "budget.period"),
        ("[favourite.budget]\namount_minor = 200_000\n", "favourite.budget.amount_minor"),
    ],
)
def test_what_only_the_owner_decides_is_asked_for_by_name(left_out: str, named: str) -> None:
    assert OWN.count(left_out) == 1
    with pytest.raises(BadProgramme, match=rf"{re.escape(named)} is required and has no default"):
        parse_programme(OWN.replace(left_out, ""), "mine.toml")


@pytest.mark.parametrize("preset", PRESETS)
def test_who_offers_no_favourite_is_asked_for_no_budget_of_it(preset: str) -> None:
    text = OWN.replace("classic-subscription", preset).replace(
        "[favourite.budget]\namount_minor = 200_000", "[favourite]\noffered = false"
    )

    assert not parse_programme(text, "mine.toml").favourite.offered


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"classic-subscribtion"', "did you mean 'classic-subscription'?"),
        ('"weekly"', "there are classic-subscription, ask-back, choose-ten, daily-claim, favourite-only."),
        ("7", "expected the name of a preset"),
    ],
)
def test_a_preset_that_is_not_shipped_is_refused_with_those_that_are(written: str, said: str) -> None:
    with pytest.raises(BadProgramme, match=re.escape(said)):
        parse_programme(OWN.replace('"classic-subscription"', written), "mine.toml")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_possible_with_what_the_owner_decides(preset: str) -> None:
    parse_programme(OWN.replace("classic-subscription", preset), "mine.toml")


def test_the_file_of_the_first_release_goes_on_and_what_it_did_not_know_is_off() -> None:
    rules = parse_programme(OF_THE_FIRST_RELEASE, "mine.toml")

    assert not rules.favourite.offered
    assert not rules.eligibility.prospects
    assert rules.novelty.launch_share == 0
    assert (rules.activation.mode, rules.activation.slots) == ("automatic", 5)
    assert rules.explore is None
    assert rules.guard == load_programme().guard


def test_a_complete_text_is_kept_byte_for_byte_and_another_one_whole() -> None:
    assert effective_text(programme_text()) == programme_text()
    for text in (OWN, OF_THE_FIRST_RELEASE):
        kept = effective_text(text)
        assert "like" not in tomllib.loads(kept)
        assert parse_programme(kept, "kept").fingerprint() == parse_programme(text, "mine").fingerprint()
        assert effective_text(kept) == kept
