"""The files for Prometheus and Grafana name metrics that the shop has, and say what they mean."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from recommendations.models import Feed, FeedRun
from recommendations.services.infra.metrics import render_metrics
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop

FOLDER = Path(settings.BASE_DIR) / "deploy"
ALERTS = FOLDER / "prometheus" / "alerts.yml"
DASHBOARD = FOLDER / "grafana" / "shop.json"
OPERATIONS = Path(settings.BASE_DIR) / "docs" / "operations.md"
PLACES = [os.environ["PATH"], f"{settings.BASE_DIR}/var/prometheus/usr/bin"]
METRIC = re.compile(r"\b(?:shop|process)_[a-z_]+\b")
LABELS = re.compile(r"\b(\w+)(?:=~?|!=)\"")

pytestmark = pytest.mark.django_db


@pytest.fixture
def exposed() -> dict[str, set[str]]:
    """Return the labels of each metric that a busy shop has."""
    make_two_taste_shop()
    train()
    live_model.refresh()
    feed = Feed.objects.create(name="one", source="own", address="https://shop.example/p.csv")
    FeedRun.objects.create(feed=feed, state="imported")
    labels: dict[str, set[str]] = {}
    for line in render_metrics().decode().splitlines():
        if sample := re.match(r"(\w+)(?:\{(.*)\})? ", line):
            named = set(re.findall(r"(\w+)=\"", sample[2] or ""))
            labels.setdefault(sample[1], set()).update(named)
    # These have samples only after their first count.
    labels |= {
        "shop_cache_reads_total": {"kind", "answer"},
        "shop_reads_failed_total": {"read"},
        "shop_beat_age_seconds": set(),
        # Only a queue on Redis shows how long its tasks have waited.
        "shop_queue_age_seconds": set(),
        "shop_model_ndcg": {"recommender"},
        "shop_request_seconds_count": {"method", "route", "status"},
        "shop_request_seconds_bucket": {"method", "route", "status", "le"},
    }
    return labels


def read_alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def list_expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    drawn = [target["expr"] for panel in panels for target in panel["targets"]]
    return [*drawn, *(rule["expr"] for rule in read_alerts())]


def test_every_metric_and_label_of_alerts_and_dashboard_exists(
    exposed: dict[str, set[str]],
) -> None:
    expressions = list_expressions()
    known = {*set().union(*exposed.values()), "job"}

    assert len(expressions) > 30
    assert {name for text in expressions for name in METRIC.findall(text)} <= exposed.keys()
    assert {label for text in expressions for label in LABELS.findall(text)} <= known


def test_the_documentation_names_every_metric_and_every_alert(
    exposed: dict[str, set[str]],
) -> None:
    text = OPERATIONS.read_text()
    names = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in exposed}

    assert {name for name in names if name.startswith("shop_") and name not in text} == set()
    sections = re.findall(r"^#### `(\w+)`$", text, re.MULTILINE)
    assert sections == [rule["alert"] for rule in read_alerts()]


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool", path=os.pathsep.join(PLACES))
    if found is None:
        pytest.skip("promtool, a part of Prometheus, is not installed here.")
    return found


def test_prometheus_takes_every_expression_of_the_dashboard(promtool: str, tmp_path: Path) -> None:
    # Grafana fills the interval in.
    rules = [
        {"record": f"drawn:{number}", "expr": text.replace("$__rate_interval", "5m")}
        for number, text in enumerate(list_expressions())
    ]
    file = tmp_path / "drawn.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "drawn", "rules": rules}]}))

    checked = subprocess.run(
        [promtool, "check", "rules", file], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_prometheus_takes_the_alerts_and_they_fire_when_they_should(promtool: str) -> None:
    tested = subprocess.run(
        [promtool, "test", "rules", f"{ALERTS.parent}/alerts_test.yml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert tested.returncode == 0, tested.stdout + tested.stderr
