"""Measure whether what is named as "goes with" products is in the same basket later.

    python -m benchmarks.goes_with uci
    python -m benchmarks.goes_with uci --in-cart 3
    python -m benchmarks.goes_with tafeng

The shop's own code counts the purchases before a cut: the first of October 2011 (UCI), or each
shopper's last basket (Ta-Feng). Then a product of each later basket is drawn, or as many as
`--in-cart` says; what should be found is the rest of the basket. SHOP_DATA_DIR names the folder of
the data sets. Ta-Feng knows the order of a shopper's baskets only, so they lie ten days apart.
`DATABASE_URL` chooses the server; the benchmark makes a test database and removes it.

Pairs of fewer than five shoppers are shown to nobody, so "of five shoppers" counts baskets under
the same rule, and "then bestsellers" fills up what is left of ten places.
"""

import csv
import gc
import gzip
import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_shop import create_shop
from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.infra.planner_statistics import renew_statistics
from recommendations.services.lists.sources import merge_co_purchases
from recommendations.services.shop.co_purchases import MIN_SHOPPERS, count_co_purchases

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
    """Products of a basket that are in the cart, and the rest of the basket."""

    in_cart: tuple[int, ...]
    others: frozenset[int]


@dataclass(frozen=True, slots=True)
class Found:
    """By case: whether the list has a hit, and how many of the hits that ten places allow."""

    hits: NDArray[np.float64]
    filled: NDArray[np.float64]


Lister = Callable[[Sequence[int]], Sequence[int]]
"""Returns what goes with products, best first."""


def main() -> None:
    """Print the table of a data set."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=sorted(READERS))
    parser.add_argument("--cases", type=int, default=MAX_CASES)
    parser.add_argument("--in-cart", type=int, default=1, metavar="N")
    options = parser.parse_args()
    root = Path(os.environ.get("SHOP_DATA_DIR", REPOSITORY.parent / "shared" / "data"))
    before, later = READERS[options.data](root)
    cases = draw_cases(before, later, options.cases, options.in_cart)
    with create_shop(max(one.product_id for one in before)):
        store(before)
        # A shop does not hold its log in memory, so no collection of garbage visits it.
        gc.freeze()
        print(
            f"{len(before):,} purchases are counted; {len(cases):,} later baskets, "
            f"{np.mean([len(case.others) for case in cases]):.1f} products to find in each.\n"
        )
        print(
            "| list | a hit in ten | difference, 95 % | of ten places | difference, 95 % "
            "| has a list | different products | time |"
        )
        print("|---|---|---|---|---|---|---|---|")
        plain: Found | None = None
        for name, lister in make_listers(before).items():
            found = report(name, lister, cases, plain)
            plain = plain or found


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


def draw_cases(
    before: Sequence[Purchase], later: Sequence[Purchase], max_cases: int, in_cart: int
) -> list[Case]:
    """Return `in_cart` products of each later basket, or of `max_cases` drawn ones.

    Only products that were sold before count, and only baskets with more of them.
    """
    known = {one.product_id for one in before}
    baskets: dict[tuple[str, float], set[int]] = defaultdict(set)
    for one in later:
        if one.product_id in known:
            baskets[one.shopper, one.timestamp].add(one.product_id)
    rng = np.random.default_rng(42)
    larger = [sorted(products) for products in baskets.values() if len(products) > in_cart]
    chosen = rng.permutation(len(larger))[:max_cases]
    cases = []
    for index in sorted(chosen):
        drawn = tuple(rng.choice(larger[index], size=in_cart, replace=False).tolist())
        cases.append(Case(drawn, frozenset(larger[index]).difference(drawn)))
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
    renew_statistics()


def make_listers(before: Sequence[Purchase]) -> Mapping[str, Lister]:
    """Return simple lists, plain counts first, and the shop's list."""
    baskets: dict[tuple[str, float], set[int]] = defaultdict(set)
    for one in before:
        baskets[one.shopper, one.timestamp].add(one.product_id)
    baskets_of: dict[int, list[tuple[str, set[int]]]] = defaultdict(list)
    for (shopper, _), products in baskets.items():
        for product_id in products:
            baskets_of[product_id].append((shopper, products))
    best = [pk for pk, _ in Counter(one.product_id for one in before).most_common(200)]

    def list_best(in_cart: Sequence[int]) -> list[int]:
        return [pk for pk in best if pk not in in_cart][:K]

    def list_most_often(in_cart: Sequence[int], *, min_shoppers: int = 1) -> list[int]:
        together: Counter[int] = Counter()
        for product_id in in_cart:
            shoppers: dict[int, set[str]] = defaultdict(set)
            counts: Counter[int] = Counter()
            for shopper, products in baskets_of[product_id]:
                for pk in products:
                    counts[pk] += 1
                    shoppers[pk].add(shopper)
            for pk, count in counts.items():
                if len(shoppers[pk]) >= min_shoppers:
                    together[pk] += count
        return [pk for pk, _ in together.most_common(K + len(in_cart)) if pk not in in_cart][:K]

    counted = cache(count_co_purchases)

    def list_goes_with(in_cart: Sequence[int]) -> list[int]:
        found = merge_co_purchases({pk: counted(pk) for pk in in_cart})
        return [one.product_id for one in found if one.product_id not in in_cart][:K]

    def fill_up(lister: Lister, in_cart: Sequence[int]) -> list[int]:
        listed = list(lister(in_cart))
        return [*listed, *(pk for pk in best if pk not in {*listed, *in_cart})][:K]

    of_five = partial(list_most_often, min_shoppers=MIN_SHOPPERS)
    return {
        "most often in one basket": list_most_often,
        "the same, of five shoppers": of_five,
        "the same, then bestsellers": partial(fill_up, of_five),
        "bestsellers": list_best,
        "goes with": list_goes_with,
        "goes with, then bestsellers": partial(fill_up, list_goes_with),
    }


def report(name: str, lister: Lister, cases: Sequence[Case], plain: Found | None) -> Found:
    """Print a line of the table, with the paired differences from the plain counts."""
    started = perf_counter()
    lists = {in_cart: lister(in_cart) for in_cart in {case.in_cart for case in cases}}
    each = (perf_counter() - started) / len(lists)
    counts = np.array([len(case.others & set(lists[case.in_cart])) for case in cases])
    findable = np.array([min(K, len(case.others)) for case in cases])
    found = Found(np.minimum(counts, 1).astype(np.float64), counts / findable)
    listed = np.mean([bool(lists[case.in_cart]) for case in cases])
    different = len({pk for products in lists.values() for pk in products})
    more_hits = compare(found.hits, plain.hits) if plain else ""
    more_filled = compare(found.filled, plain.filled) if plain else ""
    print(
        f"| {name} | {found.hits.mean():.3f} | {more_hits} "
        f"| {found.filled.mean():.3f} | {more_filled} "
        f"| {listed:.3f} | {different:,} | {1_000 * each:.0f} ms |",
        flush=True,
    )
    return found


def compare(values: NDArray[np.float64], plain: NDArray[np.float64]) -> str:
    """Return the mean difference by case, and 1.96 of its standard errors."""
    differences = values - plain
    error = differences.std() / np.sqrt(len(differences))
    return f"{differences.mean():+.3f} ± {1.96 * error:.3f}"


if __name__ == "__main__":
    main()
