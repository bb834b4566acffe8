from engine.wording.spoken_words import counted, readable


def test_names_in_capitals_become_readable_and_others_stay() -> None:
    assert readable("BANANAS") == "Bananas"
    assert readable("Crème fraîche BIO") == "Crème fraîche BIO"


def test_one_is_counted_in_the_singular_and_nothing_in_the_plural() -> None:
    assert [counted(number, "visit", "visits") for number in (0, 1, 2)] == ["0 visits", "1 visit", "2 visits"]
