"""What customers get for where they stand: what can be said, which rule counts, and how it is put in words."""

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.programme import Programme, parse_programme, programme_text
from engine.programme.rules_in_words import rules_in_words
from engine.programme.rules_section import CustomerRules
from models.customers.loyalty import Loyalty, Rung


def programme(keys: str) -> Programme:
    return parse_programme(f"{programme_text()}\n[rules]\n{keys}\n", "programme.toml")


def test_every_rung_and_every_kind_of_loyalty_can_have_a_rule() -> None:
    keys = set(CustomerRules.model_fields)
    assert {rung.value for rung in Rung} <= keys
    assert {f"loyalty_{kind.value}" for kind in Loyalty} <= keys


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('deal_only = "less"', r'rules.deal_only = \'less\': expected "none"'),
        ('deal_only = "at_most"', r"rules.deal_only = 'at_most': expected"),
        ('deal_only = "at_most 500"', r'"at_most 500" leaves no depth, the smallest of depths.bp is 1000'),
        (
            'lost = "win_back"',
            r'rules.lost = "win_back" is paid from a line of its own, .* \[rules.win_back\]',
        ),
        (
            '[rules.win_back]\nseen_days = 364\namount_minor = 1\nperiod = "week"',
            r'\[rules.win_back\] would do nothing, because no rule gives "win_back"',
        ),
        (
            'at_height = "thank_you"',
            r"nothing says how much it may cost: write \[rules.thank_you\] with each_minor",
        ),
        (
            '[rules.compensation]\neach_minor = 500\nwithin_days = 14\nvalid_days = 28\nsays = "a\\nb"\namount_minor = 1\nperiod = "week"',
            r"says = 'a\\nb': expected one line that a customer can read",
        ),
        ('deal_onyl = "none"', r"rules.deal_onyl is not a key .* did you mean 'deal_only'"),
        ('open_complaint = "none"', r"rules.open_complaint is not a key of the programme"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(keys: str, said: str) -> None:
    with pytest.raises(BadProgramme, match=said):
        programme(keys)


def test_rules_are_told_the_strictest_first() -> None:
    told = rules_in_words(
        programme('client = "at_most 1500"\ndeal_only = "at_most 1000"\nat_a_loss = "none"')
    )
    assert [one.sentence for one in told if one.topic == "rules"] == [
        (
            "Who is served at a loss gets no bundle; who comes for deals only gets nothing deeper than 10 %; who comes regularly "
            "gets nothing deeper than 15 %; of several the first counts."
        )
    ]


def test_the_line_that_wins_back_is_told_to_the_customer_and_to_the_shop() -> None:
    keys = 'lost = "win_back"\n[rules.win_back]\nseen_days = 364\namount_minor = 6000\nperiod = "week"'
    told = {one.topic: one.sentence for one in rules_in_words(programme(keys), "EUR")}
    assert told["rules"] == "Who is lost is asked back with bundles for 364 days after the last purchase."
    assert (
        told["win_back"]
        == "Who is asked back is paid from a line of its own, 60.00 EUR a week; then nothing is given."
    )


def test_thank_yous_are_told_with_what_they_are_and_may_cost() -> None:
    keys = (
        'at_height = "thank_you"\n[rules.thank_you]\neach_minor = 300\nevery_days = 56\nvalid_days = 14\nsays = "Thank you."\n'
        'amount_minor = 50_000\nperiod = "week"'
    )
    told = {one.topic: one.sentence for one in rules_in_words(programme(keys), "EUR")}
    assert told["rules"] == (
        "Who is at the height of their consumption gets no bundle, but 3.00 EUR off a purchase without a condition, at most once in "
        "56 days."
    )
    assert (
        told["thank_you"]
        == "What thanks is paid from a line of its own, 500.00 EUR a week; then nothing is given."
    )


def test_a_programme_without_rules_keeps_its_fingerprint_and_says_nothing_of_them() -> None:
    plain = parse_programme(programme_text(), "programme.toml")
    assert plain.rules is None
    assert programme('lost = "none"').fingerprint() != plain.fingerprint()
    assert not [one for one in rules_in_words(plain) if one.topic == "rules"]
