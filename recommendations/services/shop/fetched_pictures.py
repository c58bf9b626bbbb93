"""Show the pictures that were fetched, beside those that staff uploaded."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import partial

from django.db import transaction

from recommendations.models import PictureAddress, Product, ProductImage, Variant
from recommendations.services.shop.pictures import delete_picture

FOLDER = "fetched/"
"""Where fetched pictures lie in the media storage; nothing else does."""


def lock_products(product_ids: Collection[int]) -> None:
    """Keep others from changing these products until the transaction ends."""
    list(
        Product.objects.select_for_update()
        .filter(pk__in=product_ids)
        .order_by("pk")
        .values_list("pk")
    )


def arrange_pictures(product_ids: Collection[int], *, gone: Iterable[str] = ()) -> None:
    """Let products and their variants show what was fetched for them, in the order of the source.

    A picture that staff uploaded stays the first one; the fetched ones follow it. The files `gone`
    are deleted when the transaction ends. The caller has locked the products.
    """
    for name in gone:
        transaction.on_commit(partial(delete_picture, name))
    if not product_ids:
        return
    fetched: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    rows = PictureAddress.objects.filter(product_id__in=product_ids).exclude(image="")
    for row in rows.order_by("position", "pk"):
        fetched[row.product_id, row.variant_id].append(row.image)
    further = {}
    changed_products = []
    for product in Product.objects.filter(pk__in=product_ids).only("pk", "image"):
        names = fetched[product.pk, None]
        first = _choose_first(product.image.name, names)
        further[product.pk] = [name for name in names if name != first]
        if first != (product.image.name or ""):
            product.image = first
            changed_products.append(product)
    changed_variants = []
    for variant in Variant.objects.filter(product_id__in=product_ids).only(
        "pk", "product", "image"
    ):
        first = _choose_first(variant.image.name, fetched[variant.product_id, variant.pk])
        if first != (variant.image.name or ""):
            variant.image = first
            changed_variants.append(variant)
    Product.objects.bulk_update(changed_products, ["image"])
    Variant.objects.bulk_update(changed_variants, ["image"])
    _replace_further(further)


def _choose_first(present: str | None, fetched: list[str]) -> str:
    """Return the name of the picture that is shown first; empty if there is none."""
    if present and not present.startswith(FOLDER):
        return present
    return fetched[0] if fetched else ""


def _replace_further(further: dict[int, list[str]]) -> None:
    """Make these, by product, the further pictures that were fetched."""
    wanted = {
        (product_id, name): position
        for product_id, names in further.items()
        for position, name in enumerate(names, start=1)
    }
    gone, moved = [], []
    stored = ProductImage.objects.filter(product_id__in=list(further), image__startswith=FOLDER)
    for row in stored:
        position = wanted.pop((row.product_id, row.image.name or ""), None)
        if position is None:
            gone.append(row.pk)
        elif position != row.position:
            row.position = position
            moved.append(row)
    ProductImage.objects.filter(pk__in=gone).delete()
    ProductImage.objects.bulk_update(moved, ["position"])
    ProductImage.objects.bulk_create(
        ProductImage(product_id=product_id, image=name, position=position)
        for (product_id, name), position in wanted.items()
    )
