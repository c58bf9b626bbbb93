"""Exports of the shop's data as files that programs and spreadsheets read, and the import too."""

from recommendations.services.data_export.export import (
    count_rows,
    export_to_file,
    list_sources,
    stream_export,
)
from recommendations.services.data_export.tables import TABLES, Table
from recommendations.services.data_export.writers import CONTENT_TYPES, FORMATS, check_format

__all__ = [
    "CONTENT_TYPES",
    "FORMATS",
    "TABLES",
    "Table",
    "check_format",
    "count_rows",
    "export_to_file",
    "list_sources",
    "stream_export",
]
