"""How the admin writes numbers."""

import pytest
from django.utils.translation import override

from recommendations.admin.formats import UNKNOWN, write_p_value


@pytest.mark.parametrize(
    ("language", "p_value", "written"),
    [
        ("en", 0.0421, "0.042"),
        ("en", 0.001, "0.001"),
        ("en", 0.0004, "< 0.001"),
        ("en", 0.0, "< 0.001"),
        ("de", 0.0, "< 0,001"),
        ("en", None, UNKNOWN),
    ],
)
def test_a_p_value_never_reads_as_zero(language: str, p_value: float | None, written: str) -> None:
    with override(language):
        assert write_p_value(p_value) == written
