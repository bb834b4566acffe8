"""What the report of a holdout costs, with its SQL: `python -m tests.benchmarks.report_cost --customers 1000000`.

A generated shop is loaded, a tenth is held out for its last twelve weeks, and `abonement experiment report` is run as a
process of its own: wall time, CPU time and the peak of its resident memory come from `wait4`. No night has run, so bundles
and their shadows are not in it.

A report reads one bucket of customers after the other. What a million of them cost is told by twenty thousand of them fifty
times over, under other names and in arms of their own: loading a million takes longer than all the rest and tells nothing more of a report.
Everybody is then there fifty times, which the report's light of doubles says.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pandas as pd

from engine.domain.arms import DrawnAs, arm_of, salt_from
from engine.settings import store_url_in
from engine.store import open_store
from engine.store.nights.assigned_arms import Placed, assign_all
from engine.store.nights.kept_experiments import begin_experiment
from models import sources
from models.ground.moment import local_midnight
from models.sources.stored.finished_load import bucket_file
from models.tables import CUSTOMER_ID
from tests.benchmarks.big_shop import LAST_DAY, write_big_shop

SHARE, SALT = 0.1, "bench"
AT_ONCE = 20_000


def main() -> None:
    """Generate a shop unless it is there, measure, print one line of a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--weeks", type=int, default=12)
    parser.add_argument(
        "--lines", type=int, default=170, help="a customer and year, of which about nine in ten are distinct"
    )
    parser.add_argument(
        "--folder", type=Path, help="keep the generated workspace here, or use the one that is there"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as scratch:
        folder = asked.folder or Path(scratch)
        if not store_file(folder).exists():
            once = min(asked.customers, AT_ONCE)
            write_big_shop(folder / "shop", customers=once, products=20_000, lines_a_customer=asked.lines)
            sources.load(folder / "shop", folder / "w")
            shutil.rmtree(folder / "shop")
            _repeat(sources.open_data(folder / "w").folder, once, asked.customers)
            _hold_out(folder / "w", asked.customers, asked.weeks)
        wall, cpu, peak = _report(folder / "w")
    print(
        f"| {asked.customers:,} x {asked.weeks} weeks | {wall:.0f} s | {cpu:.0f} s | {peak / 2**20:.2f} GB |"
    )


def store_file(folder: Path) -> Path:
    """Where the workspace's store lies; it is made last."""
    return folder / "w" / "store.db"


def _repeat(load: Path, once: int, customers: int) -> None:
    """Buckets of the same purchases under other names, until there are so many customers."""
    about = json.loads((load / "load.json").read_text(encoding="utf-8"))
    buckets = about["buckets"]
    for number in range(buckets, buckets * customers // once):
        turn, same = divmod(number, buckets)
        os.link(load / bucket_file("purchases", same), load / bucket_file("purchases", number))
        people = pd.read_parquet(load / bucket_file("customers", same))
        people[CUSTOMER_ID] = [_name(int(name[1:]) + turn * once) for name in people[CUSTOMER_ID]]
        people.to_parquet(load / bucket_file("customers", number), index=False)
    about |= {"buckets": buckets * customers // once, "customers": customers}
    (load / "load.json").write_text(json.dumps(about), encoding="utf-8")


def _name(number: int) -> str:
    """As `big_shop` names customers."""
    return f"c{number:07d}"


def _hold_out(workspace: Path, customers: int, weeks: int) -> None:
    began = local_midnight(LAST_DAY + timedelta(days=1) - timedelta(weeks=weeks), "UTC")
    salt = salt_from(SALT)
    with closing(open_store(store_url_in(workspace))) as store:
        with store.writing() as connection:
            number = begin_experiment(
                connection,
                name="holdout-1",
                layer="holdout",
                drawn_as=DrawnAs.CUSTOMER,
                salt=SALT,
                definition={"share": SHARE, "words": SALT, "turn": 1, "since": began.day.isoformat()},
                started=began.as_of,
            )
        names = map(_name, range(customers))
        places = [Placed(name, name, arm_of(name, salt, SHARE).value) for name in names]
        assign_all(store, number, places, seen=began.as_of)


def _report(workspace: Path) -> tuple[float, float, int]:
    began = time.monotonic()
    words = ["experiment", "report", "--json", "--workspace", str(workspace)]
    process = subprocess.Popen([sys.executable, "-c", _CALL, *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


_CALL = "from engine.cli import main; main()"

if __name__ == "__main__":
    main()
