"""A shop's response, from its own past promotions: the whole estimate, from lines or from counts of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from models.response.elasticities import Familiarity
from models.response.price_response import PriceResponse
from training.fitting.response.kappa_fit import KappaTold, fit_kappa
from training.fitting.response.lift_fit import Lift, fit_incidence, fit_units
from training.fitting.response.promotion_panel import PromotionPanel, panel_of
from training.fitting.response.purchase_cells import (
    CellSetting,
    PurchaseCells,
    count_frame,
)

TRAINING_WEEKS, BLOCK_WEEKS = 13, 8


@dataclass(frozen=True)
class ResponseTold:
    """What promotions told: the response to be used, and what it was joined from.

    Attributes:
        response: joined with the prior.
        products, promoted_weeks: steady products, and their weeks on promotion.
        weeks: that were looked at.
        incidence, units, kappa: the estimates alone; None where there were too few weeks.
    """

    response: PriceResponse
    products: int
    promoted_weeks: int
    weeks: int
    incidence: Lift | None
    units: Lift | None
    kappa: KappaTold | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be learnt from this data, in sentences."""
        if self.incidence is None:
            need = TRAINING_WEEKS + BLOCK_WEEKS
            return (
                (
                    f"The response is what is believed of a shop without promotions: learning it needs {need} weeks of "
                    f"purchases and products that sell nearly every week, this shop has {self.weeks} weeks and "
                    f"{self.products} such products."
                ),
            )
        missing = [
            name.name.lower()
            for name, slopes in zip(Familiarity, self.incidence.slopes, strict=True)
            if slopes is None
        ]
        said = [
            f"Lifts of items bought {', '.join(missing)} times are the prior's: no promotion shows them."
        ] * bool(missing)
        if self.kappa is None:
            said.append("Kappa is the prior's: fewer than 26 weeks, or promotions in fewer than 10 families.")
        return tuple(said)

    @property
    def metrics(self) -> dict[str, float]:
        """Estimates before the prior, with standard errors, and what is believed after it."""
        kept = self.response.kept
        told = {"believed_kappa": kept.mean, "believed_kappa_error": kept.sd}
        for known in Familiarity:
            name = f"believed_incidence_{known.name.lower()}"
            told[name] = self.response.incidence.of_shop[known]
            told[f"{name}_error"] = self.response.incidence.error[known]
        for what, lift in (("incidence", self.incidence), ("units", self.units)):
            for known, slopes in zip(Familiarity, lift.slopes if lift else (), strict=False):
                if slopes is not None:
                    told[f"{what}_{known.name.lower()}"] = float(slopes.value[0])
                    told[f"{what}_{known.name.lower()}_error"] = float(slopes.error[0])
        if self.kappa is not None:
            told |= {
                "kappa": self.kappa.kappa,
                "kappa_error": self.kappa.error,
                "kappa_first_week": self.kappa.first_week,
                "kappa_of_all": self.kappa.of_all,
                "kappa_placebo": self.kappa.placebo,
                "kappa_placebo_error": self.kappa.placebo_error,
            }
        return told


def response_of_lines(
    lines: pd.DataFrame, weeks: int, families: Sequence[str], products: Mapping[int, str]
) -> ResponseTold:
    """The response that a frame of lines tells, LINE_COLUMNS of whole weeks; names by their numbers."""
    setting = CellSetting(weeks, TRAINING_WEEKS, BLOCK_WEEKS)
    return response_of_cells(count_frame(lines, setting), setting, families, products)


def response_of_cells(
    counted: PurchaseCells,
    setting: CellSetting,
    families: Sequence[str],
    products: Mapping[int, str],
    shown: pd.DataFrame | None = None,
) -> ResponseTold:
    """The response that counts tell.

    Args:
        counted: of the whole shop.
        setting: that it was counted by.
        families, products: names by their numbers.
        shown: what else the chain did for products, as `panel_of` takes it: controls of both lifts.
    """
    prior = PriceResponse.prior()
    if setting.weeks < setting.first_week + setting.block_weeks:
        return ResponseTold(prior, 0, 0, setting.weeks, None, None, None)
    panel = panel_of(counted, setting, shown)
    if not len(panel):
        return ResponseTold(prior, 0, 0, setting.weeks, None, None, None)
    return _of_panel(panel, prior, families, products)


def _of_panel(
    panel: PromotionPanel, prior: PriceResponse, families: Sequence[str], products: Mapping[int, str]
) -> ResponseTold:
    incidence, told_incidence = fit_incidence(panel, prior.incidence)
    units, told_units = fit_units(panel, prior.units)
    kept, told_kappa = fit_kappa(panel, prior.kept)
    response = PriceResponse(
        incidence=incidence,
        units=units,
        kept=kept,
        families=tuple(families[number] if number >= 0 else "" for number in panel.family_no.tolist()),
        products=tuple(products[number] for number in panel.product.tolist()),
    )
    return ResponseTold(
        response,
        len(panel),
        int(panel.promoted.sum()),
        panel.setting.weeks,
        told_incidence,
        told_units,
        told_kappa,
    )
