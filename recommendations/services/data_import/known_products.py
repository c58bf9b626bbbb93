"""Find the products of a source by what files call them."""

from collections.abc import Collection

from recommendations.models import Product, Variant

UNCLEAR = -1
"""What stands for the id of a product where a name means several."""


def find_product_ids(source: str, *, among: Collection[str] | None = None) -> dict[str, int]:
    """Return product ids by outside id, for the whole source or only for the ids in `among`."""
    products = Product.objects.filter(source=source).order_by()
    if among is not None:
        products = products.filter(external_id__in=among)
    return dict(products.values_list("external_id", "id").iterator(chunk_size=5000))


def find_all_names(source: str) -> dict[str, int]:
    """Return product ids by everything that a log may call a product of the source.

    That is its outside id, or else that of a variant, or else the SKU of either. What several
    products are called equally well is `UNCLEAR`.
    """
    products = Product.objects.filter(source=source).order_by()
    variants = Variant.objects.filter(product__source=source).order_by()
    names: dict[str, int] = {}
    skus = (
        variants.exclude(sku="").values_list("sku", "product_id"),
        products.exclude(sku="").values_list("sku", "id"),
    )
    for same_rank in (
        skus,
        (variants.exclude(external_id="").values_list("external_id", "product_id"),),
        (products.values_list("external_id", "id"),),
    ):
        found: dict[str, int] = {}
        for rows in same_rank:
            for name, product_id in rows.iterator(chunk_size=5000):
                if found.setdefault(name, product_id) != product_id:
                    found[name] = UNCLEAR
        names.update(found)
    return names


def has_catalogue(source: str) -> bool:
    """Return whether the source has products that a catalogue named, not a log alone."""
    return Product.objects.filter(source=source).exclude(price=0, is_active=False).exists()
