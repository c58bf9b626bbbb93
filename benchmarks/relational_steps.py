"""Members that count and join as relational steps of DuckDB, with a small numeric end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.ml.data import MAX_REPEAT_FACTOR, NEUTRAL_RATING
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import PRIOR_STRENGTH, BuyAgainModel
from recommendations.ml.models.transitions import TransitionModel

State = dict[str, NDArray[Any]]
Step = Callable[[Any, Any, int], State]


def open_log(connection: Any, folder: Path) -> None:
    """Make the tables `merged` (as `merge_repeats`) and `sequences` (as `build_sequences`)."""
    weights = configuration().interaction_weights
    cases = " ".join(f"WHEN '{one.value}' THEN {weights[one]}" for one in InteractionType)
    connection.execute(
        f"""
        CREATE TABLE products AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS item
            FROM read_parquet('{folder}/products.parquet');
        CREATE VIEW events AS SELECT subject, item, interaction_type, log.id, timestamp,
                epoch_us(timestamp) / 1e6 AS seconds,
                (CASE interaction_type {cases} END)
                    * coalesce(rating / {NEUTRAL_RATING}, 1) AS weight
            FROM read_parquet('{folder}/interactions/*.parquet', hive_partitioning = false) log
            JOIN products ON products.id = product_id;
        CREATE TABLE merged AS SELECT subject, item, interaction_type, max(seconds) AS seconds,
                arg_max(id, (seconds, id)) AS id, count(*) AS repeats,
                arg_max(weight, (seconds, id)) * least(1 + ln(count(*)), {MAX_REPEAT_FACTOR})
                    AS weight
            FROM events GROUP BY subject, item, interaction_type;
        """
    )


def fit_relational(connection: Any, step: Step, member: Any) -> State:
    """Return the named arrays that the member would have learnt in memory."""
    (n_items,) = connection.execute("SELECT count(*) FROM products").fetchone()
    return step(connection, member, n_items)


def _sum_by_item(connection: Any, expression: str, source: str, n_items: int) -> NDArray[Any]:
    found = connection.execute(
        f"SELECT item, sum({expression}) AS total FROM {source} GROUP BY item"
    ).fetchnumpy()
    totals = np.full(n_items, np.nan, dtype=np.float32)
    totals[found["item"]] = found["total"]
    return totals


def _fit_popularity(connection: Any, member: PopularityModel, n_items: int) -> State:
    half_life = member.half_life_days * 86_400
    age = "((SELECT max(seconds) FROM merged) - seconds)"
    aged = f"weight * 0.5 ** ({age} / {half_life})"
    return {"scores": _sum_by_item(connection, aged, "merged", n_items)}


def _fit_recent_popularity(connection: Any, member: RecentPopularityModel, n_items: int) -> State:
    ranked = (
        "(SELECT item, weight, row_number() OVER (ORDER BY seconds DESC, id DESC) - 1 AS n_later,"
        " count(*) OVER () AS n FROM merged)"
    )
    aged = f"weight * 0.5 ** (n_later / n / {member.half_life_share})"
    return {"scores": _sum_by_item(connection, aged, ranked, n_items)}


def _fit_buy_again(connection: Any, _: BuyAgainModel, n_items: int) -> State:
    touched = np.nan_to_num(_sum_by_item(connection, "1", "merged", n_items)).astype(float)
    again = np.nan_to_num(_sum_by_item(connection, "(repeats > 1)::int", "merged", n_items)).astype(
        float
    )
    share = again.sum() / max(touched.sum(), 1)
    returns = (again + PRIOR_STRENGTH * share) / (touched + PRIOR_STRENGTH) / share
    bought, bought_again = connection.execute(
        "SELECT count(*), count(*) FILTER (repeats > 1) FROM merged"
        f" WHERE interaction_type = '{InteractionType.PURCHASE.value}'"
    ).fetchone()
    return {
        "returns": returns.astype(np.float32),
        "repurchase_rate": np.array([(bought_again + 1) / (bought + PRIOR_STRENGTH)]),
    }


_SEQUENCES = """
    CREATE OR REPLACE TABLE sequences AS
        SELECT user, item, seconds, row_number() OVER (PARTITION BY user ORDER BY seconds, id)
            AS place, count(*) OVER (PARTITION BY user) AS n_items,
            count(*) OVER (PARTITION BY item) AS n_shoppers
        FROM (SELECT dense_rank() OVER (ORDER BY subject) AS user, item, min(seconds) AS seconds,
            arg_min(id, (seconds, id)) AS id FROM merged GROUP BY subject, item)
"""


def _fit_item_graph(connection: Any, member: ItemGraphModel, n_items: int) -> State:
    connection.execute(_SEQUENCES)
    pairs = f"""
        SELECT one.item AS item, other.item AS neighbor,
            (sum(1 / one.n_items) / any_value(one.n_shoppers)) ** {member.alpha}
                * any_value(other.n_shoppers) ** -{member.beta} AS similarity
        FROM sequences one JOIN sequences other USING (user)
        WHERE one.item != other.item GROUP BY one.item, other.item
    """
    return _keep_largest(connection, pairs, member.n_neighbors, n_items)


def _fit_transitions(connection: Any, member: TransitionModel, n_items: int) -> State:
    connection.execute(_SEQUENCES)
    backward = member.backward_weight
    pairs = f"""
        SELECT one.item AS item, other.item AS neighbor,
            sum(abs(other.place - one.place) ** -{member.distance_exponent}
                * CASE WHEN one.seconds = other.seconds THEN {(1 + backward) / 2}
                    WHEN one.place < other.place THEN 1 ELSE {backward} END)
                * any_value(one.n_shoppers) ** -0.2
                * any_value(other.n_shoppers) ** -{member.popularity_exponent} AS similarity
        FROM sequences one JOIN sequences other USING (user)
        WHERE one.item != other.item AND abs(other.place - one.place) <= {member.window}
        GROUP BY one.item, other.item
    """
    return _keep_largest(connection, pairs, member.n_neighbors, n_items)


def _keep_largest(connection: Any, pairs: str, n_neighbors: int, n_items: int) -> State:
    """Return the largest similarities of each item as CSR arrays, neighbors ascending."""
    found = connection.execute(
        f"""
        SELECT item, neighbor, similarity::float AS similarity FROM ({pairs})
        QUALIFY row_number() OVER (
            PARTITION BY item ORDER BY similarity::float DESC, neighbor) <= {n_neighbors}
        ORDER BY item, neighbor
        """
    ).fetchnumpy()
    counts = np.bincount(found["item"], minlength=n_items)
    return {
        "indptr": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "neighbors": found["neighbor"].astype(np.int32),
        "similarities": found["similarity"],
    }


STEPS: dict[str, Step] = {
    "popularity": _fit_popularity,
    "recent popularity": _fit_recent_popularity,
    "buy again": _fit_buy_again,
    "item graph": _fit_item_graph,
    "transitions": _fit_transitions,
}
