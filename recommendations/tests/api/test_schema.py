import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


def test_the_committed_schema_is_up_to_date() -> None:
    written = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)

    assert written.getvalue().strip() == COMMITTED.read_text().strip(), (
        "docs/openapi.yaml is out of date: "
        "run `python manage.py spectacular --file docs/openapi.yaml`"
    )


def test_the_schema_is_built_before_the_first_request(tmp_path: Path) -> None:
    """In a process of its own: this one has built the schema long ago."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_test",
        "DATABASE_URL": f"sqlite:///{tmp_path}/shop.sqlite3",
        "REDIS_URL": "",
        "VAR_DIR": str(tmp_path),
    }
    read = "from recommendations.api.docs import render_schema; print(render_schema.cache_info())"

    started = subprocess.run(
        [sys.executable, "-c", f"import ecommerce_rec.asgi; {read}"],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "misses=1" in started.stdout
    assert "currsize=1" in started.stdout


@pytest.mark.django_db
def test_the_schema_is_served_as_openapi_3_1() -> None:
    response = Client().get("/api/schema/", headers={"Accept": "application/json"})

    assert response.json()["openapi"] == "3.1.0"
    assert "/api/recommendations/{user_id}/" in response.json()["paths"]


@pytest.mark.django_db
def test_the_docs_page_loads_only_from_this_host() -> None:
    page = Client().get("/api/docs/")

    addresses = re.findall(r'(?:src|href)="([^"]*)"', page.content.decode())
    static = [address.removeprefix("/static/") for address in addresses if "sidecar" in address]
    assert len(static) >= 4
    assert all(finders.find(name) for name in static)
    assert not [address for address in addresses if re.match(r"(https?:)?//", address)]
    assert "'unsafe-inline'" not in page["Content-Security-Policy"].split("style-src")[0]
