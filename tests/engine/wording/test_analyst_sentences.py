import pandas as pd

from engine.wording.analyst_sentences import OF_REASONS, reason_sentence, standing_sentences

STANDING = pd.DataFrame(
    {
        "ladder": ["client", "prospect", "first_time"],
        "loyalty": ["true", None, "none"],
        "loyalty_answered": [True, False, False],
        "visits": pd.array([40, pd.NA, 1], dtype="Int64"),
        "days_since_visit": pd.array([4, pd.NA, 1], dtype="Int64"),
        "visit_gap_days": [6.6, float("nan"), 7.0],
        "deal_share_bp": pd.array([4000, pd.NA, 0], dtype="Int64"),
        "discount_share_bp": pd.array([1200, pd.NA, 0], dtype="Int64"),
        "discount_share_before_bp": pd.array([600, pd.NA, 0], dtype="Int64"),
        "margin_minor": pd.array([-150, pd.NA, 90], dtype="Int64"),
        "at_a_loss": [True, False, False],
        "deal_only": [False, False, False],
        "at_height": [False, False, False],
        "reward_alarm": [True, False, False],
    }
)


def test_the_analyst_reads_rung_loyalty_and_what_is_wrong() -> None:
    client, prospect, _ = standing_sentences(STANDING)
    assert client == (
        "client: 40 visits, the last 4 days ago; usual gap 7 days; true loyalty by their answer; served at a loss: "
        "margin -150 in the period; rewards replace habit: discount share 600 to 1200 bp, fewer buys at full price"
    )
    assert prospect == "prospect: known, never bought"


def test_one_visit_and_one_day_are_told_in_the_singular() -> None:
    assert standing_sentences(STANDING)[2] == (
        "first time: 1 visit, the last 1 day ago; usual gap 7 days; no loyalty by behaviour"
    )


def test_a_reason_is_told_with_its_numbers() -> None:
    assert (
        reason_sentence("new_in_family", 7, "BREAD") == "never bought, BREAD bought on 7 days of the last 84"
    )
    assert all("{" not in reason_sentence(code, 7, "BREAD") for code in OF_REASONS)
