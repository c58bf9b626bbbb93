"""Load the interactions of the shop as columns, to train on."""

import hashlib
from array import array
from collections import defaultdict

import numpy as np
from django.db.models import F, Max, Q, QuerySet

from recommendations.category_paths import join_paths
from recommendations.conf import configuration
from recommendations.ml.data import TYPE_CODES, Catalogue, Interactions
from recommendations.models import Product, ProductCategory, UserBehavior, UserProfile
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say
from recommendations.services.people.subjects import Subject

ROWS_PER_CHUNK = 20_000

LEARNT_PRODUCTS = Q(is_active=True) | (Q(price=0) & ~Q(external_id=""))
"""What recommenders learn of: what is on sale, and what a log has named and no catalogue yet.

The second kind has no price. It is in no list before it is on sale, but is learnt by then.
"""


def get_newest_interaction_id() -> int:
    """Return the id of the newest interaction, 0 when there is none."""
    return UserBehavior.objects.aggregate(newest=Max("id"))["newest"] or 0


def load_interactions(
    *, up_to_id: int | None = None, progress: Progress = report_nothing
) -> Interactions:
    """Return the interactions that recommenders may learn from.

    Shoppers and anonymous visitors are both users; `Subject.key` is the user id. The catalogue has
    `LEARNT_PRODUCTS`. Left out are interactions with other products, interactions of shoppers who
    switched personalization off, and rows above `up_to_id`. Every event is a row of its own, as
    splits need it; recommenders learn from `merge_repeats` of the result. Rows are streamed from
    the database: memory holds the columns only.
    """
    catalogue = load_catalogue()
    rows = select_learnt(up_to_id)
    total = rows.count()
    users: dict[int | str, int] = {}
    user_rows, types = array("i"), array("b")
    product_ids = array("q")
    ratings, timestamps = array("f"), array("d")
    for user_id, session_id, product_id, interaction_type, rating, timestamp in rows.values_list(
        "user_id", "session_id", "product_id", "interaction_type", "rating", "timestamp"
    ).iterator(chunk_size=ROWS_PER_CHUNK):
        who = user_id if user_id is not None else session_id
        user_rows.append(users.setdefault(who, len(users)))
        product_ids.append(product_id)
        types.append(TYPE_CODES[interaction_type])
        ratings.append(np.nan if rating is None else rating)
        timestamps.append(timestamp.timestamp())
        if len(types) % ROWS_PER_CHUNK == 0:
            progress(say("Reading interactions"), len(types), max(total, len(types)))
    progress(say("Reading interactions"), len(types), len(types))

    items = catalogue.find_rows(np.frombuffer(product_ids, dtype=np.int64))
    is_active = items >= 0
    return Interactions.from_events(
        users=np.frombuffer(user_rows, dtype=np.int32)[is_active],
        items=items[is_active],
        interaction_types=np.frombuffer(types, dtype=np.int8)[is_active],
        ratings=np.frombuffer(ratings, dtype=np.float32)[is_active],
        timestamps=np.frombuffer(timestamps, dtype=np.float64)[is_active],
        user_ids=np.array(
            [
                make_subject_key(who, None) if isinstance(who, int) else make_subject_key(None, who)
                for who in users
            ],
            dtype=np.str_,
        ),
        catalogue=catalogue,
        weights=configuration().interaction_weights,
    )


def compute_fingerprint(interactions: Interactions) -> str:
    """Return a digest of the users, items, weights and times, and of the catalogue."""
    digest = hashlib.sha256()
    catalogue = interactions.catalogue
    for column in (
        interactions.users,
        interactions.items,
        interactions.weights,
        interactions.timestamps,
        catalogue.item_ids,
        catalogue.names,
        catalogue.categories,
        catalogue.brands,
        catalogue.is_repeatable,
    ):
        digest.update(str((column.shape, column.dtype.str)).encode())
        digest.update(np.ascontiguousarray(column).data)
    return digest.hexdigest()


def find_switched_off() -> QuerySet[UserProfile, int]:
    """Return the numbers of the shoppers who switched personalization off."""
    return UserProfile.objects.filter(personalization_enabled=False).values_list(
        "user_id", flat=True
    )


def select_learnt(up_to_id: int | None) -> QuerySet[UserBehavior]:
    """Return the rows up to this id that recommenders may learn from, by ascending id."""
    rows = UserBehavior.objects.exclude(user_id__in=find_switched_off()).order_by("id")
    return rows if up_to_id is None else rows.filter(id__lte=up_to_id)


def load_catalogue() -> Catalogue:
    """Return `LEARNT_PRODUCTS` with their texts, by ascending id."""
    rows = list(
        Product.objects.filter(LEARNT_PRODUCTS)
        .order_by("id")
        .values_list("id", "name", "category", "brand", "is_repeatable")
    )
    further: dict[int, list[str]] = defaultdict(list)
    given = ProductCategory.objects.filter(is_given=True).exclude(
        category__path=F("product__category")
    )
    for product_id, path in given.order_by("category__path").values_list(
        "product_id", "category__path"
    ):
        further[product_id].append(path)
    ids, names, main, brands, repeatable = zip(*rows, strict=True) if rows else ((),) * 5
    categories = [
        join_paths([path, *further[product_id]]) if product_id in further else path
        for product_id, path in zip(ids, main, strict=True)
    ]
    return Catalogue(
        item_ids=np.array(ids, dtype=np.int64),
        names=np.array(names, dtype=np.str_),
        categories=np.array(categories, dtype=np.str_),
        brands=np.array(brands, dtype=np.str_),
        is_repeatable=np.array(repeatable, dtype=bool),
    )


def make_subject_key(user_id: int | None, session_id: str | None) -> str:
    """Return `Subject.key` of a row's subject; empty if the row has lost its subject."""
    if user_id is not None:
        return Subject(user_id=user_id).key
    return "" if session_id is None else Subject(session_id=session_id).key
