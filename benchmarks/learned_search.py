"""`python -m benchmarks.learned_search`: what search gains from simulated clicks, and from liars.

Nobody has published the clicks of a shop with judgements of its products, so clicks are simulated
on judged queries: a shopper looks at the place r with the probability 1/r and clicks what it sees
with a probability that rises with the judgement (position-based model). What is learnt from the
clicks orders the results anew, and these are measured by the judgements.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from recommendations.retrieval import learned_matches
from recommendations.retrieval.judged_queries import (
    RELEVANT,
    Figures,
    JudgedQueries,
    measure,
    read_judged_queries,
)
from recommendations.retrieval.learned_matches import Choices, compute_strengths, lift
from recommendations.retrieval.searching import search
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer

SHOPPERS = (3, 10, 30, 100, 300)
"""How many shoppers search for each query."""
SHOWN = 24
CLICKED_ANYWAY, CLICKED_IF_PARTLY, CLICKED_IF_RELEVANT = 0.05, 0.25, 0.6
"""How often a shopper clicks what it sees: anything, what was judged 2 or better, and the relevant.
Products that nobody judged count as not relevant."""
LIARS = (3, 30, 300)
SEED = 7

Results = Mapping[str, tuple[Sequence[int], Sequence[float]]]


def main() -> None:
    """Print what is learnt from honest shoppers, and how far liars lift a product."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("products", "queries", "judgements"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--tune", action="store_true", help="Try other priors and moves as well.")
    options = parser.parse_args()
    judged = read_judged_queries(
        products=options.products, queries=options.queries, judgements=options.judgements
    )
    results = search_all(judged)
    ids = list(results)
    halves = {"tuned on": ids[::2], "held out": ids[1::2]}
    if options.tune:
        tune({query_id: results[query_id] for query_id in halves["tuned on"]}, judged)
    for half, members in halves.items():
        part = {query_id: results[query_id] for query_id in members}
        print_row(half, "nobody", measure_order(judged, {q: ids for q, (ids, _) in part.items()}))
        for shoppers in SHOPPERS:
            learnt = learn(part, judged, shoppers)
            print_row(half, f"{shoppers} shoppers", measure_order(judged, learnt))
    for liars in LIARS:
        print_lies(results, judged, liars)


def search_all(judged: JudgedQueries) -> Results:
    """Return what each query finds by words, with the relevance."""
    states = {one.product_id: ProductState(True, True) for one in judged.documents}
    empty = SegmentedIndex(Tokenizer(("en", "de")), ())
    index = empty.follow(states, judged.documents)
    found = {query_id: search(text, index) for query_id, text in judged.texts.items()}
    return {query_id: (one.product_ids, one.relevance) for query_id, one in found.items()}


def learn(results: Results, judged: JudgedQueries, shoppers: int) -> dict[str, list[int]]:
    """Return the order of each query after the clicks of so many shoppers."""
    return {
        query_id: sort(result, simulate(query_id, result, judged, shoppers))
        for query_id, result in results.items()
    }


def sort(
    result: tuple[Sequence[int], Sequence[float]], choices: Mapping[int, Choices]
) -> list[int]:
    """Return the products of a result in the order that the choices give them."""
    relevance = lift(*result, compute_strengths(choices))
    return sorted(relevance, key=lambda pk: -relevance[pk])


def simulate(
    query_id: str,
    result: tuple[Sequence[int], Sequence[float]],
    judged: JudgedQueries,
    shoppers: int,
) -> dict[int, Choices]:
    """Return what simulated shoppers clicked among the first results of a query."""
    rng = np.random.default_rng([SEED, int(query_id)])
    shown = result[0][:SHOWN]
    judgements = judged.judgements.get(query_id, {})
    likes = np.array([get_click_rate(judgements.get(pk, 0.0)) for pk in shown])
    looks = 1 / np.arange(1, len(shown) + 1)
    clicks = rng.binomial(shoppers, likes * looks).tolist()
    return {pk: Choices(int(n), float(n)) for pk, n in zip(shown, clicks, strict=True) if n}


def get_click_rate(judgement: float) -> float:
    """Return how often a shopper who sees a product clicks it."""
    if judgement >= RELEVANT:
        return CLICKED_IF_RELEVANT
    return CLICKED_IF_PARTLY if judgement >= 2 else CLICKED_ANYWAY


def measure_order(judged: JudgedQueries, order: Mapping[str, Sequence[int]]) -> Figures:
    """Return the figures of an order; the times mean nothing."""
    return measure(judged, {key: ids[:50] for key, ids in order.items()}, [0.0])


def tune(results: Results, judged: JudgedQueries) -> None:
    """Print the figures with other priors and moves."""
    chosen = learned_matches.PRIOR, learned_matches.LARGEST_MOVE
    for prior in (2.0, 10.0, 50.0):
        for move in (0.1, 0.2, 0.5):
            learned_matches.PRIOR, learned_matches.LARGEST_MOVE = prior, move
            for shoppers in SHOPPERS:
                figures = measure_order(judged, learn(results, judged, shoppers))
                print_row(f"prior {prior:g} move {move:g}", f"{shoppers} shoppers", figures)
    learned_matches.PRIOR, learned_matches.LARGEST_MOVE = chosen


def print_lies(results: Results, judged: JudgedQueries, liars: int) -> None:
    """Print how far liars lift the 20th product among 30 honest shoppers, and what that costs."""
    after, orders = [], {}
    for query_id, result in results.items():
        if len(result[0]) < 20:
            continue
        lie = result[0][19]
        honest = simulate(query_id, result, judged, 30)
        choices = Counter({pk: one.subjects for pk, one in honest.items()})
        choices[lie] += liars
        orders[query_id] = sort(result, {pk: Choices(n, float(n)) for pk, n in choices.items()})
        after.append(orders[query_id].index(lie) + 1)
    places = np.percentile(after, [10, 50, 90]).astype(int)
    moved = f"20th to {places[1]} ({places[0]}-{places[2]})"
    print_row(f"{liars} liars", moved, measure_order(judged, orders))


def print_row(first: str, second: str, figures: Figures) -> None:
    """Print one line."""
    print(
        f"{first:24} {second:24} R@50 {figures.recall_at_50:.3f}  "
        f"S@10 {figures.success_at_10:.3f}  N@10 {figures.ndcg_at_10:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
