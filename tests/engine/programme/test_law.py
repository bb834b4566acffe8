"""Which law offers keep to: a country's pack, changed where the owner says so, and the strictest where nobody says anything."""

import pytest

from engine.domain.offer_errors import BadProgramme
from engine.programme import parse_programme, programme_text
from engine.programme.law_section import Law, law_packs
from engine.programme.rules_in_words import rules_in_words


def law(keys: str) -> Law:
    return parse_programme(f"{programme_text()}\n[law]\n{keys}\n", "programme.toml").law_in_force


def test_a_programme_without_the_section_tells_what_the_strictest_law_asks_and_keeps_its_fingerprint() -> (
    None
):
    programme = parse_programme(programme_text(), "programme.toml")
    assert programme.law is None
    in_force = programme.law_in_force
    assert (in_force.tells_lowest_price, in_force.discloses) == (True, True)
    assert '"law"' not in programme.model_dump_json(exclude={"law"})


@pytest.mark.parametrize(
    ("country", "rules"),
    [
        ("DE", (True, True, 1095)),
        ("FR", (True, True, 1826)),
        ("US-NY", (False, True, 2191)),
        ("US-TX", (False, False, 1461)),
        ("CH", (True, True, 1095)),
    ],
)
def test_a_country_brings_its_rules_and_an_unknown_one_all_of_them(
    country: str, rules: tuple[bool, bool, int]
) -> None:
    in_force = law(f'country = "{country}"')
    assert (in_force.tells_lowest_price, in_force.discloses, in_force.keeps_terms_days) == rules


@pytest.mark.parametrize(
    ("country", "said"),
    [
        (
            "ZZ",
            r'law.country = "ZZ" is no country of ISO 3166, and would count as "strictest".* write one such as "DE"',
        ),
        ("UK", r'law.country = "UK" is no country of ISO 3166.* did you mean "GB"\?'),
    ],
)
def test_what_is_no_country_is_refused_and_not_taken_for_the_strictest(country: str, said: str) -> None:
    with pytest.raises(BadProgramme, match=said):
        law(f'country = "{country}"')


def test_a_country_without_a_pack_of_its_own_is_said_to_be_taken_as_the_strictest() -> None:
    rules = parse_programme(f'{programme_text()}\n[law]\ncountry = "CH"\n', "programme.toml")
    (told,) = (one.sentence for one in rules_in_words(rules) if one.topic == "law")
    assert told.startswith(
        "What the law of CH asks is not known here, so all rules hold; by the strictest law known an item is offered only"
    )


def test_the_owner_stands_above_the_pack() -> None:
    in_force = law('country = "DE"\ndisclosure = false\nterms_days = 90')
    assert (in_force.tells_lowest_price, in_force.discloses, in_force.keeps_terms_days) == (True, False, 90)


def test_a_country_is_written_as_a_code() -> None:
    with pytest.raises(BadProgramme, match=r"law.country = 'Germany': expected a country such as \"DE\""):
        law('country = "Germany"')


def test_no_pack_is_stricter_than_the_strictest_and_every_rule_has_a_source() -> None:
    packs = law_packs()
    for pack in packs["packs"].values():
        assert set(pack) == {"lowest_price", "disclosure", "terms_days"}
    assert all(packs["packs"]["strictest"].values())
    assert all(rule["source"] for rule in packs["rules"].values())
