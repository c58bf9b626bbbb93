"""Bring up the production stack from the built image, and walk through the shop: `make try-image`.

The containers are those of docker-compose.prod.yml, with nginx before both web services and a mail
server of the walk's own. Docker runs them, or podman behind Docker's interface. Either way the walk
needs Docker Compose, the free ports 80 and 443, and the rights of root, because it kills containers
from outside. Each step prints what it saw, and the first one that fails ends the walk with status
1. At the end, containers and volumes are removed.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from deploy.try_image.stack import HOST, ROOT, Stack, find_engine, podman_as_docker, wait_until
from deploy.try_image.visitors import Load, Visitor

SERVICES = ("postgres", "redis", "web", "web-2", "worker", "beat", "nginx")
PER_SECOND = 30
SECONDS_BEFORE_AND_AFTER = 5.0
# The schedule looks every five minutes whether a training is due.
TRAINED_WITHIN_SECONDS = 900.0
JOURNEY = "from search to a placed order"
BUYER = "mara@shop.example"
# The schedule looks every minute for confirmations that are due.
MAILED_WITHIN_SECONDS = 180.0
BACKUP = "/app/var/backup.tar.gz"
PASSWORD = "a-walk-through-the-shop"


def main() -> None:
    """Walk through the shop."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="shop-try-")))
        # nginx's account reads its certificate below.
        folder.chmod(0o755)
        environment = {}
        if find_engine() == "podman":
            environment = running.enter_context(podman_as_docker(folder))
            # As Docker calls it.
            subprocess.run(
                ["podman", "tag", "shop:latest", "docker.io/library/shop:latest"], check=True
            )
        stack = Stack(folder, environment)
        stack.make_certificate()
        stack.remove()
        running.callback(stack.remove)
        try:
            walk(stack, folder)
        except SystemExit:
            print(stack.run("logs", "--tail", "20"))
            raise
    say("The walk is over: all of it held.")


def walk(stack: Stack, folder: Path) -> None:
    """Set the shop up, use it, restart it, break it and restore it."""
    set_up(stack)
    visitor = Visitor(stack.certificate)
    await_training(stack)
    walk_in_browser()
    await_mail(stack)
    product_ids = personalise(visitor)
    restart_under_load(stack, product_ids)
    kill_each(stack)
    restore_on_empty_host(stack, folder, visitor)


def set_up(stack: Stack) -> None:
    """Start all services, make an account of staff, and fill the shop."""
    begun = time.monotonic()
    stack.start()
    say(f"All services are healthy after {time.monotonic() - begun:.0f} s.")
    account = ["--no-input", "--username", "owner", "--email", "owner@shop.example"]
    stack.run(
        *("exec", "-T", "--env", f"DJANGO_SUPERUSER_PASSWORD={PASSWORD}", "web"),
        *("python", "manage.py", "createsuperuser", *account),
    )
    sample = ["--products", "400", "--users", "200", "--interactions", "20000"]
    stack.manage("populate_sample_data", *sample)
    say("An account of staff is made, and 400 products with 20,000 interactions are imported.")


def await_training(stack: Stack) -> None:
    """Wait until the schedule has trained a model, and a web process serves it."""
    visitor = Visitor(stack.certificate)

    def has_model() -> bool:
        _, health = visitor.ask("/api/health/ready")
        return bool(health["checks"]["model"] == "ok")

    if has_model():
        raise SystemExit("There is a model before the schedule could train one.")
    seconds = wait_until(has_model, "nothing is trained", TRAINED_WITHIN_SECONDS)
    say(f"The schedule has trained a model, {seconds:.0f} s later:\n{stack.manage('model_status')}")


