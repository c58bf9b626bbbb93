"""Runs of what-ifs: one at a time, watched, cancelled, killed, forgotten."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from recommendations.choices import Placement, RuleAction, WhatIfState
from recommendations.conf import configuration
from recommendations.errors import InvalidInputError, TrainingUnderWayError
from recommendations.models import WhatIf
from recommendations.services.infra.locks import hold
from recommendations.services.lists import served_log
from recommendations.services.what_if import comparison, runs
from recommendations.services.what_if.changes import plan_change
from recommendations.tasks import prune_served_lists, try_what_if
from recommendations.tests.builders import draft_rule, make_products

pytestmark = pytest.mark.django_db


def request_hiding() -> WhatIf:
    rule = draft_rule(RuleAction.HIDE, brand="Acme")
    return runs.request_run(
        staff=None,
        placement=Placement.HOME,
        how_many=100,
        change=plan_change(tried=[rule.pk]),
    )


def serve_lists(count: int = 3) -> None:
    make_products(3, brand="Acme")
    make_products(3)
    for _ in range(count):
        Client().get("/api/popular/", {"count": 4})
    served_log.flush()


def test_a_run_ends_with_its_result() -> None:
    serve_lists()
    run = request_hiding()

    try_what_if(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (WhatIfState.DONE.value, "")
    assert run.result is not None
    assert (run.result["effects"]["n_lists"], run.result["effects"]["n_changed"]) == (3, 3)
    # Delivered again, it is left as it is.
    changed_at = run.changed_at
    try_what_if(run.pk)
    run.refresh_from_db()
    assert run.changed_at == changed_at


def test_a_what_if_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="Choose what to try"):
        runs.request_run(staff=None, placement=Placement.HOME, how_many=100, change=plan_change())

    assert not WhatIf.objects.exists()


def test_too_many_lists_are_refused() -> None:
    rule = draft_rule(RuleAction.HIDE, brand="Acme")

    with pytest.raises(InvalidInputError, match="between 1 and 20000 lists"):
        runs.request_run(
            staff=None,
            placement=Placement.HOME,
            how_many=20_001,
            change=plan_change(tried=[rule.pk]),
        )


def test_there_is_one_run_at_a_time() -> None:
    first = request_hiding()

    with pytest.raises(InvalidInputError, match="under way"):
        request_hiding()
    runs.cancel(first.pk)

    assert request_hiding().state == WhatIfState.WAITING.value


def test_a_run_waits_for_the_process_that_replays_lists() -> None:
    run = request_hiding()

    with hold(runs.LEASE), pytest.raises(TrainingUnderWayError):
        runs.execute(run.pk)

    run.refresh_from_db()
    assert run.state == WhatIfState.WAITING.value


def test_a_cancelled_run_stops_and_has_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SECONDS_BETWEEN_REPORTS", 0.0)
    serve_lists()
    run = request_hiding()
    reports = []

    def cancel_at_once(stage: str, done: int, total: int) -> None:
        reports.append((stage, done, total))
        runs.cancel(run.pk)

    runs.execute(run.pk, cancel_at_once)

    run.refresh_from_db()
    assert (run.state, run.result) == (WhatIfState.CANCELLED.value, None)
    assert reports == [("Making lists again", 1, 3)]
    assert not runs.cancel(run.pk)


def test_a_cancelled_run_is_not_begun() -> None:
    run = request_hiding()
    runs.cancel(run.pk)

    try_what_if(run.pk)

    run.refresh_from_db()
    assert run.state == WhatIfState.CANCELLED.value


def test_a_run_whose_process_was_killed_is_told_and_makes_way() -> None:
    killed = request_hiding()
    long_ago = timezone.now() - timedelta(minutes=4)
    WhatIf.objects.filter(pk=killed.pk).update(state=WhatIfState.RUNNING.value, changed_at=long_ago)
    killed.refresh_from_db()
    assert runs.is_stalled(killed)

    request_hiding()

    killed.refresh_from_db()
    assert (killed.state, killed.problem) == (WhatIfState.FAILED.value, runs.INTERRUPTED)


def test_a_killed_run_can_be_handed_over_again() -> None:
    serve_lists()
    killed = request_hiding()
    long_ago = timezone.now() - timedelta(minutes=4)
    WhatIf.objects.filter(pk=killed.pk).update(state=WhatIfState.RUNNING.value, changed_at=long_ago)

    runs.touch(killed)
    killed.refresh_from_db()
    assert not runs.is_stalled(killed)
    try_what_if(killed.pk)

    killed.refresh_from_db()
    assert killed.state == WhatIfState.DONE.value


def test_a_run_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    run = request_hiding()
    monkeypatch.setattr(comparison, "read_click_log", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        runs.execute(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (WhatIfState.FAILED.value, "division by zero")


def test_lists_that_are_not_reached_in_time_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "MOST_SECONDS", 0.0)
    serve_lists()
    run = request_hiding()

    runs.execute(run.pk)

    run.refresh_from_db()
    assert run.result is not None
    assert (run.result["n_asked"], run.result["n_in_time"]) == (3, 1)


def test_old_runs_end_with_the_log_of_served_lists() -> None:
    old, new = request_hiding(), None
    days = configuration().served_log_keep_days
    WhatIf.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=days + 1), state=WhatIfState.DONE.value
    )
    new = request_hiding()

    prune_served_lists()

    assert [run.pk for run in WhatIf.objects.all()] == [new.pk]


def test_the_row_outlives_the_account_of_who_asked() -> None:
    ada = User.objects.create_user("ada")
    rule = draft_rule(RuleAction.HIDE, brand="Acme")
    run = runs.request_run(
        staff=ada, placement=Placement.HOME, how_many=10, change=plan_change(tried=[rule.pk])
    )

    ada.delete()

    run.refresh_from_db()
    assert run.staff is None
