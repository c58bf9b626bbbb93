"""All formats in one table, and how a file's format is found."""

from collections.abc import Collection

from recommendations.errors import DataImportError
from recommendations.sentences import say
from recommendations.services.data_import.formats.amazon import AMAZON
from recommendations.services.data_import.formats.analytics import ANALYTICS
from recommendations.services.data_import.formats.feeds import (
    FEEDS,
    OPTION_COLUMNS,
    expand_variants,
    refine_row,
)
from recommendations.services.data_import.formats.format import Format
from recommendations.services.data_import.formats.gorse import GORSE
from recommendations.services.data_import.formats.logs import LOGS
from recommendations.services.data_import.formats.magento import MAGENTO
from recommendations.services.data_import.formats.own import OWN
from recommendations.services.data_import.formats.prestashop import PRESTASHOP
from recommendations.services.data_import.formats.research import RESEARCH
from recommendations.services.data_import.formats.retailrocket import RETAILROCKET
from recommendations.services.data_import.formats.shopify import SHOPIFY
from recommendations.services.data_import.formats.woocommerce import WOOCOMMERCE

PLAIN = {
    "products": Format(
        "plain",
        say("products with columns of usual names"),
        "products",
        columns=OPTION_COLUMNS,
        refine=refine_row,
        expand=expand_variants,
    ),
    "interactions": Format("plain", say("events with columns of usual names"), "interactions"),
}
FORMATS: tuple[Format, ...] = (
    *OWN,
    *SHOPIFY,
    *WOOCOMMERCE,
    *MAGENTO,
    *PRESTASHOP,
    *FEEDS,
    *AMAZON,
    *ANALYTICS,
    *GORSE,
    *RESEARCH,
    *RETAILROCKET,
    *LOGS,
    *PLAIN.values(),
)
"""The order decides where a file has the marks of several."""
NAMES = tuple(dict.fromkeys(each.name for each in FORMATS))


def detect_format(role: str, columns: Collection[str]) -> Format:
    """Return the first format of this role with marks that the normalised columns have."""
    present = frozenset(columns)
    for each in FORMATS:
        if each.role == role and any(marks <= present for marks in each.marks):
            return each
    return PLAIN[role]


def find_format(name: str, role: str, columns: Collection[str]) -> Format:
    """Return the format of this name that fits a file of this role best.

    Raises:
        DataImportError: There is no such format, or it has no file of this role.
    """
    if name not in NAMES:
        raise DataImportError(
            say(
                "There is no format {name}. There are auto, {names}.",
                name=name,
                names=", ".join(NAMES),
            )
        )
    candidates = [each for each in FORMATS if each.name == name and each.role == role]
    if not candidates:
        raise DataImportError(say("The format {name} has no file of {role}.", name=name, role=role))
    present = frozenset(columns)
    for each in candidates:
        if any(marks <= present for marks in each.marks):
            return each
    return candidates[0]
