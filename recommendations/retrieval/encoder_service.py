"""The encoder of queries as a service: one process of a machine loads it, and the others ask.

`python -m recommendations.retrieval.encoder_service SOCKET` answers at a socket of the machine
until its standard input ends, which happens when the process that started it has gone.

A question is one byte, which says what is asked, and a text in UTF-8; then the asker closes its
side. The answer is a vector, or a byte that says whether a word is known. An empty answer means
that the service has too much to do.
"""

import contextlib
import os
import socket
import socketserver
import sys
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.sentence_encoder import (
    DIMENSIONS,
    EncoderUnavailableError,
    SentenceEncoder,
)

ANSWER_SECONDS = 0.25
"""A search waits no longer for its vector, and goes by words alone then."""
LONGEST_QUESTION = 4_096
WAITING_CONNECTIONS = 128
VECTOR, WORD = b"v", b"w"


class RemoteEncoder:
    """Asks the service at a socket; each question is a connection of its own.

    Nothing is kept between questions, so a service that was started again is asked at once.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def encode_query(self, text: str) -> NDArray[np.int8]:
        """Return the vector of a text.

        Raises:
            EncoderUnavailableError: The service does not answer in time.
        """
        return np.frombuffer(self._ask(VECTOR, text, DIMENSIONS), dtype=np.int8)

    def knows(self, word: str) -> bool:
        """Return whether a word in lower case is so common that it is a token of its own.

        Raises:
            EncoderUnavailableError: The service does not answer in time.
        """
        return self._ask(WORD, word, 1) == b"\x01"

    def _ask(self, kind: bytes, text: str, size: int) -> bytes:
        question = kind + text.encode(errors="replace")[: LONGEST_QUESTION - 1]
        try:
            with socket.socket(socket.AF_UNIX) as service:
                service.settimeout(ANSWER_SECONDS)
                service.connect(self._path)
                service.sendall(question)
                service.shutdown(socket.SHUT_WR)
                answer = service.recv(size, socket.MSG_WAITALL)
        except OSError as problem:
            raise EncoderUnavailableError(f"The encoder does not answer: {problem}.") from problem
        if len(answer) != size:
            raise EncoderUnavailableError("The encoder has too much to do.")
        return answer


class EncoderServer(socketserver.ThreadingUnixStreamServer):
    """Answers questions at a socket that only this user can reach.

    As many questions as the machine has cores are computed at a time. One that waits longer than
    its asker does is not computed.
    """

    daemon_threads = True
    request_queue_size = WAITING_CONNECTIONS

    def __init__(self, path: str, encoder: SentenceEncoder) -> None:
        self.encoder = encoder
        self.computing = threading.BoundedSemaphore(os.cpu_count() or 1)
        Path(path).unlink(missing_ok=True)
        super().__init__(path, _Questions)


class _Questions(socketserver.StreamRequestHandler):
    server: EncoderServer
    timeout = ANSWER_SECONDS

    def handle(self) -> None:
        """Answer one question; one that never ends is dropped."""
        with contextlib.suppress(OSError):
            question = self.rfile.read(LONGEST_QUESTION)
            if self.server.computing.acquire(timeout=ANSWER_SECONDS):
                try:
                    self.wfile.write(self._answer(question))
                finally:
                    self.server.computing.release()

    def _answer(self, question: bytes) -> bytes:
        kind, text = question[:1], question[1:].decode(errors="replace")
        if kind == VECTOR:
            return self.server.encoder.encode_query(text).tobytes()
        return bytes([kind == WORD and self.server.encoder.knows(text)])


def main() -> None:
    """Serve until standard input ends."""
    with EncoderServer(sys.argv[1], SentenceEncoder()) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.buffer.read()
        server.shutdown()


if __name__ == "__main__":
    main()
