"""The products that compete for the reserved places of a list."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from django.utils import timezone

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.reserved_places import LEAST_SCORE, Reservation, draw_scores
from recommendations.ml.data import SECONDS_PER_DAY, FloatArray, RowArray
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.presets import COLLABORATIVE, FACTORIZATION
from recommendations.reasons import ReasonCode
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.sources import ModelSource

MOST_SCORED = 1_000
"""If more products are new, each list draws so many of them."""
MOST_NAMED = 40
"""So many of them, the best, are read and filtered."""
MOST_REMEMBERED = 16
"""So many rules and days are remembered for each model."""


@dataclass(frozen=True, slots=True)
class NewProducts:
    """All new products, and those that may get a reserved place of one list, best first."""

    product_ids: frozenset[int]
    candidates: Sequence[Candidate]


NO_NEW_PRODUCTS = NewProducts(frozenset(), ())


class _NewRows(NamedTuple):
    """The rows and the ids of a model's new products."""

    rows: RowArray
    product_ids: frozenset[int]


_remembered: WeakKeyDictionary[Ensemble, dict[tuple[int, int, int], _NewRows]] = WeakKeyDictionary()


def find_new_products(
    reservation: Reservation, *, by_model: ModelSource, context: ListContext
) -> NewProducts:
    """Return the new products that suit the history, by scores that are drawn once a day.

    The same subject gets the same draws all day, so that a list does not change from one visit to
    the next, and staff see the list that was served. A product of which no member of the model can
    tell whether it suits, because it has no description, is not among them.
    """
    ensemble, folded = by_model.model.ensemble, by_model.folded
    if folded is None:
        return NO_NEW_PRODUCTS
    now = timezone.now()
    # New is decided once a day, so that it needs no pass over all products for each list.
    today = int(now.timestamp() // SECONDS_PER_DAY)
    rows, product_ids = _find_new_rows(
        ensemble, reservation.within_days, reservation.fewer_than, today
    )
    rng = _make_rng(context, today)
    unknown = rows[~np.isin(rows, folded.history.items)]
    if len(unknown) > MOST_SCORED:
        unknown = np.sort(rng.choice(unknown, MOST_SCORED, replace=False))
    if not len(unknown):
        return NewProducts(product_ids, ())
    scores = ensemble.score_items(folded, unknown)
    drawn = draw_scores(scores, ensemble.facts_.priors.confidence[unknown], rng)
    suits = np.flatnonzero(scores >= LEAST_SCORE)
    best = suits[np.argsort(-drawn[suits], kind="stable")][:MOST_NAMED]
    return NewProducts(product_ids, _to_candidates(by_model, unknown[best], scores[best]))


def _find_new_rows(ensemble: Ensemble, within_days: int, fewer_than: int, day: int) -> _NewRows:
    """Return what is new at the end of a day since 1970; remembered as long as the model lives."""
    of_model = _remembered.setdefault(ensemble, {})
    key = (within_days, fewer_than, day)
    found = of_model.get(key)
    if found is None:
        rows = ensemble.facts_.debuts.find_new(
            (day + 1) * SECONDS_PER_DAY, within_days=within_days, fewer_than=fewer_than
        )
        found = _NewRows(rows, frozenset(ensemble.catalogue.item_ids[rows].tolist()))
        if len(of_model) >= MOST_REMEMBERED:
            of_model.clear()
        of_model[key] = found
    return found


def _make_rng(context: ListContext, day: int) -> np.random.Generator:
    key = context.subject.key if context.subject else ""
    digest = hashlib.sha256(f"{key} {day}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))


def _to_candidates(by_model: ModelSource, rows: RowArray, scores: FloatArray) -> list[Candidate]:
    if by_model.folded is None or not len(rows):
        return []
    ensemble = by_model.model.ensemble
    parts = ensemble.break_down(by_model.folded, rows).parts
    of_member = dict(zip(ensemble.active_members, parts, strict=True))
    zeros = np.zeros(len(rows), dtype=np.float32)
    reason = Reason(ReasonCode.LITTLE_KNOWN)
    return [
        Candidate(product_id, score, Source.EXPLORED, reason, cf_score, mf_score)
        for product_id, score, cf_score, mf_score in zip(
            ensemble.catalogue.item_ids[rows].tolist(),
            scores.tolist(),
            of_member.get(COLLABORATIVE, zeros).tolist(),
            of_member.get(FACTORIZATION, zeros).tolist(),
            strict=True,
        )
    ]
