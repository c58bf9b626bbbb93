import csv
import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from recommendations.tests.ml.builders import make_two_taste_events
from recommendations.tests.ml.neural.needs_torch import hide_torch


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    rows = [f"{user},{item},{kind},{time}" for user, item, kind, time in make_two_taste_events()]
    path.write_text("\n".join(["user_id,item_id,event,timestamp", *rows]))
    return path


def evaluated(**options: Any) -> str:
    out = StringIO()
    call_command("evaluate_models", stdout=out, **options)
    return out.getvalue()


def test_files_are_measured_without_a_database_and_popularity_is_beaten(
    events: Path, tmp_path: Path
) -> None:
    figures = tmp_path / "figures.json"

    table = evaluated(interactions=events, json=figures)

    result = json.loads(figures.read_text())
    ndcg = {report["model"]: report["metrics"]["all"]["ndcg"] for report in result["models"]}
    assert list(ndcg) == ["popularity", "factorization", "collaborative", "ensemble"]
    assert ndcg["ensemble"] > 1.5 * ndcg["popularity"]
    assert result["n_cases"] == 40
    assert result["models"][0]["metrics"]["all"]["diversity"] is None
    assert "leave-last-out: 40 cases" in table
    assert f"{ndcg['ensemble']:.4f}" in table


