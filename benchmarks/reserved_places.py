"""What reserved places cost, and what they find: `python -m benchmarks.reserved_places`.

Lists of UCI Online Retail as `benchmarks.quality uci` makes them, with the same lists in which one
place in N is reserved for new products: first sold in the 30 days before the cut, or with few
interactions. SHOP_DATA_DIR names the folder of the data sets. Members have the preset's parameters;
only their weights are tuned, unless `--tune-parameters`. What was found before can take the place
of tuning:

    python -m benchmarks.reserved_places --table 1 --tune-parameters
    python -m benchmarks.reserved_places --table 1 --weights content=.2 ease=.8 --abstention .9
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.data_sets import DATA_SETS, OCTOBER
from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.reserved_places import LEAST_SCORE, draw_scores, fill_reserved
from recommendations.ml.blended import BlendShape
from recommendations.ml.data import SECONDS_PER_DAY, FloatArray, Interactions, RowArray
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import bootstrap_interval
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.models.base import Recommender
from recommendations.ml.numerics.topk import top_k
from recommendations.ml.presets import PRESETS
from recommendations.ml.reranker import Reranker
from recommendations.ml.tuning.weights import tune_ensemble, tune_weights
from recommendations.reasons import ReasonCode

K = 10
WITHIN_DAYS = 30
MOST_NAMED = 40
FEWER_THAN = (0, 5, 20)
ONE_IN = (10, 5)
REASON = Reason(ReasonCode.LITTLE_KNOWN)
AGES = ("first sold in the last 30 days", "first sold after the cut", "older")
OLDER = AGES.index("older")


@dataclass(frozen=True, slots=True)
class Figures:
    """What lists find.

    `ndcg` is that of each case, `of_older` the part of its mean that hits of older products make,
    `of_ten` the share of the hits that ten places allow, `found` the share of the targets of each
    age, and `reserved` the share of places with a new product.
    """

    ndcg: NDArray[np.float64]
    of_older: float
    of_ten: float
    found: Sequence[float]
    reserved: float


def main() -> None:
    """Print a table for each task of the data set."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="fast")
    parser.add_argument("--table", type=int, choices=(0, 1), help="only this task, by default both")
    parser.add_argument("--tune-parameters", action="store_true", help="tune them, too")
    parser.add_argument("--weights", nargs="*", metavar="MEMBER=WEIGHT", help="instead of tuning")
    parser.add_argument("--trend-exponent", type=float, default=0.0)
    parser.add_argument("--abstention", type=float, default=0.0)
    options = parser.parse_args()
    data = DATA_SETS["uci"]
    log = data.read()
    tables = list(data.tables.items())
    for title, protocol in tables if options.table is None else [tables[options.table]]:
        split = protocol.split(log)
        members = PRESETS[options.preset]().members
        if options.weights:
            weights = dict(_parse_weight(text) for text in options.weights)
            shape = BlendShape(trend_exponent=options.trend_exponent, abstention=options.abstention)
            reranker = Reranker.none()
        else:
            validation = protocol.split_validation(log)
            found = _tune(members, validation, parameters=options.tune_parameters)
            members, weights, shape, reranker = found
        ensemble = Ensemble({name: members[name] for name in weights}, weights, shape)
        ensemble.set_reranker(reranker)
        ensemble.fit(split.training)
        ages = _tell_ages(ensemble, log)
        print(f"\n{title}, preset {options.preset}\n")
        print(
            "| reserved | places filled | of ten places | NDCG@10 | cost, 95 % "
            f"| by older ones | {' | '.join(AGES)} |"
        )
        print("|---|---|---|---|---|---|---|---|---|", flush=True)
        scores = score_cases(ensemble, split)
        plain = measure(ensemble, split, scores, ages)
        _print("none", plain, plain)
        if reranker:
            ensemble.set_reranker(Reranker.none())
            _print(
                "none, no trees",
                measure(ensemble, split, score_cases(ensemble, split), ages),
                plain,
            )
        tuned, ensemble.shape = ensemble.shape, BlendShape(power=ensemble.shape.power)
        without = measure(ensemble, split, score_cases(ensemble, split), ages)
        _print("none, neither trend nor abstention nor trees", without, plain)
        ensemble.shape = tuned
        ensemble.set_reranker(reranker)
        for one_in in ONE_IN:
            for fewer_than in FEWER_THAN:
                reserved = measure(
                    ensemble, split, scores, ages, one_in=one_in, fewer_than=fewer_than
                )
                words = f"1 in {one_in}, new: {WITHIN_DAYS} days or fewer than {fewer_than}"
                _print(words, reserved, plain)


def score_cases(ensemble: Ensemble, split: Split) -> FloatArray:
    """Return the scores of the cases of known shoppers, NaN for what their lists must not hold."""
    warm = np.flatnonzero(split.is_warm)
    scores = ensemble.score([split.histories[case] for case in warm])
    for row, case in enumerate(warm):
        scores[row, split.excluded[case]] = np.nan
    return scores


