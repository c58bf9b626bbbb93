"""How experiments decide about lists, and who is exposed to which arm."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.choices import Audience, ExperimentState, RuleAction
from recommendations.ml.blended import BlendShape
from recommendations.ml.data import History
from recommendations.models import ArmHealth, Experiment, Exposure, ServedList
from recommendations.services.experiments import arm_models, exposure_log, merging
from recommendations.services.experiments.lifecycle import stop_experiment
from recommendations.services.experiments.treatments import NO_TREATMENT, choose_treatment
from recommendations.services.lists import ListContext, recommend
from recommendations.services.people.shoppers import merge_visitor, switch_personalization
from recommendations.services.people.subjects import Subject
from recommendations.services.search.ranking import rank_matches
from recommendations.services.shop.rule_versions import write_rule
from recommendations.services.training import live_model
from recommendations.services.training.registry import get_artifact_folder
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    PASSWORD,
    draft_rule,
    make_experiment,
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_two_taste_shop,
    make_user,
    make_visitor,
    post,
    sign_in,
    switch_personalization_off,
)

pytestmark = pytest.mark.django_db

FOR_ME = "/api/recommendations/me/"
CONTROL, OTHER = {"name": "control"}, {"name": "other"}


def make_arms(**columns: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two arms that change the same, so that no chance decides who is served so."""
    return CONTROL | columns, OTHER | columns


def serve(subject: Subject) -> Any:
    return recommend(context=ListContext(subject, takes_part=True))


def get_arm(subject: Subject) -> int:
    [(_, arm)] = choose_treatment(subject).arms
    return arm


def test_a_subject_always_gets_the_same_arm_and_arms_get_their_shares() -> None:
    make_experiment(CONTROL | {"weight": 3}, OTHER | {"weight": 1}, salt="pepper")
    visitors = [Subject(session_id=f"v{number}") for number in range(2_000)]

    arms = [get_arm(visitor) for visitor in visitors]

    assert arms == [get_arm(visitor) for visitor in visitors]
    # Five standard deviations are 97.
    assert sorted(Counter(arms).values())[0] == pytest.approx(500, abs=97)


def test_a_share_of_the_traffic_takes_part() -> None:
    make_experiment(slice_start=0.0, slice_end=0.25, layer="a quarter")

    inside = [choose_treatment(Subject(session_id=f"v{number}")).arms for number in range(2_000)]

    assert sum(map(bool, inside)) == pytest.approx(500, abs=97)


@pytest.mark.parametrize(
    ("audience", "takes_visitors", "takes_shoppers"),
    [
        (Audience.EVERYONE, True, True),
        (Audience.SHOPPERS, False, True),
        (Audience.VISITORS, True, False),
    ],
)
def test_the_audience_decides_who_takes_part(
    audience: Audience, takes_visitors: bool, takes_shoppers: bool
) -> None:
    make_experiment(audience=audience.value)

    assert bool(choose_treatment(Subject(session_id="v")).arms) is takes_visitors
    assert bool(choose_treatment(make_shopper()).arms) is takes_shoppers


@pytest.mark.parametrize(
    "state", [state for state in ExperimentState if state is not ExperimentState.RUNNING]
)
def test_only_running_experiments_decide(state: ExperimentState) -> None:
    make_experiment(state=state.value)

    assert choose_treatment(Subject(session_id="v")) == NO_TREATMENT


def test_an_arm_can_show_what_is_in_demand_alone() -> None:
    shop = make_two_taste_shop()
    train()
    make_experiment(*make_arms(only_popular=True))
    shopper = make_shopper()
    make_interactions(shopper, shop["Lamps"][:3])

    found = serve(shopper)
    without = recommend(context=ListContext(shopper))
    searched = [
        rank_matches(text="Lamps", context=ListContext(shopper, takes_part=takes_part))
        for takes_part in (True, False)
    ]

    assert (found.source.value, found.model_version, found.personalized) == (
        "trending", None, False,
    )  # fmt: skip
    assert (without.source.value, without.personalized) == ("model", True)
    assert [any(one.personalization_scores.values()) for one in searched] == [False, True]


