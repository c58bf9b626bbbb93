"""The services of docker-compose.prod.yml, run by Docker or by podman behind Docker's interface."""

import json
import math
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "shop-try"
HOST = "localhost"
STARTED_WITHIN_SECONDS = 600


class Stack:
    """The production stack with nginx and a certificate of its own, below a folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.certificate = folder / "certificates/fullchain.pem"
        files = ("docker-compose.prod.yml", "deploy/try_image/compose.yml")
        options = [option for file in files for option in ("--file", f"{ROOT / file}")]
        self._compose = [*find_compose(), *options]
        self._environment = (
            os.environ
            | environment
            | {
                "COMPOSE_PROJECT_NAME": PROJECT,
                "COMPOSE_PROFILES": "nginx",
                "SECRET_KEY": secrets.token_urlsafe(50),
                "ALLOWED_HOSTS": HOST,
                "POSTGRES_PASSWORD": secrets.token_hex(16),
                "REDIS_PASSWORD": secrets.token_hex(16),
                "SHOP_HOST": HOST,
                "EMAIL_HOST": "mail",
                "EMAIL_PORT": "1025",
                "EMAIL_USE_TLS": "0",
                "CERTIFICATES": f"{self.certificate.parent}",
            }
        )

    def make_certificate(self) -> None:
        """Write a certificate for `HOST` that signs itself, readable to nginx's account."""
        self.certificate.parent.mkdir(exist_ok=True)
        key = self.certificate.with_name("privkey.pem")
        subject = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
        files = ["-keyout", f"{key}", "-out", f"{self.certificate}"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        subprocess.run([*command, *subject, *files], check=True, capture_output=True)
        for path in (self.certificate, key):
            path.chmod(0o644)

    def run(self, *arguments: str) -> str:
        """Run a command of Compose; return what it printed."""
        ended = subprocess.run(
            [*self._compose, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=STARTED_WITHIN_SECONDS,
        )
        if ended.returncode:
            output = (ended.stdout + ended.stderr)[-4000:]
            raise SystemExit(f"`compose {' '.join(arguments)}` failed:\n{output}")
        return ended.stdout

    def manage(self, *command: str, service: str = "worker") -> str:
        """Run a command of the shop in a container that runs."""
        return self.run("exec", "-T", service, "python", "manage.py", *command)

    def save(self, path: str, file: Path, *, service: str = "worker") -> None:
        """Copy a file out of a container."""
        command = [*self._compose, "exec", "-T", service, "cat", path]
        with file.open("wb") as target:
            subprocess.run(command, env=self._environment, stdout=target, check=True)

    def start(self, *services: str) -> None:
        """Start services, or all, and wait until they are healthy."""
        self.run("up", "--detach", "--no-build", "--wait", *services)

    def replace(self, service: str) -> None:
        """Put a new container in the place of a service's, and wait until it is healthy."""
        options = ["--detach", "--no-build", "--no-deps", "--force-recreate", "--wait"]
        self.run("up", *options, service)

    def kill(self, service: str) -> None:
        """End the first process of a container from outside, as a lack of memory would.

        The engine's own `kill` would count as a wish to stop it.
        """
        os.kill(self.inspect(service)["State"]["Pid"], signal.SIGKILL)

    def inspect(self, service: str) -> dict[str, Any]:
        """Return what the engine knows of the container of a service."""
        container = self.run("ps", "--all", "--quiet", service).strip()
        found: list[dict[str, Any]] = json.loads(call_engine("inspect", container))
        return found[0]

    def is_healthy(self, service: str) -> bool:
        """Return whether the container runs and its check of health says so."""
        state = self.inspect(service)["State"]
        health = state.get("Health") or state.get("Healthcheck") or {}
        return bool(state["Running"]) and health.get("Status") == "healthy"

    def wait_until_healthy(self, services: Sequence[str]) -> None:
        """Wait until these services are healthy."""
        wait_until(lambda: all(map(self.is_healthy, services)), f"{services} are not healthy")

    def remove(self) -> None:
        """Remove containers, networks and volumes: what is left is an empty host."""
        self.run("down", "--volumes", "--remove-orphans", "--timeout", "20")


def find_engine() -> str:
    """Return the engine that works here: Docker, or podman."""
    for engine in ("docker", "podman"):
        if _succeeds(engine, "info"):
            return engine
    raise SystemExit("Neither Docker nor podman works here, so no container can run.")


def find_compose() -> list[str]:
    """Return the command of Docker Compose."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if _succeeds(*command, "version"):
            return command
    raise SystemExit("There is no Docker Compose here.")


def _succeeds(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def call_engine(*arguments: str) -> str:
    """Run a command of the engine; return what it printed."""
    command = [find_engine(), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def wait_until(holds: Callable[[], bool], why_not: str, seconds: float = 300) -> float:
    """Wait until something holds; return how many seconds that took."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > seconds:
            raise SystemExit(f"After {seconds:.0f} seconds, {why_not}.")
        time.sleep(1)
    return time.monotonic() - begun


@contextmanager
def podman_as_docker(folder: Path) -> Iterator[dict[str, str]]:
    """Let podman listen for Compose; yield the environment that says where.

    Without systemd, podman checks no container's health by itself: a thread does.
    """
    socket = folder / "podman.sock"
    has_systemd = Path("/run/systemd/system").is_dir()
    environment = {} if has_systemd else {"DISABLE_HC_SYSTEMD": "true"}
    service = subprocess.Popen(
        ["podman", "system", "service", "--time", "0", f"unix://{socket}"],
        env=os.environ | environment,
        stderr=(folder / "podman.log").open("wb"),
    )
    over = threading.Event()
    checks = threading.Thread(target=_check_health, args=(over,))
    try:
        wait_until(socket.exists, "podman does not listen", seconds=20)
        if not has_systemd:
            checks.start()
        yield {"DOCKER_HOST": f"unix://{socket}"}
    finally:
        over.set()
        if checks.is_alive():
            checks.join()
        service.terminate()
        service.wait(timeout=20)


def _check_health(over: threading.Event) -> None:
    """Check each container as often as it asks for, the first time after as long."""
    seconds: dict[str, float] = {}
    due: dict[str, float] = {}
    ours = ["--filter", f"label=com.docker.compose.project={PROJECT}"]
    shown = ["--format", "{{.Config.Healthcheck.Interval.Seconds}}"]
    while not over.wait(1):
        for container in _ask_podman("ps", "--quiet", *ours):
            if container not in seconds:
                found = _ask_podman("inspect", *shown, container)
                seconds[container] = float(found[0]) if found else math.inf
                due[container] = time.monotonic() + seconds[container]
            elif time.monotonic() >= due[container]:
                due[container] = time.monotonic() + seconds[container]
                _ask_podman("healthcheck", "run", container)


def _ask_podman(*arguments: str) -> list[str]:
    """Return the words that podman printed; none if it failed, as for a container that is gone."""
    command = ["podman", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
