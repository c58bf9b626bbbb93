"""Logs of shops: REES46 and the lines of invoices."""

from collections.abc import Iterable
from typing import Any

from recommendations.record_files import Record
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark
from recommendations.services.data_import.values import parse_cell

GUESTS = frozenset({"0", "-1", "guest"})
"""What stands for a customer without an account, who is known by the mail address."""
LINES = ("line_items", "lineItems", "items", "order_items", "lines", "products", "positions")


def expand_order(record: Record) -> Iterable[Record]:
    """Return a record for each line of an order."""
    lines = _find_lines(record)
    order = {key: value for key, value in record.items() if key not in LINES}
    for line in lines:
        if isinstance(line, dict):
            yield order | {"line": line}
    if not lines:
        yield record


def _find_lines(record: Record) -> list[Any]:
    for name in LINES:
        lines = parse_cell(record.get(name))
        if isinstance(lines, dict):
            # GraphQL's answers: {"edges": [{"node": …}]} or {"nodes": […]}.
            edges = lines.get("edges") or lines.get("nodes") or []
            lines = [each.get("node", each) for each in edges if isinstance(each, dict)]
        if isinstance(lines, list) and lines:
            return lines
    return []


def refine_order(row: Values) -> Values:
    """Call guests by their mail addresses, where there are any: their number is that of all."""
    email = row.pop("email", None)
    if email and str(row.get("user_id", "0")).strip().lower() in GUESTS:
        row["user_id"] = email
    return row


LOGS = (
    Format(
        "orders",
        say("orders with their lines"),
        "interactions",
        marks=(mark("line_items"), mark("order_items"), mark("id", "lines", "customer")),
        defaults={"interaction_type": "purchase"},
        columns={
            "product_id": (
                *("line.product_id", "line.productId", "line.product.id", "line.variant_id"),
                *("line.sku", "line.item_id", "line.id"),
            ),
            "product.name": ("line.name", "line.title"),
            "user_id": ("customer.id", "customer_id", "user_id", "customer.email"),
            "email": ("email", "customer.email", "billing.email", "customer_email"),
            "timestamp": ("created_at", "date_created_gmt", "date_created", "order_date", "date"),
            "order": ("id", "order_id", "number", "order_number"),
            "quantity": ("line.quantity", "line.qty", "line.qty_ordered"),
            "quantity_back": ("line.qty_refunded", "line.quantity_refunded", "line.qty_canceled"),
            "order_status": ("status", "financial_status", "payment_status"),
            "cancelled_at": ("cancelled_at", "canceled_at"),
        },
        expand=expand_order,
        refine=refine_order,
    ),
    Format(
        "rees46",
        say("events of REES46"),
        "interactions",
        marks=(mark("event_time", "event_type", "product_id", "user_id"),),
        columns={
            "timestamp": ("event_time",),
            "interaction_type": ("event_type",),
            "session_id": ("user_session",),
            "product.category": ("category_code",),
            "product.brand": ("brand",),
        },
    ),
    Format(
        "orders",
        say("lines of orders or invoices"),
        "interactions",
        marks=(
            mark("invoice_no", "stock_code"),
            mark("invoice", "stock_code"),
            mark("invoice_no", "product_id"),
            mark("order_id", "product_id", "quantity"),
            mark("order_id", "sku", "quantity"),
            mark("order_number", "sku", "quantity"),
            mark("invoice", "item_id", "quantity"),
        ),
        defaults={"interaction_type": "purchase"},
        columns={
            "product.name": ("description",),
            "email": ("email", "customer_email", "billing_email"),
        },
        refine=refine_order,
    ),
)
