"""A cache whose server cannot be reached."""

from typing import Any, NoReturn

from django.core.cache.backends.base import BaseCache


class BrokenCache(BaseCache):
    """A cache backend that fails at every operation."""

    def __init__(self, _location: str, parameters: dict[str, Any]) -> None:
        super().__init__(parameters)

    def get(self, *_: Any, **__: Any) -> NoReturn:
        """Fail."""
        raise ConnectionRefusedError("nobody listens")

    set = add = delete_many = get

    def clear(self) -> None:
        """Do nothing: there is nothing to clear."""
