"""Logs of shops: REES46 and the lines of invoices."""

from recommendations.services.data_import.formats.format import Format, mark

LOGS = (
    Format(
        "rees46",
        "events of REES46",
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
        "lines of orders or invoices",
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
        columns={"product.name": ("description",)},
    ),
)