def test_other_weights_leave_all_else_that_the_model_knows() -> None:
    make_two_taste_shop()
    train()
    live = live_model.get_current()
    assert live is not None
    ensemble = live.ensemble
    ensemble.shape = BlendShape(power=0.7, abstention=0.5, trend_exponent=1.0)
    history = History.from_items(np.array([0, 3], dtype=np.int32))

    same = arm_models.blend(live, ensemble.weights).ensemble
    other = arm_models.blend(live, {"popularity": 1, "collaborative": 1}).ensemble

    rankings = [one.recommend(history, 10) for one in (ensemble, same, other)]
    assert rankings[0].items.tolist() == rankings[1].items.tolist()
    assert rankings[0].scores.tolist() == rankings[1].scores.tolist()
    assert (other.facts_, other.shape) == (ensemble.facts_, ensemble.shape)
    assert rankings[2].items.tolist() != rankings[0].items.tolist()


def test_an_arm_can_have_other_weights_and_more_variety_and_its_list_is_not_another_arms() -> None:
    shop = make_two_taste_shop()
    version = train().name
    shopper = make_shopper()
    make_interactions(shopper, shop["Lamps"][:3])
    first = serve(shopper)

    make_experiment(*make_arms(weights={"popularity": 1}, mmr_lambda=0.5, category_cap=0.1))
    second = serve(shopper)

    scores = {entry.cf_score for entry in second.entries}
    assert {entry.cf_score for entry in first.entries} != scores
    assert second.model_version == version
    assert serve(shopper) is not first


def test_an_arm_can_follow_rules_that_are_not_published() -> None:
    lamp, *_ = make_products(3)
    hidden = draft_rule(RuleAction.HIDE, product=lamp)
    make_experiment(*make_arms(rules=[write_rule(hidden)]))

    shown = {entry.product_id for entry in serve(Subject(session_id="v")).entries}

    assert lamp.pk not in shown
    assert lamp.pk in {entry.product_id for entry in recommend(context=ListContext(None)).entries}


def test_an_arm_can_be_served_with_another_version_once_a_process_has_read_it() -> None:
    shop = make_two_taste_shop()
    older, live = train().name, train().name
    shopper = make_shopper()
    make_interactions(shopper, shop["Lamps"][:3])
    make_experiment(*make_arms(model_version=older))
    arm_models.load(older)

    found = serve(shopper)

    assert (found.model_version, found.source.value) == (older, "model")
    assert recommend(context=ListContext(shopper)).model_version == live


def test_an_experiment_with_a_version_that_cannot_be_read_takes_nobody() -> None:
    make_two_taste_shop()
    older, _live = train().name, train().name
    (get_artifact_folder(older) / "manifest.json").unlink()
    make_experiment(CONTROL, OTHER | {"model_version": older})
    arm_models.load(older)

    assert choose_treatment(make_shopper()) == NO_TREATMENT


def test_who_is_in_the_hold_out_sees_no_other_experiment() -> None:
    arms = make_arms(only_popular=True)
    holdout = make_experiment(*arms, is_holdout=True, layer="hold-out")
    make_experiment()

    [(experiment, _)] = choose_treatment(Subject(session_id="v")).arms

    assert experiment == holdout.pk


def test_a_served_list_exposes_its_subject_once() -> None:
    make_products(3)
    experiment = make_experiment()
    shopper = make_user()
    client = sign_in(shopper)

    for _ in range(2):
        client.get(FOR_ME)
        exposure_log.flush()
        # As after a restart: the process has forgotten whom it exposed.
        exposure_log.discard_pending()

    [exposure] = Exposure.objects.all()
    assert (exposure.experiment_id, exposure.user_id) == (experiment.pk, shopper.pk)
    assert exposure.arm_id == get_arm(Subject(user_id=shopper.pk))
    health = ArmHealth.objects.get()
    assert (health.requests, health.lists, health.failed, health.empty_lists) == (2, 2, 0, 0)


