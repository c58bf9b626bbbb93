"""How `evaluate_models` shows its figures."""

import math
from collections.abc import Iterator
from dataclasses import asdict

from rich.table import Table

from recommendations.ml.tuning.weights import Tuning
from recommendations.services.training.evaluation import Evaluation

COLUMNS = {
    "hit_rate": "HR@{k}",
    "recall": "Recall@{k}",
    "ndcg": "NDCG@{k}",
    "mrr": "MRR@{k}",
    "map": "MAP@{k}",
    "coverage": "Coverage",
    "novelty": "Novelty",
    "diversity": "Diversity",
    "gini": "Gini",
}
PRECISION = "P@{k}"
"""What the hit rate is called where a case has one product to find among twenty."""


def describe_tuning(tuning: Tuning, seconds: float) -> Iterator[str]:
    """Yield the lines that say what tuning found."""
    weights = sorted(tuning.weights.items(), key=lambda each: -each[1])
    found = ", ".join(f"{name} {weight:.2f}" for name, weight in weights if weight)
    yield f"Tuned in {seconds:.0f} s, weights: {found}"
    yield "Shape of the blend: " + ", ".join(
        f"{name} {value:g}" for name, value in asdict(tuning.shape).items()
    )
    if tuning.reranker:
        yield f"Second stage: {len(tuning.reranker)} trees"
    if tuning.left_out:
        yield f"The time limit cut short: {', '.join(tuning.left_out)}"
    for name, parameters in tuning.parameters.items():
        changes = ", ".join(f"{parameter} {value:g}" for parameter, value in parameters.items())
        yield f"Parameters of {name}: {changes}"


def make_table(evaluation: Evaluation) -> Table:
    """Return the table of the figures of all models."""
    table = Table(
        title=f"{evaluation.protocol}{', repeats included' if evaluation.repeats else ''}: "
        f"{evaluation.n_cases:,} cases, learnt from "
        f"{evaluation.n_training_interactions:,} of {evaluation.n_interactions:,} interactions, "
        f"{evaluation.n_users:,} shoppers, {evaluation.n_items:,} products",
    )
    table.add_column("model")
    table.add_column("shoppers")
    headings = COLUMNS | ({"hit_rate": PRECISION} if evaluation.protocol == "sessions" else {})
    for heading in headings.values():
        table.add_column(heading.format(k=evaluation.k), justify="right")
    table.add_column("NDCG 95 %", justify="right")
    table.add_column("paired difference", justify="right")
    table.add_column("fit", justify="right")
    for report in evaluation.models:
        for cohort, metrics in report.metrics.items():
            figures = [
                "–" if math.isnan(metrics[name]) else f"{metrics[name]:.4f}" for name in COLUMNS
            ]
            first = cohort == "all"
            table.add_row(
                report.model if first else "",
                f"{cohort} {metrics['cases']:,.0f}",
                *figures,
                "{:.4f}–{:.4f}".format(*report.ndcg_interval) if first else "",
                "{:+.4f} to {:+.4f}".format(*report.ndcg_behind)
                if first and report.model != evaluation.models[-1].model
                else "",
                f"{report.fit_seconds:.1f} s" if first else "",
            )
    return table
