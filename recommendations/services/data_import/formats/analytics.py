"""Events of programs that count visitors: Google Analytics 4 and Segment."""

from collections.abc import Iterable
from typing import Any

from recommendations.record_files import Record
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark

NO_ITEM: Record = {}


def expand_ga4(record: Record) -> Iterable[Record]:
    """Return a record for each item of an event of the BigQuery export."""
    items = [item for item in record.get("items") or [] if isinstance(item, dict)]
    event = {key: value for key, value in record.items() if key != "items"}
    parameters = {
        each.get("key"): _get_parameter(each.get("value"))
        for each in record.get("event_params") or []
        if isinstance(each, dict)
    }
    session = parameters.get("ga_session_id")
    for item in items or [NO_ITEM]:
        yield event | {"item": item} | ({"ga_session_id": session} if session else {})


def _get_parameter(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return next((each for each in value.values() if each is not None), None)


def refine_ga4(row: Values) -> Values | None:
    """An event without an item is about a page; who is not signed in is known by the device."""
    device = row.pop("device", None)
    session = row.pop("ga_session", None)
    if "user_id" not in row and device:
        # The device is the visitor; what it did in a month is one history.
        row["session_id"] = device
    elif session and "session_id" not in row:
        row["session_id"] = session
    return row


def expand_segment(record: Record) -> Iterable[Record]:
    """Return a record for each product of an event."""
    properties = record.get("properties")
    if not isinstance(properties, dict):
        yield record
        return
    products = properties.get("products")
    event = {key: value for key, value in record.items() if key != "properties"}
    if isinstance(products, list) and products:
        for product in products:
            if isinstance(product, dict):
                yield event | {"properties": {**properties, **product}}
    else:
        yield record


_ITEM = {
    "product_id": ("item.item_id", "item.id", "item_id"),
    "product.name": ("item.item_name", "item.name", "item_name"),
    "product.brand": ("item.item_brand", "item_brand"),
    "product.category": ("item.item_category", "item_category"),
}

ANALYTICS = (
    Format(
        "ga4",
        say("events of Google Analytics 4"),
        "interactions",
        marks=(
            mark("event_name", "user_pseudo_id"),
            mark("event_name", "event_timestamp", "items"),
        ),
        columns={
            **_ITEM,
            "interaction_type": ("event_name",),
            "timestamp": ("event_timestamp",),
            "user_id": ("user_id",),
            "device": ("user_pseudo_id",),
            "ga_session": ("ga_session_id",),
        },
        expand=expand_ga4,
        refine=refine_ga4,
        unusual=frozenset({"user_pseudo_id", "event_date", "device", "item"}),
    ),
    Format(
        "segment",
        say("events of Segment"),
        "interactions",
        marks=(
            mark("event", "properties"),
            mark("event", "anonymous_id", "message_id"),
            mark("event", "properties_product_id"),
        ),
        columns={
            "interaction_type": ("event",),
            "product_id": (
                *("properties.product_id", "properties.productId", "properties.id"),
                *("properties.sku", "properties_product_id", "product_id"),
            ),
            "user_id": ("user_id",),
            "session_id": ("anonymous_id",),
            "timestamp": ("timestamp", "original_timestamp", "sent_at", "received_at"),
            "rating": ("properties.rating",),
            "product.name": ("properties.name",),
            "product.brand": ("properties.brand",),
            "product.category": ("properties.category",),
        },
        expand=expand_segment,
        unusual=frozenset({"type"}),
    ),
)
