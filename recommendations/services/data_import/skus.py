"""Whose the SKUs of a file are."""

from collections import Counter

from django.utils.translation import gettext_noop

from recommendations.services.data_import.report import count_by_word


class Skus:
    """The SKUs of one file; an SKU of several products is warned of."""

    def __init__(self, warnings: Counter[str]) -> None:
        self._warnings = warnings
        self.owners: dict[str, str] = {}
        """The outside id of the product that has an SKU, by SKU."""

    def note(self, sku: str, external_id: str) -> None:
        """Remember whose an SKU is, and count it if another product has it, too."""
        if sku and self.owners.setdefault(sku, external_id) != external_id:
            count_by_word(
                self._warnings,
                gettext_noop("SKU {word} is that of several products: in a log, it names none"),
                sku,
            )
