"""Reports of errors to Sentry, or to a service that speaks its protocol, if a setting names one."""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.django import DjangoIntegration
from structlog.contextvars import get_contextvars

from recommendations.services.infra.outage_log import OUTAGES


def report_errors_to(dsn: str) -> None:
    """Report every error that the log has a traceback of, from web processes, workers and beat.

    A report names nobody: it has the traceback, the route and the request's id, and no address,
    path, query, body, header, cookie or value of a variable. While a server is away, each request
    fails alike; the metrics tell of that, and nothing is reported.
    """
    sentry_sdk.init(
        dsn=dsn,
        integrations=[DjangoIntegration(transaction_style="url")],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_make_anonymous,
    )


def _make_anonymous(event: Any, hint: Any) -> Any:
    error = hint.get("exc_info", (None, None))[1]
    if isinstance(error, OUTAGES):
        return None
    for name in ("request", "user", "breadcrumbs", "server_name", "extra"):
        event.pop(name, None)
    for exception in event.get("exception", {}).get("values", []):
        # What PostgreSQL says in further lines quotes the row.
        exception["value"] = exception["value"].partition("\n")[0]
    if request_id := get_contextvars().get("request_id"):
        event["tags"] = {**event.get("tags", {}), "request_id": request_id}
    return event
