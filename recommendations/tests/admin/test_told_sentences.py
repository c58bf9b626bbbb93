"""What processes store for staff is told in the language of the page."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

import recommendations
from recommendations.choices import FeedRunState, ModelState, WhatIfState
from recommendations.models import Feed, FeedRun, ImportJob, ModelVersion, WhatIf
from recommendations.models.sentence_field import SentenceField
from recommendations.sentences import join, join_lines, say, simplify
from recommendations.services.what_if.changes import TriedChange
from recommendations.services.what_if.runs import INTERRUPTED
from recommendations.tests.builders import sign_in

APP = Path(recommendations.__file__).parent
STORED = {"problem", "summary", "stage", "progress", "log", "reason"}
"""Columns in which processes say something to staff."""
TYPED = {"experimentevent.reason"}
"""What staff wrote themselves."""
ERRORS = {
    *("RowError", "DataImportError", "DownloadError", "MalformedError", "ShrunkenFileError"),
    *("RefusedError", "PictureError", "ArtifactError", "TrainingUnderWayError"),
    *("NothingToLearnError", "DataExportError", "TrainingRefusedError"),
}
REPORTS = {"progress", "_progress"}
COUNTED = {"warnings", "_warnings", "reasons", "notes"}


def find_plain_texts(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the texts that are said to staff and that no translation can know."""
    for node in ast.walk(tree):
        said: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ERRORS:
                said += node.args[: 2 if name == "RowError" else 1]
            if name in REPORTS:
                said += node.args[:1]
            said += [each.value for each in node.keywords if each.arg in STORED]
        elif isinstance(node, ast.Subscript):
            name = getattr(node.value, "id", getattr(node.value, "attr", ""))
            said += [node.slice] if name in COUNTED else []
        for text in said:
            if isinstance(text, ast.JoinedStr) or (
                isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value
            ):
                yield text


def test_what_is_said_to_staff_can_be_told_in_another_language() -> None:
    plain = [
        f"{path.relative_to(APP)}:{text.lineno}"
        for path in sorted(APP.rglob("*.py"))
        if not {"tests", "migrations"} & set(path.parts)
        for text in find_plain_texts(ast.parse(path.read_text()))
    ]

    assert plain == []


def test_columns_that_processes_write_keep_their_sentences() -> None:
    plain = [
        f"{model._meta.model_name}.{field.name}"
        for model in apps.get_app_config("recommendations").get_models()
        for field in model._meta.concrete_fields
        if field.name in STORED and not isinstance(field, SentenceField)
    ]

    assert set(plain) == TYPED


@pytest.fixture
def german() -> Client:
    client = sign_in(User.objects.create_superuser("root"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    return client


def read(client: Client, name: str, *ids: int) -> str:
    return client.get(reverse(f"admin:recommendations_{name}", args=ids)).content.decode()


@pytest.mark.django_db
def test_a_feed_tells_its_problem_and_its_summary(german: Client) -> None:
    feed = Feed.objects.create(name="goods", address="https://shop.example/", source="own")
    run = FeedRun.objects.create(
        feed=feed,
        state=FeedRunState.FAILED.value,
        problem=say("{host} took too long.", host="shop.example"),
        summary=join_lines([say("Nothing was imported.")]),
    )

    assert "shop.example brauchte zu lange." in read(german, "feed_change", feed.pk)
    assert "shop.example brauchte zu lange." in read(german, "feed_changelist")
    assert "shop.example brauchte zu lange." in read(german, "feedrun_change", run.pk)
    assert "Nichts wurde importiert." in read(german, "feedrun_change", run.pk)


@pytest.mark.django_db
def test_an_import_tells_how_far_it_is_and_what_it_found(german: Client) -> None:
    file = {"format": simplify(say("a product export of Shopify")), "encoding": "UTF-8"}
    job = ImportJob.objects.create(
        file_name="goods.csv",
        content="products",
        source="own",
        format="auto",
        state="checked",
        problem=say("No row of the file can be imported."),
        summary=say("… and {more:,} more.", more=1234),
        preview={
            "files": [
                {
                    **file,
                    "columns": [],
                    "unused": [],
                    "repeated": [],
                    "notes": [simplify(say("{number} could be either", number="1,5"))],
                }
            ],
            "examples": [simplify(say("shopper {id}", id="K7"))],
        },
    )

    page = read(german, "import_job", job.pk)

    for told in (
        "Keine Zeile der Datei kann importiert werden.",
        "… und 1.234 weitere.",
        "ein Produktexport von Shopify",
        "1,5 kann beides sein",
        "Käufer K7",
    ):
        assert told in page


@pytest.mark.django_db
def test_a_training_tells_what_it_did_and_why_it_is_not_live(german: Client) -> None:
    version = ModelVersion.objects.create(
        name="20260101-000000-aaaaaaaa",
        state=ModelState.FAILED.value,
        reason=say("Some scores are not finite numbers."),
        log=join_lines([join(["08:00:00", say("Reading interactions")])]),
    )

    page = read(german, "modelversion_change", version.pk)

    assert "Einige Bewertungen sind keine endlichen Zahlen." in page
    assert "08:00:00 Interaktionen werden gelesen" in page


@pytest.mark.django_db
def test_a_what_if_tells_why_it_failed(german: Client) -> None:
    run = WhatIf.objects.create(
        placement="home",
        how_many=1,
        change=TriedChange([], [], model="a").write(),
        state=WhatIfState.FAILED.value,
        problem=INTERRUPTED,
    )

    assert "Der Prozess, der daran arbeitete" in read(german, "what_if_run", run.pk)


@pytest.mark.django_db
def test_the_history_of_a_row_is_told(german: Client) -> None:
    feed = Feed.objects.create(name="goods", address="https://shop.example/", source="own")
    german.post(reverse("admin:recommendations_feed_fetch", args=[feed.pk]))

    assert "Ließ den Feed abholen." in read(german, "feed_history", feed.pk)
