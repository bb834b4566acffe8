"""Whether P(buy) happens as often as it says: `python -m tests.benchmarks.calibration --data FOLDER --cuts ...`.

At every cut affinity is fitted as `abonement-train fit` does and judged on the week that follows, as
`abonement-train evaluate` judges a published version. Printed is (predicted - bought) / bought on the six chosen for each
customer and on the best-scored tenth of the candidates, all cuts together: of everything, of customers by loyalty, of
habitual, occasional and new items, and by family; with 95 % intervals of customers drawn again.
"""

import argparse
import tempfile
from pathlib import Path

import pandas as pd

from models.ground.moment import parse_moment
from models.sources import load, open_data
from training.evaluation.contenders import PUBLISHED, Contender, EvaluationPlan
from training.evaluation.evaluation_findings import LEVEL, find
from training.evaluation.judged_cut import Field, judge_fields
from training.fitting.fit import learn_affinity, survey
from training.fitting.fit_profile import FitProfile

DAYS = 7


def main() -> None:
    """Fit and judge at every cut, then print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cuts", nargs="+", required=True)
    parser.add_argument("--level", default="product")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    profile, judged, moments = FitProfile(), [], []
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as folder:
        load(arguments.data, Path(folder))
        data = open_data(Path(folder))
        for cut in arguments.cuts:
            moments.append(parse_moment(cut, data.timezone))
            ground = survey(data, moments[-1], arguments.level, profile, arguments.jobs)
            field = Field(ground.shop, profile, {"ours": learn_affinity(ground).model})
            judged.append(judge_fields(data, [field], DAYS, arguments.jobs))
    contender = Contender("ours", profile, arguments.level, moments[0].as_of, 0, same_recipe=True)
    tables = {name: pd.concat([part[name] for part in judged], ignore_index=True) for name in judged[0]}
    tables["importance"] = pd.DataFrame(columns=["method", "feature", "gain", "cut"])
    found = find(EvaluationPlan((contender,), PUBLISHED, tuple(moments), DAYS), tables, (), LEVEL, seed=1)
    print("| where | of | purchases | error |\n|---|---|---|---|")
    for _, row in found.tables["calibration"].iterrows():
        name = "everything" if row["by"] == "everything" else f"{row['by']}: {row['group']}"
        error = f"{100 * row['value']:+.1f} % [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]"
        print(f"| {row['where']} | {name} | {row['observed']:,.0f} | {error} |")


if __name__ == "__main__":
    main()
