"""What can be tried, and what is refused with the reason."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import ModelState, RuleAction
from recommendations.errors import ArtifactError, InvalidInputError, NotFoundError
from recommendations.models import ModelVersion
from recommendations.services.training import registry
from recommendations.services.training.train import train
from recommendations.services.what_if.changes import list_draft_rules, plan_change, read_change
from recommendations.tests.builders import draft_rule, make_rule, make_two_taste_shop

pytestmark = pytest.mark.django_db


def test_rules_of_the_draft_come_to_the_published_ones_and_withdrawn_ones_leave() -> None:
    kept, gone = make_rule(RuleAction.HIDE, brand="Kept"), make_rule(RuleAction.HIDE, brand="Gone")
    tried, other = draft_rule(RuleAction.BURY, brand="New"), draft_rule(RuleAction.HIDE, brand="No")

    change = plan_change(tried=[tried.pk], withdrawn=[gone.pk])

    assert [row["id"] for row in list_draft_rules()] == [tried.pk, other.pk]
    assert [row["id"] for row in change.rules_before] == [kept.pk, gone.pk]
    assert [row["id"] for row in change.rules_after] == [kept.pk, tried.pk]
    assert read_change(change.write()) == change


def test_a_changed_rule_takes_the_place_of_the_published_one() -> None:
    rule = make_rule(RuleAction.BURY, brand="Acme")
    rule.action = RuleAction.HIDE.value
    rule.starts_at = timezone.now() + timedelta(days=1)
    rule.save()

    change = plan_change(tried=[rule.pk])

    assert [row["action"] for row in change.rules_before] == ["bury"]
    assert [(row["action"], row["starts_at"]) for row in change.rules_after] == [("hide", None)]


def test_what_is_not_there_is_refused() -> None:
    published, drafted = (
        make_rule(RuleAction.HIDE, brand="A"),
        draft_rule(RuleAction.HIDE, brand="B"),
    )

    with pytest.raises(
        InvalidInputError, match=f"No change of the draft is about rule {published.pk}"
    ):
        plan_change(tried=[published.pk])
    with pytest.raises(InvalidInputError, match=f"Rule {drafted.pk} is not published"):
        plan_change(withdrawn=[drafted.pk])
    with pytest.raises(NotFoundError, match="There is no model version nine"):
        plan_change(model="nine")


def test_a_rule_is_not_both_tried_and_withdrawn() -> None:
    rule = make_rule(RuleAction.BURY, brand="Acme")
    rule.action = RuleAction.HIDE.value
    rule.save()

    with pytest.raises(InvalidInputError, match="either tried or withdrawn"):
        plan_change(tried=[rule.pk], withdrawn=[rule.pk])


def test_a_version_whose_files_are_deleted_is_refused_in_words() -> None:
    make_two_taste_shop()
    live = train().name
    rejected = ModelVersion.objects.create(name="rejected", state=ModelState.REJECTED.value)

    with pytest.raises(ArtifactError, match="files of model version rejected are deleted"):
        plan_change(model=rejected.name)
    with pytest.raises(InvalidInputError, match=f"{live} is the live one"):
        plan_change(model=live)
    shutil.copytree(registry.get_artifact_folder(live), registry.get_artifact_folder("rejected"))
    assert plan_change(model="rejected").model == "rejected"
