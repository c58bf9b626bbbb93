"""Reads what this process has counted, for tests."""

from recommendations.services.infra.counters import REGISTRY


def read_count(name: str, **labels: str) -> float:
    """Return the value of a sample, 0 before its first count."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
