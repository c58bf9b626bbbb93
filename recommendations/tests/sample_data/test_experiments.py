"""Experiments on the sample shop: simulated visitors click by tastes that nobody else knows."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from recommendations.choices import Placement
from recommendations.models import Experiment, Exposure, Product, ServedList, UserBehavior
from recommendations.progress import report_nothing
from recommendations.sample_data import populate
from recommendations.sample_data.catalogue import make_catalogue
from recommendations.sample_data.tastes import make_tastes
from recommendations.services.experiments import exposure_log
from recommendations.services.experiments.reporting import make_report
from recommendations.services.experiments.treatments import NO_TREATMENT, Treatment
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.lists import ListContext, recommend, served_log
from recommendations.services.lists.list_request import describe_request
from recommendations.services.people.subjects import Subject
from recommendations.services.training.train import train
from recommendations.tests.builders import make_experiment, make_interactions

pytestmark = pytest.mark.django_db

PRODUCTS, VISITORS, SEED = 400, 400, 42
LOOKED_AT = 6
CLICK_CHANCE = 1.0
"""With which a product is clicked that a visitor could not like better."""


class Visitors:
    """Visitors with tastes, of whom the shop knows a few products that they looked at."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(7)
        catalogue = make_catalogue(PRODUCTS, SEED)
        affinity = make_tastes(VISITORS, seed=11).score_affinity(catalogue, np.arange(VISITORS))
        numbers = [f"{product.number:05d}" for product in catalogue.products]
        ids = dict(Product.objects.values_list("external_id", "pk"))
        self.columns = {ids[number]: column for column, number in enumerate(numbers)}
        self.affinity: NDArray[np.float64] = affinity
        self.subjects = [Subject(session_id=f"simulated-{row}") for row in range(VISITORS)]
        self.product_ids = np.array([ids[number] for number in numbers])

    def look_around(self) -> None:
        """Let each look at products that it likes, two days ago."""
        two_days_ago = timezone.now() - timedelta(days=2)
        for row, subject in enumerate(self.subjects):
            chances = self.affinity[row] / self.affinity[row].sum()
            seen = self.rng.choice(self.product_ids, LOOKED_AT, replace=False, p=chances)
            make_interactions(subject, seen.tolist(), at=two_days_ago)

    def find_click_chances(self, row: int, context: ListContext) -> dict[int, float]:
        """Return how likely each product of the visitor's list is clicked."""
        found = recommend(context=context)
        listed = [entry.product_id for entry in found.entries]
        return {pk: CLICK_CHANCE * self.affinity[row, self.columns[pk]] for pk in listed}

    def visit(self) -> None:
        """Serve each visitor one list, and let it click."""
        for row, subject in enumerate(self.subjects):
            context = ListContext(subject, takes_part=True)
            found = recommend(context=context)
            exposure_log.note_exposures(subject, context.treatment)
            home = Placement.HOME
            list_id = served_log.log_served_list(
                subject=subject,
                placement=home,
                name="for-you",
                found=found,
                request=describe_request(context, placement=home, subject=subject, count=10),
            )
            chances = self.find_click_chances(row, ListContext(subject, takes_part=True))
            clicked = [pk for pk, chance in chances.items() if self.rng.random() < chance]
            UserBehavior.objects.bulk_create(
                UserBehavior(
                    session_id=subject.session_id,
                    product_id=pk,
                    interaction_type="view",
                    list_id=list_id,
                )
                for pk in clicked
            )

    def compute_true_clicks(self, treatment: Treatment) -> float:
        """Return the clicks per list that all visitors are expected to make with a treatment."""
        clicks = []
        for row, subject in enumerate(self.subjects):
            context = ListContext(subject, takes_part=True)
            context.treatment = treatment
            clicks.append(sum(self.find_click_chances(row, context).values()))
        return float(np.mean(clicks))


def count_as_of_yesterday() -> None:
    """Write the logs, as if the visits were of yesterday, and count: a report has whole days."""
    for log in (exposure_log, served_log):
        log.flush()
    a_day = timedelta(days=1)
    Exposure.objects.update(exposed_at=F("exposed_at") - a_day)
    ServedList.objects.update(created_at=F("created_at") - a_day)
    clicks = UserBehavior.objects.filter(list_id__isnull=False)
    clicks.update(timestamp=F("timestamp") - a_day)
    keep_figures()


def report(experiment: Experiment) -> tuple[str, Any]:
    """Return the verdict, and how the second arm compares in clicks per list."""
    content = make_report(experiment).content
    [primary, *_] = content["metrics"]
    [compared] = primary["comparisons"]
    return content["verdict"], compared


def open_shop() -> Visitors:
    """Fill a shop, train its model, and let visitors look around."""
    populate(
        products=PRODUCTS,
        users=300,
        interactions=15_000,
        seed=SEED,
        flush=False,
        progress=report_nothing,
    )
    train()
    visitors = Visitors()
    visitors.look_around()
    return visitors


def test_the_engine_is_better_than_popularity_by_the_true_difference_and_not_than_itself() -> None:
    visitors = open_shop()
    popular = Treatment(arms=((0, 0),), only_popular=True)
    engine = visitors.compute_true_clicks(NO_TREATMENT)
    true_difference = engine - visitors.compute_true_clicks(popular)
    columns = {
        "primary_metric": "click_through",
        "started_at": timezone.now() - timedelta(days=1),
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
        started_at=timezone.now() - timedelta(days=1),
        needed_days=1,
        needed_subjects=VISITORS,
    )

    visitors.visit()
    count_as_of_yesterday()

    content = make_report(experiment).content
    assert (content["verdict"], content["subjects"]) == ("better", VISITORS)
    clicks = content["decision"]
    assert clicks["second_clicks"] > clicks["first_clicks"]
    assert clicks["interval"]["low"] > 0
