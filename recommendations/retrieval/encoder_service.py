"""The encoder of queries as a service: one process of a machine loads it, and the others ask.

`python -m recommendations.retrieval.encoder_service SOCKET` answers at a socket of the machine
until its standard input ends, which happens when the process that started it has gone.

A question is a text in UTF-8; then the asker closes its side. The answer is a vector. An empty
answer means that the service has too much to do.
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
        question = text.encode(errors="replace")[:LONGEST_QUESTION]
        try:
            with socket.socket(socket.AF_UNIX) as service:
                service.settimeout(ANSWER_SECONDS)
                service.connect(self._path)
                service.sendall(question)
                service.shutdown(socket.SHUT_WR)
                answer = service.recv(DIMENSIONS, socket.MSG_WAITALL)
        except OSError as problem:
            raise EncoderUnavailableError(f"The encoder does not answer: {problem}.") from problem
        if len(answer) != DIMENSIONS:
            raise EncoderUnavailableError("The encoder has too much to do.")
        return np.frombuffer(answer, dtype=np.int8)


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
                    text = question.decode(errors="replace")
                    self.wfile.write(self.server.encoder.encode_query(text).tobytes())
                finally:
                    self.server.computing.release()


def main() -> None:
    """Serve until standard input ends."""
    with EncoderServer(sys.argv[1], SentenceEncoder()) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.buffer.read()
        server.shutdown()


if __name__ == "__main__":
    main()
