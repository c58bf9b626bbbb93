"""A client of an ASGI application that sends and reads as slowly as a test wants."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


@dataclass
class Exchange:
    """A request that arrives message by message, and what was answered.

    A number among the messages is a pause in seconds; after the last message nothing more comes.
    """

    path: str = "/api/cart/"
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    arriving: Iterable[Message | float] = (part(b""),)
    reads: bool = True
    address: str = "192.0.2.1"
    sent: list[Message] = field(default_factory=list)
    received: int = 0
    received_before_the_answer: int = 0

    async def run(self, application: Any) -> "Exchange":
        self._messages = iter(self.arriving)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "headers": [
                (name.lower().encode(), value.encode()) for name, value in self.headers.items()
            ],
            "client": (self.address, 1234),
            "server": ("127.0.0.1", 8000),
            "extensions": None,
        }
        await application(scope, self._receive, self._send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def answer_headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])

    @property
    def problem(self) -> tuple[int, str, str]:
        """The status, code and detail of the answer, which is a problem."""
        assert self.answer_headers["content-type"] == "application/problem+json"
        members = json.loads(self.body)
        assert members["status"] == self.status
        assert members["request_id"] == self.answer_headers["x-request-id"]
        return self.status, members["code"], members["detail"]

    async def _receive(self) -> Message:
        for message in self._messages:
            if isinstance(message, float):
                await asyncio.sleep(message)
            else:
                self.received += 1
                return message
        return await asyncio.Future()

    async def _send(self, message: Message) -> None:
        if not self.sent:
            self.received_before_the_answer = self.received
        if not self.reads and len(self.sent) > 1:
            await asyncio.Future()
        self.sent.append(message)
