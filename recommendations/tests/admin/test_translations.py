"""The admin speaks English and German."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from recommendations.management.commands.update_translations import (
    MO,
    compile_catalog,
    find_messages,
    list_untranslated,
    read_catalog,
    update_catalog,
)
from recommendations.tests.admin.rows import make_a_row_of_everything
from recommendations.tests.builders import make_product, sign_in

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{[\w!:.,%]*\}")
COUNTED = re.compile(
    r"(?:%\(\w+\)[sd]|\{\w*\}) (?:lists|days|seconds|times|products|categories|rules|orders|rows"
    r"|interactions|shoppers|visitors|subjects|buyers|clicks|draws|values|files|lines|texts)\b"
)
"""A number, and what is counted."""
NEVER_ONE = (
    *("%(number)s days", "A typed history has at most", "A what-if replays between"),
    *("At least {} interactions", "No two products have {} shoppers", "given up after {} days"),
    *("of the {needed} shoppers", "of {count} shoppers", "more than {most_redirects} times"),
    *("more than {max_expansion} times", "{path} holds {rows} rows"),
    "The last %(days)s days",
    "At least {count} interactions, ",
    "Choose at most %(most)s products at once",
    "Expected clicks are not told: {needs} clicks",
    "No clicks are estimated: {needs} draws",
    "It would end before the %(days)d days",
    "It would take %(days)d days",
    "The arms have %(got)s subjects",
    "To find a lift of %(lift)s",
)
"""Parts of texts whose numbers are of two or more, by a constant or by what they tell."""
GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}


def test_every_text_has_a_german_translation() -> None:
    catalog = read_catalog()

    assert list_untranslated(update_catalog(catalog, set(find_messages()))) == []


def test_no_translation_is_of_a_text_that_is_gone() -> None:
    present = update_catalog(read_catalog(), set(find_messages()))

    assert {str(each.id) for each in read_catalog()} == {str(each.id) for each in present}


def test_the_compiled_translations_are_those_of_the_file() -> None:
    assert MO.read_bytes() == compile_catalog(read_catalog())


def test_translations_keep_the_placeholders() -> None:
    wrong = []
    for message in read_catalog():
        texts: Any = message.id if isinstance(message.id, tuple) else [message.id]
        strings: Any = message.string if isinstance(message.string, tuple) else [message.string]
        wanted = set(PLACEHOLDER.findall(texts[-1])) if message.id else set()
        if message.id and any(set(PLACEHOLDER.findall(text)) != wanted for text in strings):
            wrong.append(message.id)

    assert wrong == []


def test_texts_that_count_have_a_singular() -> None:
    texts = [message.id for message in read_catalog() if isinstance(message.id, str)]

    counting = [text for text in texts if COUNTED.search(text)]

    assert [text for text in counting if not any(part in text for part in NEVER_ONE)] == []


@pytest.fixture
def german() -> Client:
    client = sign_in(User.objects.create_superuser("root"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = GERMAN["accept-language"]
    return client


@pytest.mark.django_db
def test_the_admin_answers_in_the_language_of_the_browser(german: Client) -> None:
    make_product()

    page = german.get("/admin/recommendations/product/")

    html = page.content.decode()
    assert page["Content-Language"] == "de"
    assert "Accept-Language" in page["Vary"]
    for text in ('lang="de"', "Produkte", "Bestand", "Im Shop verbergen", "Katalog"):
        assert text in html
    assert "Show in the shop" not in html


@pytest.mark.django_db
def test_other_languages_get_english(german: Client) -> None:
    make_product()

    page = german.get("/admin/recommendations/product/", headers={"accept-language": "fr"})

    assert page["Content-Language"].startswith("en")
    assert "Show in the shop" in page.content.decode()


@pytest.mark.django_db
def test_the_api_keeps_its_language(german: Client) -> None:
    answer = german.get("/api/products/?min_price=x")

    assert answer.status_code == 400
    assert "Content-Language" not in answer
    assert "gültig" not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("page", admin.site._registry.values(), ids=lambda page: page.opts.label)
def test_every_page_opens_in_german(german: Client, page: Any) -> None:
    row = make_a_row_of_everything(1).get(page.model)
    name = f"admin:{page.opts.app_label}_{page.opts.model_name}"

    statuses = {german.get(reverse(f"{name}_changelist")).status_code}
    if row is not None:
        statuses.add(german.get(reverse(f"{name}_change", args=[row.pk])).status_code)

    assert statuses == {200}
