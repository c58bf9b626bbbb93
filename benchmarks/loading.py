"""Measure what a model takes on disk, to load and in the memory of a process, by its products.

    python -m benchmarks.loading
    python -m benchmarks.loading --products 100000
    python -m benchmarks.loading --products 1000000 --preset fast --neighbors 50

The model is the default pair with random factors, or with them those members of `fast` that grow
with the catalogue: transitions, content, item graph and sparse ridge. A process of its own loads
it, as each process of a shop does, and ranks for histories of 20 products. Processor time is
measured besides the time by the clock, because a busy machine changes it less.
"""

import tempfile
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import NamedTuple

import numpy as np

from benchmarks.apart import run_apart
from benchmarks.environment import FOLDER
from benchmarks.random_members import make_random_members
from benchmarks.random_pair import make_random_pair
from benchmarks.synthetic_shop import HISTORY
from recommendations.ml import artifacts
from recommendations.ml.data import History

RANKINGS = 200
PLACES = 60


class Cost(NamedTuple):
    """What loading takes.

    Seconds of the clock and of the processor, megabytes that stay and at the peak, and milliseconds
    of the processor for a ranking.
    """

    seconds: float
    computing: float
    kept: float
    peak: float
    ranking: float


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--products", nargs="+", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--preset", choices=["default", "fast"], default="default")
    parser.add_argument("--neighbors", type=int, default=500, help="of a product, at most")
    options = parser.parse_args()
    print("| products | on disk | to load | of them computing | memory | peak | a ranking, p50 |")
    print("|---|---|---|---|---|---|---|")
    for n_products in options.products:
        with tempfile.TemporaryDirectory(dir=FOLDER) as parent:
            folder = Path(parent) / "model"
            run_apart(_save, folder, n_products, options.preset, options.neighbors)
            size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
            cost = run_apart(measure_loading, folder, n_products)
        print(
            f"| {n_products:,} | {size:.0f} MB | {cost.seconds:.1f} s | {cost.computing:.1f} s"
            f" | {cost.kept:.0f} MB | {cost.peak:.0f} MB | {cost.ranking:.1f} ms |",
            flush=True,
        )


def _save(folder: Path, n_products: int, preset: str, max_neighbors: int) -> None:
    ids = np.arange(n_products)
    if preset == "default":
        ensemble = make_random_pair(ids)
    else:
        ensemble = make_random_members(ids, max_neighbors=max_neighbors)
    artifacts.save(ensemble, folder, fingerprint="made")


def measure_loading(folder: Path, n_products: int) -> Cost:
    """Return what the model in this folder costs a process that has loaded no model yet."""
    before = _read_memory("VmRSS")
    started, computing = perf_counter(), process_time()
    ensemble = artifacts.load(folder)
    seconds, computing = perf_counter() - started, process_time() - computing
    kept, peak = _read_memory("VmRSS") - before, _read_memory("VmHWM") - before
    ensemble.warm_up()
    rng = np.random.default_rng(0)
    taken = []
    for _ in range(RANKINGS):
        items = np.unique((n_products ** rng.random(HISTORY)).astype(np.int32) - 1)
        history = History.from_items(items)
        begun = thread_time()
        ensemble.recommend(history, PLACES, with_history=True)
        taken.append(thread_time() - begun)
    return Cost(seconds, computing, kept, peak, 1_000 * float(np.median(taken)))


def _read_memory(name: str) -> float:
    """Return a figure of the process in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    kilobytes = next(line for line in lines if line.startswith(f"{name}:")).split()[1]
    return int(kilobytes) * 1024 / 1e6


if __name__ == "__main__":
    main()
