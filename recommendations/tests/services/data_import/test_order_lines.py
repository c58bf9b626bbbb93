"""Lines of orders that are no purchases, and lines whose status says nothing known."""

from pathlib import Path
from typing import Any

import pytest

from recommendations.models import UserBehavior
from recommendations.services.data_import import (
    ImportPlan,
    ImportReport,
    import_data,
    interaction_import,
)
from recommendations.services.data_import.interactions import write_interactions
from recommendations.tests.services.data_import.imported_files import write_file

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

HEADER = "order_id,product_id,customer_id,quantity,date,status\n"


def take(folder: Path, content: str) -> ImportReport:
    return import_data(ImportPlan("shop", interactions=write_file(folder, "orders.csv", content)))


def list_types() -> list[str]:
    rows = UserBehavior.objects.order_by("timestamp", "id")
    return list(rows.values_list("interaction_type", flat=True))


@pytest.mark.parametrize(
    "status",
    [
        *("pending payment", "wc-pending", "payment failed", "Failed", "on-hold", "On_Hold"),
        *("abandoned", "checkout-draft", "voided", "refunded", "Fully Refunded", "declined"),
        *("Awaiting Payment", "Awaiting check payment", "Payment error", "payment_review"),
        *("fraud", "expired", "unpaid", "Canceled", "chargeback", "Zahlung ausstehend"),
        *("On backorder (not paid)", "storniert", "Cancelled by customer", "pending_payment"),
    ],
)
def test_what_nobody_paid_or_kept_is_no_purchase(tmp_path: Path, status: str) -> None:
    take(tmp_path, f"{HEADER}1,L1,ann,1,1700000000,{status}\n")

    assert list_types() == ["view"]


@pytest.mark.parametrize(
    "status",
    [
        *("paid", "wc-completed", "processing", "Shipped", "Awaiting Shipment", "complete"),
        *("Awaiting Fulfillment", "authorized", "unfulfilled", "Payment accepted", ""),
        *("partially_refunded", "On backorder (paid)", "Versendet", "partially shipped"),
    ],
)
def test_what_was_paid_is_a_purchase(tmp_path: Path, status: str) -> None:
    take(tmp_path, f"{HEADER}1,L1,ann,1,1700000000,{status}\n")

    assert list_types() == ["purchase"]


def test_what_is_no_purchase_and_what_is_not_known_is_named(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        f"{HEADER}1,L1,ann,1,1700000000,on-hold\n2,L1,ann,1,1700000001,on-hold\n"
        "3,L1,ann,1,1700000002,partially_refunded\n4,L1,ann,1,1700000003,gift\n"
        "5,L1,ann,0,1700000004,paid\n",
    )

    assert report.warnings == {
        "order status 'on-hold' is no purchase: a view": 2,
        "order status 'partially_refunded' does not say what was paid back: a purchase": 1,
        "order status 'gift' is no known word: a purchase": 1,
        "quantity 0 is no purchase: a view": 1,
    }
    assert list_types() == ["view", "view", "purchase", "purchase", "view"]


@pytest.mark.parametrize(
    ("header", "value", "types"),
    [
        ("cancelled_at", "2024-01-01", ["view"]),
        ("cancelled_at", "", ["purchase"]),
        ("is_refunded", "false", ["purchase"]),
        ("is_refunded", "1", ["view"]),
        ("qty_refunded", "2", ["view"]),
        ("qty_refunded", "1", ["purchase"]),
        ("fulfillment_status", "pending", ["purchase"]),
        ("fulfillment_status", "returned", ["view"]),
        ("payment_status", "unpaid", ["view"]),
    ],
)
def test_other_columns_say_it_too(
    tmp_path: Path, header: str, value: str, types: list[str]
) -> None:
    take(
        tmp_path,
        f"order_id,product_id,customer_id,quantity,date,{header}\n1,L1,ann,2,1700000000,{value}\n",
    )

    assert list_types() == types


def test_an_order_that_failed_takes_no_other_order_back(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        f"{HEADER}1,L1,ann,1,1700000000,paid\n2,L1,ann,1,1700000009,failed\n"
        "3,L1,ann,1,1700000010,cancelled\n",
    )

    assert report.taken_back == 0
    assert list_types() == ["purchase", "view", "view"]


def test_an_order_that_is_exported_again_as_cancelled_is_taken_back(tmp_path: Path) -> None:
    take(tmp_path, f"{HEADER}1,L1,ann,1,1700000000,pending\n")
    take(tmp_path, f"{HEADER}1,L1,ann,1,1700000000,paid\n")
    paid = list_types()

    report = take(tmp_path, f"{HEADER}1,L1,ann,1,1700000000,cancelled\n")

    assert paid == ["view", "purchase"]
    assert report.taken_back == 1
    assert list_types() == ["view", "view", "view"]


def test_nothing_is_put_into_a_cart_with_a_quantity_of_0(tmp_path: Path) -> None:
    take(
        tmp_path,
        "user_id,product_id,event,quantity,timestamp\nann,L1,add_to_cart,0,1700000000\n"
        "ann,L1,add_to_cart,-1,1700000001\nann,L1,add_to_cart,1,1700000002\n",
    )

    assert list_types() == ["view", "view", "cart"]


def test_the_first_line_of_shopifys_order_says_what_became_of_all(tmp_path: Path) -> None:
    take(
        tmp_path,
        "Name,Email,Financial Status,Cancelled at,Created at,Lineitem quantity,Lineitem sku\n"
        "#1,ann@x.example,paid,2024-01-02 10:00:00 +0100,2024-01-01 10:00:00 +0100,1,A\n"
        "#1,ann@x.example,,,2024-01-01 10:00:00 +0100,1,B\n"
        "#2,ann@x.example,pending,,2024-01-03 10:00:00 +0100,1,A\n"
        "#2,ann@x.example,,,2024-01-03 10:00:00 +0100,1,B\n"
        "#3,ann@x.example,paid,,2024-01-04 10:00:00 +0100,1,A\n",
    )

    assert list_types() == ["view", "view", "view", "view", "purchase"]


def test_the_next_import_completes_one_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = (
        f"{HEADER}1,L1,ann,1,1700000000,paid\n2,L1,ann,-1,1700000001,\n"
        "3,L2,ann,1,1700000002,paid\n4,L3,ann,1,1700000003,paid\n"
    )
    monkeypatch.setattr(interaction_import, "INTERACTIONS_PER_BATCH", 2)
    written: list[Any] = []

    def write_one_batch(rows: Any, **arguments: Any) -> Any:
        if written:
            raise KeyboardInterrupt
        written.append(rows)
        return write_interactions(rows, **arguments)

    monkeypatch.setattr(interaction_import, "write_interactions", write_one_batch)
    with pytest.raises(KeyboardInterrupt):
        take(tmp_path, orders)
    monkeypatch.setattr(interaction_import, "write_interactions", write_interactions)

    assert list_types() == ["purchase"]
    report = take(tmp_path, orders)
    assert list_types() == ["view", "view", "purchase", "purchase"]
    assert report.taken_back == 1
    assert take(tmp_path, orders).taken_back == 0
    assert list_types() == ["view", "view", "purchase", "purchase"]