def test_one_subject_alone_cannot_make_an_arm_look_slow() -> None:
    make_experiment()
    treatment = choose_treatment(visitor := make_visitor())

    for _ in range(exposure_log.MOST_COUNTED + 5):
        exposure_log.note_request(visitor, treatment, has_failed=False, seconds=9.0)
        exposure_log.note_list(visitor, treatment, is_empty=True)

    exposure_log.flush()
    health = ArmHealth.objects.get()
    counts = (health.requests, health.slow, health.lists, health.empty_lists)
    assert counts == (exposure_log.MOST_COUNTED,) * 4


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (FOR_ME, {"filter": '{"field": "price", "op": "at_most", "value": 0}'}),
        ("/api/trending/", {"category": "Nonsense"}),
        ("/api/popular/", {"category": "Nonsense"}),
        ("/api/products/{product}/similar/", {"by": "picture"}),
    ],
)
def test_a_list_that_its_request_empties_tells_nothing_of_the_arm(
    path: str, query: dict[str, str]
) -> None:
    product, *_ = make_products(3)
    make_experiment()
    client = sign_in(make_user())

    response = client.get(path.format(product=product.pk), query)

    exposure_log.flush()
    assert response.status_code == 200
    health = ArmHealth.objects.get()
    assert (health.requests, health.lists, health.empty_lists) == (1, 0, 0)


def test_a_visitor_without_personalization_is_in_no_experiment() -> None:
    make_products(3)
    make_experiment()
    client = Client()
    client.patch("/api/me/", {"personalization_enabled": False}, content_type="application/json")

    for path in (FOR_ME, "/api/page/?placement=home", "/api/cart/recommendations/"):
        assert client.get(path).status_code == 200

    exposure_log.flush()
    assert not Exposure.objects.exists()
    assert not ArmHealth.objects.exists()


def test_a_shopper_who_turns_personalization_off_leaves_all_experiments_at_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_experiment()
    shopper = make_shopper()
    before = choose_treatment(shopper).arms

    with django_capture_on_commit_callbacks(execute=True):
        switch_personalization(shopper.user_id or 0, enabled=False)

    assert before
    assert choose_treatment(shopper) == NO_TREATMENT
    other = make_shopper()
    switch_personalization_off(other)
    assert choose_treatment(other) == NO_TREATMENT


def merge(shopper: Subject, capture: Any, session_id: str = "visitor") -> None:
    with capture(execute=True):
        merge_visitor(user_id=shopper.user_id or 0, session_id=session_id)


def find_visitor_and_shopper(*, are_alike: bool) -> tuple[Subject, Subject]:
    """Return a visitor and a shopper who are dealt to the same arm, or to different ones."""
    visitor = Subject(session_id="visitor")
    while (get_arm(shopper := make_shopper()) == get_arm(visitor)) is not are_alike:
        pass
    return visitor, shopper


def expose(*subjects: Subject) -> None:
    for subject in subjects:
        exposure_log.note_exposures(subject, choose_treatment(subject))
        exposure_log.flush()


@pytest.mark.parametrize("is_written", [True, False])
def test_a_visitor_keeps_the_arm_when_signing_in(
    is_written: bool, django_capture_on_commit_callbacks: Any
) -> None:
    make_experiment()
    visitor, shopper = find_visitor_and_shopper(are_alike=False)
    seen = get_arm(visitor)
    exposure_log.note_exposures(visitor, choose_treatment(visitor))
    if is_written:
        exposure_log.flush()

    merge(shopper, django_capture_on_commit_callbacks)

    exposure_log.flush()
    [exposure] = Exposure.objects.all()
    assert (exposure.user_id, exposure.arm_id, exposure.has_conflict) == (
        shopper.user_id, seen, False,
    )  # fmt: skip
    assert get_arm(shopper) == seen