def walk_in_browser() -> None:
    """Let a shopper search, buy and look at the order, in Chromium through nginx."""
    ended = subprocess.run(
        ["npx", "playwright", "test", "e2e/journeys.spec.ts", "--grep", JOURNEY, "--retries", "0"],
        cwd=ROOT / "frontend",
        env=os.environ | {"E2E_ADDRESS": f"https://{HOST}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"The journey failed:\n{ended.stdout[-4000:]}{ended.stderr[-2000:]}")
    say(f"In Chromium, a shopper went {JOURNEY}.")


def await_mail(stack: Stack) -> None:
    """Wait until the worker has mailed the confirmation of the order."""

    def has_arrived() -> bool:
        return f"A mail to {BUYER}:" in stack.run("logs", "mail")

    seconds = wait_until(has_arrived, "no confirmation was mailed", MAILED_WITHIN_SECONDS)
    say(f"The confirmation of the order was mailed {seconds:.0f} s later.")


def personalise(visitor: Visitor) -> list[int]:
    """Let the visitor see products of one category, until the list is personal; return products."""
    _, page = visitor.ask("/api/products/?page_size=50")
    product_ids = [product["id"] for product in page["results"]]
    wanted = page["results"][0]["category"]
    alike = [product["id"] for product in page["results"] if product["category"] == wanted]
    was_personal, before = visitor.read_list()
    visitor.view(alike[:5])
    is_personal, after = visitor.read_list()
    if was_personal or not is_personal or after == before:
        raise SystemExit(f"The list is not personal: {before}, {after}")
    say(f"After {len(alike[:5])} views, the visitor's list is personal: {after}")
    return product_ids


def restart_under_load(stack: Stack, product_ids: list[int]) -> None:
    """Replace both web containers one after the other under load; no request may fail."""
    load = Load(stack.certificate, product_ids, per_second=PER_SECOND)
    try:
        time.sleep(SECONDS_BEFORE_AND_AFTER)
        for service in ("web", "web-2"):
            stack.replace(service)
        time.sleep(SECONDS_BEFORE_AND_AFTER)
    finally:
        load.stop()
    say(
        f"Both web containers are replaced under {PER_SECOND} requests a second: "
        f"{load.statuses.total()} requests, statuses {dict(load.statuses)}, "
        f"the slowest took {load.slowest:.2f} s."
    )
    if set(load.statuses) - {http.client.OK, http.client.CREATED}:
        raise SystemExit("Requests failed.")


def kill_each(stack: Stack) -> None:
    """Kill one container after the other; each must come back by itself."""
    for service in SERVICES:
        old = stack.inspect(service)["State"]["Pid"]
        stack.kill(service)

        def is_replaced(service: str = service, old: int = old) -> bool:
            pid = stack.inspect(service)["State"]["Pid"]
            return pid not in (0, old) and stack.is_healthy(service)

        seconds = wait_until(is_replaced, f"{service} was killed and is not replaced")
        say(f"{service} was killed, and another is healthy after {seconds:.0f} s.")
    stack.wait_until_healthy(SERVICES)


def restore_on_empty_host(stack: Stack, folder: Path, visitor: Visitor) -> None:
    """Back up, remove everything, restore, start: the visitor's list must be as before."""
    is_personal, before = visitor.read_list()
    stack.manage("back_up", BACKUP)
    backup = folder / "backup.tar.gz"
    stack.save(BACKUP, backup)
    stack.remove()
    stack.start("postgres", "redis")
    # `restore` migrates; only the account of the image reads the file. With `--rm`, podman 4.3 says
    # of every command that it succeeded.
    backup.chmod(0o644)
    stack.run(
        *("run", "-T", "--no-deps", "--volume", f"{backup}:/tmp/backup.tar.gz:ro"),
        *("worker", "python", "manage.py", "restore", "/tmp/backup.tar.gz"),
    )
    stack.start()
    restored, after = visitor.read_list()
    say(
        f"Restored on an empty host from {backup.stat().st_size / 1e6:.1f} MB. "
        f"Before: {json.dumps(before)}; after, without a training: {json.dumps(after)}"
    )
    if (is_personal, before) != (True, after) or not restored:
        raise SystemExit("The visitor's list is not what it was.")


def say(sentence: str) -> None:
    """Print a line with the time."""
    print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


if __name__ == "__main__":
    if sys.platform == "linux" and os.getuid() != 0:
        sys.exit("Run it as root: it kills containers from outside.")
    main()
