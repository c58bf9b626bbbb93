"""Traffic of a shop: lists, searches and events, at a steady rate or as fast as it answers."""

import http.client
import json
import ssl
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic, sleep
from typing import Any

import numpy as np

TIMEOUT_SECONDS = 30
NO_ANSWER = 599
"""The status of a request that was not answered."""
CREATED = 201


class Kind(StrEnum):
    """A kind of request, as tables call it."""

    LIST = "lists"
    SEARCH = "searches"
    EVENT = "events"


SHARES = {Kind.LIST: 0.8, Kind.SEARCH: 0.1, Kind.EVENT: 0.1}


@dataclass(frozen=True, slots=True)
class Planned:
    """A request that will be sent; `event_ids` are those of the events in its body."""

    kind: Kind
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None
    event_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a request: the seconds count from when it was due.

    `accepted` are the ids of the events that were answered with 201. `refusal` is what the answer
    says if it is a problem.
    """

    kind: Kind
    status: int
    seconds: float
    accepted: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(slots=True)
class Ledger:
    """Compares the events that clients were told of with those that the shop has."""

    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    @classmethod
    def compare(cls, answers: Iterable[Answered], stored: Mapping[str, int]) -> "Ledger":
        """Return the ledger; `stored` says how often the shop has each event."""
        accepted = {event_id for answer in answers for event_id in answer.accepted}
        return cls(
            lost=sorted(event_id for event_id in accepted if not stored.get(event_id)),
            repeated=sorted(event_id for event_id, times in stored.items() if times > 1),
        )

    @property
    def is_clean(self) -> bool:
        """Whether every accepted event is there exactly once."""
        return not self.lost and not self.repeated


def plan_traffic(
    count: int,
    *,
    cookies: Sequence[str],
    product_ids: Sequence[int],
    texts: Sequence[str],
    first: int = 0,
) -> list[Planned]:
    """Return requests of visitors in the shares of `SHARES`; the same arguments, the same requests.

    `cookies` are those of the visitors. Events are numbered from `first`.
    """
    rng = np.random.default_rng(0)
    kinds = rng.choice(list(SHARES), size=count, p=list(SHARES.values()))
    visitors = rng.integers(len(cookies), size=count)
    products = rng.integers(len(product_ids), size=count)
    return [
        _plan(
            Kind(kind),
            first + number,
            cookies[visitors[number]],
            product_ids[products[number]],
            texts[number % len(texts)],
        )
        for number, kind in enumerate(kinds)
    ]


def plan_events(count: int, *, cookies: Sequence[str], product_ids: Sequence[int]) -> list[Planned]:
    """Return posts of one event each."""
    return [
        _plan(
            Kind.EVENT,
            number,
            cookies[number % len(cookies)],
            product_ids[number % len(product_ids)],
            "",
        )
        for number in range(count)
    ]


def plan_batches(
    count: int, *, size: int, token: str, user_ids: Sequence[int], product_ids: Sequence[int]
) -> list[Planned]:
    """Return posts of a server with so many events of its shoppers each."""
    headers = {"Authorization": f"Bearer {token}"}
    batches = []
    for batch in range(count):
        ids = [f"batch-{batch}-{number}" for number in range(size)]
        events = [
            {
                "user_id": user_ids[(batch * size + number) % len(user_ids)],
                "product_id": product_ids[(batch + number) % len(product_ids)],
                "interaction_type": "view",
                "event_id": event_id,
            }
            for number, event_id in enumerate(ids)
        ]
        batches.append(_post("/api/interactions/", headers, {"interactions": events}, tuple(ids)))
    return batches


def send(
    planned: Iterable[Planned],
    *,
    port: int,
    connections: int,
    per_second: float | None = None,
    tls: ssl.SSLContext | None = None,
) -> list[Answered]:
    """Send the requests over this many connections; return the answers, in no order.

    With `per_second`, each is due at its time, whether or not earlier ones are answered: one that
    finds all connections busy waits, and its wait counts. Otherwise a connection sends its next
    request after its last answer. With `tls`, connections are encrypted.
    """
    begun = monotonic()
    waiting = iter(enumerate(planned))
    lock = threading.Lock()
    answers: list[Answered] = []

    def work() -> None:
        server = _connect(port, tls)
        for number, request in _take(waiting, lock):
            due = monotonic() if per_second is None else begun + number / per_second
            sleep(max(0.0, due - monotonic()))
            answers.append(_ask(server, request, due))
        server.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def count_statuses(answers: Iterable[Answered]) -> Counter[int]:
    """Return how many answers had which status."""
    return Counter(answer.status for answer in answers)


def _connect(port: int, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    if tls is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS, context=tls)


def _ask(server: http.client.HTTPConnection, request: Planned, due: float) -> Answered:
    try:
        server.request(
            "GET" if request.body is None else "POST",
            request.path,
            request.body,
            dict(request.headers),
        )
        response = server.getresponse()
        status, body = response.status, response.read()
    except (OSError, http.client.HTTPException):
        # The next request opens a new connection.
        server.close()
        return Answered(request.kind, NO_ANSWER, monotonic() - due)
    seconds = monotonic() - due
    accepted = _read_accepted(request, status, body)
    return Answered(request.kind, status, seconds, accepted, _read_refusal(status, body))


def _read_accepted(request: Planned, status: int, body: bytes) -> tuple[str, ...]:
    if status == CREATED:
        return request.event_ids
    if len(request.event_ids) <= 1 or status != http.client.OK:
        return ()
    results = json.loads(body)["results"]
    return tuple(
        event_id
        for event_id, result in zip(request.event_ids, results, strict=True)
        if result["status"] == CREATED
    )


def _read_refusal(status: int, body: bytes) -> str:
    """Return the code and the sentence of a problem, or the beginning of another answer."""
    if status < http.client.BAD_REQUEST:
        return ""
    try:
        problem = json.loads(body)
    except ValueError:
        return body[:80].decode(errors="replace")
    return f"{problem['code']}: {problem['detail']}"


def _plan(kind: Kind, number: int, cookie: str, product_id: int, text: str) -> Planned:
    headers = {"Cookie": cookie}
    if kind is Kind.LIST:
        return Planned(kind, "/api/recommendations/me/?count=10", headers)
    if kind is Kind.SEARCH:
        return Planned(kind, f"/api/search/?q={text}&count=24", headers)
    event_id = f"event-{number}"
    event = {"product_id": product_id, "interaction_type": "view", "event_id": event_id}
    return _post("/api/interaction/", headers, event, (event_id,))


def _post(path: str, headers: Mapping[str, str], body: Any, event_ids: tuple[str, ...]) -> Planned:
    content = {**headers, "Content-Type": "application/json"}
    return Planned(Kind.EVENT, path, content, json.dumps(body).encode(), event_ids)


def _take(
    waiting: Iterator[tuple[int, Planned]], lock: threading.Lock
) -> Iterator[tuple[int, Planned]]:
    while True:
        with lock:
            following = next(waiting, None)
        if following is None:
            return
        yield following