def test_an_exposure_that_another_process_writes_after_the_sign_in_follows_to_the_account(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    make_experiment()
    visitor, shopper = find_visitor_and_shopper(are_alike=False)
    seen = get_arm(visitor)
    ServedList.objects.create(
        session_id="visitor", placement="home", name="for-you", source="popular"
    )
    exposure_log.note_exposures(visitor, choose_treatment(visitor))
    # The process in which the visitor signs in knows nothing of it.
    monkeypatch.setattr(merging, "take_pending", lambda _: [])

    merge(shopper, django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        exposure_log.flush()

    [exposure] = Exposure.objects.all()
    assert (exposure.user_id, exposure.arm_id) == (shopper.user_id, seen)
    assert get_arm(shopper) == seen


def test_exposures_are_written_with_as_many_queries_for_many_as_for_one() -> None:
    make_experiment()
    counts = []
    for number in (1, 20):
        for _ in range(number):
            visitor = make_visitor()
            exposure_log.note_exposures(visitor, choose_treatment(visitor))
        with CaptureQueriesContext(connection) as queries:
            exposure_log.flush()
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert Exposure.objects.count() == 21


def test_the_first_exposure_wins_and_a_conflict_is_noted(
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_experiment()
    visitor, shopper = find_visitor_and_shopper(are_alike=False)
    first = get_arm(shopper)
    expose(shopper, visitor)

    merge(shopper, django_capture_on_commit_callbacks)

    [exposure] = Exposure.objects.all()
    assert (exposure.arm_id, exposure.has_conflict) == (first, True)
    assert get_arm(shopper) == first


def test_the_arm_of_an_earlier_visit_takes_the_place_of_the_accounts_own(
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_experiment()
    visitor, shopper = find_visitor_and_shopper(are_alike=False)
    first = get_arm(visitor)
    expose(visitor, shopper)

    merge(shopper, django_capture_on_commit_callbacks)

    [exposure] = Exposure.objects.all()
    assert (exposure.user_id, exposure.arm_id, exposure.has_conflict) == (
        shopper.user_id, first, True,
    )  # fmt: skip
    assert get_arm(shopper) == first


def test_two_exposures_in_the_same_arm_are_no_conflict(
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_experiment()
    visitor, shopper = find_visitor_and_shopper(are_alike=True)
    expose(visitor, shopper)

    merge(shopper, django_capture_on_commit_callbacks)

    assert [one.has_conflict for one in Exposure.objects.all()] == [False]


def make_halves_of_a_layer() -> tuple[Experiment, Experiment, Subject, Subject]:
    """Return two experiments of one layer, a visitor in the first, and a shopper in the second."""
    first = make_experiment(layer="halves", slice_start=0.0, slice_end=0.5)
    second = make_experiment(layer="halves", slice_start=0.5, slice_end=1.0)
    ids = (f"visitor {number}" for number in count())
    visitor = next(
        subject for one in ids if get_experiments(subject := Subject(session_id=one)) == [first.pk]
    )
    while get_experiments(shopper := make_shopper()) != [second.pk]:
        pass
    return first, second, visitor, shopper


def get_experiments(subject: Subject) -> list[int]:
    return [experiment for experiment, _ in choose_treatment(subject).arms]


def test_an_account_that_keeps_an_arm_is_in_no_other_experiment_of_the_layer(
    django_capture_on_commit_callbacks: Any,
) -> None:
    first, _second, visitor, shopper = make_halves_of_a_layer()
    expose(visitor)

    merge(shopper, django_capture_on_commit_callbacks, visitor.session_id or "")

    assert get_experiments(shopper) == [first.pk]


@pytest.mark.parametrize("comes_first", ["visitor", "shopper"])
def test_of_two_experiments_of_a_layer_the_first_exposure_wins(
    comes_first: str, django_capture_on_commit_callbacks: Any
) -> None:
    first, second, visitor, shopper = make_halves_of_a_layer()
    expose(*((visitor, shopper) if comes_first == "visitor" else (shopper, visitor)))
    wins = first if comes_first == "visitor" else second

    merge(shopper, django_capture_on_commit_callbacks, visitor.session_id or "")

    [exposure] = Exposure.objects.all()
    assert (exposure.experiment_id, exposure.user_id) == (wins.pk, shopper.user_id)
    assert exposure.has_conflict
    assert get_experiments(shopper) == [wins.pk]


@pytest.mark.parametrize("comes_first", ["held out", "experiment"])
def test_who_is_held_out_leaves_what_the_visitor_saw_later_in_another_experiment(
    comes_first: str, django_capture_on_commit_callbacks: Any
) -> None:
    holdout = make_experiment(*make_arms(only_popular=True), is_holdout=True, layer="hold-out")
    other = make_experiment(layer="lists")
    visitor, shopper = make_visitor(), make_shopper()
    now = timezone.now()
    ago = {"held out": 1, "experiment": 1} | {comes_first: 2}
    for subject, experiment, hours in (
        (shopper, holdout, ago["held out"]),
        (visitor, other, ago["experiment"]),
    ):
        Exposure.objects.create(
            experiment=experiment,
            arm=experiment.arms.get(is_control=True),
            user_id=subject.user_id,
            session_id=subject.session_id,
            exposed_at=now - timedelta(hours=hours),
        )

    merge(shopper, django_capture_on_commit_callbacks, visitor.session_id or "")

    kept = {one.experiment_id: one.has_conflict for one in Exposure.objects.all()}
    assert (
        kept
        == {
            "held out": {holdout.pk: True},
            "experiment": {holdout.pk: False, other.pk: False},
        }[comes_first]
    )
    assert get_experiments(shopper) == [holdout.pk]


def test_an_experiment_that_is_over_keeps_no_account_from_the_next_one_of_its_layer(
    django_capture_on_commit_callbacks: Any,
) -> None:
    first, second, visitor, shopper = make_halves_of_a_layer()
    expose(visitor, shopper)
    with django_capture_on_commit_callbacks(execute=True):
        stop_experiment(experiment_id=first.pk, author=None)

    merge(shopper, django_capture_on_commit_callbacks, visitor.session_id or "")

    assert Exposure.objects.filter(user_id=shopper.user_id or 0, has_conflict=False).count() == 2
    assert get_experiments(shopper) == [second.pk]


def test_the_arm_stays_when_a_browser_signs_in() -> None:
    make_products(3)
    make_experiment()
    user = make_user()
    client = Client()
    post(client, "/api/interaction/", {"product_id": make_product().pk, "interaction_type": "view"})
    client.get(FOR_ME)
    exposure_log.flush()
    [as_visitor] = Exposure.objects.values_list("arm_id", flat=True)

    post(client, "/api/auth/login/", {"username": user.username, "password": PASSWORD})
    client.get(FOR_ME)
    exposure_log.flush()

    [exposure] = Exposure.objects.all()
    assert (exposure.user_id, exposure.arm_id) == (user.pk, as_visitor)


@pytest.mark.parametrize("n_experiments", [0, 3])
def test_experiments_cost_no_query_of_a_cached_list(n_experiments: int) -> None:
    make_products(3)
    for number in range(n_experiments):
        make_experiment(layer=f"layer {number}")
    client = sign_in(make_user())
    client.get(FOR_ME)

    with CaptureQueriesContext(connection) as asked:
        response = client.get(FOR_ME)

    assert response.status_code == 200
    # The session, its user, and the list's current state.
    assert len(asked) == 3


def test_the_first_list_of_an_account_takes_one_query_more() -> None:
    make_products(3)
    counts = []
    for name in ("ada", "ben", "eve"):
        if name == "eve":
            make_experiment()
            choose_treatment(Subject(session_id="another"))
        client = sign_in(make_user(name))
        with CaptureQueriesContext(connection) as asked:
            client.get(FOR_ME)
        counts.append(len(asked))

    _cold, before, with_experiment = counts
    assert with_experiment == before + 1


def test_erased_subjects_leave_no_exposure() -> None:
    make_experiment()
    user = make_user()
    client = sign_in(user)
    make_products(1)
    client.get(FOR_ME)
    exposure_log.flush()
    exported = client.get("/api/me/export/").json()["experiments"]

    client.delete("/api/me/", {"password": PASSWORD}, content_type="application/json")

    exposure_log.flush()
    assert [set(one) for one in exported] == [{"exposed_at", "experiment_name", "arm_name", "days"}]
    assert not Exposure.objects.exists()
