"""Looks into the database come so fast that no test waits for one."""

import pytest

from recommendations.realtime import hub


@pytest.fixture(autouse=True)
def _frequent_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "LOOK_SECONDS", 0.02)
