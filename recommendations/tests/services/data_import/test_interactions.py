from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from recommendations.models import Product, UserBehavior
from recommendations.services.data_import import (
    ImportPlan,
    Layout,
)
from recommendations.services.data_import import import_data as run_import
from recommendations.tests.services.data_import.imported_files import (
    import_log,
    list_problems,
    write_file,
)

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def test_interactions_belong_to_new_shoppers_and_visitors(tmp_path: Path) -> None:
    report = import_log(
        tmp_path,
        "user_id,session_id,product_id,event,rating,timestamp\n"
        "ann,s1,L1,view,,1700000000\n"
        "ann,,L1,like,4.5,1700000000500\n"
        ",s2,L1,purchase,,2023-11-14T22:13:21+01:00\n",
    )

    assert report.skipped == 0
    assert report.shoppers_added == 1
    ann = User.objects.get()
    assert ann.username == "shop-ann"
    assert not ann.has_usable_password()
    assert report.example_shopper == ("ann", ann.pk)
    rows = UserBehavior.objects.order_by("id").values_list(
        "user_id", "session_id", "interaction_type", "rating", "timestamp"
    )
    start = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert list(rows) == [
        (ann.pk, "shop:s1", "view", None, start),
        (ann.pk, None, "like", 4.5, start + timedelta(milliseconds=500)),
        (None, "shop:s2", "purchase", None, start + timedelta(seconds=1, hours=-1)),
    ]


def test_a_second_import_of_a_log_adds_nothing(tmp_path: Path) -> None:
    content = (
        "user_id,session_id,product_id,event,timestamp\n"
        "ann,,L1,view,1700000000\n"
        "ann,,L1,view,1700000000\n"
        ",s1,L1,view,1700000000\n"
    )

    first = import_log(tmp_path, content, name="log.csv.gz")
    second = import_log(tmp_path, content, name="log.csv.gz")
    longer = import_log(tmp_path, content + "ann,,L1,view,1700000000\n", name="log.csv.gz")

    assert first.interactions is not None
    assert second.interactions is not None
    assert longer.interactions is not None
    assert (first.interactions.added, first.interactions.unchanged) == (3, 0)
    assert (second.interactions.added, second.interactions.unchanged) == (0, 3)
    assert (longer.interactions.added, longer.interactions.unchanged) == (1, 3)
    assert second.shoppers_added == 0
    assert UserBehavior.objects.count() == 4


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("ann,L1,rate,7,1700000000", "rating 7 is above 5"),
        ("ann,L1,rate,0,1700000000", "rating 0 is below 0.5"),
        ("ann,L1,rate,nan,1700000000", "rating is missing, and rate needs one"),
        ("ann,L1,,,1700000000", "interaction_type is missing"),
        ("ann,L1,rate,,1700000000", "rating is missing, and rate needs one"),
        ("ann,L1,view,,4100000000", "timestamp 4100000000 is in the future"),
        ("ann,L1,view,,2100-01-01", "timestamp '2100-01-01' is in the future"),
        (
            "ann,L1,view,,20240599",
            "timestamp 20240599 is before 1990: are these Unix seconds?",
        ),
        (
            "ann,L1,view,,yesterday",
            "timestamp 'yesterday' is not a time: "
            "write Unix seconds or ISO 8601, such as 2025-03-31T08:15:00Z",
        ),
        ("ann,L1,view,,", "has neither a timestamp nor a position"),
        (
            "ann,L7,view,,1700000000",
            "product 'L7' is neither in the products file nor in the shop under the source shop",
        ),
        ("ann,,view,,1700000000", "product_id is missing"),
        (",L1,view,,1700000000", "has neither a user_id nor a session_id"),
        ("a\0nn,L1,view,,1700000000", "user_id holds a NUL character"),
        (f"{'x' * 129},L1,view,,1700000000", "user_id has 129 characters, above 128"),
    ],
)
def test_a_bad_interaction_is_skipped_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    header = "user_id,product_id,event,rating,timestamp\n"
    good = "bob,L1,view,,1700000000\n"

    report = import_log(tmp_path, f"{header}{good}{row}\n")

    assert list_problems(report) == [f"log.csv line 3: {message}"]
    assert list(User.objects.values_list("username", flat=True)) == ["shop-bob"]
    assert UserBehavior.objects.count() == 1


def test_a_rating_alone_is_a_like_from_four_stars_up(tmp_path: Path) -> None:
    import_log(
        tmp_path,
        "user_id,product_id,rating,timestamp\nann,L1,4,1700000000\nann,L1,3.5,1700000001\n",
        defaults={"interaction_type": "rate"},
    )

    rows = UserBehavior.objects.order_by("timestamp").values_list("interaction_type", "rating")
    assert list(rows) == [("like", 4.0), ("view", 3.5)]


def test_positions_keep_their_order_in_the_day_before_the_import(tmp_path: Path) -> None:
    content = (
        "user_id,product_id,event,position\nann,L1,purchase,2\nann,L1,view,1\nann,L1,cart,10\n"
    )

    import_log(tmp_path, content)
    again = import_log(tmp_path, content)

    rows = UserBehavior.objects.order_by("timestamp")
    assert [row.interaction_type for row in rows] == ["view", "purchase", "cart"]
    assert timedelta(hours=23) < timezone.now() - rows[0].timestamp < timedelta(hours=25)
    assert rows[2].timestamp < timezone.now()
    assert again.interactions is not None
    assert (again.interactions.added, again.interactions.unchanged) == (0, 3)


def test_interactions_without_a_catalogue_invent_their_products(tmp_path: Path) -> None:
    plan = ImportPlan(
        "shop",
        interactions=write_file(
            tmp_path, "log.csv", "user_id,product_id,event,timestamp\nann,L7,view,1700000000\n"
        ),
        product_layout=Layout(defaults={"price": Decimal(10)}),
        invents_products=True,
    )

    first, second = run_import(plan), run_import(plan)

    assert (first.products_invented, second.products_invented) == (1, 0)
    product = Product.objects.get()
    assert (product.external_id, product.name, product.price) == ("L7", "Product L7", Decimal(10))
    assert UserBehavior.objects.get().product == product
