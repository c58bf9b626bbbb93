"""The keys of lists in the shared cache."""

from django.core.cache import cache


def read_list_keys() -> set[str]:
    keys = cache.keys("list:*") if hasattr(cache, "keys") else [*cache._cache]  # type: ignore[attr-defined]
    return {str(key) for key in keys if "list:" in str(key)}
