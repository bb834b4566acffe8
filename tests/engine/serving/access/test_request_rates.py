from engine.serving.access.request_rates import Rate

NOON = 1_512_388_800.0  # a multiple of a minute


def test_a_window_lets_so_many_through_and_says_when_it_ends() -> None:
    rate = Rate("2/minute")
    assert [rate.wait_seconds("k_1", at=NOON + second) for second in (0, 30, 45.5)] == [0, 0, 15]


def test_the_next_window_begins_anew() -> None:
    rate = Rate("1/minute")
    assert [rate.wait_seconds("k_1", at=NOON + second) for second in (0, 59, 60)] == [0, 1, 0]


def test_callers_are_counted_apart() -> None:
    rate = Rate("1/minute")
    assert [rate.wait_seconds(name, at=NOON) for name in ("k_1", "k_2", "k_1")] == [0, 0, 60]
