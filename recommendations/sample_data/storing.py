"""Writing a sample shop to the database and its pictures to the media folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import connection, transaction
from numpy.typing import NDArray

from recommendations.conf import configuration
from recommendations.models import Product, ProductImage, UserBehavior, UserProfile
from recommendations.progress import Progress
from recommendations.sample_data.accounts import (
    DEMO_PASSWORD,
    EMAIL_DOMAIN,
    SOURCE,
    VISITOR_PREFIX,
)
from recommendations.sample_data.behaviour import KINDS, Events
from recommendations.sample_data.catalogue import SampleProduct
from recommendations.sample_data.shop import SampleShop

ROWS_A_TRANSACTION = 50_000
PRODUCTS_A_TRANSACTION = 500
USERS_A_TRANSACTION = 2_000
SQLITE_CACHE_KIB = 256 * 1024

_COLUMNS = ("user_id", "session_id", "product_id", "interaction_type", "rating", "timestamp")


def store(shop: SampleShop, *, progress: Progress) -> None:
    """Write everything, each transaction a bounded part; the last one makes the shop whole."""
    product_ids = _store_products(shop, progress)
    user_ids = _store_people(shop, progress)
    _store_events(shop, product_ids, user_ids, progress)
    _open_demo_accounts(shop, user_ids)


def _store_products(shop: SampleShop, progress: Progress) -> list[int]:
    products = shop.catalogue.products
    ids: list[int] = []
    for first in range(0, len(products), PRODUCTS_A_TRANSACTION):
        part = products[first : first + PRODUCTS_A_TRANSACTION]
        # Files are written before the transaction: nobody waits for a disk in it.
        rows = [_product_row(shop, made) for made in part]
        pictures = [_store_further_pictures(shop, made) for made in part]
        with transaction.atomic():
            stored = Product.objects.bulk_create(rows)
            ProductImage.objects.bulk_create(
                ProductImage(product=product, image=file, position=position)
                for product, files in zip(stored, pictures, strict=True)
                for position, file in enumerate(files, start=1)
            )
        ids += [product.pk for product in stored]
        progress("Products and pictures", len(ids), len(products))
    return ids


def _product_row(shop: SampleShop, made: SampleProduct) -> Product:
    return Product(
        name=made.name,
        description=made.description,
        category=made.category,
        brand=made.brand,
        price=made.price,
        stock=made.stock,
        image=_store_picture(f"{shop.seed}-{made.number:05d}", made.picture()),
        is_active=made.is_active,
        is_repeatable=made.is_repeatable,
        attributes=made.attributes,
        source=SOURCE,
        external_id=f"{made.number:05d}",
        created_at=shop.end_time - timedelta(days=made.age_days),
    )


def _store_further_pictures(shop: SampleShop, made: SampleProduct) -> list[str]:
    return [
        _store_picture(f"{shop.seed}-{made.number:05d}-{position}", picture)
        for position, picture in enumerate(made.further_pictures(), start=1)
    ]


def _store_picture(name: str, picture: str) -> str:
    storage = Product._meta.get_field("image").storage
    file = f"products/{SOURCE}-{name}.svg"
    # An interrupted run may have left it; a storage would not write over it.
    storage.delete(file)
    return storage.save(file, ContentFile(picture.encode()))


def _store_people(shop: SampleShop, progress: Progress) -> list[int]:
    accounts = get_user_model()
    unusable = make_password(None)
    joined = _first_seen(shop)
    ids: list[int] = []
    for first in range(0, len(shop.people), USERS_A_TRANSACTION):
        people = shop.people[first : first + USERS_A_TRANSACTION]
        with transaction.atomic():
            users = accounts.objects.bulk_create(
                accounts(
                    username=person.username,
                    first_name=person.first_name,
                    last_name=person.last_name,
                    email=f"{person.username}@{EMAIL_DOMAIN}",
                    password=unusable,
                    date_joined=joined[first + row],
                )
                for row, person in enumerate(people)
            )
            UserProfile.objects.bulk_create(UserProfile(user=user) for user in users)
        ids += [user.pk for user in users]
        progress("Shoppers", len(ids), len(shop.people))
    return ids


def _first_seen(shop: SampleShop) -> list[datetime]:
    seconds = np.zeros(len(shop.tastes), dtype=np.int64)
    np.minimum.at(seconds, shop.events.subjects, shop.events.seconds)
    return [
        shop.end_time + timedelta(seconds=int(first) - 60) for first in seconds[: len(shop.people)]
    ]


def _store_events(
    shop: SampleShop, product_ids: list[int], user_ids: list[int], progress: Progress
) -> None:
    visitors = [
        f"{VISITOR_PREFIX}{shop.seed}-{number}"
        for number in range(len(shop.tastes) - len(shop.people))
    ]
    subjects: list[tuple[int | None, str | None]] = [(user, None) for user in user_ids]
    subjects += [(None, visitor) for visitor in visitors]
    write = _copy if connection.vendor == "postgresql" else _insert
    total = len(shop.events)
    with _room_for_indexes():
        for first in range(0, total, ROWS_A_TRANSACTION):
            part = slice(first, first + ROWS_A_TRANSACTION)
            with transaction.atomic():
                write(_rows(shop.events, part, shop.end_time, subjects, product_ids))
            progress("Interactions", min(part.stop, total), total)


@contextmanager
def _room_for_indexes() -> Iterator[None]:
    """Let SQLite keep the index pages in memory that rows in any order go to."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        usual = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA cache_size = {-SQLITE_CACHE_KIB}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {usual}")


