"""Simulated visitors of the sample shop: they click and buy by tastes that nobody else knows."""

from datetime import timedelta

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from recommendations.choices import InteractionType, Placement
from recommendations.models import (
    Experiment,
    ExperimentArm,
    ExperimentEvent,
    Exposure,
    Order,
    OrderLine,
    Product,
    ServedList,
    UserBehavior,
)
from recommendations.sample_data.catalogue import make_catalogue
from recommendations.sample_data.tastes import make_tastes
from recommendations.services.experiments import exposure_log
from recommendations.services.experiments.lifecycle import begin_holdout, start_experiment
from recommendations.services.experiments.reporting import make_report
from recommendations.services.experiments.verdict_words import describe_earnings, describe_verdicts
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.lists import ListContext, recommend, served_log
from recommendations.services.lists.list_request import describe_request
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject

LOOKED_AT = 6
"""Products that the shop knows of each visitor before the first visit."""
CLICK_CHANCE = 1.0
"""With which a product is clicked that a visitor could not like better."""
BUY_CHANCE = 0.15
"""With which a product is bought that was clicked."""
A_DAY = timedelta(days=1)


class Visitors:
    """Visitors with tastes, of whom the shop knows a few products that they looked at.

    The shop holds the sample products that `make_catalogue` makes with the same `seed`.
    """

    def __init__(self, count: int, *, products: int, seed: int) -> None:
        self.rng = np.random.default_rng(7)
        catalogue = make_catalogue(products, seed)
        affinity = make_tastes(count, seed=11).score_affinity(catalogue, np.arange(count))
        numbers = [f"{product.number:05d}" for product in catalogue.products]
        ids = dict(Product.objects.values_list("external_id", "pk"))
        self.columns = {ids[number]: column for column, number in enumerate(numbers)}
        self.affinity: NDArray[np.float64] = affinity
        self.subjects = [Subject(session_id=f"simulated-{row}") for row in range(count)]
        self.product_ids = np.array([ids[number] for number in numbers])

    def look_around(self, *, ago: timedelta = 2 * A_DAY) -> None:
        """Let each look at products that it likes."""
        looked_at = timezone.now() - ago
        rows = []
        for row, subject in enumerate(self.subjects):
            chances = self.affinity[row] / self.affinity[row].sum()
            seen = self.rng.choice(self.product_ids, LOOKED_AT, replace=False, p=chances)
            rows += [
                UserBehavior(
                    session_id=subject.session_id,
                    product_id=product_id,
                    interaction_type=InteractionType.VIEW.value,
                    timestamp=looked_at,
                )
                for product_id in seen.tolist()
            ]
        UserBehavior.objects.bulk_create(rows)

    def find_click_chances(self, row: int, found: RecommendationList) -> dict[int, float]:
        """Return how likely the visitor clicks each product of a list."""
        listed = [entry.product_id for entry in found.entries]
        return {pk: CLICK_CHANCE * self.affinity[row, self.columns[pk]] for pk in listed}

    def visit(self, *, share: float = 1.0, buy_chance: float = 0.0) -> None:
        """Serve a share of the visitors one list each, and let them click and buy."""
        home = Placement.HOME
        for row, subject in enumerate(self.subjects):
            if self.rng.random() >= share:
                continue
            context = ListContext(subject, takes_part=True)
            found = recommend(context=context)
            exposure_log.note_exposures(subject, context.treatment)
            list_id = served_log.log_served_list(
                subject=subject,
                placement=home,
                name="for-you",
                found=found,
                request=describe_request(context, placement=home, subject=subject, count=10),
            )
            chances = self.find_click_chances(row, found)
            clicked = [pk for pk, chance in chances.items() if self.rng.random() < chance]
            bought = [pk for pk in clicked if self.rng.random() < buy_chance]
            UserBehavior.objects.bulk_create(
                UserBehavior(
                    session_id=subject.session_id,
                    product_id=pk,
                    interaction_type=kind.value,
                    list_id=list_id,
                )
                for kind, product_ids in (
                    (InteractionType.VIEW, clicked),
                    (InteractionType.PURCHASE, bought),
                )
                for pk in product_ids
            )
            if bought:
                _order(subject, bought)


def count_as_of_yesterday() -> None:
    """Write the logs, move what was served a day back, and count: a report has whole days."""
    for log in (exposure_log, served_log):
        log.flush()
    with transaction.atomic():
        Exposure.objects.update(exposed_at=F("exposed_at") - A_DAY)
        ServedList.objects.filter(session_id__startswith="simulated-").update(
            created_at=F("created_at") - A_DAY
        )
        simulated = {"session_id__startswith": "simulated-"}
        UserBehavior.objects.filter(list_id__isnull=False, **simulated).update(
            timestamp=F("timestamp") - A_DAY
        )
        Order.objects.filter(**simulated).update(created_at=F("created_at") - A_DAY)
        Experiment.objects.filter(started_at__isnull=False).update(
            started_at=F("started_at") - A_DAY
        )
        ExperimentEvent.objects.update(at=F("at") - A_DAY)


def run_experiments(
    *, visitors: int = 2_000, days: int = 14, products: int = 1_200, seed: int = 42
) -> None:
    """Run an experiment and a hold-out on the open sample shop, and print what is found.

    The shop has products, a trained model, and no experiment yet. Screenshots of the verdict and of
    the hold-out are taken of this:

        manage.py shell -c "from benchmarks.ab_tests.visitors import run_experiments as run; run()"
    """
    shoppers = Visitors(visitors, products=products, seed=seed)
    shoppers.look_around()
    shoppers.visit()
    count_as_of_yesterday()
    keep_figures()
    holdout = begin_holdout(author=None, share=0.2)
    experiment = Experiment.objects.create(
        name="Engine against popularity",
        hypothesis="Lists by taste are clicked more often than what is popular with everybody.",
        primary_metric="click_through",
        wanted_lift=0.25,
    )
    for name, weights in (("popularity", {"popularity": 1}), ("engine", None)):
        ExperimentArm.objects.create(
            experiment=experiment, name=name, is_control=weights is not None, weights=weights
        )
    start_experiment(experiment_id=experiment.pk, author=None)
    for _ in range(days):
        shoppers.visit(share=0.5, buy_chance=BUY_CHANCE)
        count_as_of_yesterday()
    keep_figures()
    for one in (holdout, experiment):
        one.refresh_from_db()
        content = make_report(one).content
        sentences = (
            [describe_earnings(content, amount=lambda number: f"{number:.2f}")]
            if one.is_holdout
            else describe_verdicts(content)
        )
        print(f"{one}: {' '.join(sentences)}")


def _order(subject: Subject, product_ids: list[int]) -> None:
    order = Order.objects.create(session_id=subject.session_id)
    for product in Product.objects.filter(pk__in=product_ids):
        OrderLine.objects.create(
            order=order,
            product=product,
            product_name=product.name,
            price=product.price,
            quantity=1,
        )
