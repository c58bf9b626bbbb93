import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.retrieval import encoder_service
from recommendations.retrieval.encoder_service import EncoderServer, RemoteEncoder
from recommendations.retrieval.sentence_encoder import DIMENSIONS, EncoderUnavailableError


class FakeEncoder:
    """The vector of a text is its length in every dimension."""

    def encode_query(self, text: str) -> NDArray[np.int8]:
        return np.full(DIMENSIONS, min(len(text), 127), dtype=np.int8)


@contextmanager
def serve(encoder: Any) -> Iterator[str]:
    # The address of a socket is short; the folders of pytest are not.
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "socket")
        with EncoderServer(path, encoder) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield path
            server.shutdown()


def test_a_process_asks_the_encoder_of_the_machine() -> None:
    with serve(FakeEncoder()) as path:
        encoder = RemoteEncoder(path)

        vectors = [encoder.encode_query(text)[:2].tolist() for text in ("", "größe", "x" * 120)]

    assert vectors == [[0, 0], [5, 5], [120, 120]]


def test_a_text_without_end_or_sense_is_answered() -> None:
    with serve(FakeEncoder()) as path:
        encoder = RemoteEncoder(path)

        encoder.encode_query("\ud800 \x00 " + "\U0001f45f" * 100_000)

        assert encoder.encode_query("shoe")[0] == 4


def test_without_a_service_the_encoder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailableError, match="does not answer"):
        RemoteEncoder(str(tmp_path / "none")).encode_query("shoe")


def test_nobody_waits_for_a_service_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_service, "ANSWER_SECONDS", 0.05)
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(f"{folder}/socket")
        hanging.listen()

        with pytest.raises(EncoderUnavailableError, match="does not answer"):
            RemoteEncoder(f"{folder}/socket").encode_query("shoe")


def test_a_service_with_too_much_to_do_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(FakeEncoder()) as path:
        monkeypatch.setattr(threading.BoundedSemaphore, "acquire", lambda *asked, **options: False)

        with pytest.raises(EncoderUnavailableError, match="too much to do"):
            RemoteEncoder(path).encode_query("shoe")


def test_an_asker_that_says_nothing_holds_up_nobody() -> None:
    with serve(FakeEncoder()) as path, socket.socket(socket.AF_UNIX) as silent:
        silent.connect(path)

        assert RemoteEncoder(path).encode_query("shoe")[0] == 4
