"""Write the sample shop to the database, and its pictures to the media folder."""

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
from recommendations.models import Product, ProductImage, UserBehavior, UserProfile, Variant
from recommendations.models.product import SAMPLE_SOURCE
from recommendations.money import round_amount
from recommendations.progress import Progress
from recommendations.sample_data.accounts import (
    DEMO_PASSWORD,
    EMAIL_DOMAIN,
    VISITOR_PREFIX,
)
from recommendations.sample_data.catalogue import SampleProduct
from recommendations.sample_data.consequences import Subject, store_likes, store_orders
from recommendations.sample_data.events import INTERACTION_TYPES, Events
from recommendations.sample_data.served_lists import store_served_lists
from recommendations.sample_data.shop import SampleShop
from recommendations.sentences import say
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.categories import set_categories

INTERACTIONS_PER_TRANSACTION = 50_000
PRODUCTS_PER_TRANSACTION = 500
USERS_PER_TRANSACTION = 2_000
SQLITE_CACHE_KIB = 256 * 1024

_COLUMNS = ("user_id", "session_id", "product_id", "interaction_type", "rating", "timestamp")


def store(shop: SampleShop, *, progress: Progress) -> None:
    """Write the shop in transactions of bounded size; the last one makes it complete."""
    product_ids, variant_ids = _store_products(shop, progress)
    user_ids = _store_people(shop, progress)
    subjects = _list_subjects(shop, user_ids)
    _store_events(shop, product_ids, subjects, progress)
    store_likes(shop, subjects, product_ids, progress)
    store_orders(shop, subjects, product_ids, variant_ids, progress)
    store_served_lists(shop, progress)
    _open_demo_accounts(shop, user_ids)


def _store_products(shop: SampleShop, progress: Progress) -> tuple[list[int], list[list[int]]]:
    """Write the products; return their ids, and the ids of each one's variants."""
    products = shop.catalogue.products
    ids: list[int] = []
    variant_ids: list[list[int]] = []
    for first in range(0, len(products), PRODUCTS_PER_TRANSACTION):
        part = products[first : first + PRODUCTS_PER_TRANSACTION]
        # Files are written before the transaction, which must not wait for the disk.
        rows = [_make_product_row(shop, product) for product in part]
        pictures = [_store_further_pictures(shop, product) for product in part]
        variants = [_make_variant_rows(shop, product) for product in part]
        with transaction.atomic():
            stored = Product.objects.bulk_create(rows)
            set_categories({row.pk: [row.category] for row in stored})
            ProductImage.objects.bulk_create(
                ProductImage(product=row, image=file, position=position)
                for row, files in zip(stored, pictures, strict=True)
                for position, file in enumerate(files, start=1)
            )
            for row, its_variants in zip(stored, variants, strict=True):
                for variant in its_variants:
                    variant.product = row
            Variant.objects.bulk_create(row for rows in variants for row in rows)
            derive_attributes([row.pk for row in stored])
        ids += [row.pk for row in stored]
        variant_ids += [[variant.pk for variant in rows] for rows in variants]
        progress(say("Products and pictures"), len(ids), len(products))
    return ids, variant_ids


def _make_product_row(shop: SampleShop, product: SampleProduct) -> Product:
    return Product(
        name=product.name,
        description=product.description,
        category=product.category,
        brand=product.brand,
        price=round_amount(product.price),
        stock=product.stock,
        image=_store_picture(f"{shop.seed}-{product.number:05d}", product.draw_picture()),
        is_active=product.is_active,
        is_repeatable_given=product.is_repeatable,
        attributes=product.attributes,
        source=SAMPLE_SOURCE,
        external_id=f"{product.number:05d}",
        has_variants=bool(product.variants),
        has_several_prices=len({each.price for each in product.variants if each.stock}) > 1,
        created_at=shop.end_time - timedelta(days=product.age_days),
    )


def _make_variant_rows(shop: SampleShop, product: SampleProduct) -> list[Variant]:
    """Return the variants; those in another colour than the product's have their own picture."""
    pictures = {product.attributes["colour"]: ""}
    for each in product.variants:
        if each.colour not in pictures:
            name = f"{shop.seed}-{product.number:05d}-{each.colour.lower()}"
            pictures[each.colour] = _store_picture(name, product.draw_in_colour(each.colour))
    return [
        Variant(
            external_id=f"{product.number:05d}-{position}",
            sku=f"{product.number:05d}-{each.size}-{each.colour}".upper(),
            options=each.options,
            price=round_amount(each.price),
            stock=each.stock,
            image=pictures[each.colour],
            position=position,
        )
        for position, each in enumerate(product.variants, start=1)
    ]


