"""Interleavings: who drafted which product, what is credited to whom, and what reports say."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from recommendations.choices import ExperimentState, InteractionType, Placement
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models import Experiment, Exposure, Product, ServedList, SubjectDay
from recommendations.services.experiments import exposure_log
from recommendations.services.experiments.lifecycle import start_experiment
from recommendations.services.experiments.planning import make_plan
from recommendations.services.experiments.reporting import make_report
from recommendations.services.experiments.reports import write_course_csv, write_report_csv
from recommendations.services.experiments.serving import list_assignments, record_exposure
from recommendations.services.experiments.treatments import choose_treatment
from recommendations.services.experiments.verdict_words import describe_verdicts
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.lists import ListContext, recommend, served_log
from recommendations.services.people.subjects import Subject
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_experiment,
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_two_taste_shop,
    make_user,
    sign_in,
)
from recommendations.tests.clock import AT_NOON, NOON

pytestmark = [pytest.mark.django_db, AT_NOON]

FOR_ME = "/api/recommendations/me/"
DAY = timedelta(days=1)
STARTED = NOON - 3 * DAY
LIVE, POPULAR = {"name": "live"}, {"name": "popular", "weights": {"popularity": 1}}


def make_interleaving(*arms: dict[str, Any], **columns: Any) -> Experiment:
    defaults = {"kind": "interleaving", "placement": "home", "primary_metric": "click_through"}
    return make_experiment(*(arms or (LIVE, POPULAR)), **{**defaults, **columns})


def make_shop_with_shopper() -> Subject:
    shop = make_two_taste_shop()
    train()
    shopper = make_shopper()
    make_interactions(shopper, shop["Lamps"][:3])
    return shopper


def serve(subject: Subject, placement: Placement = Placement.HOME) -> Any:
    return recommend(context=ListContext(subject, takes_part=True), placement=placement)


def get_ids(found: Any) -> list[int]:
    return [entry.product_id for entry in found.entries]


def test_both_models_draft_the_list_and_the_cache_keeps_who_drafted_what() -> None:
    shopper = make_shop_with_shopper()
    of_live = get_ids(serve(shopper))
    everywhere = make_experiment({"name": "a"} | POPULAR, POPULAR | {"name": "b"})
    of_popular = get_ids(serve(shopper))
    everywhere.delete()

    experiment = make_interleaving()
    found, again = serve(shopper), serve(shopper)

    assert found.draft is not None
    assert found.draft.experiment_id == experiment.pk
    by_drafter: dict[str, set[int]] = {"first": set(), "second": set(), "both": set()}
    for product_id, drafter in zip(get_ids(found), found.draft.drafters, strict=True):
        by_drafter[drafter].add(product_id)
    assert by_drafter["first"] <= set(of_live)
    assert by_drafter["second"] <= set(of_popular)
    assert by_drafter["first"]
    assert by_drafter["second"]
    assert (get_ids(again), again.draft) == (get_ids(found), found.draft)
    scores = [entry.confidence_score for entry in found.entries]
    assert scores == sorted(scores, reverse=True)


def test_coins_differ_between_lists_of_different_histories() -> None:
    shopper = make_shop_with_shopper()
    make_interleaving()
    drafts = set()

    for product in make_products(8):
        drafts.add(serve(shopper).draft.drafters)
        make_interactions(shopper, [product])

    assert len(drafts) > 1


def test_equal_models_share_the_list_as_it_was() -> None:
    shopper = make_shop_with_shopper()
    before = get_ids(serve(shopper))

    make_interleaving(LIVE, LIVE | {"name": "same"})
    found = serve(shopper)

    assert get_ids(found) == before
    assert set(found.draft.drafters) == {"both"}


def test_a_shared_list_reads_everything_once() -> None:
    shopper = make_shop_with_shopper()
    counts = []
    # The first round also reads what later ones find in the cache.
    for is_shared in (False, False, True):
        if is_shared:
            make_interleaving()
        serve(shopper)
        with CaptureQueriesContext(connection) as cached:
            serve(shopper)
        make_interactions(shopper, make_products(1))
        with CaptureQueriesContext(connection) as built:
            serve(shopper)
        counts.append((len(cached), len(built)))

    assert counts[1:] == [(1, 4), (1, 4)]


def test_other_pages_and_lists_without_a_subject_are_served_as_before() -> None:
    shopper = make_shop_with_shopper()
    make_interleaving()

    assert serve(shopper, Placement.SEARCH).draft is None
    assert recommend(context=ListContext(shopper)).draft is None


def test_the_log_keeps_the_draft_and_the_subject_is_exposed_once() -> None:
    make_shop_with_shopper()
    experiment = make_interleaving()
    client = sign_in(make_user())

    for _ in range(2):
        client.get(FOR_ME)
    for log in (served_log, exposure_log):
        log.flush()

    for served in ServedList.objects.all():
        assert served.draft is not None
        assert served.draft["experiment"] == experiment.pk
        assert len(served.draft["drafters"]) == len(served.product_ids)
    [exposure] = Exposure.objects.all()
    assert exposure.arm.name == "live"


def test_a_server_that_renders_lists_itself_gets_no_arm() -> None:
    experiment = make_interleaving()
    visitor = Subject(session_id="v")

    assert choose_treatment(visitor).arms
    assert list_assignments(visitor) == []
    with pytest.raises(NotFoundError):
        record_exposure(visitor, experiment.name)


def serve_draft(
    subject: Subject, experiment: Experiment, drafted: dict[Product, str], at: datetime
) -> ServedList:
    return ServedList.objects.create(
        user_id=subject.user_id,
        placement="home",
        name="for-you",
        source="model",
        product_ids=[product.pk for product in drafted],
        draft={"experiment": experiment.pk, "drafters": [*drafted.values()]},
        created_at=at,
    )


def click(subject: Subject, product: Product, served: ServedList, at: datetime) -> None:
    [clicked] = make_interactions(subject, [product], at=at)
    clicked.list_id = served.pk
    clicked.save()


def test_clicks_carts_and_purchases_count_for_the_model_that_drafted_the_product() -> None:
    experiment = make_interleaving(started_at=STARTED)
    shopper, at = make_shopper(), timezone.now() - DAY
    Exposure.objects.create(
        experiment=experiment,
        arm=experiment.arms.get(name="live"),
        user_id=shopper.user_id,
        exposed_at=at - timedelta(hours=1),
    )
    of_first, of_second, of_both, unlisted = make_products(4)
    drafted = {of_first: "first", of_second: "second", of_both: "both"}
    too_early = serve_draft(shopper, experiment, drafted, at - timedelta(hours=3))
    click(shopper, of_first, too_early, at - timedelta(hours=2))
    served = serve_draft(shopper, experiment, drafted, at)
    for product in drafted:
        click(shopper, product, served, at)
    carts = [of_first, of_second, of_both, unlisted]
    later = at + timedelta(hours=1)
    make_interactions(shopper, carts, interaction_type=InteractionType.CART, at=later)
    make_interactions(shopper, [of_second], interaction_type=InteractionType.PURCHASE, at=later)

    for _ in range(2):
        keep_figures()

    by_day = [day.credits or {} for day in SubjectDay.objects.all()]
    credit = {
        name: [sum(day[name][side] for day in by_day) for side in (0, 1)]
        for name in ("clicks", "carts", "purchases")
    }
    assert credit == {"clicks": [1, 1], "carts": [1, 1], "purchases": [0, 1]}


def fill(experiment: Experiment, *, first: int, second: int, others: int = 100) -> None:
    """Expose subjects who clicked once: a product of the first or of the second model."""
    exposures = Exposure.objects.bulk_create(
        Exposure(
            experiment=experiment,
            arm=experiment.arms.get(name="live"),
            session_id=f"v{number}",
            exposed_at=timezone.now() - 2 * DAY,
        )
        for number in range(first + second + others)
    )
    SubjectDay.objects.bulk_create(
        SubjectDay(
            exposure=exposure,
            day=(timezone.now() - 2 * DAY).date(),
            lists=1,
            credits={
                "clicks": [int(number < first), int(first <= number < first + second)],
                "carts": [0, 0],
                "purchases": [0, 0],
            },
        )
        for number, exposure in enumerate(exposures)
    )


PLANNED = {"started_at": STARTED, "needed_days": 2, "needed_subjects": 100}


@pytest.mark.parametrize(
    ("first", "second", "planned", "verdict", "words"),
    [
        (100, 200, PLANNED, "better", "“popular” is better than “live”"),
        (200, 100, PLANNED, "worse", "“popular” is worse than “live”"),
        (150, 155, PLANNED, "no_difference_found", "No difference was found"),
        (10, 12, PLANNED, "too_few_subjects", "too few subjects did anything"),
        (100, 200, PLANNED | {"needed_days": 28}, "running", "nothing can be said before"),
        (600, 100, PLANNED | {"needed_days": 28}, "worse_so_far", "Stopping loses nothing"),
    ],
)
def test_the_verdict_waits_for_the_planned_end(
    first: int, second: int, planned: dict[str, Any], verdict: str, words: str
) -> None:
    experiment = make_interleaving(**planned)
    fill(experiment, first=first, second=second)

    content = make_report(experiment).content

    assert content["verdict"] == verdict
    [sentence] = describe_verdicts(content)
    assert words in sentence


def test_a_report_has_shares_with_intervals_in_words_and_files() -> None:
    experiment = make_interleaving(**PLANNED)
    fill(experiment, first=100, second=300)

    report = make_report(experiment)

    [sentence] = describe_verdicts(report.content)
    assert "Its share of the clicks that tell the models apart: 75.0% (between 7" in sentence
    with translation.override("de"):
        [in_german] = describe_verdicts(report.content)
    assert "„popular“ ist besser als „live“" in in_german
    assert "75,0 %" in in_german
    rows = write_report_csv(report).splitlines()
    assert rows[1].startswith("clicks,live,500,100.0,")
    assert rows[2].startswith("clicks,popular,500,300.0,0.5,")
    assert write_course_csv(report).splitlines()[1].startswith("1,popular,0.5,")


def test_an_interleaving_needs_a_fifth_of_the_subjects() -> None:
    lamp = make_product()
    for number in range(60):
        shopper, at = make_shopper(), timezone.now() - (number % 6) * DAY - timedelta(hours=1)
        served = serve_draft(shopper, make_interleaving(state="draft"), {lamp: "both"}, at)
        if number % 2:
            click(shopper, lamp, served, at)
    arms = make_experiment(state="draft", primary_metric="click_through", wanted_lift=0.2)
    interleaving = make_interleaving(state="draft", wanted_lift=0.2)

    needed = [make_plan(one).subjects for one in (arms, interleaving)]

    assert needed[1] == pytest.approx(needed[0] / 5, abs=1)


@pytest.mark.parametrize(
    ("arms", "columns", "words"),
    [
        ((LIVE, POPULAR), {"placement": ""}, "needs its placement"),
        ((LIVE, POPULAR), {"placement": "product"}, "needs its placement"),
        ((LIVE, POPULAR), {"primary_metric": "revenue"}, "Clicks decide"),
        ((LIVE, POPULAR), {"kind": "arms"}, "Only an interleaving has a placement"),
        ((LIVE, POPULAR | {"weight": 2}), {}, "the same weight"),
        ((LIVE, POPULAR, LIVE | {"name": "third"}), {}, "two arms"),
        ((LIVE, POPULAR | {"mmr_lambda": 0.5}), {}, "nothing else"),
        ((LIVE, LIVE | {"name": "same"}), {}, "the same model"),
        ((LIVE, POPULAR | {"model_version": "gone"}), {}, "not on disk"),
    ],
)
def test_an_interleaving_that_cannot_be_served_does_not_start(
    arms: tuple[dict[str, Any], ...], columns: dict[str, str], words: str
) -> None:
    experiment = make_interleaving(*arms, state=ExperimentState.DRAFT.value, **columns)

    with pytest.raises(InvalidInputError, match=words):
        start_experiment(experiment_id=experiment.pk, author=None)

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.DRAFT.value


def test_an_interleaving_shares_no_subject_with_an_experiment_on_models() -> None:
    make_experiment(LIVE, POPULAR, layer="models")
    experiment = make_interleaving(state=ExperimentState.DRAFT.value)

    with pytest.raises(InvalidInputError, match="changes the same"):
        start_experiment(experiment_id=experiment.pk, author=None)
