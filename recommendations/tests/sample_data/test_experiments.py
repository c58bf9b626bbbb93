"""Experiments on the sample shop: simulated visitors click by tastes that nobody else knows."""

from ast import literal_eval
from collections import defaultdict
from datetime import timedelta
from hashlib import blake2s
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from benchmarks.ab_tests.visitors import Visitors, count_as_of_yesterday
from recommendations.choices import Placement
from recommendations.engine.conditions.fields import Op
from recommendations.engine.conditions.parsing import Test as Condition
from recommendations.models import Experiment
from recommendations.progress import report_nothing
from recommendations.sample_data import populate
from recommendations.services.experiments.reporting import make_report
from recommendations.services.experiments.treatments import NO_TREATMENT, Treatment
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.lists import ListContext, random_slot, recommend, served_log
from recommendations.services.lists.personal import build_personal_list
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.wish import ListWish
from recommendations.services.people.subjects import Subject
from recommendations.services.training.train import train
from recommendations.services.what_if.changes import plan_change
from recommendations.services.what_if.comparison import compare_on_log
from recommendations.tests.builders import make_experiment, make_random_slot
from recommendations.tests.clock import AT_NOON

# Lists follow from the ages of products, clicks from the lists; an experiment errs once in
# twenty, on some days more than on others.
pytestmark = [pytest.mark.django_db, AT_NOON]

PRODUCTS, VISITORS, SEED = 400, 400, 42
VISITS = 7


def compute_true_clicks(visitors: Visitors, treatment: Treatment) -> float:
    """Return the clicks per list that all visitors are expected to make with a treatment."""
    clicks = []
    for row, subject in enumerate(visitors.subjects):
        context = ListContext(subject, takes_part=True)
        context.treatment = treatment
        found = recommend(context=context)
        clicks.append(sum(visitors.find_click_chances(row, found).values()))
    return float(np.mean(clicks))


def report(experiment: Experiment) -> tuple[str, Any]:
    """Return the verdict, and how the second arm compares in clicks per list."""
    content = make_report(experiment).content
    [primary, *_] = content["metrics"]
    [compared] = primary["comparisons"]
    return content["verdict"], compared


def number_rows_from_one() -> None:
    """Let the ids of rows be the same whatever was written before, as the draws of slots follow.

    Tables that have rows go on: their ids are in use.
    """
    empty = [
        model._meta.db_table for model in apps.get_models() if not model._base_manager.exists()
    ]
    sequences = [one for one in connection.introspection.sequence_list() if one["table"] in empty]
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_by_name_sql(no_style(), sequences):
            cursor.execute(sql)


def open_shop() -> Visitors:
    """Fill a shop, train its model, and let visitors look around."""
    number_rows_from_one()
    populate(
        products=PRODUCTS,
        users=300,
        interactions=15_000,
        seed=SEED,
        flush=False,
        progress=report_nothing,
    )
    train()
    visitors = Visitors(VISITORS, products=PRODUCTS, seed=SEED)
    visitors.look_around()
    return visitors


def test_the_engine_is_better_than_popularity_by_the_true_difference_and_not_than_itself() -> None:
    visitors = open_shop()
    popular = Treatment(arms=((0, 0),), only_popular=True)
    engine = compute_true_clicks(visitors, NO_TREATMENT)
    true_difference = engine - compute_true_clicks(visitors, popular)
    columns = {
        "primary_metric": "click_through",
        "started_at": timezone.now(),
        "needed_days": 1,
        "needed_subjects": VISITORS,
    }
    against_popularity = make_experiment(
        {"name": "popular", "only_popular": True}, {"name": "engine"}, salt="pepper", **columns
    )
    against_itself = make_experiment(
        {"name": "engine"}, {"name": "same"}, salt="sage", layer="itself", **columns
    )

    visitors.visit()
    count_as_of_yesterday()
    keep_figures()

    verdict, found = report(against_popularity)
    assert verdict == "better"
    # The ordinary interval misses the truth once in twenty, and the catalogue's ages differ by day.
    assert found["sequence"]["low"] < true_difference < found["sequence"]["high"]
    verdict, same = report(against_itself)
    assert verdict == "no_difference_found"
    assert same["sequence"]["low"] < 0 < same["sequence"]["high"]


