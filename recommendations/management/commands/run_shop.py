"""`manage.py run_shop`: prepare the shop, start its processes and keep them running."""

import json
import logging
import os
import shlex
import signal
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.management.ports import describe_obstacle
from recommendations.management.preparation import DemoSecrets, prepare_shop
from recommendations.management.processes import Child, ChildFailedError, Supervisor
from recommendations.services.people.demo import STAFF_USERNAME, list_demo_shoppers

READY_WITHIN_SECONDS = 120
SHOPPERS_SHOWN = 6


class Command(BaseCommand):
    help = (
        "Run the shop on this machine: migrate, add sample data to an empty database, train when "
        "there is no model, then run the web server and the background worker until Ctrl-C. This "
        "is for development and for trying the shop out; docs/operations.md describes production."
    )
    # The web server and the worker run the system checks themselves.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on.")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        require_free_port(host, port)
        # The command prints its own steps; the processes that it starts log as configured.
        logging.getLogger("recommendations").setLevel(logging.WARNING)
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, _interrupt)

        folder = Path(settings.VAR_DIR)
        logs = prepare_log_folder(folder)
        web, worker = build_web_server(host, port, logs), build_background_worker(logs)
        supervisor = Supervisor([web, worker], announce=self.announce)
        try:
            secrets = prepare_shop(folder=folder, announce=self.announce)
            self.announce("Starting the web server and the background worker.")
            web.start()
            address = f"http://{_get_browser_host(host)}:{port}"
            wait_until_ready(address, supervisor)
            # The worker starts last: nobody waits for it, and it would slow the web server down.
            worker.start()
            self.announce(format_welcome(address, secrets, logs))
            while True:
                supervisor.restart_ended()
                time.sleep(0.5)
        except KeyboardInterrupt:
            self.announce("\nStopping the shop.")
        except ChildFailedError as error:
            raise CommandError(str(error)) from error
        finally:
            for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(signal_number, signal.SIG_IGN)
            supervisor.stop()
        self.announce("The shop is closed.")

    def announce(self, sentence: str) -> None:
        """Print a sentence and flush the output, which may be a file or a pipe."""
        self.stdout.write(sentence)
        self.stdout.flush()


def require_free_port(host: str, port: int) -> None:
    """Raise CommandError if no server can listen on this port."""
    if not 0 < port < 65_536:
        raise CommandError(f"{port} is not a port: a port is a number from 1 to 65535.")
    obstacle = describe_obstacle(host, port)
    if obstacle is not None:
        raise CommandError(
            f"{obstacle}: stop what uses it, or open the shop elsewhere with "
            f"`make run PORT={port + 1}`."
        )


def prepare_log_folder(folder: Path) -> Path:
    """Return the folder of logs in this folder; CommandError if there is none and cannot be."""
    logs = folder / "log"
    try:
        logs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise CommandError(
            f"{logs} cannot be the folder of logs ({reason}). Move away what stands there, or "
            "choose another folder with VAR_DIR."
        ) from error
    return logs


def build_web_server(host: str, port: int, logs: Path) -> Child:
    """Return the web server as a child that is not started yet."""
    command = [sys.executable, "-m", "ecommerce_rec.serve", "--host", host, "--port", str(port)]
    return Child("web server", command, logs / "web.log")


def build_background_worker(logs: Path) -> Child:
    """Return the worker, which also runs the schedule, as a child that is not started yet.

    A small shop needs only one task at a time, and the pool `solo` starts without forking.
    """
    command = [sys.executable, "-m", "celery", "--app", "ecommerce_rec", "worker", "--beat"]
    command += ["--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Child("background worker", [*command, "--loglevel", "INFO"], logs / "worker.log")


def wait_until_ready(address: str, supervisor: Supervisor) -> None:
    """Wait until the shop answers and has loaded its model.

    A model that cannot be loaded does not keep the shop closed: after `READY_WITHIN_SECONDS`, an
    answer is enough.

    Raises:
        ChildFailedError: A process ended instead of starting.
        CommandError: The shop was not ready in time; the message has its last answer.
    """
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    status, answer = 0, "nothing"
    while time.monotonic() < deadline:
        supervisor.require_running()
        status, answer = _request(f"{address}/api/health/ready") or (status, answer)
        if status == HTTPStatus.OK and json.loads(answer)["checks"]["model"] != "failing":
            return
        time.sleep(0.1)
    if status != HTTPStatus.OK:
        raise CommandError(
            f"The shop was not ready after {READY_WITHIN_SECONDS} seconds; it answered {answer}."
        )


def _request(url: str) -> tuple[int, str] | None:
    """Return status and body of the response; None if there is no response."""
    try:
        with urllib.request.urlopen(url, timeout=READY_WITHIN_SECONDS) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")[:500]
    except OSError:
        return None


def format_welcome(address: str, secrets: DemoSecrets | None, logs: Path) -> str:
    """Return the addresses, accounts and logs to print when the shop is open."""
    lines = ["", f"The shop is open: {address}/", ""]
    shoppers = list_demo_shoppers()[:SHOPPERS_SHOWN]
    if shoppers:
        width = max(len(shopper.name) for shopper in shoppers)
        lines.append("  Sign in there as one of these shoppers, no password needed:")
        lines += [f"    {shopper.name:<{width}}  {shopper.taste}" for shopper in shoppers]
    if secrets:
        lines.append(
            f"  Staff:  {address}/admin/  {STAFF_USERNAME} / {secrets.staff_password.value}"
        )
    lines.append(f"  API:    {address}/api/docs/")
    if secrets and shoppers:
        lines += [
            "  Try:",
            f'    curl -H "Authorization: Bearer $(cat {_shorten(secrets.token.file)})" '
            f"'{address}/api/recommendations/{shoppers[0].user_id}/?count=3'",
        ]
    lines += ["", f"  Logs are in {_shorten(logs)}. Ctrl-C closes the shop."]
    return "\n".join(lines)


def _shorten(path: Path) -> str:
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def _get_browser_host(host: str) -> str:
    """Return the host to open in a browser: `localhost` if the shop listens on all addresses."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
