"""How many products each category has: counted by the database every minute.

Every page of the storefront shows categories, and in a shop of 100,000 products counting them takes
longer than the rest of the page.
"""

from typing import Any

from django.db import transaction

from recommendations.models import Category, Product, ProductCategory
from recommendations.services.infra.computed_values import get_or_compute, keep_fresh
from recommendations.services.infra.layered_cache import build_cache_key, delete_cached
from recommendations.services.infra.raw_sql import fetch_rows

KEY = build_cache_key("categories")
CACHE_SECONDS = 90
STALE_SECONDS = 3600
"""For how long what was counted answers after that while it is counted anew."""

# All rows less those of hidden products, which are few: joining every row with its product would
# take eight times as long.
_COUNT = f"""
SELECT {{columns}} FROM (
    SELECT path, every.n - COALESCE(hidden.n, 0) AS shown
    FROM {Category._meta.db_table} AS category
    JOIN (SELECT category_id, COUNT(*) AS n FROM {ProductCategory._meta.db_table}
          GROUP BY category_id) AS every ON every.category_id = category.id
    LEFT JOIN (SELECT category_id, COUNT(*) AS n
          FROM {Product._meta.db_table} AS products
          JOIN {ProductCategory._meta.db_table} AS rows ON rows.product_id = products.id
          WHERE NOT products.is_active
          GROUP BY category_id) AS hidden ON hidden.category_id = category.id
) AS counted WHERE shown > 0"""  # noqa: S608 - constants


def get_product_counts() -> dict[str, int]:
    """Return the number of active products by the path of the category; none is 0."""
    stored = get_or_compute(
        KEY, _count, is_valid=_is_valid, seconds=CACHE_SECONDS, stale_seconds=STALE_SECONDS
    )
    return {path: count for path, count in stored}  # noqa: C416 - pairs are lists


def keep_product_counts_fresh() -> None:
    """Count the products of all categories if that is due; the worker calls this every minute."""
    keep_fresh(KEY, _count, seconds=CACHE_SECONDS, stale_seconds=STALE_SECONDS)


def clear_product_counts() -> None:
    """Drop the counts after the commit; other processes may keep theirs for some seconds."""
    transaction.on_commit(lambda: delete_cached([KEY]))


def _count() -> list[list[Any]]:
    return [list(row) for row in fetch_rows(_COUNT, ["path", "shown"], {})]


def _is_valid(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(pair, list) and len(pair) == 2 for pair in stored
    )
