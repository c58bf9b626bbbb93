"""Queries with the products that people judged relevant, and how well a search finds these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from recommendations.errors import InvalidInputError
from recommendations.record_files import Record, RecordFile, RowError
from recommendations.retrieval.documents import Document

RELEVANT = 2.33
"""From this judgement on, a product is relevant; judgements are means of raters' 1, 2 and 3."""
RECALL_DEPTH, TOP_DEPTH = 50, 10

Search = Callable[[str], Sequence[int]]
"""Returns the products that a text finds, best first."""


@dataclass(frozen=True, slots=True)
class JudgedQueries:
    """Products, queries by id, and for each query the judgements of products.

    `product_ids` are the ids of the file, in the order of the file: product 1 is the first.
    """

    documents: Sequence[Document]
    product_ids: Sequence[str]
    texts: Mapping[str, str]
    judgements: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a search finds what was judged relevant.

    The means are over the `judged` queries with a relevant product: of the share of the relevant
    products (50 at most) among the first 50, of whether one is among the first ten, and of NDCG@10
    with the gain 2^judgement - 1. `without_result` is a share of all queries; times are in
    milliseconds.
    """

    queries: int
    judged: int
    recall_at_50: float
    success_at_10: float
    ndcg_at_10: float
    without_result: float
    p50_ms: float
    p95_ms: float


def read_judged_queries(*, products: Path, queries: Path, judgements: Path) -> JudgedQueries:
    """Return what three files hold; columns beside those named here are ignored.

    Products have `item_id`, `name` and perhaps `brand`, `category` and `description`; queries have
    `query_id` and `query`; judgements have `query_id`, `item_id` and `relevance`.

    Raises:
        DataImportError: A file is missing, damaged or of another format.
        InvalidInputError: A column is missing, or a line cannot be read.
    """
    rows: dict[str, Document] = {}
    for record in _read(products, "item_id", "name"):
        texts = {
            name: record.get(name) or "" for name in ("name", "brand", "category", "description")
        }
        rows[record["item_id"]] = Document(len(rows) + 1, **texts)
    judged: dict[str, dict[int, float]] = {}
    for record in _read(judgements, "query_id", "item_id", "relevance"):
        row = rows.get(record["item_id"])
        if row is not None:
            by_product = judged.setdefault(record["query_id"], {})
            by_product[row.product_id] = _parse_number(record["relevance"], judgements)
    return JudgedQueries(
        documents=list(rows.values()),
        product_ids=list(rows),
        texts={row["query_id"]: row["query"] for row in _read(queries, "query_id", "query")},
        judgements=judged,
    )


def run_queries(judged: JudgedQueries, search: Search) -> tuple[dict[str, list[int]], list[float]]:
    """Return the first 50 products of each query, and the milliseconds that each took."""
    found, times = {}, []
    for query_id, text in judged.texts.items():
        started = perf_counter()
        products = search(text)
        times.append((perf_counter() - started) * 1_000)
        found[query_id] = list(products[:RECALL_DEPTH])
    return found, times


def measure(
    judged: JudgedQueries, found: Mapping[str, Sequence[int]], times: Sequence[float]
) -> Figures:
    """Return the figures of what a search found; `found` may have a part of the queries."""
    values = []
    for query_id, products in found.items():
        judgements = judged.judgements.get(query_id, {})
        relevant = {pk for pk, judgement in judgements.items() if judgement >= RELEVANT}
        if relevant:
            values.append(
                (
                    len(relevant.intersection(products)) / min(RECALL_DEPTH, len(relevant)),
                    not relevant.isdisjoint(products[:TOP_DEPTH]),
                    _compute_ndcg(products[:TOP_DEPTH], judgements),
                )
            )
    recall, success, ndcg = np.mean(values, axis=0).tolist() if values else [np.nan] * 3
    return Figures(
        queries=len(found),
        judged=len(values),
        recall_at_50=recall,
        success_at_10=success,
        ndcg_at_10=ndcg,
        without_result=sum(not products for products in found.values()) / max(1, len(found)),
        p50_ms=float(np.percentile(times, 50)),
        p95_ms=float(np.percentile(times, 95)),
    )


def _compute_ndcg(products: Sequence[int], judgements: Mapping[int, float]) -> float:
    best = sorted(judgements.values(), reverse=True)[:TOP_DEPTH]
    reached = _compute_dcg([judgements.get(product, 0.0) for product in products])
    return reached / _compute_dcg(best)


def _compute_dcg(judgements: Sequence[float]) -> float:
    gains = 2 ** np.array(judgements) - 1
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())


def _read(path: Path, *columns: str) -> list[Record]:
    records = []
    with RecordFile(path) as file:
        for line, record in file:
            if isinstance(record, RowError):
                raise InvalidInputError(f"{path}, line {line}, {record}.")
            for column in columns:
                if record.get(column) in (None, ""):
                    raise InvalidInputError(f"{path}, line {line}, has no {column}.")
            records.append(record)
    return records


def _parse_number(text: str, path: Path) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidInputError(f"{path} has the relevance {text!r}, which is no number.") from None
