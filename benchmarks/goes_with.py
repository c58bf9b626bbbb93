"""Measure whether what is named as "goes with" a product is in the same basket later.

    python -m benchmarks.goes_with uci
    python -m benchmarks.goes_with tafeng

The shop's own code counts the purchases before a cut: the first of October 2011 (UCI), or each
shopper's last basket (Ta-Feng). Then a product of each later basket is drawn; what should be found
is the rest of the basket. SHOP_DATA_DIR names the folder of the data sets. Ta-Feng knows the order
of a shopper's baskets only, so they lie ten days apart. `DATABASE_URL` chooses the server; the
benchmark makes a test database and removes it.
"""

import csv
import gzip
import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_shop import create_shop
from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.shop.co_purchases import count_co_purchases

REPOSITORY = Path(__file__).resolve().parent.parent
K = 10
MAX_CASES = 2_000
OCTOBER = datetime(2011, 10, 1, tzinfo=UTC).timestamp()
SECONDS_BETWEEN_BASKETS = 10 * 86_400
FIRST_BASKET = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Purchase:
    """Somebody bought a product; what was bought in one basket has one moment."""

    shopper: str
    product_id: int
    timestamp: float


@dataclass(frozen=True, slots=True)
class Case:
    """A product of a basket, and the rest of the basket."""

    product_id: int
    others: frozenset[int]


Lister = Callable[[int], Sequence[int]]
"""Returns what goes with a product, best first."""


def main() -> None:
    """Print the table of a data set."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=sorted(READERS))
    parser.add_argument("--cases", type=int, default=MAX_CASES)
    options = parser.parse_args()
    root = Path(os.environ.get("SHOP_DATA_DIR", REPOSITORY.parent / "shared" / "data"))
    before, later = READERS[options.data](root)
    cases = draw_cases(before, later, options.cases)
    with create_shop(max(one.product_id for one in before)):
        store(before)
        listers = make_listers(before)
        print(
            f"{len(before):,} purchases are counted; {len(cases):,} later baskets, "
            f"{np.mean([len(case.others) for case in cases]):.1f} products to find in each.\n"
        )
        print(
            "| list | a hit in ten | ± | of ten places | has a list | different products | time |"
        )
        print("|---|---|---|---|---|---|---|")
        for name, lister in listers.items():
            report(name, lister, cases)


def read_uci(root: Path) -> tuple[list[Purchase], list[Purchase]]:
    """Return the purchases before October and those in October."""
    rows = _read_rows(root / "uci_online_retail" / "interactions.csv.gz")
    purchases = _number_products(
        (row["user_id"], row["item_id"], float(row["timestamp"])) for row in rows
    )
    november = OCTOBER + 31 * 86_400
    before = [one for one in purchases if one.timestamp < OCTOBER]
    return before, [one for one in purchases if OCTOBER <= one.timestamp < november]


def read_tafeng(root: Path) -> tuple[list[Purchase], list[Purchase]]:
    """Return the purchases of the shoppers' baskets but the last, and those of the last."""
    rows = _read_rows(root / "tafeng_baskets" / "interactions.csv.gz")
    purchases = _number_products(
        (
            row["user_id"],
            row["item_id"],
            FIRST_BASKET + SECONDS_BETWEEN_BASKETS * int(row["position"]),
        )
        for row in rows
    )
    last: dict[str, float] = defaultdict(float)
    for one in purchases:
        last[one.shopper] = max(last[one.shopper], one.timestamp)
    before = [one for one in purchases if one.timestamp < last[one.shopper]]
    return before, [one for one in purchases if one.timestamp == last[one.shopper]]


READERS = {"uci": read_uci, "tafeng": read_tafeng}


def _read_rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") as file:
        yield from csv.DictReader(file)


def _number_products(rows: Iterator[tuple[str, str, float]]) -> list[Purchase]:
    product_ids: dict[str, int] = {}
    return [
        Purchase(shopper, product_ids.setdefault(item, len(product_ids) + 1), timestamp)
        for shopper, item, timestamp in rows
    ]


def draw_cases(before: Sequence[Purchase], later: Sequence[Purchase], max_cases: int) -> list[Case]:
    """Return a product of each later basket, or of `max_cases` drawn ones.

    Only products that were sold before count, and only baskets with two of them.
    """
    known = {one.product_id for one in before}
    baskets: dict[tuple[str, float], set[int]] = defaultdict(set)
    for one in later:
        if one.product_id in known:
            baskets[one.shopper, one.timestamp].add(one.product_id)
    rng = np.random.default_rng(42)
    several = [sorted(products) for products in baskets.values() if len(products) > 1]
    chosen = rng.permutation(len(several))[:max_cases]
    cases = []
    for index in sorted(chosen):
        product_id = int(rng.choice(several[index]))
        cases.append(Case(product_id, frozenset(several[index]) - {product_id}))
    return cases


def store(purchases: Sequence[Purchase]) -> None:
    """Put the purchases into the database, as of visitors."""
    UserBehavior.objects.bulk_create(
        (
            UserBehavior(
                session_id=f"shopper-{one.shopper}",
                product_id=one.product_id,
                interaction_type=InteractionType.PURCHASE.value,
                timestamp=datetime.fromtimestamp(one.timestamp, UTC),
            )
            for one in purchases
        ),
        batch_size=5_000,
    )


def make_listers(before: Sequence[Purchase]) -> Mapping[str, Lister]:
    """Return the shop's list, and two simple ones to compare it with."""
    baskets: dict[tuple[str, float], set[int]] = defaultdict(set)
    for one in before:
        baskets[one.shopper, one.timestamp].add(one.product_id)
    baskets_of: dict[int, list[set[int]]] = defaultdict(list)
    for products in baskets.values():
        for product_id in products:
            baskets_of[product_id].append(products)
    best = [pk for pk, _ in Counter(one.product_id for one in before).most_common(K + 1)]

    def list_best(product_id: int) -> list[int]:
        return [pk for pk in best if pk != product_id][:K]

    def list_most_often(product_id: int) -> list[int]:
        together = Counter(pk for products in baskets_of[product_id] for pk in products)
        del together[product_id]
        return [pk for pk, _ in together.most_common(K)]

    def list_goes_with(product_id: int) -> list[int]:
        return [one.product_id for one in count_co_purchases(product_id)[:K]]

    return {
        "bestsellers": list_best,
        "most often in one basket": list_most_often,
        "goes with": list_goes_with,
    }


def report(name: str, lister: Lister, cases: Sequence[Case]) -> None:
    """Print a line of the table."""
    started = perf_counter()
    lists = {product_id: lister(product_id) for product_id in {case.product_id for case in cases}}
    each = (perf_counter() - started) / len(lists)
    found = [len(case.others & set(lists[case.product_id])) for case in cases]
    hits: NDArray[np.float64] = np.minimum(found, 1).astype(np.float64)
    filled = [count / min(K, len(case.others)) for count, case in zip(found, cases, strict=True)]
    listed = np.mean([bool(lists[case.product_id]) for case in cases])
    different = len({pk for products in lists.values() for pk in products})
    error = hits.std() / np.sqrt(len(hits))
    print(
        f"| {name} | {hits.mean():.3f} | {error:.3f} | {np.mean(filled):.3f} | {listed:.3f} "
        f"| {different:,} | {1_000 * each:.0f} ms |",
        flush=True,
    )


if __name__ == "__main__":
    main()
