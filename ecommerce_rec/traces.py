"""Traces to a collector that speaks OpenTelemetry's protocol, if a setting names one."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import SpanKind, Status

KEPT_ATTRIBUTES = frozenset(
    {
        *("http.method", "http.request.method", "http.route"),
        *("http.status_code", "http.response.status_code"),
        *("db.system", "db.name", "db.statement", "db.operation"),
        *("celery.action", "celery.state", "celery.task_name", "messaging.destination"),
    }
)
"""What a span may say. Statements have no values in them, and routes no ids."""
LIVE_PATH = "api/health/live"


def trace_to(collector: str, *, headers: str, share: float) -> None:
    """Trace requests, tasks and what they ask of servers, and send that to a collector.

    Args:
        collector: The address of the collector; `/v1/traces` is added.
        headers: What the collector asks for besides, such as `authorization=Bearer%20key`.
        share: The share of requests and tasks that are traced, unless the caller has decided.
    """
    exporter = OTLPSpanExporter(
        endpoint=f"{collector.rstrip('/')}/v1/traces", headers=_parse_headers(headers)
    )
    begin_traces(exporter, share=share)


def begin_traces(exporter: SpanExporter, *, share: float) -> None:
    """Trace from now on, and give the spans to this exporter without what could name somebody."""
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(share),
        resource=Resource.create({SERVICE_NAME: "shop"}),
    )
    provider.add_span_processor(BatchSpanProcessor(AnonymousExporter(exporter)))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(excluded_urls=LIVE_PATH)
    Psycopg2Instrumentor().instrument(skip_dep_check=True)
    RedisInstrumentor().instrument()
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]


class AnonymousExporter(SpanExporter):
    """Passes spans on with the attributes that name nobody.

    A call of a server that belongs to no request or task, such as a thread that listens to Redis,
    is left out.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Pass on what remains of these spans."""
        kept = [
            _make_anonymous(span)
            for span in spans
            if span.parent is not None or span.kind is not SpanKind.CLIENT
        ]
        return self._exporter.export(kept) if kept else SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Send what waits."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits within this time."""
        return self._exporter.force_flush(timeout_millis)


def _make_anonymous(span: ReadableSpan) -> ReadableSpan:
    """Return a span without addresses, queries, ids and the messages of errors."""
    attributes = span.attributes or {}
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: attributes[name] for name in attributes if name in KEPT_ATTRIBUTES},
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _parse_headers(text: str) -> Mapping[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