def measure(
    ensemble: Ensemble,
    split: Split,
    scores_of_cases: FloatArray,
    ages: RowArray,
    *,
    one_in: int = 0,
    fewer_than: int = 0,
) -> Figures:
    """Return the figures of the lists, with reserved places unless `one_in` is 0."""
    discounts = 1 / np.log2(np.arange(2, K + 2))
    rows = ensemble.facts_.debuts.find_new(OCTOBER, within_days=WITHIN_DAYS, fewer_than=fewer_than)
    new_rows = frozenset(rows.tolist())
    hits, targets, n_filled = np.zeros(len(AGES)), np.zeros(len(AGES)), 0
    ndcg, of_older, of_ten = [], [], []
    warm = np.flatnonzero(split.is_warm)
    for scores, case in zip(scores_of_cases, warm, strict=True):
        history, truth = split.histories[case], split.ground_truth[case]
        best = top_k(scores, K)
        listed = _to_candidates(best.items, best.scores, Source.MODEL)
        if one_in:
            rng = np.random.default_rng([7, int(case)])
            unknown = rows[~np.isin(rows, history.items) & ~np.isin(rows, best.items)]
            drawn = draw_scores(scores[unknown], ensemble.facts_.priors.confidence[unknown], rng)
            suits = np.flatnonzero(scores[unknown] >= LEAST_SCORE)
            order = suits[np.argsort(-drawn[suits], kind="stable")][:MOST_NAMED]
            candidates = _to_candidates(unknown[order], scores[unknown[order]], Source.EXPLORED)
            listed = fill_reserved(listed, candidates, one_in=one_in, new_ids=new_rows)
        items = np.array([one.product_id for one in listed], dtype=np.int32)
        n_filled += sum(one.source is Source.EXPLORED for one in listed)
        is_hit = np.isin(items, truth)
        gains = is_hit * discounts[: len(items)] / discounts[: len(truth)].sum()
        ndcg.append(gains.sum())
        of_older.append(gains[ages[items] == OLDER].sum())
        of_ten.append(is_hit.sum() / min(K, len(truth)))
        hits += np.bincount(ages[items[is_hit]], minlength=len(AGES))
        targets += np.bincount(ages[truth], minlength=len(AGES))
    return Figures(
        np.array(ndcg),
        float(np.mean(of_older)),
        float(np.mean(of_ten)),
        (hits / targets).tolist(),
        n_filled / (K * len(warm)),
    )


def _tune(
    members: Mapping[str, Recommender], validation: Split, *, parameters: bool
) -> tuple[dict[str, Recommender], dict[str, float], BlendShape, Reranker]:
    """Fit the members on the validation's training data; return them and what tuning finds."""
    ensemble = Ensemble(members, dict.fromkeys(members, 1.0))
    if parameters:
        found = tune_ensemble(ensemble, validation)
    else:
        found = tune_weights(ensemble.fit(validation.training).members, validation)
    weights = {name: weight for name, weight in found.weights.items() if weight}
    print(f"\nTuned: {weights}, {found.shape}, {len(found.reranker)} trees", flush=True)
    return ensemble.members, weights, found.shape, found.reranker


def _parse_weight(text: str) -> tuple[str, float]:
    name, _, weight = text.partition("=")
    return name, float(weight)


def _tell_ages(ensemble: Ensemble, log: Interactions) -> RowArray:
    """Return for each item which of the `AGES` it has at the cut."""
    first = ensemble.facts_.debuts.first_seconds
    ages = np.full(log.n_items, OLDER, dtype=np.int32)
    ages[first >= OCTOBER - WITHIN_DAYS * SECONDS_PER_DAY] = 0
    ages[np.isinf(first)] = 1
    return ages


def _to_candidates(items: RowArray, scores: NDArray[np.float32], source: Source) -> list[Candidate]:
    return [
        Candidate(item, score, source, REASON)
        for item, score in zip(items.tolist(), scores.tolist(), strict=True)
    ]


def _print(name: str, figures: Figures, plain: Figures) -> None:
    mean, before = figures.ndcg.mean(), plain.ndcg.mean()
    low, high = bootstrap_interval(figures.ndcg - plain.ndcg)
    change = f"{(mean - before) / before:+.1%} ({low / before:+.1%} to {high / before:+.1%})"
    cells = [name, f"{figures.reserved:.1%}", f"{figures.of_ten:.4f}", f"{mean:.4f}"]
    cells.append(change if figures is not plain else "")
    cells.append(f"{figures.of_older:.4f}")
    print(f"| {' | '.join([*cells, *(f'{share:.4f}' for share in figures.found)])} |", flush=True)


if __name__ == "__main__":
    main()
