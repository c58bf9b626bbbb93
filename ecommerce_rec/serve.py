"""`python -m ecommerce_rec.serve`: run the web processes of the shop.

Everything that starts a web server starts it with this module, so the limits of connections stand
here alone; `front.Limits` has those of requests.
"""

import argparse
import os
import resource
import sys
from contextlib import nullcontext

from django.conf import settings
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from ecommerce_rec.encoder_process import keep_encoder_running
from recommendations.conf import configuration
from recommendations.management.ports import describe_obstacle
from recommendations.retrieval.encoder_access import is_installed

MAX_PROCESSES = 64
MAX_PORT = 65_535
MAX_CONNECTIONS = 4096
"""How many clients one process is connected to, whether they ask, read or only stay connected."""
HEADER_SECONDS = 30
"""How long a client may take for the headers of a request, and be silent between two requests."""
HEADER_BYTES = 64 * 1024
STOP_SECONDS = 8
"""How long running requests may take to end when the server is stopped. Docker kills after ten."""


def serve(host: str, port: int, *, processes: int) -> None:
    """Run this many web processes until SIGINT or SIGTERM; replace those that are killed."""
    Granian(
        "ecommerce_rec.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        workers=processes,
        # Without a preface to look for, the time limit of the headers counts from the first byte.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES
        ),
        # Without Redis, processes cannot tell each other what changed: pages ask every minute.
        websockets=processes == 1 or bool(settings.REDIS_URL),
        backpressure=_allow_connections(),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        # Its own lines look like those of the shop.
        log_dictconfig=settings.LOGGING | {"loggers": {"_granian": {}, "granian.access": {}}},
    ).serve()


def require_free_port(host: str, port: int) -> None:
    """Exit with a sentence if no server can listen on this port; the web server would panic."""
    obstacle = describe_obstacle(host, port)
    if obstacle is not None:
        sys.exit(f"{obstacle}. Choose another address with --host and --port.")


def _allow_connections() -> int:
    """Raise the limit of open files as far as it is needed; return how many connections fit."""
    reserved = 256
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MAX_CONNECTIONS + reserved
    if hard != resource.RLIM_INFINITY:
        files = min(files, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return files - reserved


def _read_count(text: str) -> int:
    if not text.strip().isdecimal() or not 1 <= int(text) <= MAX_PROCESSES:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of processes; it must be a whole number from 1 to "
            f"{MAX_PROCESSES}, here or in GRANIAN_WORKERS"
        )
    return int(text)


def _read_port(text: str) -> int:
    if not text.strip().isdecimal() or not 1 <= int(text) <= MAX_PORT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port; it must be a whole number from 1 to {MAX_PORT}"
        )
    return int(text)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Run the web processes of the shop.")
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
    parser.add_argument("--port", type=_read_port, default=8000, help="Port to listen on.")
    parser.add_argument(
        "--processes",
        type=_read_count,
        default=os.environ.get("GRANIAN_WORKERS", "1"),
        help="How many processes answer; by default GRANIAN_WORKERS, or else one.",
    )
    options = parser.parse_args()
    # Wrong settings end the start here, once, and not in every web process.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")
    _ = settings.INSTALLED_APPS
    require_free_port(options.host, options.port)
    by_meaning = configuration().search_by_meaning and is_installed()
    with keep_encoder_running() if by_meaning else nullcontext():
        serve(options.host, options.port, processes=options.processes)


if __name__ == "__main__":
    main()
