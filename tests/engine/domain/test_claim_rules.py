from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.claim_rules import (
    ClaimTerms,
    Drawn,
    How,
    Pool,
    count_of,
    different,
    new_set,
    parts_of_dearest,
    swapped_set,
)

MONDAY, TUESDAY = date(2017, 12, 4), date(2017, 12, 5)
TERMS = ClaimTerms(shown=6, days=1, refreshes_a_day=3, swaps_a_day=1)
APART = tuple(f"family {number}" for number in range(18))


def pool(*drawn: Drawn, families: tuple[str, ...] = APART, gone: frozenset[int] = frozenset()) -> Pool:
    return Pool("b_1", families, gone, drawn)


def next_of(found: Pool, day: date = MONDAY, *, how: How = How.CLAIM, terms: ClaimTerms = TERMS) -> Drawn:
    current = found.drawn[-1].slots if found.drawn and found.drawn[-1].day == day else ()
    return Drawn(len(found.drawn) + 1, how, day, new_set(found, terms, day, current))


def test_three_sets_of_six_show_all_eighteen_once_and_the_fourth_is_what_was_put_away_first() -> None:
    drawn: tuple[Drawn, ...] = ()
    for how in (How.CLAIM, How.REFRESH, How.REFRESH, How.REFRESH):
        drawn = (*drawn, next_of(pool(*drawn), how=how))

    assert sorted(slot for one in drawn[:3] for slot in one.slots) == list(range(18))
    assert drawn[3].slots == drawn[0].slots
    assert count_of(drawn, How.REFRESH, MONDAY) == 3


def test_the_same_draw_is_the_same_set_and_another_bundle_or_day_has_others() -> None:
    assert next_of(pool()) == next_of(pool())
    sets = {
        new_set(Pool(name, APART, frozenset(), ()), TERMS, day)
        for name in ("b_1", "b_2")
        for day in (MONDAY, TUESDAY)
    }
    assert len(sets) == 4


def test_what_is_used_held_or_recalled_is_not_drawn() -> None:
    first = next_of(pool())
    gone = frozenset(range(18)) - {*first.slots, 0, 1, 2} | {first.slots[0]}

    again = new_set(pool(first, gone=gone), TERMS, MONDAY, first.slots)

    free = {0, 1, 2} - {first.slots[0]} - set(first.slots)
    assert free <= set(again)
    assert not gone & set(again)


def test_where_nothing_else_can_be_drawn_there_is_no_other_set_and_no_swap() -> None:
    first = next_of(pool(families=APART[:6]))
    assert new_set(pool(first, families=APART[:6]), TERMS, MONDAY, first.slots) == ()
    assert swapped_set(pool(first, families=APART[:6]), TERMS, MONDAY, first.slots, first.slots[0]) == ()
    assert new_set(pool(gone=frozenset(range(18))), TERMS, MONDAY) == ()


def test_a_swap_changes_one_offer_for_one_that_was_not_seen_today() -> None:
    first = next_of(pool())
    given = first.slots[2]

    swapped = swapped_set(pool(first), TERMS, MONDAY, first.slots, given)

    (new,) = set(swapped) - set(first.slots)
    assert set(first.slots) - set(swapped) == {given}
    assert len(swapped) == 6
    assert new not in first.slots


def test_every_set_has_as_many_families_as_a_bundle_of_the_night() -> None:
    families = ("milk",) * 14 + ("bread", "fruit", "", "")
    terms = ClaimTerms(shown=6, days=1, refreshes_a_day=3, swaps_a_day=1, families=4)
    drawn: tuple[Drawn, ...] = ()
    for _ in range(4):
        drawn = (*drawn, next_of(pool(*drawn, families=families), terms=terms))
        assert different(pool(families=families), drawn[-1].slots) >= 4
        assert len(drawn[-1].slots) == 6


def test_the_parts_of_a_pool_add_up_to_its_dearest_set() -> None:
    assert parts_of_dearest((100, 50, 50, 0), 2) == (75, 38, 38, 0)
    assert parts_of_dearest((100, 50), 6) == (100, 50)
    assert parts_of_dearest((0, 0), 1) == (0, 0)


acts = st.lists(
    st.tuples(st.sampled_from(["refresh", "swap", "use", "tomorrow"]), st.integers(0, 20)), max_size=12
)


class Walk:
    """What one customer does with one pool, from the 4th on."""

    def __init__(self, families: list[str], least: int, costs: list[int]) -> None:
        self.families = tuple(families)
        self.least = min(least, different(self.pool(frozenset(), ()), range(len(families))))
        self.terms = ClaimTerms(6, days=1, refreshes_a_day=9, swaps_a_day=9, families=self.least)
        self.costs = costs[: len(families)]
        self.used: set[int] = set()
        self.drawn: list[Drawn] = []
        self.day = MONDAY
        self.claim()

    def pool(self, gone: frozenset[int], drawn: tuple[Drawn, ...]) -> Pool:
        return Pool("b_1", self.families, gone, drawn)

    @property
    def now(self) -> Pool:
        return self.pool(frozenset(self.used), tuple(self.drawn))

    @property
    def current(self) -> tuple[int, ...]:
        return self.drawn[-1].slots if self.drawn and self.drawn[-1].day == self.day else ()

    def claim(self) -> None:
        self.draw(How.CLAIM, new_set(self.now, self.terms, self.day))

    def tomorrow(self, _number: int) -> None:
        self.day = date.fromordinal(self.day.toordinal() + 1)
        self.claim()

    def use(self, number: int) -> None:
        self.used |= set(self.current[number % 6 : number % 6 + 1])

    def refresh(self, _number: int) -> None:
        if not self.used & set(self.current):
            self.draw(How.REFRESH, new_set(self.now, self.terms, self.day, self.current))

    def swap(self, number: int) -> None:
        for one in set(self.current[number % 6 : number % 6 + 1]) - self.used:
            self.draw(How.SWAP, swapped_set(self.now, self.terms, self.day, self.current, one))

    def draw(self, how: How, slots: tuple[int, ...]) -> None:
        if not slots:
            return
        seen = {slot for one in self.drawn if one.day == self.day for slot in one.slots}
        come = set(slots) - set(self.current)
        unseen = set(range(len(self.families))) - seen - self.used
        assert len(set(slots)) == len(slots) <= 6
        assert sum(self.costs[slot] for slot in slots) <= sum(parts_of_dearest(self.costs, 6))
        if not self.used:
            assert len(slots) == 6
            assert different(self.now, slots) >= self.least
        if self.least <= 1 and come & seen:
            assert unseen <= come, "nothing comes again before the rest was shown"
        self.drawn.append(Drawn(len(self.drawn) + 1, how, self.day, slots))


@given(
    st.lists(st.sampled_from(["", "milk", "bread", "fruit", "meat"]), min_size=6, max_size=18),
    st.integers(0, 3),
    st.lists(st.integers(0, 5_000), min_size=18, max_size=18),
    acts,
)
def test_whatever_a_customer_does_a_set_keeps_the_rules_and_costs_no_more_than_was_planned(
    families: list[str], least: int, costs: list[int], done: list[tuple[str, int]]
) -> None:
    walk = Walk(families, least, costs)
    for what, number in done:
        getattr(walk, what)(number)
