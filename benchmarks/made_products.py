"""The products of the synthetic shop, and a live model of them that nobody had to train."""

import numpy as np
from django.db import connection

from benchmarks.random_pair import make_random_pair
from recommendations.conf import configuration
from recommendations.ml import artifacts
from recommendations.models import ModelVersion
from recommendations.services.training import registry

CATEGORIES = 40


def fill_shop(n_products: int) -> None:
    """Add the products 1 to `n_products`, and make a random model of them live."""
    _add_products(n_products)
    _put_model_live(n_products)


def _add_products(n_products: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO products (id, name, description, category, brand, price, stock, image,"
            " is_active, is_repeatable, attributes, source, external_id, created_at, changed_at,"
            " description_html, sku, has_variants, has_several_prices)"
            " WITH RECURSIVE numbers (n) AS"
            " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
            " SELECT n, 'Made product ' || n, '', 'Category ' || (n %% %s), 'Brand ' || (n %% 97),"
            " 1 + n %% 300, 10, 'products/' || n || '.svg', %s, %s, '{}', '', '',"
            " CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, '', '', %s, %s FROM numbers",
            [n_products, CATEGORIES, True, False, False, False],
        )


def _put_model_live(n_products: int) -> None:
    name = f"made-{n_products}"
    pair = make_random_pair(
        np.arange(1, n_products + 1),
        collaborative_weight=configuration().collaborative_weight,
        factorization_weight=configuration().factorization_weight,
    )
    artifacts.save(pair, registry.get_artifact_folder(name), fingerprint="made")
    ModelVersion.objects.create(name=name, n_items=n_products)
    registry.promote(name)