Row = tuple[int | None, str | None, int, str, float | None, str]


def _rows(
    events: Events,
    part: slice,
    end_time: datetime,
    subjects: list[tuple[int | None, str | None]],
    product_ids: list[int],
) -> Iterator[Row]:
    kinds = [kind.value for kind in KINDS]
    for subject, item, kind, rating, time in zip(
        events.subjects[part].tolist(),
        events.items[part].tolist(),
        events.kinds[part].tolist(),
        events.ratings[part].tolist(),
        _times(events.seconds[part], end_time),
        strict=True,
    ):
        user_id, session_id = subjects[subject]
        # NaN, no rating, is the one number that differs from itself.
        given = rating if rating == rating else None  # noqa: PLR0124
        yield user_id, session_id, product_ids[item], kinds[kind], given, time


def _times(seconds: NDArray[np.int64], end_time: datetime) -> list[str]:
    """Return UTC times as both databases read them and as SQLite stores them."""
    moments = np.datetime64(end_time.replace(tzinfo=None), "s") + seconds.astype("timedelta64[s]")
    return [text.replace("T", " ") for text in np.datetime_as_string(moments, unit="s").tolist()]


def _copy(rows: Iterator[Row]) -> None:
    text = StringIO()
    for row in rows:
        text.write("\t".join("\\N" if value is None else str(value) for value in row))
        text.write("+00\n")
    text.seek(0)
    with connection.cursor() as cursor:
        copy: Callable[[str, Any], None] = cursor.copy_expert
        copy(f"COPY {UserBehavior._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN", text)


def _insert(rows: Iterator[Row]) -> None:
    places = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {UserBehavior._meta.db_table} ({', '.join(_COLUMNS)})"  # noqa: S608
            f" VALUES ({places})",
            list(rows),
        )


@transaction.atomic
def _open_demo_accounts(shop: SampleShop, user_ids: list[int]) -> None:
    # Hashing takes a good part of a second, and a public password needs no salt of its own.
    password = make_password(DEMO_PASSWORD) if configuration().demo_sign_in else None
    for user_id, person in zip(user_ids, shop.people, strict=True):
        if not person.label:
            break
        UserProfile.objects.filter(user_id=user_id).update(demo_label=person.label)
        if password:
            get_user_model().objects.filter(pk=user_id).update(password=password)
