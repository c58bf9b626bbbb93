"""Measure whether what shoppers look at in one session belongs in the order of similar products.

    python -m benchmarks.similar_views
    python -m benchmarks.similar_views --half second

In the sample shop, from the events before the newest fifth of the time: the products alike in
words, ordered by likeness, price and the preset `default` as the shop does, and by co-views with
several weights. A case is a step of a later session to another product; what should be found is
that product, among the eight called similar. Differences are from the weight 0. The weight was
chosen on the first half of the cases.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import benchmarks.environment  # noqa: F401 - must come before the product
from benchmarks.passed_over import END, SEED, SHOPPERS, read_log
from recommendations.choices import InteractionType
from recommendations.ml.data import FloatArray, History, Interactions
from recommendations.ml.presets import default_ensemble
from recommendations.retrieval.documents import Document
from recommendations.retrieval.likeness import find_like
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer, split_words
from recommendations.sample_data.catalogue import SampleProduct
from recommendations.sample_data.shop import make_shop
from recommendations.services.lists.likeness import (
    BEHAVIOUR_WEIGHT,
    MIN_LIKENESS,
    PRICE_WEIGHT,
    scale_co_views,
)
from recommendations.services.shop.co_purchases import Shopper
from recommendations.services.shop.co_views import SESSION_PAUSE, View, score_views

LISTED, CANDIDATES, MAX_CASES = 8, 60, 12_000
LANGUAGES = ("english", "german")
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5)
LATER_SHARE = 0.2


@dataclass(frozen=True)
class Alike:
    """Products alike to one, their scores without co-views, and the co-views as shares."""

    rows: NDArray[np.int64]
    by_words: FloatArray
    with_model: FloatArray
    co_views: FloatArray

    def list_best(self, weight: float, *, uses_model: bool) -> list[int]:
        """Return the rows called similar if co-views have this weight."""
        scores = self.with_model if uses_model else self.by_words
        blended = (1 - weight) * scores + weight * self.co_views
        best: list[int] = self.rows[np.argsort(-blended, kind="stable")[:LISTED]].tolist()
        return best


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=["first", "second"], default="first")
    half = parser.parse_args().half
    shop = make_shop(products=1_200, users=SHOPPERS, interactions=80_000, seed=SEED, end_time=END)
    log = read_log(shop)
    is_later = log.timestamps >= np.quantile(log.timestamps, 1 - LATER_SHARE)
    steps = draw_steps(read_views(log.select(is_later)), half)
    products = shop.catalogue.products
    alike = find_all_alike(products, log.select(~is_later), {seed for seed, _ in steps})
    types = np.array([str(product.attributes["type"]) for product in products])
    is_of_type = np.array([types[seed] == types[found] for seed, found in steps])
    covered = np.mean([one.co_views.any() for one in alike.values()])
    print(
        f"{len(steps):,} steps, {is_of_type.mean():.3f} of them to the same type; "
        f"{covered:.3f} of the products have a co-view among those alike.\n"
    )
    print("| weight | model | found in eight, of the same type | difference, 95 % | same type |")
    print("|---|---|---|---|---|")
    for uses_model in (False, True):
        plain: NDArray[np.float64] | None = None
        for weight in WEIGHTS:
            lists = {
                row: one.list_best(weight, uses_model=uses_model) for row, one in alike.items()
            }
            found = np.array([other in lists[row] for row, other in steps], dtype=np.float64)
            hits = found[is_of_type]
            plain = hits if plain is None else plain
            error = (hits - plain).std() / np.sqrt(len(hits))
            shares = [np.mean(types[best] == types[row]) for row, best in lists.items() if best]
            print(
                f"| {weight} | {'yes' if uses_model else 'no'} | {hits.mean():.4f} "
                f"| {(hits - plain).mean():+.4f} ± {1.96 * error:.4f} | {np.mean(shares):.4f} |"
            )


def read_views(log: Interactions) -> dict[Shopper, list[View]]:
    """Return the views of each shopper, oldest first."""
    views: dict[Shopper, list[View]] = defaultdict(list)
    viewed = log.select(log.have_type([InteractionType.VIEW]))
    columns = zip(
        viewed.users.tolist(), viewed.items.tolist(), viewed.timestamps.tolist(), strict=True
    )
    for user, item, timestamp in columns:
        views[user, None].append(View(item, datetime.fromtimestamp(timestamp, UTC)))
    return views


def draw_steps(views: Mapping[Shopper, Sequence[View]], half: str) -> list[tuple[int, int]]:
    """Return one half of the steps from a product to the next one of the session."""
    steps = [
        (before.product_id, after.product_id)
        for seen in views.values()
        for before, after in pairwise(seen)
        if after.timestamp - before.timestamp <= SESSION_PAUSE
        and before.product_id != after.product_id
    ]
    order = np.random.default_rng(0).permutation(len(steps))[:MAX_CASES]
    kept = order[: len(order) // 2] if half == "first" else order[len(order) // 2 :]
    return [steps[row] for row in kept.tolist()]


def find_all_alike(
    products: Sequence[SampleProduct], log: Interactions, rows: set[int]
) -> dict[int, Alike]:
    """Return what is alike to each of the rows, as the log says what shoppers did."""
    ensemble = default_ensemble().fit(log.merge_repeats())
    index = SegmentedIndex(Tokenizer(LANGUAGES), ()).follow(
        {row: ProductState(is_on_sale=True, in_stock=True) for row in range(len(products))},
        [_to_document(row, product) for row, product in enumerate(products)],
    )
    views = read_views(log)
    viewers: dict[int, dict[Shopper, list[View]]] = defaultdict(dict)
    for shopper, seen in views.items():
        for view in seen:
            viewers[view.product_id][shopper] = seen
    prices = np.array([float(product.price) for product in products])
    found = {}
    for row in sorted(rows):
        words = split_words(products[row].brand)
        made_by = {term for word in words for term in index.tokenizer.stem(word)}
        weights = index.weigh_product(row, exclude=made_by)
        alike, likeness = find_like(index, row, weights, CANDIDATES, least=MIN_LIKENESS)
        nearness = np.minimum(prices[row], prices[alike]) / np.maximum(prices[row], prices[alike])
        by_words = ((1 - PRICE_WEIGHT) * likeness + PRICE_WEIGHT * nearness).astype(np.float32)
        folded = ensemble.fold_in(History.from_items([row]))
        behaviour = np.nan_to_num(ensemble.score_items(folded, alike.astype(np.int32))).clip(0, 1)
        with_model = (1 - BEHAVIOUR_WEIGHT) * by_words + BEHAVIOUR_WEIGHT * behaviour
        scores = {one.product_id: one.score for one in score_views(row, viewers[row])}
        co_views = scale_co_views(scores, alike.tolist()) if scores else np.zeros_like(by_words)
        found[row] = Alike(alike, by_words, with_model, co_views)
    return found


def _to_document(row: int, product: SampleProduct) -> Document:
    return Document(
        product_id=row,
        name=product.name,
        brand=product.brand,
        category=product.category,
        attributes=" ".join(map(str, product.attributes.values())),
        description=product.description,
    )


if __name__ == "__main__":
    main()
