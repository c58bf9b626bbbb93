"""Experiments for a shop's own systems: what runs, whose arm is which, and exposures."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.choices import TokenScope
from recommendations.models import Experiment, Exposure, ShopperId
from recommendations.services.experiments.reporting import make_report
from recommendations.services.experiments.treatments import choose_treatment
from recommendations.services.people.shopper_ids import build_session_id
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_experiment,
    make_server_client,
    make_shopper,
    post,
    switch_personalization_off,
)

pytestmark = pytest.mark.django_db

LIST = "/api/experiments/"
EXPOSURES = "/api/experiments/exposures/"


@pytest.fixture
def reader() -> Client:
    return make_server_client(TokenScope.EXPERIMENTS_READ, source="own")


@pytest.fixture
def writer() -> Client:
    return make_server_client(TokenScope.EXPERIMENTS_WRITE, source="own")


def make_own_shopper(external_id: str, *, source: str = "own") -> Subject:
    shopper = make_shopper()
    ShopperId.objects.create(source=source, external_id=external_id, user_id=shopper.user_id or 0)
    return shopper


def get_arm_name(subject: Subject, experiment: Experiment) -> str:
    [(_, arm)] = choose_treatment(subject).arms
    return experiment.arms.get(pk=arm).name


def test_experiments_are_listed_with_arms_and_the_newest_report(reader: Client) -> None:
    experiment = make_experiment(name="Variety")
    draft = make_experiment(name="Idea", state="draft")
    make_report(experiment)

    answer = reader.get(LIST).json()["experiments"]

    assert [(each["id"], each["name"], each["state"]) for each in answer] == [
        (draft.pk, "Idea", "draft"),
        (experiment.pk, "Variety", "running"),
    ]
    assert answer[0]["report"] is None
    assert answer[1]["report"]["verdict"] == "too_few_subjects"
    assert [(arm["name"], arm["is_control"]) for arm in answer[1]["arms"]] == [
        ("control", True),
        ("other", False),
    ]


def test_the_list_takes_as_many_queries_for_many_experiments_as_for_one(reader: Client) -> None:
    counts = []
    for number in range(4):
        make_report(make_experiment(layer=f"layer {number}"))
        with CaptureQueriesContext(connection) as asked:
            assert reader.get(LIST).status_code == 200
        counts.append(len(asked))

    assert len(set(counts[1:])) == 1


@pytest.mark.parametrize("name", ["ext:ada", "session:s1"])
def test_a_server_gets_the_arm_that_the_shop_would_serve(reader: Client, name: str) -> None:
    experiment = make_experiment()
    ada = make_own_shopper("ada")
    visitor = Subject(session_id=build_session_id("own", "s1"))
    subject = ada if name == "ext:ada" else visitor

    answer = reader.get(f"{LIST}assignments/{name}/").json()

    [assignment] = answer["assignments"]
    assert assignment["experiment"] == experiment.name
    assert assignment["arm"] == get_arm_name(subject, experiment)
    assert answer["external_id"] == ("ada" if subject is ada else None)


@pytest.mark.parametrize("name", ["ext:nobody", "ext:theirs"])
def test_a_shopper_of_another_source_is_not_found(reader: Client, name: str) -> None:
    make_experiment()
    theirs = make_own_shopper("theirs", source="pim")

    for address in (name, theirs.user_id):
        assert reader.get(f"{LIST}assignments/{address}/").status_code == 404


def test_an_exposure_is_recorded_once_and_answers_with_the_arm(writer: Client) -> None:
    experiment = make_experiment(name="Variety")
    ada = make_own_shopper("ada")
    body = {"user_id": "ext:ada", "experiment": "Variety"}

    answers = [post(writer, EXPOSURES, body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    arms = {answer.json()["arm"] for answer in answers}
    assert arms == {get_arm_name(ada, experiment)}
    exposure = Exposure.objects.get()
    assert (exposure.user_id, exposure.experiment_id) == (ada.user_id, experiment.pk)


def test_an_unknown_own_id_makes_the_shopper_unless_the_experiment_is_refused(
    writer: Client,
) -> None:
    make_experiment(name="Variety")

    refused = post(writer, EXPOSURES, {"user_id": "ext:new", "experiment": "Nothing"})
    before = ShopperId.objects.count()
    taken = post(writer, EXPOSURES, {"user_id": "ext:new", "experiment": "Variety"})

    assert (refused.status_code, before) == (404, 0)
    assert taken.status_code == 201
    assert ShopperId.objects.get().external_id == "new"


@pytest.mark.parametrize("columns", [{"state": "paused"}, {"state": "draft"}])
def test_what_does_not_run_takes_no_exposure(writer: Client, columns: dict[str, Any]) -> None:
    make_experiment(name="Variety", **columns)

    answer = post(writer, EXPOSURES, {"user_id": "session:s1", "experiment": "Variety"})

    assert answer.status_code == 404
    assert not Exposure.objects.exists()


def test_who_turned_personalization_off_is_in_no_experiment(reader: Client, writer: Client) -> None:
    make_experiment(name="Variety")
    switch_personalization_off(make_own_shopper("ada"))

    assert reader.get(f"{LIST}assignments/ext:ada/").json()["assignments"] == []
    answer = post(writer, EXPOSURES, {"user_id": "ext:ada", "experiment": "Variety"})
    assert answer.status_code == 404
    assert not Exposure.objects.exists()
