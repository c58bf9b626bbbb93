"""The addresses of pictures: which pictures of a product are to be fetched, and in which order."""

from collections.abc import Mapping, Sequence

from recommendations.models import PictureAddress
from recommendations.services.infra.row_writes import insert_rows, update_rows


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


def _set_addresses(wanted: Mapping[tuple[int, int | None], Sequence[str]]) -> set[int]:
    rows = PictureAddress.objects.filter(product_id__in={product_id for product_id, _ in wanted})
    stored: dict[tuple[int, int | None], list[PictureAddress]] = {ids: [] for ids in wanted}
    for row in rows.order_by("position", "pk"):
        if (row.product_id, row.variant_id) in stored:
            stored[row.product_id, row.variant_id].append(row)
    gone: list[int] = []
    moved: list[PictureAddress] = []
    new: list[PictureAddress] = []
    changed: set[int] = set()
    for (product_id, variant_id), given in wanted.items():
        known = stored[product_id, variant_id]
        if [row.address for row in known] == list(given):
            continue
        changed.add(product_id)
        by_address = {row.address: row for row in known}
        for position, address in enumerate(dict.fromkeys(given)):
            if address not in by_address:
                new.append(
                    PictureAddress(
                        product_id=product_id,
                        variant_id=variant_id,
                        address=address,
                        position=position,
                    )
                )
                continue
            row = by_address.pop(address)
            if row.position != position:
                row.position = position
                moved.append(row)
        gone += [row.pk for row in by_address.values()]
    PictureAddress.objects.filter(pk__in=gone).delete()
    update_rows(moved, ["position"])
    insert_rows(new)
    return changed
