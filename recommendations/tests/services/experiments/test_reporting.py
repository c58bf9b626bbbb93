"""What is counted of exposed subjects, what reports say, and what pauses an experiment."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from recommendations.choices import ExperimentState, InteractionType
from recommendations.models import (
    ArmHealth,
    Experiment,
    ExperimentReport,
    Exposure,
    Order,
    OrderLine,
    Product,
    ServedList,
    SubjectDay,
)
from recommendations.services.experiments.reporting import keep_experiments, make_report
from recommendations.services.experiments.reports import write_course_csv, write_report_csv
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.people.shoppers import merge_visitor
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_experiment,
    make_interactions,
    make_product,
    make_shopper,
)
from recommendations.tests.clock import AT_NOON, NOON

pytestmark = [pytest.mark.django_db, AT_NOON]

STARTED = NOON - timedelta(days=3)
BEFORE, AFTER = NOON - timedelta(days=2), NOON - timedelta(days=1)


def expose(subject: Subject, experiment: Experiment, arm: str, **columns: Any) -> Exposure:
    return Exposure.objects.create(
        experiment=experiment,
        arm=experiment.arms.get(name=arm),
        user_id=subject.user_id,
        session_id=subject.session_id,
        **{"exposed_at": AFTER - timedelta(hours=1), **columns},
    )


def buy(subject: Subject, product: Product, *, at: Any = AFTER) -> None:
    order = Order.objects.create(
        user_id=subject.user_id, session_id=subject.session_id, created_at=at
    )
    OrderLine.objects.create(
        order=order, product=product, product_name="Lamp", price=product.price, quantity=2
    )
    make_interactions(subject, [product], interaction_type=InteractionType.PURCHASE, at=at)


def serve(subject: Subject, product: Product, *, at: Any = AFTER) -> ServedList:
    return ServedList.objects.create(
        user_id=subject.user_id,
        session_id=subject.session_id,
        placement="home",
        name="for-you",
        source="model",
        product_ids=[product.pk],
        created_at=at,
    )


def test_a_subject_day_counts_what_came_after_the_exposure() -> None:
    experiment = make_experiment(started_at=STARTED)
    lamp = make_product(price=Decimal("10.00"), cost=Decimal("4.00"))
    shopper, stranger = make_shopper(), make_shopper()
    expose(shopper, experiment, "other")
    buy(shopper, lamp, at=BEFORE)
    buy(shopper, lamp)
    buy(stranger, lamp)
    served = serve(shopper, lamp)
    for _ in range(2):
        [click] = make_interactions(shopper, [lamp], at=AFTER)
        click.list_id = served.pk
        click.save()
    make_interactions(shopper, [lamp], interaction_type=InteractionType.CART, at=AFTER)

    for _ in range(2):
        keep_figures()

    [day] = SubjectDay.objects.all()
    assert (day.lists, day.clicks, day.carts, day.purchases) == (1, 1, 1, 1)
    assert [day.revenue, day.margin, day.revenue_without_cost] == [20, 12, 0]


def test_late_events_and_merged_visitors_are_counted_anew() -> None:
    experiment = make_experiment(started_at=STARTED)
    lamp, visitor, shopper = make_product(), Subject(session_id="visitor"), make_shopper()
    expose(visitor, experiment, "other")
    make_interactions(visitor, [lamp], interaction_type=InteractionType.CART, at=AFTER)
    keep_figures()
    before = list(SubjectDay.objects.values_list("exposure__session_id", "carts"))

    merge_visitor(user_id=shopper.user_id or 0, session_id="visitor")
    make_interactions(shopper, [lamp], interaction_type=InteractionType.CART, at=AFTER)
    keep_figures()

    assert before == [("visitor", 1)]
    assert list(SubjectDay.objects.values_list("exposure__user_id", "carts")) == [
        (shopper.user_id, 2)
    ]


def test_what_a_lost_exposure_counted_goes_to_the_one_that_stands() -> None:
    experiment = make_experiment(started_at=STARTED)
    lamp, visitor, shopper = make_product(), Subject(session_id="visitor"), make_shopper()
    expose(shopper, experiment, "control", exposed_at=AFTER - timedelta(hours=2))
    expose(visitor, experiment, "other")
    serve(visitor, lamp)
    keep_figures()

    merge_visitor(user_id=shopper.user_id or 0, session_id="visitor")
    keep_figures()

    [day] = SubjectDay.objects.all()
    assert (day.exposure.arm.name, day.exposure.has_conflict, day.lists) == ("control", True, 1)


def fill(experiment: Experiment, arm: str, *, buyers: int, others: int, revenue: int) -> None:
    """Expose subjects to an arm, of whom some bought on the next day."""
    exposures = Exposure.objects.bulk_create(
        Exposure(
            experiment=experiment,
            arm=experiment.arms.get(name=arm),
            session_id=f"{arm}-{number}",
            exposed_at=BEFORE,
        )
        for number in range(buyers + others)
    )
    SubjectDay.objects.bulk_create(
        SubjectDay(
            exposure=exposure,
            day=AFTER.date(),
            lists=2,
            clicks=number % 2,
            purchases=number < buyers,
            revenue=revenue + number % 5 if number < buyers else 0,
            revenue_without_cost=revenue if number < buyers else 0,
        )
        for number, exposure in enumerate(exposures)
    )


def test_the_report_of_a_day_has_every_metric_and_replaces_itself() -> None:
    experiment = make_experiment(started_at=STARTED)
    fill(experiment, "control", buyers=100, others=900, revenue=20)
    fill(experiment, "other", buyers=200, others=800, revenue=20)

    made = [keep_experiments(), keep_experiments()]
    make_report(experiment)

    assert made == [1, 0]
    report = ExperimentReport.objects.get()
    metrics = {each["metric"]["name"]: each for each in report.content["metrics"]}
    assert set(metrics) == {"conversion", "click_through", "add_to_cart", "revenue"}
    assert metrics["conversion"]["figures"] == [0.1, 0.2]
    assert metrics["conversion"]["comparisons"][0]["lift"] == pytest.approx(1.0)
    assert report.content["sample_ratio"]["subjects"] == [1000, 1000]
    first_lines = [
        text.splitlines()[:2] for text in (write_report_csv(report), write_course_csv(report))
    ]
    assert first_lines[0][0].startswith("metric,arm,subjects,figure,difference")
    assert first_lines[0][1].startswith("conversion,control,1000,0.1,")
    assert first_lines[1][0] == "day,arm,difference,sequence_low,sequence_high"


@pytest.mark.parametrize(
    ("stopped", "days"), [(None, 3), (timedelta(days=1), 2), (timedelta(days=3), 1)]
)
def test_a_report_has_the_whole_days_of_an_experiment(stopped: timedelta | None, days: int) -> None:
    experiment = make_experiment(
        started_at=STARTED, stopped_at=stopped and timezone.now() - stopped
    )
    fill(experiment, "control", buyers=100, others=900, revenue=20)
    fill(experiment, "other", buyers=200, others=800, revenue=20)
    today = [
        Exposure(experiment=experiment, arm=arm, session_id=f"today-{arm.name}")
        for arm in experiment.arms.all()
    ]
    Exposure.objects.bulk_create(today)

    content = make_report(experiment).content

    assert content["last_day"] + 1 == days
    assert sum(content["sample_ratio"]["subjects"]) == (2000 if days > 1 else 0)


def test_what_subjects_did_before_explains_a_part_of_what_they_do() -> None:
    experiment = make_experiment(started_at=STARTED, primary_metric="revenue")
    lamp = make_product(price=Decimal("10.00"))
    known, unknown = make_shopper(), make_shopper()
    for shopper in (known, unknown):
        expose(shopper, experiment, "other")
        buy(shopper, lamp)
    buy(known, lamp, at=BEFORE)
    buy(known, lamp, at=timezone.now() - timedelta(days=60))

    make_report(experiment)

    stored = dict(Exposure.objects.values_list("user_id", "before"))
    assert stored == {
        known.user_id: {"carts": 0, "purchases": 1, "revenue": 20},
        unknown.user_id: {},
    }


def test_arms_of_the_wrong_sizes_hide_every_figure() -> None:
    experiment = make_experiment(started_at=STARTED)
    fill(experiment, "control", buyers=100, others=900, revenue=20)
    fill(experiment, "other", buyers=100, others=600, revenue=20)

    content = make_report(experiment).content

    assert content["verdict"] == "sample_ratio_mismatch"
    assert (content["metrics"], content["course"]) == ([], [])


def test_lower_revenue_pauses_the_experiment() -> None:
    experiment = make_experiment(started_at=STARTED)
    fill(experiment, "control", buyers=500, others=500, revenue=20)
    fill(experiment, "other", buyers=100, others=900, revenue=20)

    keep_experiments()

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.PAUSED.value
    [event] = experiment.events.all()
    assert (event.kind, event.author) == ("paused", None)
    assert "Revenue per subject" in event.reason


@pytest.mark.parametrize(
    ("counts", "reasons"),
    [
        (
            {"requests": 1000, "failed": 50},
            ["Requests failed in arm “other”: 5.0 %. In the control: 1.0 %."],
        ),
        (
            {"requests": 1000, "slow": 100},
            ["Requests were slow in arm “other”: 10.0 %. In the control: 1.0 %."],
        ),
        (
            {"lists": 1000, "empty_lists": 100},
            ["Lists were empty in arm “other”: 10.0 %. In the control: 1.0 %."],
        ),
        ({"requests": 1000, "failed": 11}, []),
        ({"requests": 100, "failed": 100}, []),
    ],
)
def test_an_arm_that_fails_is_slow_or_empty_pauses_the_experiment(
    counts: dict[str, int], reasons: list[str]
) -> None:
    experiment = make_experiment(started_at=STARTED)
    control, other = experiment.arms.all()
    today = timezone.now().date()
    sound = {name: 10 if name in {"failed", "slow", "empty_lists"} else 1000 for name in counts}
    ArmHealth.objects.create(arm=control, day=today, **sound)
    ArmHealth.objects.create(arm=other, day=today, **counts)

    keep_experiments()

    assert list(experiment.events.values_list("reason", flat=True)) == reasons


def test_an_experiment_stops_when_its_end_has_come() -> None:
    experiment = make_experiment(started_at=STARTED, ends_at=timezone.now() - timedelta(minutes=1))

    keep_experiments()

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.STOPPED.value
    assert experiment.stopped_at is not None