def _store_further_pictures(shop: SampleShop, product: SampleProduct) -> list[str]:
    return [
        _store_picture(f"{shop.seed}-{product.number:05d}-{position}", picture)
        for position, picture in enumerate(product.draw_further_pictures(), start=1)
    ]


def _store_picture(name: str, picture: str) -> str:
    storage = Product._meta.get_field("image").storage
    file = f"products/{SAMPLE_SOURCE}-{name}.svg"
    # An interrupted run may have left the file, and a storage does not overwrite.
    storage.delete(file)
    return storage.save(file, ContentFile(picture.encode()))


def _store_people(shop: SampleShop, progress: Progress) -> list[int]:
    accounts = get_user_model()
    unusable = make_password(None)
    joined = _find_first_seen(shop)
    ids: list[int] = []
    for first in range(0, len(shop.people), USERS_PER_TRANSACTION):
        people = shop.people[first : first + USERS_PER_TRANSACTION]
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
        progress(say("Shoppers"), len(ids), len(shop.people))
    return ids


def _find_first_seen(shop: SampleShop) -> list[datetime]:
    seconds = np.zeros(len(shop.tastes), dtype=np.int64)
    np.minimum.at(seconds, shop.events.subjects, shop.events.seconds)
    return [
        shop.end_time + timedelta(seconds=int(first) - 60) for first in seconds[: len(shop.people)]
    ]


def _list_subjects(shop: SampleShop, user_ids: list[int]) -> list[Subject]:
    visitors = range(len(shop.tastes) - len(shop.people))
    subjects: list[Subject] = [(user, None) for user in user_ids]
    return subjects + [(None, f"{VISITOR_PREFIX}{shop.seed}-{number}") for number in visitors]


def _store_events(
    shop: SampleShop, product_ids: list[int], subjects: list[Subject], progress: Progress
) -> None:
    write = _copy if connection.vendor == "postgresql" else _insert
    total = len(shop.events)
    with _enlarge_sqlite_cache():
        for first in range(0, total, INTERACTIONS_PER_TRANSACTION):
            part = slice(first, first + INTERACTIONS_PER_TRANSACTION)
            with transaction.atomic():
                write(_iter_rows(shop.events, part, shop.end_time, subjects, product_ids))
            progress(say("Interactions"), min(part.stop, total), total)


@contextmanager
def _enlarge_sqlite_cache() -> Iterator[None]:
    """Let SQLite keep the index pages in memory: the rows are in the order of no index."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        previous = int(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA cache_size = {-SQLITE_CACHE_KIB}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {previous}")


Row = tuple[int | None, str | None, int, str, float | None, str]


def _iter_rows(
    events: Events,
    part: slice,
    end_time: datetime,
    subjects: list[Subject],
    product_ids: list[int],
) -> Iterator[Row]:
    types = [interaction_type.value for interaction_type in INTERACTION_TYPES]
    for subject, item, interaction_type, rating, time in zip(
        events.subjects[part].tolist(),
        events.items[part].tolist(),
        events.interaction_types[part].tolist(),
        events.ratings[part].tolist(),
        _format_times(events.seconds[part], end_time),
        strict=True,
    ):
        user_id, session_id = subjects[subject]
        # NaN means no rating; NaN is the only number that differs from itself.
        rating_or_none = rating if rating == rating else None  # noqa: PLR0124
        yield user_id, session_id, product_ids[item], types[interaction_type], rating_or_none, time


def _format_times(seconds: NDArray[np.int64], end_time: datetime) -> list[str]:
    """Return the times in UTC, as text that PostgreSQL reads and SQLite stores."""
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
    placeholders = ", ".join(["%s"] * len(_COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {UserBehavior._meta.db_table} ({', '.join(_COLUMNS)})"  # noqa: S608
            f" VALUES ({placeholders})",
            list(rows),
        )


@transaction.atomic
def _open_demo_accounts(shop: SampleShop, user_ids: list[int]) -> None:
    # One hash for all: hashing is slow, and a public password needs no salt of its own.
    password = make_password(DEMO_PASSWORD) if configuration().demo_sign_in else None
    for user_id, person in zip(user_ids, shop.people, strict=True):
        if not person.label:
            break
        UserProfile.objects.filter(user_id=user_id).update(demo_label=person.label)
        if password:
            get_user_model().objects.filter(pk=user_id).update(password=password)
