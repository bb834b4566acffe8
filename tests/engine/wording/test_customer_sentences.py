import pytest

from engine.domain.offer_errors import BadProgramme
from engine.wording.customer_sentences import FORMS, PLACEHOLDERS, parse_sentences
from engine.wording.language_files import load_sentences

ENGLISH = load_sentences("en")


def refused(text: str) -> str:
    with pytest.raises(BadProgramme) as told:
        parse_sentences(text, "wording/en.toml", ENGLISH)
    return str(told.value)


def test_a_number_of_one_reads_as_a_person_would_say_it() -> None:
    assert ENGLISH.text("due_now", 1, "") == "You usually buy it every day"
    assert ENGLISH.text("due_now", 6, "") == "You usually buy it every 6 days"


def test_a_family_is_named_as_a_person_would_write_it() -> None:
    assert ENGLISH.text("new_in_family", 3, "RYE BREAD") == "New for you in Rye bread"


def test_what_the_shop_says_stands_and_the_rest_is_as_shipped() -> None:
    own = parse_sentences('[overdue]\nother = "{n} days without it!"', "wording/en.toml", ENGLISH)
    assert own.text("overdue", 9, "") == "9 days without it!"
    assert own.text("overdue", 1, "") == "You bought it yesterday"
    assert own.text("alike", 40, "") == "Customers who shop like you buy it"


def test_braces_that_are_doubled_are_braces() -> None:
    own = parse_sentences('[alike]\nother = "{{n}} liked it"', "wording/en.toml", ENGLISH)
    assert own.text("alike", 40, "") == "{n} liked it"


def test_braces_in_a_family_name_are_left_as_they_are() -> None:
    assert ENGLISH.text("new_in_family", 3, "{n.__class__} Tea") == "New for you in {n.__class__} Tea"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[overdu]\nother = "x"',
            "wording/en.toml: 'overdu' is no reason (did you mean 'overdue'?); correct or remove it.",
        ),
        ('alike = "x"', "wording/en.toml: alike is not a table; write [alike], and below it one and other."),
        (
            '[alike]\nothers = "x"',
            (
                "wording/en.toml: alike has no 'others' (did you mean 'other'?); "
                "write one and other only: the sentence for a number of 1, and for all others."
            ),
        ),
        ("[alike]\nother = 3", "wording/en.toml: alike.other is no sentence; write a text between quotes."),
        (
            '[alike]\nother = "  "',
            "wording/en.toml: alike.other is no sentence; write a text between quotes.",
        ),
        (
            f'[alike]\nother = "{"x" * 201}"',
            "wording/en.toml: alike.other has 201 characters; expected at most 200, so shorten it.",
        ),
        (
            r"[alike]" + "\n" + r'other = "two\nlines"',
            "wording/en.toml: alike.other has a line break or a control character; write it in one line.",
        ),
    ],
    ids=["no reason", "no table", "no form", "no text", "empty", "too long", "two lines"],
)
def test_what_is_wrong_is_said_with_file_key_and_what_to_do(text: str, sentence: str) -> None:
    assert refused(text) == sentence


def test_a_file_that_is_not_toml_is_refused_with_the_place() -> None:
    assert refused("[alike\n").startswith("wording/en.toml is not TOML: ")


@pytest.mark.parametrize(
    ("key", "sentence", "expected"),
    [
        ("overdue", "You miss it", r"overdue.other does not say {n}; write {n} and no other."),
        ("overdue", "{n} days, {name}", r"overdue.other names 'name'; write {n} and no other."),
        ("alike", "{n} buy it", r"alike.other names 'n'; it is told none."),
        ("overdue", "{n.__class__}", r"overdue.other names 'n.__class__'; write {n} and no other."),
        ("overdue", "{n[0]}", r"overdue.other names 'n[0]'; write {n} and no other."),
        ("overdue", "{n:>999999999}", "overdue.other has a placeholder that is none, or a brace alone; "),
        ("overdue", "{n!r}", "overdue.other has a placeholder that is none, or a brace alone; "),
        ("overdue", "{n:{n}}", "overdue.other has a placeholder that is none, or a brace alone; "),
        ("overdue", "{} days", "overdue.other has a placeholder that is none, or a brace alone; "),
        ("overdue", "{0.__class__}", "overdue.other names '0.__class__'; "),
        ("overdue", "{n days", "overdue.other has a placeholder that is none, or a brace alone; "),
        ("overdue", "n} days", "overdue.other has a placeholder that is none, or a brace alone; "),
    ],
)
def test_a_placeholder_is_a_bare_name_that_the_reason_is_told(key: str, sentence: str, expected: str) -> None:
    assert refused(f'[{key}]\nother = "{sentence}"').startswith(f"wording/en.toml: {expected}")


def test_a_number_of_one_may_be_a_word_but_a_family_is_named() -> None:
    own = parse_sentences('[popular]\none = "Somebody bought it"', "wording/en.toml", ENGLISH)
    assert own.text("popular", 1, "") == "Somebody bought it"
    assert "new_in_family.one does not say {family}" in refused('[new_in_family]\none = "New for you"')


def test_a_language_that_is_not_shipped_needs_every_sentence() -> None:
    text = "\n".join(
        f'[{code}]\none = "{" ".join(f"{{{name}}}" for name in told) or "-"}"\n'
        f'other = "{" ".join(f"{{{name}}}" for name in told) or "-"}"'
        for code, told in PLACEHOLDERS.items()
        if code != "rising"
    )
    with pytest.raises(
        BadProgramme, match=r"^wording/pl.toml lacks rising.one, rising.other; add them, since nothing"
    ):
        parse_sentences(text, "wording/pl.toml")
    whole = parse_sentences(f'{text}\n[rising]\none = "-"\nother = "-"', "wording/pl.toml")
    assert {code: set(forms) for code, forms in whole.sentences.items()} == {
        code: set(FORMS) for code in PLACEHOLDERS
    }


def test_a_fingerprint_is_of_the_sentences_and_not_of_their_order_or_comments() -> None:
    one = parse_sentences('[alike]\none = "a"\nother = "b"\n[rising]\none = "c"', "x", ENGLISH)
    same = parse_sentences('# ours\n[rising]\none = "c"\n[alike]\nother = "b"\none = "a"', "y", ENGLISH)
    other = parse_sentences('[alike]\none = "a"\nother = "B"\n[rising]\none = "c"', "x", ENGLISH)
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()
