"""The queue in a folder, for a shop without Redis: messages appear in it whole."""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes a message elsewhere, and then moves it into the queue.

    Kombu's own channel writes it in the queue. A worker that looks at that moment takes an empty
    file, and the message is lost.
    """

    def _put(  # type: ignore[override]  # Kombu's own classes do not agree on the names.
        self, queue: str, payload: Any, **_: Any
    ) -> None:
        # Workers take messages in the order of their names, and those of their queue.
        name = f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        written = Path(self.processed_folder) / name
        written.write_text(dumps(payload), encoding="utf-8")  # type: ignore[no-untyped-call]
        written.replace(Path(self.data_folder_out) / name)


class Transport(filesystem.Transport):
    """Kombu's transport by files, with that channel."""

    Channel = Channel
