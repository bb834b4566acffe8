import json
from dataclasses import replace

import numpy as np
import pytest

from models.ground.errors import BadArtifact
from models.response import Elasticities, KeptMargin, PriceResponse

DEPTHS_BP = [0, 500, 2000, 4000]


def learnt() -> PriceResponse:
    """A shop of two families, bread and wine, and one product that is known well."""
    return PriceResponse(
        incidence=Elasticities(
            of_shop=(2.0, 1.5, 0.5),
            error=(0.1, 0.1, 0.1),
            family_spread=0.3,
            product_spread=0.2,
            family=(0.5, 1.5),
            family_error=(0.1, 0.1),
            product=(2.0,),
            product_error=(0.05,),
        ),
        units=Elasticities(
            of_shop=(0.4, 0.4, 0.4),
            error=(0.1, 0.1, 0.1),
            family_spread=0.3,
            product_spread=0.2,
            family=(1.0, 1.0),
            family_error=(0.1, 0.1),
            product=(1.0,),
            product_error=(0.05,),
        ),
        kept=KeptMargin(mean=0.4, sd=0.2, family_spread=0.1, family=(0.5, 0.3), family_sd=(0.15, 0.15)),
        families=("bread", "wine"),
        products=("merlot",),
    )


def test_a_shop_without_promotions_believes_that_a_new_item_gains_most_by_a_discount() -> None:
    told = PriceResponse.prior().chances([0.05] * 3, [1.0] * 3, [0, 2, 9], [-1] * 3, [2000])

    lift = told.chance[:, 0] / 0.05
    assert lift == pytest.approx([1.354, 1.256, 1.115], abs=0.001)
    assert (told.rate_error > 0.05).all()


def test_no_discount_changes_nothing_and_a_deeper_one_more() -> None:
    told = learnt().chances([0.01, 0.5], [1.0, 2.0], [0, 9], [0, 1], DEPTHS_BP)

    assert told.chance[:, 0] == pytest.approx([0.01, 0.5])
    assert told.units[:, 0] == pytest.approx([1.0, 2.0])
    assert (np.diff(told.chance) > 0).all()
    assert (np.diff(told.units) > 0).all()
    assert told.rate_error[:, 0] == pytest.approx([0, 0])


def test_who_buys_for_sure_buys_no_oftener() -> None:
    told = learnt().chances([0.0, 1.0], [1.0, 1.0], [0, 0], [1, 1], DEPTHS_BP)

    assert told.chance == pytest.approx(np.array([[0.0] * 4, [1.0] * 4]))


def test_a_discount_beyond_what_was_seen_counts_as_the_deepest() -> None:
    told = learnt().chances([0.01], [1.0], [0], [0], [4000, 6000])

    assert told.chance[0, 0] == told.chance[0, 1]


def test_a_product_that_is_known_counts_for_itself_and_another_for_its_family() -> None:
    shop = learnt()
    products = shop.product_numbers(["merlot", "a wine that is new"])
    told = shop.chances(
        [0.001] * 2, [1.0] * 2, [0, 0], shop.family_numbers(["wine", "wine"]), [2000], products
    )

    assert products.tolist() == [0, -1]
    assert np.log(told.chance[:, 0] / 0.001) == pytest.approx(np.array([4.0, 3.0]) * -np.log(0.8), abs=0.01)
    assert told.rate_error[0, 0] < told.rate_error[1, 0]


def test_a_family_of_which_nothing_was_learnt_is_the_shops_and_less_sure() -> None:
    shop = learnt()
    mean, sd = shop.kappa(shop.family_numbers(["bread", "wine", "toys", None]))

    assert mean.tolist() == [0.5, 0.3, 0.4, 0.4]
    assert sd == pytest.approx([0.15, 0.15, 0.2236, 0.2236], abs=1e-4)


def test_a_response_is_the_same_after_a_way_through_json() -> None:
    shop = learnt()
    again = PriceResponse.read(json.loads(json.dumps(shop.as_dict())))

    assert again == shop
    assert again.digest == shop.digest
    assert again.digest != PriceResponse.prior().digest


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 2},
        {"kept": {"mean": 0.4}},
        {"families": ["bread"]},
        {"incidence": {}},
        {"units": None},
    ],
)
def test_json_that_is_no_response_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(BadArtifact, match="fit it again"):
        PriceResponse.read(learnt().as_dict() | damage)


def test_what_no_fit_gives_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        replace(learnt().incidence, of_shop=(float("nan"), 1.0, 1.0))
    with pytest.raises(ValueError, match="between 0 and 1"):
        learnt().chances([1.2], [1.0], [0], [0], [2000])
    with pytest.raises(ValueError, match="numbers of 2 families"):
        learnt().kappa([2])
    with pytest.raises(ValueError, match="depths"):
        learnt().chances([0.1], [1.0], [0], [0], [10_000])
