"""The formats of other programs: what tells them apart, and what their columns mean."""

from recommendations.services.data_import.formats.registry import (
    FORMATS,
    NAMES,
    PLAIN,
    detect_format,
    find_format,
)

__all__ = ["FORMATS", "NAMES", "PLAIN", "detect_format", "find_format"]
