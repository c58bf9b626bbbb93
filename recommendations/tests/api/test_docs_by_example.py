"""The commands of docs/api.md, run in order against a shop of their own."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from jsonschema import Draft202012Validator

from recommendations.models import UserProfile
from recommendations.tests.builders import make_two_taste_shop, make_user
from recommendations.tests.load.servers import shop_environment, web_process

pytestmark = pytest.mark.django_db(transaction=True)

DOCS = Path(settings.BASE_DIR) / "docs"
# Where the storefront is not built, the page that says so sets the CSRF cookie too.
STOREFRONT = 200 if settings.FRONTEND_DIST.is_dir() else 503
ANSWERED = [
    ("GET", "/api/health/ready", 200),
    ("GET", "/api/products/", 200),
    ("GET", "/api/search/", 200),
    ("GET", "/api/recommendations/{user_id}/", 200),
    ("GET", "/api/categories/", 200),
    ("GET", "/api/categories/", 200),
    ("GET", "/api/categories/", 200),
    ("GET", "/api/products/", 200),
    ("GET", "/api/products/", 200),
    ("GET", "/api/search/", 200),
    ("GET", "/api/products/facets/", 200),
    ("GET", "/api/products/", 200),
    ("POST", "/api/interaction/", 201),
    ("GET", "/api/recommendations/{user_id}/", 200),
    ("POST", "/api/cart/", 201),
    ("GET", "/api/cart/", 200),
    ("POST", "/api/orders/", 201),
    ("GET", "/api/page/", 200),
    ("GET", "/api/recommendations/{user_id}/", 200),
    ("POST", "/api/impressions/", 202),
    ("GET", "/api/products/{product_id}/similar/", 200),
    ("GET", "/api/products/{product_id}/similar/", 200),
    ("GET", "/api/products/{product_id}/bought-together/", 200),
    ("POST", "/api/interactions/", 200),
    ("POST", "/api/not-interested/", 201),
    ("DELETE", "/api/not-interested/{product_id}/", 204),
    ("POST", "/api/likes/", 201),
    ("GET", "/api/me/export/", 200),
    ("GET", "/", STOREFRONT),
    ("GET", "/api/demo/shoppers/", 200),
    ("POST", "/api/demo/sign-in/", 200),
    ("GET", "/api/recommendations/{user_id}/", 200),
    ("GET", "/api/recommendations/{user_id}/", 200),
    ("POST", "/api/interaction/", 201),
    ("GET", "/api/recommendations/{user_id}/", 400),
    ("GET", "/api/recommendations/{user_id}/", 401),
    ("POST", "/api/interaction/", 400),
]
"""Method, path and status of each curl of the document, in its order."""

# Writes the request and the answer of every call to files, and prints the answer as curl does.
RECORDING_CURL = """
set -euo pipefail
curl() {
  local call="$RECORDS/$(date +%s%N)"
  command curl -D "$call.head" -w "%{stderr}%{method} %{url_effective} %{response_code}" "$@" \\
    2>"$call.asked" | tee "$call.body"
}
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """One call of the document and its answer."""

    method: str
    path: str
    status: int
    content_type: str
    body: str


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    make_two_taste_shop(shoppers=6)
    UserProfile.objects.create(user=make_user(first_name="Ada"), demo_label="Loves lamps")
    with web_process(tmp_path) as port:
        yield port


def test_every_command_of_the_document_gets_the_documented_answer(
    shop: int, tmp_path: Path
) -> None:
    script = RECORDING_CURL + read_commands(shop)

    ran = subprocess.run(
        ["bash", "-c", script],
        env=shop_environment() | {"RECORDS": str(tmp_path)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    answers = [read_answer(record) for record in sorted(tmp_path.glob("*.asked"))]
    assert [(answer.method, answer.path, answer.status) for answer in answers] == ANSWERED
    assert {answer.path: find_faults(answer) for answer in answers if find_faults(answer)} == {}


def read_commands(port: int) -> str:
    """Return the commands of the document, for the shop at this port and this Python."""
    blocks = re.findall(r"^```bash\n(.*?)^```", (DOCS / "api.md").read_text(), re.M | re.S)
    script = "".join(blocks)
    assert "127.0.0.1:8000" in script
    return script.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace(
        ".venv/bin/python ", f"{sys.executable} "
    )


def read_answer(record: Path) -> Answer:
    method, url, status = record.read_text().split()
    head = record.with_suffix(".head").read_text().lower()
    content_type = re.search(r"^content-type: ([^;\r\n]*)", head, re.M)
    return Answer(
        method=method,
        path=find_template(urlsplit(url).path, method),
        status=int(status),
        content_type=content_type[1] if content_type else "",
        body=record.with_suffix(".body").read_text(),
    )


def find_template(path: str, method: str) -> str:
    """Return the schema's path for an address; an address outside of the schema stays as it is."""
    # A path without a variable part is nobody's id.
    for template, operations in sorted(SCHEMA["paths"].items(), key=lambda row: "{" in row[0]):
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if method.lower() in operations and re.fullmatch(pattern, path):
            return str(template)
    return path


def find_faults(answer: Answer) -> list[str]:
    """Return the differences between an answer and the schema of its status."""
    operation = SCHEMA["paths"].get(answer.path, {}).get(answer.method.lower())
    if operation is None:
        return []
    promised = operation["responses"].get(str(answer.status), operation["responses"]["default"])
    content = promised.get("content", {"": {"schema": {"enum": [""]}}})
    if answer.content_type not in content:
        return [f"{answer.content_type} is not one of {list(content)}"]
    validator = Draft202012Validator(
        {**content[answer.content_type]["schema"], "components": SCHEMA["components"]}
    )
    value = json.loads(answer.body) if answer.body else ""
    return [error.message for error in validator.iter_errors(value)]


SCHEMA: dict[str, Any] = yaml.safe_load((DOCS / "openapi.yaml").read_text())
