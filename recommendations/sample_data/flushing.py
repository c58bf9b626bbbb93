"""Taking the sample shop out again, and nothing else."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction
from django.db.models import Max, Min, Model, Q, QuerySet, prefetch_related_objects

from recommendations.errors import SampleDataRefusedError
from recommendations.models import CartItem, Order, Product, UserBehavior, UserProfile
from recommendations.progress import Progress
from recommendations.sample_data.accounts import (
    EMAIL_DOMAIN,
    sample_products,
    sample_users,
)
from recommendations.services.shop.pictures import get_pictures

ROWS_A_TRANSACTION = 100_000
MODELS_A_TRANSACTION = 1_000
NAMED_IN_A_REFUSAL = 3

Row = TypeVar("Row", bound=Model)


def flush(*, progress: Progress) -> None:
    """Remove the products, pictures and accounts of the sample shop and all that hangs on them.

    That is also what anonymous visitors did to sample products. Orders of other accounts stay:
    their lines keep names and prices.

    Raises:
        SampleDataRefusedError: An account that is not of the sample shop has interactions with
            sample products or has them in the cart; nothing is removed then.
    """
    _refuse_real_references()
    # From here on the shop counts as unfinished, however far this comes.
    UserProfile.objects.filter(user__in=sample_users()).update(demo_label="")
    _remove_interactions(progress)
    CartItem.objects.filter(_of_the_sample()).delete()
    Order.objects.filter(user__in=sample_users()).delete()
    _remove_in_parts(sample_users(), "Removing shoppers", progress)
    _remove_in_parts(sample_products(), "Removing products", progress, before=_remove_pictures)


def _remove_pictures(products: list[Product]) -> None:
    prefetch_related_objects(products, "further_images")
    for product in products:
        for image in get_pictures(product):
            # The field's own delete() would also save the row.
            image.storage.delete(str(image.name))


def _of_the_sample() -> Q:
    return Q(product__in=sample_products()) | Q(user__in=sample_users())


def _refuse_real_references() -> None:
    foreign = Q(product__in=sample_products(), user__isnull=False) & ~Q(
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
    named = ", ".join(names[:NAMED_IN_A_REFUSAL])
    if len(names) > NAMED_IN_A_REFUSAL:
        named += f" and {len(names) - NAMED_IN_A_REFUSAL} more"
    raise SampleDataRefusedError(
        f"Nothing was removed: {counts[0]} interactions and {counts[1]} cart items of accounts "
        f"that are not sample data ({named}) are about sample products and would go with them. "
        "Remove those rows, or those accounts, in the admin first."
    )


def _remove_interactions(progress: Progress) -> None:
    ends = UserBehavior.objects.filter(_of_the_sample()).aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return
    total = ends["high"] - ends["low"] + 1
    for first in range(ends["low"], ends["high"] + 1, ROWS_A_TRANSACTION):
        with transaction.atomic():
            UserBehavior.objects.filter(
                _of_the_sample(), pk__gte=first, pk__lt=first + ROWS_A_TRANSACTION
            ).delete()
        done = min(first + ROWS_A_TRANSACTION - ends["low"], total)
        progress("Removing interactions", done, total)


def _remove_in_parts(
    rows: QuerySet[Row],
    stage: str,
    progress: Progress,
    before: Callable[[list[Row]], None] | None = None,
) -> None:
    total = rows.count()
    done = 0
    while part := list(rows.order_by("pk")[:MODELS_A_TRANSACTION]):
        if before:
            before(part)
        with transaction.atomic():
            rows.filter(pk__in=[row.pk for row in part]).delete()
        done += len(part)
        progress(stage, min(done, total), total)
