from tests.tree import PAGE, page, tree


def test_the_tree_shows_every_file_with_what_it_says_of_itself() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.tree`"


def test_every_file_has_something_to_say() -> None:
    silent = [line for line in tree().splitlines() if len(line.split()) < 3]
    assert silent == []
