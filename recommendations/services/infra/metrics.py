"""The metrics of the shop for Prometheus: what was counted, and what a scrape looks up."""

import os
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from recommendations.services.infra.counters import REGISTRY
from recommendations.services.infra.looked_up_metrics import LookedUpCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which processes count together; `ecommerce_rec/shared_counts.py` sets it."""


def render_metrics() -> bytes:
    """Return all metrics in the text format of Prometheus."""
    return generate_latest(_registry)


class _CountsCollector(Collector):
    """What this process counts; with `PROMETHEUS_MULTIPROC_DIR`, what all processes there count."""

    def collect(self) -> Iterable[Metric]:
        """Return each metric of `counters.py`, but none that an earlier release left in a file."""
        if FOLDER_VARIABLE not in os.environ:
            return REGISTRY.collect()
        known = {metric.name for metric in REGISTRY.collect()}
        collector = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
        shared: Iterable[Metric] = collector.collect()  # type: ignore[no-untyped-call]
        return [metric for metric in shared if metric.name in known]


_registry = CollectorRegistry(auto_describe=False)
_registry.register(_CountsCollector())
_registry.register(LookedUpCollector())
ProcessCollector(registry=_registry)