def test_an_interleaving_finds_the_model_that_knows_the_tastes() -> None:
    visitors = open_shop()
    experiment = make_experiment(
        {"name": "popular", "weights": {"popularity": 1}},
        {"name": "engine"},
        kind="interleaving",
        placement="home",
        primary_metric="click_through",
        salt="basil",
        started_at=timezone.now(),
        needed_days=1,
        needed_subjects=VISITORS,
    )

    visitors.visit()
    count_as_of_yesterday()
    keep_figures()

    content = make_report(experiment).content
    assert (content["verdict"], content["subjects"]) == ("better", VISITORS)
    clicks = content["decision"]
    assert clicks["second_clicks"] > clicks["first_clicks"]
    assert clicks["interval"]["low"] > 0


def rank_first(subject: Subject, treatment: Treatment, found: RecommendationList) -> int:
    """Return the candidate of the slot that lists with a treatment rank first, of those served."""
    assert found.slot is not None
    served = tuple(entry.product_id for entry in found.entries)
    wish = ListWish(Condition("product", Op.IN, served))
    context = ListContext(subject, takes_part=True, wish=wish)
    context.treatment = treatment
    ranked = build_personal_list(context, Placement.HOME, len(served))
    candidates = found.slot.draw.candidates
    return next(one.product_id for one in ranked.entries if one.product_id in candidates)


def draw_by_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a draw follow from the visitor and the number of the visit alone.

    It follows from the history's version otherwise, which has the ids of rows: whoever clicked more
    or less, as the hour changes lists a little, would change all draws after it.
    """
    versions: defaultdict[str, list[bytes]] = defaultdict(list)

    def hash_visit(seed: bytes, *, digest_size: int) -> Any:
        _salt, key, *_ = literal_eval(seed.decode())
        if seed not in versions[key]:
            versions[key].append(seed)
        visit = f"{key} {versions[key].index(seed)}"
        return blake2s(visit.encode(), digest_size=digest_size)

    monkeypatch.setattr(random_slot, "blake2s", hash_visit)


def test_a_slot_at_random_tells_what_other_weights_would_have_earned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitors = open_shop()
    draw_by_visit(monkeypatch)
    make_random_slot(place=1, n_candidates=2, salt="thyme")
    policies = {"before": NO_TREATMENT, "after": Treatment(weights={"popularity": 1})}
    true_clicks: dict[str, dict[str, float]] = {side: {} for side in policies}

    # Three visits have about as many clicks as an estimate needs at least.
    for _ in range(VISITS):
        # With another history, each visitor gets another draw.
        visitors.look_around(ago=timedelta())
        for row, subject in enumerate(visitors.subjects):
            found = recommend(context=ListContext(subject, takes_part=True))
            assert found.slot is not None
            for side, treatment in policies.items():
                column = visitors.columns[rank_first(subject, treatment, found)]
                true_clicks[side][found.slot.draw_id] = visitors.affinity[row, column]
        visitors.visit()
    served_log.flush()
    change = plan_change(weights={"popularity": 1})
    slot = compare_on_log(placement=Placement.HOME, how_many=20_000, change=change).slot

    assert slot is not None
    assert slot.n_draws == len(true_clicks["before"]) == VISITS * VISITORS
    truth = {side: float(np.mean([*of_side.values()])) for side, of_side in true_clicks.items()}
    truth["change"] = truth["after"] - truth["before"]
    for side, true_value in truth.items():
        value = getattr(slot.clicks, side)
        assert value.refusal is None
        for estimate in (value.ips, value.snips, value.doubly_robust):
            assert estimate is not None
            # As wide again: of nine intervals some miss at some hours of some days.
            low, high = estimate.interval.low, estimate.interval.high
            assert low - (high - low) / 2 < true_value < high + (high - low) / 2
