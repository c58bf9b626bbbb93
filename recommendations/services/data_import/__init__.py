"""Import a shop's products and interactions from files."""

from recommendations.record_files import RowError
from recommendations.services.data_import.events import TYPES, parse_events
from recommendations.services.data_import.fields import Layout
from recommendations.services.data_import.formats import NAMES as FORMAT_NAMES
from recommendations.services.data_import.importing import import_data
from recommendations.services.data_import.mapping import parse_mapping
from recommendations.services.data_import.plan import AUTO, ImportPlan
from recommendations.services.data_import.prices import parse_price
from recommendations.services.data_import.report import (
    FileTaken,
    ImportReport,
    RowProblem,
    Tally,
)
from recommendations.services.data_import.values import parse_stock

__all__ = [
    "AUTO",
    "FORMAT_NAMES",
    "TYPES",
    "FileTaken",
    "ImportPlan",
    "ImportReport",
    "Layout",
    "RowError",
    "RowProblem",
    "Tally",
    "import_data",
    "parse_events",
    "parse_mapping",
    "parse_price",
    "parse_stock",
]
