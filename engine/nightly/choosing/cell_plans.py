"""A bucket's plans where customers go by different rules: one for each cell, a cell being everybody in the same arms."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.nightly.choosing.bucket_plan import CLAIMS, ROTATION, BucketPlan
from engine.nightly.choosing.rotation_cost import RotationCost
from engine.nightly.choosing.staples import Claims
from models.ground.durable import write_whole

_LABELS = "cells.json"


@dataclass(frozen=True)
class CellPlans:
    """The first pass over a bucket, by the label of the cell; without experiments there is one cell, called ''."""

    plans: Mapping[str, BucketPlan]

    def save(self, folder: Path) -> None:
        """Write all of them; the folder appears whole or not at all."""
        write_whole(folder, self._fill)

    def _fill(self, folder: Path) -> None:
        folder.mkdir()
        (folder / _LABELS).write_text(json.dumps(list(self.plans)), encoding="utf-8")
        for number, plan in enumerate(self.plans.values()):
            plan.fill(folder / f"cell={number:03d}")

    @classmethod
    def load(cls, folder: Path) -> "CellPlans":
        """Read what `save` wrote."""
        labels = json.loads((folder / _LABELS).read_text(encoding="utf-8"))
        return cls(
            {label: BucketPlan.load(folder / f"cell={number:03d}") for number, label in enumerate(labels)}
        )

    @staticmethod
    def rotation_costs(folder: Path) -> list[RotationCost]:
        """What rotation takes in each cell whose programme asks for it."""
        files = sorted(folder.glob(f"cell=*/{ROTATION}"))
        return [RotationCost(**json.loads(file.read_text(encoding="utf-8"))) for file in files]

    @staticmethod
    def claims(folder: Path) -> dict[str, Claims]:
        """Of the same only what the share of an item among all bundles is kept by; empty where none is limited."""
        labels = json.loads((folder / _LABELS).read_text(encoding="utf-8"))
        files = {label: folder / f"cell={number:03d}" / CLAIMS for number, label in enumerate(labels)}
        return {label: Claims.load(file) for label, file in files.items() if file.exists()}
