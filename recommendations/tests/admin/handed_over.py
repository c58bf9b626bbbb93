"""What a page hands to the queue, kept until a test does it."""

from types import ModuleType
from typing import Any

import pytest

from recommendations.admin.sending import Sent

HandedOver = list[tuple[Any, list[Any]]]
"""Tasks and their arguments, the first one first."""


def keep_handed_over(monkeypatch: pytest.MonkeyPatch, page: ModuleType) -> HandedOver:
    """Return the list that takes what a page's module hands to the queue from now on."""
    kept: HandedOver = []

    def keep(task: Any, args: list[Any], kwargs: dict[str, Any]) -> Sent:
        kept.append((task, args))
        return Sent.TAKEN

    monkeypatch.setattr(page, "send", keep)
    return kept


def work(sent: HandedOver) -> None:
    """Do what was handed to the queue, as the worker does."""
    while sent:
        task, args = sent.pop(0)
        task(*args)
