"""Bring a shop's products and interactions in from files."""

from recommendations.record_files import RowError
from recommendations.services.data_import.fields import Layout, parse_mapping
from recommendations.services.data_import.importing import ImportPlan, import_data
from recommendations.services.data_import.interactions import TYPES
from recommendations.services.data_import.presets import PRESETS, preset_plan
from recommendations.services.data_import.report import ImportReport, RowProblem, Tally
from recommendations.services.data_import.values import price, stock

__all__ = [
    "PRESETS",
    "TYPES",
    "ImportPlan",
    "ImportReport",
    "Layout",
    "RowError",
    "RowProblem",
    "Tally",
    "import_data",
    "parse_mapping",
    "preset_plan",
    "price",
    "stock",
]
