"""Export interactions, products and order lines as a log in Parquet, in parts of one day."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from recommendations.choices import InteractionType, OrderStatus
from recommendations.errors import TrainingLogError
from recommendations.ml.data import Catalogue
from recommendations.models import OrderLine
from recommendations.money import format_amount
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.infra.locks import hold
from recommendations.services.infra.storage_errors import list_storage_errors
from recommendations.services.training import log_parts
from recommendations.services.training.data import (
    ROWS_PER_CHUNK,
    find_switched_off,
    get_newest_interaction_id,
    load_catalogue,
    make_subject_key,
    select_learnt,
)

ROWS_PER_GROUP = 100_000
"""How many rows memory holds, and a group of a part."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """What an export did: how many parts it wrote, kept and deleted, and the rows of the log."""

    written: int
    kept: int
    deleted: int
    interactions: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A table of the database that is exported by days.

    `figures` are aggregates that differ after every change that a row of the table can have: it is
    added, deleted, given to an account, or changes its type or status.
    """

    table: str
    rows: QuerySet[Any]
    time: str
    figures: Mapping[str, Any]
    columns: tuple[str, ...]
    build: Callable[[Row], Row]


def export_log(folder: Path, *, progress: Progress = report_nothing) -> Export:
    """Bring the log in `folder` up to date; parts that are true already stay as they are.

    Rows of shoppers who were erased or who switched personalization off are in no part afterwards:
    a part that had some is written anew, or deleted with its last row. A part appears when it is
    complete and `log.json` when all parts are, so an interrupted export is carried on by the next.

    Raises:
        TrainingLogError: The library is missing, or the folder cannot be written.
        TrainingUnderWayError: Another export is under way.
    """
    log_parts.check_library()
    with hold("export of the log"):
        try:
            log_parts.make_folder(folder)
            (folder / log_parts.MANIFEST).unlink(missing_ok=True)
            log_parts.delete_unfinished(folder)
            return _export(folder, progress)
        except list_storage_errors() as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise TrainingLogError(f"The log cannot be written to {folder}: {reason}.") from problem


def _export(folder: Path, progress: Progress) -> Export:
    newest = get_newest_interaction_id()
    rows = {log_parts.PRODUCTS_PART: _write_catalogue(folder, load_catalogue())}
    written = kept = deleted = 0
    for source in (_make_interactions(newest), _make_orders()):
        days = _compute_digests(source)
        for done, (day, digest) in enumerate(days.items()):
            progress(say("Exporting {name}", name=source.table), done, len(days))
            name = f"{source.table}/day={day.isoformat()}.parquet"
            n_rows = log_parts.count_true_rows(folder / name, digest)
            if n_rows is None:
                n_rows = _write_part(folder / name, source, day, digest)
                written += 1
            else:
                kept += 1
            rows[name] = n_rows
        progress(say("Exporting {name}", name=source.table), len(days), len(days))
        for path in (folder / source.table).glob(log_parts.DAY_PART):
            if f"{source.table}/{path.name}" not in rows:
                path.unlink()
                deleted += 1
    manifest = log_parts.Manifest(newest, rows)
    log_parts.write_manifest(folder, manifest)
    interactions = sum(rows[name] for name in manifest.list_parts(log_parts.INTERACTIONS))
    return Export(written, kept, deleted, interactions)


def _make_interactions(newest: int) -> _Source:
    return _Source(
        table=log_parts.INTERACTIONS,
        rows=select_learnt(newest),
        time="timestamp",
        figures={
            "rows": Count("id"),
            "ids": Sum("id"),
            "users": Sum("user_id"),
            "signed_in": Count("user_id"),
            "products": Sum("product_id"),
            "purchases": Count("id", filter=Q(interaction_type=InteractionType.PURCHASE.value)),
        },
        columns=(
            *("id", "user_id", "session_id", "product_id", "interaction_type", "rating"),
            "timestamp",
        ),
        build=lambda row: (row[0], make_subject_key(row[1], row[2]), *row[3:]),
    )


def _make_orders() -> _Source:
    lines = OrderLine.objects.exclude(order__user_id__in=find_switched_off()).order_by("id")
    return _Source(
        table=log_parts.ORDERS,
        rows=lines,
        time="order__created_at",
        figures={
            "rows": Count("id"),
            "ids": Sum("id"),
            "users": Sum("order__user_id"),
            "signed_in": Count("order__user_id"),
            "visitors": Count("order__session_id"),
            "products": Sum("product_id"),
            **{
                status.value: Count("id", filter=Q(order__status=status.value))
                for status in OrderStatus
            },
        },
        columns=(
            *("id", "order_id", "order__user_id", "order__session_id", "product_id", "quantity"),
            *("price", "order__status", "order__created_at"),
        ),
        build=lambda row: (
            *(row[0], row[1], make_subject_key(row[2], row[3]), row[4], row[5]),
            *(format_amount(row[6]), row[7], row[8]),
        ),
    )


def _compute_digests(source: _Source) -> dict[date, str]:
    """Return the digest of each day that has rows, the oldest day first; one query."""
    days = (
        source.rows.annotate(day=TruncDate(source.time, tzinfo=UTC))
        .values("day")
        .annotate(**{f"n_{name}": figure for name, figure in source.figures.items()})
        .order_by("day")
    )
    return {
        day["day"]: hashlib.sha256(
            repr([int(day[f"n_{name}"] or 0) for name in source.figures]).encode()
        ).hexdigest()
        for day in days
    }


def _write_part(path: Path, source: _Source, day: date, digest: str) -> int:
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it

    begin = datetime.combine(day, time(), tzinfo=UTC)
    of_day = source.rows.filter(
        **{f"{source.time}__gte": begin, f"{source.time}__lt": begin + timedelta(days=1)}
    )
    # PostgreSQL reads the index by time in this order; by id it might walk the log for each day.
    in_time = of_day.order_by(source.time, "id").values_list(*source.columns)
    stream = in_time.iterator(chunk_size=ROWS_PER_CHUNK)
    n_rows = 0
    with log_parts.open_part(path, source.table, digest) as writer:
        for group in _cut_into_groups(map(source.build, stream)):
            arrays = [
                pa.array(values, type=kind)
                for values, kind in zip(zip(*group, strict=True), writer.schema.types, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=writer.schema))
            n_rows += len(group)
    return n_rows


def _cut_into_groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while group := list(islice(rows, ROWS_PER_GROUP)):
        yield group


def _write_catalogue(folder: Path, catalogue: Catalogue) -> int:
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it

    path = folder / log_parts.PRODUCTS_PART
    columns = (
        *(catalogue.item_ids, catalogue.names, catalogue.categories, catalogue.brands),
        catalogue.is_repeatable,
    )
    with log_parts.open_part(path, "products", digest="") as writer:
        arrays = [
            pa.array(column.tolist(), type=kind)
            for column, kind in zip(columns, writer.schema.types, strict=True)
        ]
        writer.write_table(pa.Table.from_arrays(arrays, schema=writer.schema))
    return len(catalogue)
