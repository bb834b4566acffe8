"""What the shop's people may give stands in the programme; a file without it gives nothing and is what it was."""

import pytest

from engine.domain.grants import GrantKind
from engine.domain.offer_errors import BadProgramme
from engine.programme import parse_programme, programme_text
from engine.programme.rules_in_words import rules_in_words

GRANTS = """
[grants]
days = 28
compensation_limit_minor = 2000
compensation_a_month = 2
budget.compensation = {amount_minor = 50_000, period = "month"}
"""


def test_a_file_without_the_section_gives_nothing_and_keeps_its_fingerprint() -> None:
    programme = parse_programme(programme_text(), "programme.toml")
    with_it = parse_programme(programme_text() + GRANTS, "programme.toml")
    assert programme.grants is None
    assert with_it.model_copy(update={"grants": None}).fingerprint() == programme.fingerprint()
    assert with_it.fingerprint() != programme.fingerprint()


def test_a_kind_without_a_limit_is_given_by_nobody() -> None:
    rules = parse_programme(programme_text() + GRANTS, "programme.toml").grants
    assert rules is not None
    assert (rules.limit_minor(GrantKind.COMPENSATION), rules.a_month(GrantKind.COMPENSATION)) == (2000, 2)
    assert (rules.limit_minor(GrantKind.THANK_YOU), rules.line(GrantKind.THANK_YOU)) == (0, None)


def test_it_is_said_in_words() -> None:
    told = rules_in_words(parse_programme(programme_text() + GRANTS, "programme.toml"), "EUR")
    (sentence,) = (one.sentence for one in told if one.topic == "grants")
    assert sentence == (
        "Your people may give compensation of at most 20.00 EUR, 2 times a month to one customer, all of them 500.00 EUR a month, "
        "each to be used within 28 days."
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("thank_you_limit_minor = 300", r"there is no \[grants.budget.thank_you\]"),
        (
            'thank_you_limit_minor = 300\nbudget.thank_you = {amount_minor = 299, period = "week"}',
            "thank_you_limit_minor = 300 is above grants.budget.thank_you.amount_minor = 299",
        ),
        ("points = 3", "points"),
    ],
)
def test_what_cannot_be_is_refused_by_name(keys: str, said: str) -> None:
    with pytest.raises(BadProgramme, match=said):
        parse_programme(programme_text() + GRANTS + keys + "\n", "programme.toml")
