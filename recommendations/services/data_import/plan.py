"""What is to be imported, and how its files are to be taken."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path

from recommendations.errors import DataImportError
from recommendations.sentences import say
from recommendations.services.data_import.fields import Layout
from recommendations.services.data_import.number_styles import Separator

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The files to import, their layouts, and the name of the source that their ids come from.

    Attributes:
        source: The name of the source.
        products: The file of products.
        interactions: The file of interactions.
        product_layout: What the caller knows of the first file.
        interaction_layout: What the caller knows of the second file.
        format: The name of a format, or "auto": what the columns say.
        invents_products: An interaction with an unknown product adds a product that is named after
            its id. None: only if the source has no catalogue.
        events: Types of interactions by further names of events.
        time_zone: Where the clocks ran that wrote times without an offset.
        day_first: Whether 03/04/2022 is the third of April; None: what other dates say.
        decimal: What stands before the decimals of numbers that do not tell by themselves, "." or
            ","; None: what other numbers of the file tell.
        encoding: The encoding of the files, if it is not to be found.
        sells_at_zero: Products with a price of 0 are on sale.
        is_complete: Products that the file does not name are taken down.
        takes_down_many: Even if they are more than a fifth.
    """

    source: str
    products: Path | None = None
    interactions: Path | None = None
    product_layout: Layout = field(default_factory=Layout)
    interaction_layout: Layout = field(default_factory=Layout)
    format: str = AUTO
    invents_products: bool | None = None
    events: Mapping[str, str] = field(default_factory=dict)
    time_zone: tzinfo = UTC
    day_first: bool | None = None
    decimal: Separator | None = None
    encoding: str = ""
    sells_at_zero: bool = False
    is_complete: bool = False
    takes_down_many: bool = False

    def __post_init__(self) -> None:
        if not is_source(self.source):
            raise DataImportError(
                say(
                    "The source {source!r} must be 1 to 50 letters, digits, _ or -, "
                    "because user names begin with it.",
                    source=self.source,
                )
            )
        if self.products is None and self.interactions is None:
            raise DataImportError(say("There is nothing to import: name a file."))
        if self.is_complete and self.products is None:
            raise DataImportError(say("Only a file of products can be complete."))


def is_source(name: str) -> bool:
    """Return whether a source can have this name."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{1,50}", name))
