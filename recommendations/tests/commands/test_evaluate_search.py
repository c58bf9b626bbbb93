import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from recommendations.models import Product
from recommendations.tests.builders import make_product

PRODUCTS = """item_id,name
P1,Steel kettle
P2,Kettle stand
P3,Coffee mug
P4,Mug
"""
QUERIES = """query_id,query
q1,kettles
q2,kettel
q3,mug
q4,sofa
"""
JUDGEMENTS = """query_id,item_id,relevance
q1,P1,3
q1,P2,2.33
q2,P1,3
q3,P4,2
q3,P3,3
q4,P4,1
"""


def evaluate(folder: Path, **options: Any) -> dict[str, Any]:
    files = {"products": PRODUCTS, "queries": QUERIES, "judgements": JUDGEMENTS}
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
        options[name] = folder / f"{name}.csv"
    call_command("evaluate_search", json=folder / "figures.json", stdout=StringIO(), **options)
    figures: dict[str, Any] = json.loads((folder / "figures.json").read_text())
    return figures


def test_the_figures_of_a_mode_are_those_counted_by_hand(tmp_path: Path) -> None:
    figures = evaluate(tmp_path)

    words, contains = figures["words"]["all"], figures["contains"]["all"]
    assert (words["queries"], words["judged"]) == (4, 3)
    assert (words["recall_at_50"], words["success_at_10"]) == (1.0, 1.0)
    # Gains are 7 for 3, 4.0281 for 2.33, 3 for 2; the second place counts 1 / log2(3).
    first = (4.0281 + 7 * 0.63093) / (7 + 4.0281 * 0.63093)
    second = 0.63093
    third = (3 + 7 * 0.63093) / (7 + 3 * 0.63093)
    assert words["ndcg_at_10"] == pytest.approx((first + second + third) / 3, abs=1e-4)
    assert words["without_result"] == 0.25
    assert (contains["recall_at_50"], contains["without_result"]) == (pytest.approx(1 / 3), 0.75)
    assert figures["words"]["misspelt"]["queries"] == 2


@pytest.mark.django_db
def test_the_database_gives_the_figures_of_the_files_and_keeps_nothing(tmp_path: Path) -> None:
    own = make_product(name="Kettle")

    in_memory = evaluate(tmp_path, mode="words")["words"]["all"]
    in_database = evaluate(tmp_path, mode="words", database=True)["words"]["all"]

    times = {"p50_ms": 0, "p95_ms": 0}
    assert {**in_database, **times} == {**in_memory, **times}
    assert [(row.pk, row.is_active) for row in Product.objects.all()] == [(own.pk, True)]


def test_the_predictions_are_written_by_rank(tmp_path: Path) -> None:
    evaluate(tmp_path, mode="words", predictions=tmp_path / "found.csv")

    lines = (tmp_path / "found.csv").read_text().split()
    assert lines[0] == "query_id,item_id,rank"
    assert lines[-2:] == ["q3,P4,1", "q3,P3,2"]


def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_text("query_id,item_id,relevance\nq1,P1,high\n")

    with pytest.raises(CommandError, match="'high', which is no number"):
        call_command(
            "evaluate_search",
            **{name: _write(tmp_path, name) for name in ("products", "queries")},
            judgements=tmp_path / "broken.csv",
        )


def _write(folder: Path, name: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text({"products": PRODUCTS, "queries": QUERIES}[name])
    return path
