"""What the processes of the shop count for Prometheus; `metrics.py` adds what a scrape looks up.

Web processes share their counts (`ecommerce_rec/shared_counts.py`), so these modules count with the
instruments of prometheus-client and never for themselves.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from recommendations.choices import InteractionType, Source

REGISTRY = CollectorRegistry()

REQUEST_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0, 3.0)
"""Upper bounds in seconds; the last one is the longest that a request waits for the database."""

REQUESTS = Histogram(
    "shop_request_seconds",
    "Time from a whole request to its whole response, with the wait for a thread.",
    labelnames=["method", "route", "status"],
    buckets=REQUEST_BUCKETS,
    registry=REGISTRY,
)
CACHE_READS = Counter(
    "shop_cache_reads",
    "Reads of the cache, by kind of value and by what answered; a miss was computed.",
    labelnames=["kind", "answer"],
    registry=REGISTRY,
)
LISTS_MADE = Counter(
    "shop_lists_made",
    "Lists made, not taken from the cache, by the source of their first product.",
    labelnames=["source"],
    registry=REGISTRY,
)
EVENTS_ACCEPTED = Counter(
    "shop_events_accepted",
    "Interactions that were committed, by type.",
    labelnames=["type"],
    registry=REGISTRY,
)
READS_FAILED = Counter(
    "shop_reads_failed",
    "Database reads that failed and that lists did without.",
    labelnames=["read"],
    registry=REGISTRY,
)
CACHE_IS_AWAY = Gauge(
    "shop_cache_is_away",
    "1 while Redis does not answer a process.",
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
BREAKER_IS_OPEN = Gauge(
    "shop_breaker_is_open",
    "1 while a process asks what has just failed nothing, but for one trial at a time.",
    labelnames=["of"],
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
SEARCHES = Counter(
    "shop_searches",
    "Searches, by what compared the text with products, and by whether any product was found.",
    labelnames=["answered_by", "found"],
    registry=REGISTRY,
)
NOTES_WAITING = Gauge(
    "shop_served_notes_waiting",
    "Records of served lists, products seen, searches and exposures that are not written yet.",
    labelnames=["about"],
    multiprocess_mode="livesum",
    registry=REGISTRY,
)

SOCKETS = Gauge(
    "shop_live_sockets",
    "Pages that listen for what changes.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
SOCKETS_REFUSED = Counter(
    "shop_live_sockets_refused",
    "Sockets that were not opened: of a stranger, of too many, or while Redis is away.",
    labelnames=["reason"],
    registry=REGISTRY,
)

# A rate from nothing to one is seen only if the nothing was there before.
for _source in Source:
    LISTS_MADE.labels(source=_source.value)
for _type in InteractionType:
    EVENTS_ACCEPTED.labels(type=_type.value)
for _reason in ("stranger", "address", "process", "deaf"):
    SOCKETS_REFUSED.labels(reason=_reason)
for _about in ("lists", "impressions", "searches", "exposures", "arm health"):
    NOTES_WAITING.labels(about=_about)
