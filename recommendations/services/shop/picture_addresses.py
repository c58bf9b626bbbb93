"""The addresses of pictures: which pictures of a product are to be fetched, and in which order."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils.timezone import now

from recommendations.models import PictureAddress
from recommendations.services.infra.row_writes import insert_rows, update_rows
from recommendations.services.shop.fetched_pictures import arrange_pictures, lock_products

CHANGED_COLUMNS = ["address", "position", "tries", "next_try_at", "problem"]


def set_product_addresses(addresses: Mapping[int, Sequence[str]]) -> set[int]:
    """Make these the addresses of the products' pictures, by the id of the product.

    Pictures with an address that a product had before are not fetched again. Returns the products
    whose addresses changed.
    """
    return _set_addresses({(product_id, None): given for product_id, given in addresses.items()})


def set_variant_addresses(addresses: Mapping[tuple[int, int], str]) -> set[int]:
    """Make these the addresses of the variants' pictures, by the ids of product and variant.

    Returns the products of the variants whose addresses changed.
    """
    return _set_addresses({ids: [address] for ids, address in addresses.items() if address})


def remove_addresses(address_ids: Collection[int]) -> None:
    """Delete addresses, with the pictures that were fetched from them."""
    with transaction.atomic():
        gone = PictureAddress.objects.filter(pk__in=address_ids)
        product_ids = {product_id for (product_id,) in gone.values_list("product_id")}
        lock_products(product_ids)
        names = list(gone.exclude(image="").values_list("image", flat=True))
        gone.delete()
        arrange_pictures(product_ids, gone=names)


def _set_addresses(wanted: Mapping[tuple[int, int | None], Sequence[str]]) -> set[int]:
    rows = PictureAddress.objects.filter(product_id__in={product_id for product_id, _ in wanted})
    stored: dict[tuple[int, int | None], list[PictureAddress]] = {ids: [] for ids in wanted}
    for row in rows.order_by("position", "pk"):
        if (row.product_id, row.variant_id) in stored:
            stored[row.product_id, row.variant_id].append(row)
    gone: list[PictureAddress] = []
    changed: list[PictureAddress] = []
    new: list[PictureAddress] = []
    for (product_id, variant_id), given in wanted.items():
        known = stored[product_id, variant_id]
        addresses = list(dict.fromkeys(given))
        if [row.address for row in known] == addresses:
            continue
        by_address = {row.address: row for row in known}
        left_over = [row for row in known if row.address not in addresses]
        for position, address in enumerate(addresses):
            kept = by_address.get(address)
            if kept is None and left_over:
                # The old picture is shown until the new one is fetched.
                kept = left_over.pop(0)
                kept.address, kept.problem = address, ""
                kept.tries, kept.next_try_at = 0, now()
            if kept is None:
                new.append(
                    PictureAddress(
                        product_id=product_id,
                        variant_id=variant_id,
                        address=address,
                        position=position,
                    )
                )
                continue
            kept.position = position
            changed.append(kept)
        gone += left_over
    PictureAddress.objects.filter(pk__in=[row.pk for row in gone]).delete()
    update_rows(changed, CHANGED_COLUMNS)
    insert_rows(new)
    fetched = {row.product_id for row in (*changed, *gone) if row.image}
    arrange_pictures(fetched, gone=[row.image for row in gone if row.image])
    return {row.product_id for row in (*changed, *gone, *new)}
