"""What a simulated year costs: `python -m tests.benchmarks.simulated_year`, printed as a line of a Markdown table.

A world of --households is lived for --days without personal offers by --processes, each with its share of the
households; every day's purchases are written to a Parquet file as they come. CPU time is that of all processes, memory
the sum of their peaks. Asked for: 100,000 households for a year within ten minutes and 4 GB on two cores.
"""

import argparse
import resource
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from models.ground.progress import silent
from models.running.cluster import map_buckets
from training.simulator.world.offers_and_lines import no_offers, personal_minor
from training.simulator.world.shop_tables import DataFolder
from training.simulator.world.world import World
from training.simulator.world.world_files import load_world


def main() -> None:
    """Live the year and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", default="calibrated")
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    began = time.monotonic()
    bounds = [arguments.households * part // arguments.processes for part in range(arguments.processes + 1)]
    with tempfile.TemporaryDirectory(prefix="abonement-bench-") as scratch:
        tasks = [
            (arguments.world, range(first, last), arguments.days, arguments.seed, Path(scratch) / f"{first}")
            for first, last in pairwise(bounds)
        ]
        lived = list(map_buckets(_live, tasks, jobs=arguments.processes, what="living", progress=silent))
    lines, cpu, kilobytes = (sum(part) for part in zip(*lived, strict=True))
    print(
        f"| {arguments.world} | {arguments.households:,} households, {arguments.days} days | {lines:,} lines | "
        f"{time.monotonic() - began:.0f} s | {cpu:.0f} s | {kilobytes / 2**20:.2f} GB |"
    )


def _live(name: str, numbers: range, days: int, seed: int, folder: Path) -> tuple[int, float, int]:
    """Lines written, CPU seconds and peak KiB of one process."""
    world = World.part(load_world(name), numbers, seed)
    written = 0
    with DataFolder(folder, world) as data:
        for _ in range(days):
            lines = world.shop_day(None)
            off_minor = personal_minor(lines, no_offers())
            data.append(lines, off_minor)
            world.pay(lines, off_minor)
            written += len(lines)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return written, used.ru_utime + used.ru_stime, used.ru_maxrss


if __name__ == "__main__":
    main()
