"""The pages of model versions: train now, verdicts, promotion, and two versions side by side."""

from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from recommendations.admin import training
from recommendations.admin.sending import Sent
from recommendations.choices import ModelState
from recommendations.models import ModelVersion
from recommendations.sentences import say
from recommendations.services.infra.locks import Lease
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model, registry
from recommendations.services.training.run_log import RunLog
from recommendations.services.training.train import train
from recommendations.services.training.verdict import (
    describe_verdict,
    list_measures,
)
from recommendations.tasks import retrain
from recommendations.tests.builders import (
    make_interactions,
    make_two_taste_shop,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/recommendations/modelversion/"
MEASURED = {
    "cases": 2000,
    "ndcg": {"ensemble": 0.12, "popularity": 0.1, "live": 0.125},
    "hit_rate": {"ensemble": 0.3, "popularity": 0.2, "live": 0.3},
}


def make_version(name: str = "v1", **columns: Any) -> ModelVersion:
    return ModelVersion.objects.create(name=name, **{"metrics": MEASURED, **columns})


def make_staff(*rights: str) -> Client:
    account = make_user("kim", is_staff=True)
    account.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    return sign_in(account)


@pytest.fixture
def root() -> Client:
    return sign_in(User.objects.create_superuser("root"))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Take what is handed to the queue."""
    tasks: list[Any] = []

    def take(task: Any, args: Any, kwargs: Any) -> Sent:
        tasks.append(task)
        return Sent.TAKEN

    monkeypatch.setattr(training, "send", take)
    return tasks


def read_messages(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def test_train_now_hands_a_training_to_the_queue(root: Client, sent: list[Any]) -> None:
    make_two_taste_shop(shoppers=4)

    page = root.post(f"{LIST}train/", follow=True)

    assert sent == [retrain]
    assert "The training was handed to the background worker." in read_messages(page)
    html = page.content.decode()
    assert "The training waits for the worker." in html
    assert "data-live-reload" in html
    assert "Train now" not in html


def test_the_page_no_longer_waits_once_the_training_has_begun(
    root: Client, sent: list[Any]
) -> None:
    make_two_taste_shop(shoppers=4)
    root.post(f"{LIST}train/")
    make_version("v1", state=ModelState.LIVE.value)

    html = root.get(LIST).content.decode()

    assert "The training waits for the worker." not in html
    assert "Train now" in html


def test_a_rollback_that_is_refused_is_not_noted_as_one(root: Client) -> None:
    live = make_version("v1", state=ModelState.LIVE.value)

    page = root.post(f"{LIST}{live.pk}/roll-back/", follow=True)

    assert "There is no earlier version to go back to." in read_messages(page)[0]
    assert not LogEntry.objects.exists()


def test_stored_reasons_and_numbers_are_german_on_german_pages(root: Client) -> None:
    make_version(
        "v1", state=ModelState.RETIRED.value, reason=say("Succeeded by {name}.", name="v2")
    )
    make_version(
        "v2",
        state=ModelState.REJECTED.value,
        reason=say("Rolled back to {name}.", name="v1"),
        promoted_at=timezone.now(),
        n_interactions=12_345,
    )

    html = root.get(LIST, headers={"accept-language": "de"}).content.decode()

    assert "Zurückgenommen zugunsten von v1." in html
    assert "12.345" in html


def test_a_version_says_which_engine_trained_it_and_who_learnt_from_a_sample(root: Client) -> None:
    by_engine = make_version(
        "v1", metrics={**MEASURED, "engine": "duckdb", "learnt_from_sample": ["factorization"]}
    )
    in_memory = make_version("v2", metrics={**MEASURED, "engine": "memory"})
    address = f"{LIST}{by_engine.pk}/change/"

    html = root.get(address).content.decode()
    german = root.get(address, headers={"accept-language": "de"}).content.decode()
    other = root.get(f"{LIST}{in_memory.pk}/change/").content.decode()

    assert "It was trained by the engine duckdb, from the log in Parquet." in html
    assert "These members learnt from a sample of the shoppers: factorization." in html
    assert "Sie wurde von der Engine duckdb trainiert, aus dem Protokoll in Parquet." in german
    assert "Diese Teile lernten nur aus einer Stichprobe der Kunden: factorization." in german
    assert "It was trained in memory." in other
    assert "sample of the shoppers" not in other


def test_what_became_of_a_training_is_told_in_german(root: Client, sent: list[Any]) -> None:
    make_two_taste_shop(shoppers=4)

    page = root.post(f"{LIST}train/", follow=True, headers={"accept-language": "de"})

    assert "Das Training wurde dem Hintergrund-Worker übergeben." in read_messages(page)


def test_train_now_is_refused_while_one_runs(root: Client, sent: list[Any]) -> None:
    make_two_taste_shop(shoppers=4)
    running = make_version("v1", state=ModelState.CANDIDATE.value, progress="Ranking 3/8")
    Lease("training").acquire()

    page = root.post(f"{LIST}train/", follow=True)
    listed = root.get(LIST)

    assert sent == []
    assert "A training is under way" in read_messages(page)[0]
    html = listed.content.decode()
    assert f"The training of {running.name} runs." in html
    assert "Ranking 3/8" in html
    assert "Train now" not in html


def test_train_now_is_refused_without_anything_to_learn(root: Client, sent: list[Any]) -> None:
    page = root.post(f"{LIST}train/", follow=True)

    assert sent == []
    assert "nothing to learn from" in read_messages(page)[0]


def test_staff_who_may_only_look_see_no_button_and_get_403(sent: list[Any]) -> None:
    make_two_taste_shop(shoppers=4)
    live = make_version("v1", state=ModelState.LIVE.value)
    browser = make_staff("view_modelversion")

    listed = browser.get(LIST).content.decode()
    shown = browser.get(reverse("admin:recommendations_modelversion_change", args=[live.pk]))
    refused = [
        browser.post(f"{LIST}{path}").status_code
        for path in ("train/", f"{live.pk}/make-live/", f"{live.pk}/roll-back/")
    ]

    assert refused == [403, 403, 403]
    assert "Train now" not in listed
    assert "Roll back" not in shown.content.decode()
    assert sent == []
    assert ModelVersion.objects.get().state == ModelState.LIVE.value


def test_staff_without_the_right_to_look_get_403() -> None:
    browser = make_staff("view_product")

    assert browser.get(f"{LIST}compare/").status_code == 403
    assert browser.get(f"{LIST}next/").status_code == 403


def test_a_version_shows_its_verdict_and_its_measures(root: Client) -> None:
    version = make_version(
        "v1", state=ModelState.REJECTED.value, reason="NDCG@10 …", log="12:00:01 Ranking"
    )

    page = root.get(reverse("admin:recommendations_modelversion_change", args=[version.pk]))

    html = page.content.decode()
    assert "&#x27;rejected&#x27;" not in html
    assert "The gate rejected it: NDCG@10 is 4.0 % below the live configuration of then." in html
    assert "12:00:01 Ranking" in html
    assert page.context["version"]["measures"][0] == {
        "name": "NDCG@10",
        "value": "0.1200",
        "popularity": "0.1000",
        "above_popularity": "+20.0 %",
        "live": "0.1250",
        "above_live": "−4.0 %",
    }


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            {"state": "live"},
            "The gate let it go live. Measured on 2,000 held-out cases. NDCG@10 is 20.0 % above "
            "popularity. NDCG@10 is 4.0 % below the live configuration of then.",
        ),
        (
            {"state": "live", "metrics": {"cases": 12}},
            "The gate let it go live. Its quality was not measured: 12 of the 100 shoppers that "
            "this needs had interactions to hold out. Every shopper that was tried got a list.",
        ),
        (
            {
                "state": "rejected",
                "metrics": {"cases": 3, "listed_products": 7, "listed_products_live": 10},
            },
            "The gate rejected it: Its lists hold 7 different products, those of the live model "
            "10; at least 80 % of these are required (SHOP_COVERAGE_FLOOR).",
        ),
        (
            {"state": "rejected", "metrics": {}, "reason": "Nothing to learn from."},
            "The gate rejected it: Nothing to learn from.",
        ),
        ({"state": "failed", "reason": "Disk full."}, "Its training failed: Disk full."),
    ],
)
def test_the_verdict_is_in_words(columns: dict[str, Any], sentence: str) -> None:
    assert describe_verdict(make_version("v1", **columns)) == sentence


def test_a_version_measured_on_too_few_cases_has_no_measures() -> None:
    assert list_measures(make_version("v1", metrics={**MEASURED, "cases": 99})) == []


def test_a_training_keeps_what_it_does_and_when_it_ended() -> None:
    make_two_taste_shop()

    version = train()

    version.refresh_from_db()
    stages = [line[9:] for line in version.log.splitlines()]
    assert stages == [
        "Reading interactions",
        "Learning from the past",
        "Learning from everything",
        "The version is live.",
    ]
    assert version.progress == ""
    assert version.ended_at is not None
    assert version.ended_at > version.created_at


def test_progress_is_stored_while_a_training_runs() -> None:
    version, reports = make_version("v1"), []
    run_log = RunLog(version, lambda *report: reports.append(report))

    run_log("Ranking", 1, 8)
    run_log("Ranking", 2, 8)

    version.refresh_from_db()
    # The second report came too soon to be written.
    assert version.progress == "Ranking 1/8"
    assert reports == [("Ranking", 1, 8), ("Ranking", 2, 8)]


@pytest.fixture
def two_versions() -> tuple[str, str]:
    """Return the names of a version that was live, and of the one that is."""
    products = make_two_taste_shop()
    first = train().name
    for shopper in User.objects.order_by("pk")[:20]:
        make_interactions(Subject(user_id=shopper.pk), products["Lamps"][-5:])
    second = train().name
    live_model.refresh()
    return first, second


def test_two_versions_stand_side_by_side_with_the_lists_of_sample_shoppers(
    root: Client, two_versions: tuple[str, str], django_assert_max_num_queries: Any
) -> None:
    first, second = two_versions

    with django_assert_max_num_queries(30):
        page = root.get(f"{LIST}compare/", {"before": first, "after": second})

    comparison = page.context["comparison"]
    assert [column["name"] for column in comparison["columns"]] == [first, second]
    assert [shopper["number"] for shopper in comparison["shoppers"]] == [1, 2, 3, 4, 5]
    for shopper in comparison["shoppers"]:
        assert len(shopper["before"]) == len(shopper["after"]) == 10
        others = [product for product in shopper["after"] if product["is_other"]]
        assert shopper["changed"] == len(others)
    rest = root.get(f"{LIST}compare/", {"before": first, "after": second, "shoppers": "2"})
    numbers = [shopper["number"] for shopper in rest.context["comparison"]["shoppers"]]
    assert numbers == [6, 7, 8, 9, 10]


def test_the_comparison_names_no_shopper(root: Client, two_versions: tuple[str, str]) -> None:
    page = root.get(f"{LIST}compare/").content.decode()

    assert not [name for name in User.objects.filter(is_staff=False) if name.username in page]


def test_a_version_is_made_live_and_taken_back_by_button(
    root: Client, two_versions: tuple[str, str]
) -> None:
    first, second = (ModelVersion.objects.get(name=name) for name in two_versions)

    root.post(f"{LIST}{first.pk}/make-live/")
    first.refresh_from_db()
    made_live = first.state
    root.post(f"{LIST}{first.pk}/roll-back/")

    second.refresh_from_db()
    assert (made_live, second.state) == (ModelState.LIVE.value, ModelState.LIVE.value)


def test_a_rejected_version_is_made_live_on_its_page_with_a_reason(
    root: Client, two_versions: tuple[str, str]
) -> None:
    registry.roll_back()
    rejected = ModelVersion.objects.get(name=two_versions[1])
    address = reverse("admin:recommendations_modelversion_change", args=[rejected.pk])
    page = root.get(address).content.decode()

    without = root.post(f"{LIST}{rejected.pk}/make-live/", {"reason": " "}, follow=True)
    rejected.refresh_from_db()
    state_before = rejected.state
    root.post(f"{LIST}{rejected.pk}/make-live/", {"reason": "Fewer products, but the right ones."})

    rejected.refresh_from_db()
    assert 'name="reason"' in page
    assert "give a reason" in read_messages(without)[0]
    assert (state_before, rejected.state) == (ModelState.REJECTED, ModelState.LIVE)
    assert rejected.overruled_by == "root"
    entry = LogEntry.objects.latest("pk")
    assert "Fewer products, but the right ones." in entry.change_message
    assert "root made it live" in root.get(address).content.decode()


def test_the_gate_is_overruled_only_by_those_who_may(two_versions: tuple[str, str]) -> None:
    registry.roll_back()
    rejected = ModelVersion.objects.get(name=two_versions[1])
    browser = make_staff("view_modelversion", "change_modelversion")

    page = browser.get(reverse("admin:recommendations_modelversion_change", args=[rejected.pk]))
    refused = browser.post(f"{LIST}{rejected.pk}/make-live/", {"reason": "I want it."})

    rejected.refresh_from_db()
    assert "Make live" not in page.content.decode()
    assert refused.status_code == 403
    assert rejected.state == ModelState.REJECTED


def test_the_settings_of_the_next_training_are_told(root: Client) -> None:
    html = root.get(f"{LIST}next/").content.decode()

    assert "500 (SHOP_RETRAIN_AFTER_INTERACTIONS)" in html
    assert "collaborative 0.7, factorization 0.3" in html


def test_a_version_says_what_tuning_chose_for_new_products(root: Client) -> None:
    parameters = {
        "weights": {"content": 1.0},
        "shape": {"power": 0.5, "abstention": 0.7, "trend_exponent": 1.4},
        "reranker": {"values": [[0.1], [0.2]]},
    }
    version = make_version("shaped", parameters=parameters)

    page = root.get(reverse("admin:recommendations_modelversion_change", args=[version.pk]))

    text = page.content.decode()
    assert "trend to the power 1.4" in text
    assert "2 trees correct the blended scores." in text
    assert "keep 30 % of their weight" in text


def test_a_version_counts_its_trees_and_does_not_list_their_numbers(root: Client) -> None:
    trees = {"steepness": 2.5, "signals": [[7] * 3] * 90, "values": [[0.123456] * 8] * 90}
    version = make_version("wooded", parameters={"reranker": trees})

    page = root.get(reverse("admin:recommendations_modelversion_change", args=[version.pk]))

    text = unescape(strip_tags(page.content.decode()))
    assert '"trees": 90' in text
    assert "0.123456" not in text
