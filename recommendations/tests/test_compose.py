"""The two files for Docker Compose: what every container may do and may use."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.beat import Service

from ecommerce_rec.beat import HEARTBEAT, LivingScheduler
from ecommerce_rec.celery import app
from recommendations.tests.test_settings import ROOT

FILES = ("docker-compose.yml", "docker-compose.prod.yml")
ONE_SHOT = {"prepare", "migrate"}


def read_services(file: str) -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / file).read_text())["services"]
    return services


SERVICES = [(file, name) for file in FILES for name in read_services(file)]


@pytest.mark.parametrize(("file", "name"), SERVICES)
def test_no_container_has_more_rights_or_room_than_it_needs(file: str, name: str) -> None:
    service = read_services(file)[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"].endswith("g")
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    # The image's own account, or one that the file names.
    assert "build" in service or service["user"] == name


@pytest.mark.parametrize(("file", "name"), SERVICES)
def test_what_ends_is_started_again_and_what_hangs_is_seen(file: str, name: str) -> None:
    service = read_services(file)[name]

    always = "unless-stopped" if file == "docker-compose.prod.yml" else "on-failure"
    assert service["restart"] == ("no" if name in ONE_SHOT else always)
    # The web services have the check of the image.
    checked = "test" in service.get("healthcheck", {}) or name in {"web", "web-2"}
    assert checked is (name not in ONE_SHOT)


@pytest.mark.parametrize(
    ("file", "graces"),
    [
        ("docker-compose.yml", {"worker": "2m"}),
        ("docker-compose.prod.yml", {"postgres": "1m", "worker": "10m"}),
    ],
)
def test_what_takes_longer_than_ten_seconds_to_end_gets_the_time(
    file: str, graces: dict[str, str]
) -> None:
    services = read_services(file)

    given = {name: one.get("stop_grace_period") for name, one in services.items()}

    assert {name: grace for name, grace in given.items() if grace} == graces


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file", FILES)
def test_beat_is_healthy_while_it_looks_for_what_is_due(
    file: str, tmp_path: Path, settings: Any
) -> None:
    settings.VAR_DIR = tmp_path
    kind, command = read_services(file)["beat"]["healthcheck"]["test"]

    def is_healthy() -> bool:
        check = ["sh", "-c", command.replace("$$", "$")]
        return subprocess.run(check, env={"VAR_DIR": str(tmp_path)}, check=False).returncode == 0

    before = is_healthy()
    Service(app, scheduler_cls=LivingScheduler).scheduler.tick()
    while_it_ticks = is_healthy()
    two_minutes_ago = time.time() - 120
    os.utime(tmp_path / HEARTBEAT, (two_minutes_ago, two_minutes_ago))
    after = is_healthy()

    assert kind == "CMD-SHELL"
    assert (before, while_it_ticks, after) == (False, True, False)


@pytest.mark.parametrize("file", FILES)
def test_redis_asks_for_a_password_that_the_shop_knows(file: str) -> None:
    services = read_services(file)
    password = services["redis"]["environment"]["REDISCLI_AUTH"]

    assert '--requirepass "$$REDISCLI_AUTH"' in services["redis"]["command"][-1]
    assert f"redis://:{password}@redis:6379/" in services["web"]["environment"]["REDIS_URL"]
    assert ":?" in password or file == "docker-compose.yml"


@pytest.mark.parametrize("file", FILES)
def test_only_the_shop_has_a_port_and_only_on_this_machine(file: str) -> None:
    # Vite, which shows changes of the storefront, and nginx run only where they are asked for.
    ports = {
        name: one["ports"]
        for name, one in read_services(file).items()
        if "ports" in one and one.get("profiles") != [name]
    }

    expected = {"web": ["127.0.0.1:${PORT:-8000}:8000"]}
    if file == "docker-compose.prod.yml":
        expected["web-2"] = ["127.0.0.1:${SECOND_PORT:-8001}:8000"]
    assert ports == expected


def test_vite_is_open_to_this_machine_alone_and_nginx_to_the_world() -> None:
    storefront = read_services("docker-compose.yml")["storefront"]
    nginx = read_services("docker-compose.prod.yml")["nginx"]

    assert storefront["ports"] == ["127.0.0.1:3000:3000"]
    assert nginx["ports"] == ["80:80", "443:443"]


def test_nginx_knows_both_web_services_by_the_addresses_that_they_keep() -> None:
    services = read_services("docker-compose.prod.yml")

    kept = [services[name]["networks"]["default"]["ipv4_address"] for name in ("web", "web-2")]
    same = {"ports", "networks"}
    assert services["nginx"]["environment"]["SERVERS"].split() == [f"{one}:8000" for one in kept]
    assert {name: value for name, value in services["web"].items() if name not in same} == {
        name: value for name, value in services["web-2"].items() if name not in same
    }
