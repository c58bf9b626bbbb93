"""`manage.py experiments`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import Experiment
from recommendations.tests.builders import make_experiment
from recommendations.tests.services.experiments.test_reporting import STARTED, fill

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("experiments", *arguments, stdout=out)
    return out.getvalue()


def test_experiments_are_listed_with_what_they_need() -> None:
    make_experiment(name="Variety", started_at=STARTED, needed_days=14, needed_subjects=2_000)

    listed = run("list")

    for text in ("Variety", "running", "control, other", "14 days, 2,000 subjects"):
        assert text in listed.replace("\n", " ")


def test_an_experiment_is_paused_resumed_and_stopped_by_name_or_id() -> None:
    experiment = make_experiment(name="Variety")

    said = [
        run("pause", "Variety", "--reason", "Sale"),
        run("start", str(experiment.pk)),
        run("stop", "Variety"),
    ]

    assert said == ["Variety is paused.\n", "Variety is running.\n", "Variety is stopped.\n"]
    kinds = experiment.events.order_by("pk").values_list("kind", "reason")
    assert list(kinds) == [("paused", "Sale"), ("resumed", ""), ("stopped", "")]


def test_the_report_says_the_verdict_and_prints_files() -> None:
    experiment = make_experiment(
        name="Variety", started_at=STARTED, needed_days=3, needed_subjects=1_000
    )
    fill(experiment, "control", buyers=100, others=900, revenue=20)
    fill(experiment, "other", buyers=200, others=800, revenue=20)

    assert run("report", "Variety").startswith("“other” is better than “control”")
    assert run("report", "Variety", "--csv", "metric").startswith("metric,arm,subjects")


def test_the_hold_out_is_switched_on_once() -> None:
    assert run("hold-out", "--share", "0.1").startswith("Hold-out since ")
    assert Experiment.objects.get().arms.get(only_popular=True).weight == 0.1
    with pytest.raises(CommandError, match="There is a hold-out already"):
        run("hold-out")


def test_what_cannot_be_done_is_said() -> None:
    make_experiment(name="Variety", state="draft")

    for arguments, told in (
        (("start", "Nothing"), "There is no experiment Nothing."),
        (("report", "Variety"), "Variety is a draft"),
        (("pause", "Variety"), "The experiment is draft"),
        (("start", "Variety"), "Nobody was served a list"),
    ):
        with pytest.raises(CommandError, match=told):
            run(*arguments)
