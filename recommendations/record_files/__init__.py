"""Read the records of files as shops have them: CSV, JSON, JSON Lines, XML, also packed."""

from recommendations.record_files.errors import RowError
from recommendations.record_files.reading import RecordFile
from recommendations.record_files.records import LONGEST_ROW, Record
from recommendations.record_files.unpacking import ALWAYS_UNPACKED, MAX_EXPANSION

__all__ = ["ALWAYS_UNPACKED", "LONGEST_ROW", "MAX_EXPANSION", "Record", "RecordFile", "RowError"]
