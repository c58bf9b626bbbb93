"""nginx as its container runs it, but on free ports of this machine: for tests and benchmarks."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Where it is not installed, `make find-tools` unpacks Debian's package into var/.
PLACES = (os.environ["PATH"], "/usr/sbin", f"{ROOT}/var/nginx/usr/sbin")
PROGRAM = shutil.which("nginx", path=os.pathsep.join(PLACES))
STARTED_WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Nginx:
    """A running nginx: its ports, and the folder of its logs."""

    plain_port: int
    tls_port: int
    folder: Path

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client needs, because nobody else signed the certificate."""
        return ssl._create_unverified_context()

    def read_logs(self) -> str:
        """Return what nginx has logged."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


@contextmanager
def run_nginx(folder: Path, *, host: str, servers: Sequence[int]) -> Iterator[Nginx]:
    """Run docs/nginx.conf before the web servers on these ports; yield when nginx listens.

    Raises:
        FileNotFoundError: There is no nginx here.
    """
    if PROGRAM is None:
        raise FileNotFoundError("There is no nginx here: install it, or run `make find-tools`.")
    nginx = Nginx(_find_free_port(), _find_free_port(), folder)
    files = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            f"/CN={host}",
            *files,
        ],
        check=True,
        capture_output=True,
    )
    process = subprocess.Popen(
        ["sh", ROOT / "deploy/nginx/run.sh"],
        env=os.environ
        | {
            "NGINX": PROGRAM,
            "NGINX_USER": "root" if os.getuid() == 0 else "",
            "SHOP_HOST": host,
            "SERVERS": " ".join(f"127.0.0.1:{port}" for port in servers),
            "CONFIG": f"{ROOT}/docs/nginx.conf",
            "CERTIFICATES": f"{folder}",
            "FOLDER": f"{folder}",
            "ACCESS_LOG": f"{folder}/shop.log",
            "ERROR_LOG": f"{folder}/error.log",
            "HTTP_PORT": f"127.0.0.1:{nginx.plain_port}",
            "HTTPS_PORT": f"127.0.0.1:{nginx.tls_port}",
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + STARTED_WITHIN_SECONDS
        while not _listens(nginx.tls_port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"nginx did not start: {nginx.read_logs()}")
            time.sleep(0.1)
        yield nginx
    finally:
        process.terminate()
        process.wait(timeout=20)


def _find_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
