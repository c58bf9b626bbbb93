"""One day for tests whose figures are counted by the day.

A test may run on the day after the one its module was read on; a figure of "three days ago" must
not become one of four. Such a module sets `pytestmark` to `AT_NOON` and counts from `NOON`.
"""

from datetime import UTC, datetime

import pytest

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
AT_NOON = pytest.mark.time_machine(NOON)
