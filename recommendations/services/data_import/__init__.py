"""Import a shop's products and interactions from files."""

from recommendations.services.data_import.fields import Layout
from recommendations.services.data_import.formats import NAMES as FORMAT_NAMES
from recommendations.services.data_import.importing import import_data
from recommendations.services.data_import.options import (
    add_options,
    parse_options,
    parse_product_defaults,
    plan_files,
)
from recommendations.services.data_import.plan import AUTO, ImportPlan
from recommendations.services.data_import.report import (
    FileTaken,
    ImportReport,
    RowProblem,
    Tally,
)
from recommendations.services.data_import.summary import describe_file, describe_report

__all__ = [
    "AUTO",
    "FORMAT_NAMES",
    "FileTaken",
    "ImportPlan",
    "ImportReport",
    "Layout",
    "RowProblem",
    "Tally",
    "add_options",
    "describe_file",
    "describe_report",
    "import_data",
    "parse_options",
    "parse_product_defaults",
    "plan_files",
]
