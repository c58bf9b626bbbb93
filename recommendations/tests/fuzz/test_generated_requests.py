"""Valid and invalid requests that schemathesis generates from the live schema."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from recommendations.choices import TokenScope
from recommendations.services.people.tokens import issue_token
from recommendations.tests.builders import make_two_taste_shop, make_user, sign_in
from recommendations.tests.load.servers import web_process

pytestmark = pytest.mark.django_db(transaction=True)

CONFIGURATION = Path(__file__).parent / "schemathesis.toml"
FEWEST_WHEN_THOROUGH = 1_000
CSRF_TOKEN = "c" * 32
# They would end the session that the other requests are made with; the visitor makes them.
SESSION_ENDING = ["log_in", "log_out", "register", "sign_in_as_demo_shopper"]
FOR_SERVERS = [
    "get_recommendations",
    "search_products",
    "record_interaction",
    "record_interactions",
]


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """The outcome of the requests of one principal."""

    cases: int
    failures: list[dict[str, Any]]
    report: str


@pytest.fixture
def port(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    make_two_taste_shop(shoppers=6)
    with web_process(tmp_path, unlimited=True) as port:
        yield port


def test_requests_of_each_principal_are_answered_as_the_schema_says(
    port: int, tmp_path: Path
) -> None:
    few = ["--max-examples", "2", "--phases"]

    fuzzed = {
        "visitor": fuzz(port, tmp_path, *as_visitor(), *few, "examples,coverage,stateful"),
        "shopper": fuzz(
            port, tmp_path, *as_shopper(), "--max-examples", "6", "--phases", "fuzzing,stateful"
        ),
        "server": fuzz(port, tmp_path, *as_server(), *few, "examples,coverage,fuzzing"),
    }

    assert_nothing_failed(fuzzed)


@pytest.mark.fuzz
def test_many_requests_of_each_principal_are_answered_as_the_schema_says(
    port: int, tmp_path: Path
) -> None:
    many = ["--max-examples", os.environ.get("FUZZ_EXAMPLES", "4")]

    fuzzed = {
        "visitor": fuzz(port, tmp_path, *as_visitor(), *many),
        "shopper": fuzz(port, tmp_path, *as_shopper(), *many),
        "server": fuzz(port, tmp_path, *as_server(), *many),
    }

    assert_nothing_failed(fuzzed)
    assert sum(one.cases for one in fuzzed.values()) >= FEWEST_WHEN_THOROUGH


def as_visitor() -> list[str]:
    visitor = Client()
    visitor.get("/api/recommendations/me/")
    return with_cookies({"visitor": visitor.cookies["visitor"].value})


def as_shopper() -> list[str]:
    shopper = sign_in(make_user())
    left_out = [part for name in SESSION_ENDING for part in ("--exclude-operation-id", name)]
    return [*with_cookies({"sessionid": shopper.cookies["sessionid"].value}), *left_out]


def as_server() -> list[str]:
    scopes = [TokenScope.RECOMMENDATIONS_READ, TokenScope.INTERACTIONS_WRITE]
    _, secret = issue_token(name="fuzzing", scopes=scopes, source="own")
    taken = [part for name in FOR_SERVERS for part in ("--include-operation-id", name)]
    # A token's bare text is an own id too; the schema promises only the ids with a prefix.
    lenient = ["--exclude-checks", "negative_data_rejection"]
    return ["-H", f"Authorization: Bearer {secret}", *lenient, *taken]


def with_cookies(cookies: dict[str, str]) -> list[str]:
    loaded = "; ".join(
        f"{name}={value}" for name, value in (cookies | {"csrftoken": CSRF_TOKEN}).items()
    )
    return ["-H", f"Cookie: {loaded}", "-H", f"X-CSRFToken: {CSRF_TOKEN}"]


def fuzz(port: int, folder: Path, *options: str) -> Fuzzed:
    report = folder / "report.json"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
    command += ["run", f"http://127.0.0.1:{port}/api/schema/", "--checks", "all"]
    command += ["--continue-on-failure", "--no-shrink", "--seed", "7", *options]
    command += ["--report", "json", "--report-json-path", str(report)]
    ran = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    assert report.exists(), ran.stdout + ran.stderr
    loaded = json.loads(report.read_text())
    return Fuzzed(
        loaded["test_cases"]["generated"], [*loaded["failures"], *loaded["errors"]], ran.stdout
    )


def assert_nothing_failed(fuzzed: dict[str, Fuzzed]) -> None:
    for who, one in fuzzed.items():
        sys.stdout.write(f"\n{one.cases:,} requests as {who}")
    failed = {who: one.report for who, one in fuzzed.items() if one.failures}
    assert not failed, "\n".join(failed.values())
