"""Import a shop's products and interactions from files."""

from recommendations.record_files import RowError
from recommendations.services.data_import.fields import Layout, parse_mapping
from recommendations.services.data_import.importing import ImportPlan, import_data
from recommendations.services.data_import.interactions import TYPES
from recommendations.services.data_import.report import ImportReport, RowProblem, Tally
from recommendations.services.data_import.values import parse_price, parse_stock

__all__ = [
    "TYPES",
    "ImportPlan",
    "ImportReport",
    "Layout",
    "RowError",
    "RowProblem",
    "Tally",
    "import_data",
    "parse_mapping",
    "parse_price",
    "parse_stock",
]