def test_the_neural_preset_says_what_it_needs_before_it_fits_anything(
    events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_torch(monkeypatch)

    with pytest.raises(CommandError, match=r"pip install -r requirements-neural\.txt"):
        evaluated(interactions=events, preset="neural")


def test_predictions_can_be_measured_again_by_anyone(events: Path, tmp_path: Path) -> None:
    figures, predictions = tmp_path / "figures.json", tmp_path / "predictions.csv"

    evaluated(interactions=events, json=figures, predictions=predictions, models=["ensemble"])

    last = {str(user): str(item) for user, item, _, _ in make_two_taste_events()}
    with predictions.open() as file:
        rows = list(csv.DictReader(file))
    hits = sum(last[row["user_id"]] == row["item_id"] for row in rows)
    result = json.loads(figures.read_text())["models"][0]["metrics"]["all"]
    assert list(rows[0]) == ["user_id", "item_id", "rank", "score"]
    assert max(int(row["rank"]) for row in rows) == 10
    assert hits / 40 == result["hit_rate"]


@pytest.mark.parametrize("protocol", ["leave-last-out", "time"])
def test_the_fast_preset_tunes_and_prints_its_weights(
    events: Path, tmp_path: Path, protocol: str
) -> None:
    figures = tmp_path / "figures.json"

    table = evaluated(interactions=events, preset="fast", protocol=protocol, json=figures)

    result = json.loads(figures.read_text())
    best_alone = max(result["tuning"]["ndcg_alone"].values())
    assert sum(result["tuning"]["weights"].values()) == pytest.approx(1, abs=1e-3)
    assert result["tuning"]["ndcg"] >= best_alone - 1e-6
    assert "weights: " in table


def test_the_default_preset_keeps_its_weights_without_tune(events: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"

    evaluated(interactions=events, json=figures)
    as_it_is = json.loads(figures.read_text())["tuning"]
    evaluated(interactions=events, json=figures, tune=True)
    tuned = json.loads(figures.read_text())["tuning"]

    assert as_it_is is None
    assert set(tuned["weights"]) == {"collaborative", "factorization", "popularity"}


def test_targets_all_measures_every_later_purchase_with_repeats(tmp_path: Path) -> None:
    path, figures = tmp_path / "events.csv", tmp_path / "figures.json"
    rows = [
        f"{user},{user % 4},purchase,2026-0{month}-0{1 + user % 9}T12:00:00Z"
        for month in (1, 2, 3)
        for user in range(20)
    ]
    rows += [f"{user},{4 + user % 3},view,2026-03-20T12:00:00Z" for user in range(20)]
    path.write_text("\n".join(["user_id,item_id,event,timestamp", *rows]))

    call_command(
        "evaluate_models",
        f"--interactions={path}",
        *("--protocol", "time", "--cut", "2026-03-01", "--targets", "all"),
        *("--events", "purchase", "--preset", "fast", "--no-tune"),
        *("--models", "buy again", "--json", f"{figures}"),
        stdout=StringIO(),
    )

    result = json.loads(figures.read_text())
    assert result["repeats"]
    assert result["n_cases"] == 20
    assert result["n_training_interactions"] == 20, "two purchases of one product are one row"
    assert result["models"][0]["metrics"]["all"]["ndcg"] == 1


def test_only_the_named_models_are_measured(events: Path) -> None:
    table = evaluated(interactions=events, models=["popularity"], protocol="time", count=5)

    assert "popularity" in table
    assert "NDCG@5" in table
    assert "ensemble" not in table


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"models": ["oracle"]}, "There is no model oracle; there are popularity"),
        ({"count": 0}, "--count is 0"),
        ({"json": Path("/nowhere/figures.json")}, "There is no folder /nowhere"),
        ({"items": Path("nowhere.csv")}, "There is no file nowhere.csv"),
        ({"cut": 0.0}, "--cut needs --protocol time"),
        ({"targets": "repeatable"}, "--targets repeatable needs --protocol time"),
        ({"protocol": "sessions"}, "--protocol sessions needs --interactions and --test"),
        ({"protocol": "next-basket"}, "--protocol next-basket needs --interactions and --test"),
        ({"test": Path("test.csv")}, "--test needs --protocol sessions or next-basket"),
        (
            {"protocol": "sessions", "test": Path("test.csv")},
            "events.csv has no column session_id",
        ),
        (
            {"protocol": "sessions", "test": Path("test.csv"), "events": ["cart"]},
            "--events does not go with --protocol sessions",
        ),
        (
            {"protocol": "sessions", "test": Path("test.csv"), "targets": "new"},
            "--protocol sessions asks for all products",
        ),
        ({"tuning_seconds": -5.0}, "--tuning-seconds is -5.0"),
    ],
)
def test_invalid_options_are_refused_in_a_sentence(
    events: Path, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        evaluated(interactions=events, **options)


def test_items_without_interactions_beside_them_are_refused() -> None:
    with pytest.raises(CommandError, match="--items needs --interactions"):
        evaluated(items=Path("items.csv"))


def test_too_few_interactions_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user_id,item_id,event,timestamp\n1,2,view,3\n")

    with pytest.raises(CommandError, match=r"1 interactions leave nothing .* by leave-last-out"):
        evaluated(interactions=path)


def write_walks(path: Path, *, sessions: range, first: str) -> Path:
    """Write sessions that walk through twelve products in a circle, two at a time."""
    rows = [
        f"{first}{session},{(session + step // 2) % 12},{step}"
        for session in sessions
        for step in range(6)
    ]
    path.write_text("\n".join(["session_id,item_id,position", *rows]))
    return path


def test_sessions_are_measured_click_by_click(tmp_path: Path) -> None:
    learnt = write_walks(tmp_path / "learnt.csv", sessions=range(60), first="t")
    test = write_walks(tmp_path / "test.csv", sessions=range(5), first="e")
    figures, predictions = tmp_path / "figures.json", tmp_path / "lists.csv"

    table = evaluated(
        protocol="sessions",
        interactions=learnt,
        test=test,
        count=3,
        models=["ensemble"],
        json=figures,
        predictions=predictions,
    )

    result = json.loads(figures.read_text())
    with predictions.open() as file:
        rows = list(csv.DictReader(file))
    found = {(row["case_id"], int(row["item_id"])): 1 / int(row["rank"]) for row in rows}
    clicks = [(f"e{n}:{step}", (n + step // 2) % 12) for n in range(5) for step in range(1, 6)]
    assert result["n_cases"] == 25
    assert "P@3" in table
    assert list(rows[0]) == ["case_id", "item_id", "rank"]
    assert max(int(row["rank"]) for row in rows) == 3
    assert result["models"][0]["metrics"]["all"]["mrr"] == pytest.approx(
        sum(found.get(click, 0) for click in clicks) / 25
    )
    assert result["models"][0]["metrics"]["all"]["hit_rate"] == 1


def test_a_session_of_unknown_products_gets_popular_ones(tmp_path: Path) -> None:
    learnt = write_walks(tmp_path / "learnt.csv", sessions=range(60), first="t")
    test, predictions = tmp_path / "test.csv", tmp_path / "lists.csv"
    test.write_text("session_id,item_id,position\ne0,90,0\ne0,1,1\n")

    table = evaluated(
        protocol="sessions", interactions=learnt, test=test, count=3, predictions=predictions
    )

    assert [row["case_id"] for row in csv.DictReader(predictions.open())] == ["e0:1"] * 3
    assert "session " in table
    assert "weights" not in table


def test_next_baskets_show_repeats_and_new_products_apart(tmp_path: Path) -> None:
    learnt, test = tmp_path / "learnt.csv", tmp_path / "test.csv"
    bought = [
        f"{user},{item},{basket}" for user in range(9) for basket in (0, 1) for item in (1, 2)
    ]
    learnt.write_text("\n".join(["user_id,item_id,position", *bought, "9,3,0"]))
    test.write_text("\n".join(["user_id,item_id", "0,1", "0,3", "1,2"]))
    figures = tmp_path / "figures.json"

    evaluated(
        protocol="next-basket",
        interactions=learnt,
        test=test,
        count=2,
        models=["popularity"],
        json=figures,
    )

    metrics = json.loads(figures.read_text())["models"][0]["metrics"]
    assert metrics["all"]["cases"] == 2
    assert metrics["all"]["recall"] == 0.75, "products 1 and 2 are listed"
    assert metrics["repeats"] | {"ndcg": 0} == metrics["repeats"] | {
        "cases": 2,
        "recall": 1,
        "ndcg": 0,
    }
    assert (metrics["new products"]["cases"], metrics["new products"]["recall"]) == (1, 0)
    assert metrics["new products"]["coverage"] is None


@pytest.mark.django_db
@pytest.mark.stateful
def test_an_empty_shop_leaves_nothing_to_predict() -> None:
    with pytest.raises(CommandError, match="0 interactions leave nothing to predict"):
        evaluated()


def test_on_amazon_beauty_the_ensemble_finds_eight_in_a_hundred(tmp_path: Path) -> None:
    data = os.environ.get("SHOP_DATA_DIR", settings.BASE_DIR.parent / "shared" / "data")
    beauty = Path(data) / "amazon_beauty"
    if not beauty.is_dir():
        pytest.skip(f"{beauty} is not there; SHOP_DATA_DIR says where the data sets are.")
    figures = tmp_path / "figures.json"

    evaluated(
        interactions=beauty / "interactions.csv.gz",
        items=beauty / "items.jsonl.gz",
        models=["ensemble"],
        json=figures,
    )

    result = json.loads(figures.read_text())["models"][0]["metrics"]["all"]
    assert result["ndcg"] > 0.045
    assert result["hit_rate"] > 0.08
