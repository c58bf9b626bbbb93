"""Measure how long a list takes inside a process, by the size of the shop.

    python -m benchmarks.serving
    python -m benchmarks.serving --products 1000 100000

Each list is the first of a visitor: the process reads history and products from the database,
ranks, filters, arranges and explains, and caches the list. "With rules" is the same while staff
have published three rules with conditions, one of which asks for categories besides.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from time import perf_counter
from typing import Any

import numpy as np
from django.utils import timezone

from benchmarks.synthetic_shop import HISTORY, add_histories, create_shop, make_visitors
from recommendations.choices import RuleAction
from recommendations.models import MerchandisingRule
from recommendations.services.lists import ListContext, recommend
from recommendations.services.lists.history import read_history, to_model_history
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.rule_versions import publish_rules
from recommendations.services.training import live_model

LISTS = 500
COUNT = 10


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        "--products", nargs="+", type=int, default=[1_000, 10_000, 100_000, 1_000_000]
    )
    sizes: list[int] = parser.parse_args().products
    print(f"{LISTS} lists of {COUNT}, each the first of a visitor who viewed {HISTORY} products.\n")
    print(
        "| products | the model alone, p50 | p99 | the whole list, p50 | p99 |"
        " with rules, p50 | p99 |"
    )
    print("|---|---|---|---|---|---|---|")
    for n_products in sizes:
        subjects = make_visitors(2 * LISTS)
        with create_shop(n_products):
            add_histories(subjects, n_products)
            ranking = np.quantile(_time_rankings(subjects[:LISTS]), [0.5, 0.99])
            whole = np.quantile(_time_lists(subjects[:LISTS]), [0.5, 0.99])
            _publish_rules()
            ruled = np.quantile(_time_lists(subjects[LISTS:]), [0.5, 0.99])
        cells = " | ".join(f"{1_000 * seconds:.2f} ms" for seconds in (*ranking, *whole, *ruled))
        print(f"| {n_products:,} | {cells} |", flush=True)


def _publish_rules() -> None:
    """Publish a rule of each action that moves or hides what meets a condition."""
    conditions: dict[RuleAction, dict[str, Any]] = {
        RuleAction.BOOST: {"field": "price", "op": "between", "value": [20, 60]},
        RuleAction.BURY: {"field": "stock", "op": "at_most", "value": 3},
        RuleAction.HIDE: {
            "all": [
                {"field": "category", "op": "in", "value": ["Category 3", "Category 7"]},
                {"field": "price", "op": "above", "value": 250},
            ]
        },
    }
    for action, condition in conditions.items():
        MerchandisingRule.objects.create(action=action.value, condition=condition)
    publish_rules(author=None)


def _time_rankings(subjects: list[Subject]) -> list[float]:
    """Return the seconds that the live model takes to rank for each subject."""
    live = live_model.refresh()
    assert live is not None
    taken = []
    for subject in subjects:
        entries = read_history(subject).entries
        history = to_model_history(entries, live.ensemble.catalogue, now=timezone.now())
        started = perf_counter()
        live.ensemble.recommend(history, 4 * COUNT + 20, with_history=True)
        taken.append(perf_counter() - started)
    return taken


def _time_lists(subjects: list[Subject]) -> list[float]:
    """Return the seconds that each subject waits for their first list."""
    recommend(context=ListContext(None))
    taken = []
    for subject in subjects:
        started = perf_counter()
        made = recommend(context=ListContext(subject), count=COUNT)
        taken.append(perf_counter() - started)
        assert (len(made.entries), made.personalized) == (COUNT, True)
    return taken


if __name__ == "__main__":
    main()
