"""The cache that processes share, in tests that run side by side."""

from django.core.cache import cache, caches
from django_redis.cache import RedisCache


def empty_shared_cache() -> None:
    """Remove what this process has put into the cache.

    On Redis, `cache.clear()` would empty the whole server, which also has other processes' keys;
    each process has a key prefix of its own.
    """
    if isinstance(caches["default"], RedisCache):
        caches["default"].delete_pattern("*")
    else:
        cache.clear()
