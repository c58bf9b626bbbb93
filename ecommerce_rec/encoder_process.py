"""The process that encodes queries for all web processes of the machine.

A model costs about 190 MB, whatever it is asked, so it is loaded once and not in each web process.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommendations.retrieval.encoder_access import SOCKET_VARIABLE

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""How long the process stays down if it ends again and again: each pause is twice the last one."""
SETTLED_SECONDS = 30.0
"""After so long, an end is the first one again."""
STOP_SECONDS = 3.0


@contextmanager
def keep_encoder_running() -> Iterator[None]:
    """Keep the encoder running during the block; name its socket in the environment.

    Processes that are started in the block find it there. The socket lies in a folder that only
    this user can open.
    """
    folder = Path(tempfile.mkdtemp(prefix="shop-encoder-"))
    os.environ[SOCKET_VARIABLE] = str(folder / "socket")
    keeper = _Keeper(str(folder / "socket"))
    threading.Thread(target=keeper.run, name="encoder", daemon=True).start()
    try:
        yield
    finally:
        keeper.stop()
        del os.environ[SOCKET_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


class _Keeper:
    """Starts the encoder, and starts it again when it ends."""

    def __init__(self, socket_path: str) -> None:
        self._command = [
            sys.executable,
            "-m",
            "recommendations.retrieval.encoder_service",
            socket_path,
        ]
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Keep the process running until `stop`."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            started_at = time.monotonic()
            # Its standard input ends with this process, however that ends, and so does the encoder.
            # It has a group of its own: who ends the group of this process lets it end first.
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, process_group=0
            )
            code = self._process.wait()
            if time.monotonic() - started_at > SETTLED_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            if not self._stopping.is_set():
                logger.error("The encoder of queries ended (%s) and is started again.", code)
            self._stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def stop(self) -> None:
        """End the process."""
        self._stopping.set()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
