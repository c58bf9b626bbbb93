"""Tests that train networks run where PyTorch is; all others run without it."""

import pytest

needs_torch = pytest.mark.networks


def hide_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PyTorch look as if it were not installed."""
    monkeypatch.setattr("recommendations.ml.neural.torch_library.find_spec", lambda _: None)
