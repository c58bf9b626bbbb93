"""Which products of the latest lists of a placement were clicked, for the click model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

import numpy as np

from recommendations.choices import Placement
from recommendations.ml.click_model import ClickLog
from recommendations.models import ServedList, UserBehavior
from recommendations.services.insight.attribution import CLOCK_SKEW, get_window
from recommendations.services.lists.served_log import get_subject
from recommendations.services.what_if.places import LONGEST_LIST, Numbering

MOST_LISTS = 50_000
"""The model is fitted to at most this many of the latest lists."""


@dataclass(frozen=True, slots=True)
class LoggedClicks:
    """The columns of a click log, with whose each list was."""

    log: ClickLog
    subject_keys: Sequence[str]
    """One for each list; a list without a subject has its own."""


def read_click_log(placement: Placement, numbering: Numbering) -> LoggedClicks:
    """Return the latest lists of a placement with their clicks.

    A click is what the figures count as one: the first interaction of any type that names the list
    and the product, within the attribution window.
    """
    rows = list(
        ServedList.objects.filter(placement=placement.value)
        .order_by("-created_at")
        .only("user_id", "session_id", "name", "product_ids", "created_at")[:MOST_LISTS]
    )
    clicked = read_clicks(rows)
    shown = [row.product_ids[:LONGEST_LIST] for row in rows]
    lengths = np.array([len(product_ids) for product_ids in shown], dtype=np.int64)
    places = [
        numbering.list_places(row.name, len(ids)) for row, ids in zip(rows, shown, strict=True)
    ]
    items = [numbering.number_product(pk) for pk in chain.from_iterable(shown)]
    is_clicked = [
        (row.pk, pk) in clicked for row, ids in zip(rows, shown, strict=True) for pk in ids
    ]
    subjects = [get_subject(row) for row in rows]
    return LoggedClicks(
        log=ClickLog(
            lists=np.repeat(np.arange(len(rows)), lengths),
            places=np.concatenate([*places, np.empty(0, dtype=np.int64)]),
            items=np.array(items, dtype=np.int64),
            clicked=np.array(is_clicked, dtype=bool),
            n_names=len(numbering.names),
            n_positions=LONGEST_LIST,
            n_items=numbering.n_items,
        ),
        subject_keys=[
            subject.key if subject else str(row.pk)
            for subject, row in zip(subjects, rows, strict=True)
        ],
    )


def read_clicks(rows: Sequence[ServedList]) -> set[tuple[UUID, int]]:
    """Return list and product of each click on these lists.

    The log is streamed, so memory holds clicks alone.
    """
    if not rows:
        return set()
    lists = {row.pk: row for row in rows}
    oldest = min(row.created_at for row in rows)
    window = get_window()
    found = UserBehavior.objects.filter(list_id__isnull=False, timestamp__gte=oldest - CLOCK_SKEW)
    columns = ("list_id", "product_id", "timestamp")
    clicks: set[tuple[UUID, int]] = set()
    for list_id, product_id, at in found.order_by().values_list(*columns).iterator():
        row = lists.get(list_id) if list_id else None
        if row is not None and row.created_at - CLOCK_SKEW <= at <= row.created_at + window:
            clicks.add((row.pk, product_id))
    return clicks
