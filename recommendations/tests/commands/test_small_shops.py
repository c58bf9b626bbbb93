"""Shops with few products and events: all works, and what is not learnt yet is said."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.urls import reverse

from recommendations.choices import Placement, Source
from recommendations.models import ModelVersion, Product, UserBehavior
from recommendations.services.lists import ListContext, build_page, recommend
from recommendations.services.people.subjects import Subject
from recommendations.services.search.ranking import search_products
from recommendations.services.training import gate, live_model
from recommendations.tasks import retrain, retrain_when_due
from recommendations.tests.builders import make_interactions, make_products, make_shopper, sign_in

pytestmark = pytest.mark.django_db


def run(command: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def write_shop(folder: Path, products: int, events: int) -> None:
    """Write a catalogue and a log of events by a third as many shoppers, at most twenty."""
    with (folder / "products.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "price"])
        rows.writerows([str(number), f"Thing {number}", "1.50"] for number in range(products))
    rng = np.random.default_rng(0)
    start = datetime(2026, 9, 1, tzinfo=UTC)
    with (folder / "log.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user_id", "product_id", "interaction_type", "timestamp"])
        rows.writerows(
            [
                str(number % min(20, max(1, events // 3))),
                str(rng.integers(products)),
                str(rng.choice(["view", "cart", "purchase"])),
                (start + timedelta(minutes=number)).isoformat(),
            ]
            for number in range(events)
        )


@pytest.mark.parametrize("events", [0, 20, 500])
@pytest.mark.parametrize("products", [10, 30, 100])
def test_a_small_shop_works_from_the_import_to_the_lists(
    tmp_path: Path, products: int, events: int
) -> None:
    write_shop(tmp_path, products, events)
    run("import_data", source="small", products=tmp_path / "products.csv")
    if events:
        run("import_data", source="small", interactions=tmp_path / "log.csv")

    if events:
        printed = run("train_models")
        if products == 30:
            retrain()
    else:
        with pytest.raises(CommandError, match="nothing to learn from"):
            run("train_models")
        printed = ""
    retrain_when_due()
    status = run("model_status")
    live_model.refresh()

    newest = ModelVersion.objects.first()
    cases = newest.metrics.get("cases", 0) if newest else 0
    is_measured = cases >= gate.MIN_CASES
    assert ("NDCG@10 of" in printed) == is_measured
    assert ("was not measured" in status) == (bool(events) and not is_measured)
    assert ("0 interactions" in status) == (not events)
    user = User.objects.filter(username__startswith="small-").first()
    for subject in (None, Subject(user_id=user.pk) if user else None):
        found = recommend(context=ListContext(subject), count=10)
        assert len(found.entries) >= 4
        if not events:
            assert found.source is Source.NEWEST
        assert "for-you" in build_page(
            context=ListContext(subject), placement=Placement.HOME, count=12
        )
    assert search_products(text="Thing", subject=None, count=10)
    staff = sign_in(User.objects.create_superuser("root"))
    for page in (
        "admin:index",
        "admin:recommendations_modelversion_changelist",
        "admin:recommendations_product_changelist",
        "admin:recommendations_userbehavior_changelist",
    ):
        assert staff.get(reverse(page)).status_code == 200
    assert Product.objects.count() == products


def test_before_the_first_training_staff_read_how_much_there_is() -> None:
    products = make_products(4)
    for _ in range(5):
        make_interactions(make_shopper(), products)

    status = run("model_status")

    assert "Interactions: 20; shoppers and visitors: 5. No model" in status
    assert "lists show what is trending, popular and new" in status
    assert "No two products have 5 shoppers in common" in status
    page = sign_in(User.objects.create_superuser("root")).get(reverse("admin:index"))
    assert "Interactions: 20; shoppers and visitors: 5." in page.content.decode()


def test_how_many_shoppers_are_missing_is_the_gates_own_threshold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    products = make_products(8)
    start = datetime(2026, 9, 1, tzinfo=UTC)
    for number in range(12):
        make_interactions(
            make_shopper(), products[number % 5 : number % 5 + 3], at=start + timedelta(days=number)
        )
    run("train_models")
    cases = ModelVersion.objects.get().metrics["cases"]
    assert UserBehavior.objects.count() == 36

    before = run("model_status")
    monkeypatch.setattr(gate, "MIN_CASES", max(cases, 1))
    after = run("model_status")

    assert f"there are {cases}, {100 - cases} more are needed" in before
    assert ("was not measured" in after) == (cases < 1)
