from training.code_digest import code_digest


def test_the_same_code_has_the_same_digest_and_other_code_another() -> None:
    assert code_digest("training.evaluation") == code_digest("training.evaluation")
    assert code_digest("training.evaluation") != code_digest("training.simulator")
