"""One line in the log and one count for each request: the route, the answer and the time.

Neither has an address, a query or a name: a request is known by its route and its id.
"""

import logging
from collections.abc import Mapping
from typing import Any

from recommendations.api.middleware import CALLER_KEY, ROUTE_KEY
from recommendations.services.infra.counters import REQUESTS

logger = logging.getLogger("shop.requests")

NO_ROUTE = "none"
"""The route of requests that were refused before Django saw them, or that name no page."""
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "other"


def note_request(
    method: str, environ: Mapping[str, Any], *, status: int, seconds: float, request_id: str
) -> None:
    """Count a request that was answered, and log it; `environ` says what Django found out."""
    method = method if method in KNOWN_METHODS else OTHER_METHOD
    route = environ.get(ROUTE_KEY, NO_ROUTE)
    REQUESTS.labels(method=method, route=route, status=str(status)).observe(seconds)
    logger.info(
        "request",
        extra={
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": round(1_000 * seconds, 1),
            "caller": environ.get(CALLER_KEY),
            "request_id": request_id,
        },
    )
