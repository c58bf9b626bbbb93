"""Remove the sample shop from a database, and nothing else."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.db.models import Max, Min, Model, Q, QuerySet, prefetch_related_objects

from recommendations.errors import SampleDataRefusedError
from recommendations.models import (
    CartItem,
    Order,
    Product,
    ServedList,
    UserBehavior,
    UserProfile,
)
from recommendations.progress import Progress
from recommendations.sample_data.accounts import (
    EMAIL_DOMAIN,
    VISITOR_PREFIX,
    get_sample_products,
    get_sample_users,
)
from recommendations.sentences import say
from recommendations.services.shop.pictures import get_pictures

INTERACTIONS_PER_TRANSACTION = 100_000
ROWS_PER_TRANSACTION = 1_000
MAX_NAMES_IN_REFUSAL = 3

Row = TypeVar("Row", bound=Model)


def remove(*, progress: Progress) -> None:
    """Remove the products, pictures and accounts of the sample shop, and all rows about them.

    The interactions of anonymous visitors with sample products are removed, too. Orders of other
    accounts stay, with the names and prices of the products bought.

    Raises:
        SampleDataRefusedError: An account outside the sample shop has interactions with sample
            products, or has sample products in the cart. Nothing is removed.
    """
    _refuse_real_references()
    # Without labels the shop counts as unfinished, in case the removal is interrupted.
    UserProfile.objects.filter(user__in=get_sample_users()).update(demo_label="")
    _remove_interactions(progress)
    CartItem.objects.filter(_is_of_sample_shop()).delete()
    Order.objects.filter(
        Q(user__in=get_sample_users()) | Q(session_id__startswith=VISITOR_PREFIX)
    ).delete()
    ServedList.objects.filter(session_id__startswith=VISITOR_PREFIX).delete()
    _remove_rows(get_sample_users(), "Removing shoppers", progress)
    _remove_rows(get_sample_products(), "Removing products", progress, before=_remove_pictures)


def _remove_pictures(products: list[Product]) -> None:
    prefetch_related_objects(products, "further_images", "variants")
    for product in products:
        of_variants = [variant.image for variant in product.variants.all() if variant.image]
        for image in [*get_pictures(product), *of_variants]:
            # The field's own delete() would also save the row.
            image.storage.delete(str(image.name))


def _is_of_sample_shop() -> Q:
    return Q(product__in=get_sample_products()) | Q(user__in=get_sample_users())


def _refuse_real_references() -> None:
    foreign = Q(product__in=get_sample_products(), user__isnull=False) & ~Q(
        user__email__endswith=f"@{EMAIL_DOMAIN}"
    )
    interactions = UserBehavior.objects.filter(foreign)
    in_carts = CartItem.objects.filter(foreign)
    counts = interactions.count(), in_carts.count()
    if not any(counts):
        return
    names = sorted(
        set(interactions.values_list("user__username", flat=True).distinct())
        | set(in_carts.values_list("user__username", flat=True).distinct())
    )
    named = ", ".join(names[:MAX_NAMES_IN_REFUSAL])
    if len(names) > MAX_NAMES_IN_REFUSAL:
        named += f" and {len(names) - MAX_NAMES_IN_REFUSAL} more"
    raise SampleDataRefusedError(
        f"Nothing was removed: {counts[0]} interactions and {counts[1]} cart items of accounts "
        f"that are not sample data ({named}) are about sample products and would be removed "
        "with them. Remove those rows, or those accounts, in the admin first."
    )


def _remove_interactions(progress: Progress) -> None:
    ends = UserBehavior.objects.filter(_is_of_sample_shop()).aggregate(
        low=Min("pk"), high=Max("pk")
    )
    if ends["low"] is None:
        return
    total = ends["high"] - ends["low"] + 1
    for first in range(ends["low"], ends["high"] + 1, INTERACTIONS_PER_TRANSACTION):
        with transaction.atomic():
            UserBehavior.objects.filter(
                _is_of_sample_shop(), pk__gte=first, pk__lt=first + INTERACTIONS_PER_TRANSACTION
            ).delete()
        done = min(first + INTERACTIONS_PER_TRANSACTION - ends["low"], total)
        progress(say("Removing interactions"), done, total)


def _remove_rows(
    rows: QuerySet[Row],
    stage: str,
    progress: Progress,
    before: Callable[[list[Row]], None] | None = None,
) -> None:
    total = rows.count()
    done = 0
    while part := list(rows.order_by("pk")[:ROWS_PER_TRANSACTION]):
        if before:
            before(part)
        with transaction.atomic():
            rows.filter(pk__in=[row.pk for row in part]).delete()
        done += len(part)
        progress(stage, min(done, total), total)
