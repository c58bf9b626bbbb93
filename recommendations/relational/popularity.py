"""Members and priors that count by item."""

import numpy as np

from recommendations.ml.data import PURCHASE, SECONDS_PER_DAY
from recommendations.ml.item_debuts import ItemDebuts
from recommendations.ml.item_priors import FULL_VOICE, TREND_HALF_LIFE_SHARE, ItemPriors
from recommendations.ml.models.own_items import OwnItemsRecommender
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.relational.engine import fetch_columns, fetch_row, write_number
from recommendations.relational.log import ROWS_PER_STRETCH, RelationalLog, place_rows


def fit_popularity(log: RelationalLog, member: PopularityModel) -> None:
    """Sum each item's weights, which decay with their days."""
    rate = np.log(2) / member.half_life_days
    days = f"({write_number(log.newest_seconds)} - seconds) / {write_number(SECONDS_PER_DAY)}"
    _set_scores(log, member, f"weight * exp(-{write_number(rate)} * {days})", log.merged)


def fit_recent_popularity(log: RelationalLog, member: RecentPopularityModel) -> None:
    """Sum each item's weights, which decay with the share of interactions since."""
    n = max(log.n_interactions, 1)
    aged = f"weight * power(0.5e0, n_later / {write_number(n * member.half_life_share)})"
    _set_scores(log, member, aged, f"({_count_later(log, ('item', 'weight'))})")


def fit_buy_again(log: RelationalLog, member: BuyAgainModel) -> None:
    """Count what was touched and touched again."""
    counts = log.sum_by_item(
        {"touched": "1", "again": "CASE WHEN repeats > 1 THEN 1 ELSE 0 END"}, log.merged
    )
    n_bought, n_bought_again = fetch_row(
        log.engine,
        f"SELECT count(*), count(CASE WHEN repeats > 1 THEN 1 END) FROM {log.merged}"
        f" WHERE interaction_type = {PURCHASE}",
    )
    member.set_counts(
        touched=counts["touched"],
        again=counts["again"],
        n_bought=n_bought,
        n_bought_again=n_bought_again,
    )


def fit_own_items(log: RelationalLog, member: OwnItemsRecommender) -> None:
    """Keep the size of the catalogue."""
    member.set_size(log.n_items, has_interactions=log.n_events > 0)


def compute_priors(log: RelationalLog) -> ItemPriors:
    """Return how well items are known, and their trend, as `ItemPriors.of`."""
    n = max(log.n_interactions, 1)
    voices = f"""(
        SELECT item, first_position, n_later,
            least(n_items / {write_number(FULL_VOICE)}, 1e0) AS voice
        FROM ({_count_later(log, ("shopper", "item", "first_position"))}) AS aged
        JOIN (SELECT shopper, count(*) AS n_items FROM {log.touches} AS touches GROUP BY shopper)
            AS lengths ON lengths.shopper = aged.shopper
    )"""
    half_life = write_number(n * TREND_HALF_LIFE_SHARE)
    sums = log.sum_by_item(
        {
            "counts": "1",
            "voices": "voice",
            "aged_voices": f"voice * power(0.5e0, n_later / {half_life})",
        },
        voices,
    )
    items_of_firsts = log.engine.query(
        f"SELECT item, min(first_position) FROM {log.merged} AS merged GROUP BY item"
    )
    firsts = np.full(log.n_items, log.n_events, dtype=np.float64)
    firsts[items_of_firsts.column(0).to_numpy()] = items_of_firsts.column(1).to_numpy()
    return ItemPriors.from_counts(
        counts=sums["counts"].astype(np.int64),
        ages=(log.n_events - firsts) / max(log.n_events, 1),
        voices=sums["voices"],
        aged_voices=sums["aged_voices"],
    )


def compute_debuts(log: RelationalLog) -> ItemDebuts:
    """Return when items were first touched and how often since, as `ItemDebuts.of`."""
    items, first_seconds, counts = fetch_columns(
        log.engine,
        f"SELECT item, min(seconds), count(*) FROM {log.events} AS events GROUP BY item",
    )
    debuts = ItemDebuts(np.full(log.n_items, np.inf), np.zeros(log.n_items, dtype=np.int32))
    debuts.first_seconds[items] = first_seconds
    debuts.n_interactions[items] = counts
    return debuts


def _set_scores(
    log: RelationalLog,
    member: PopularityModel | RecentPopularityModel,
    aged_weight: str,
    relation: str,
) -> None:
    sums = log.sum_by_item({"touched": "1", "scores": aged_weight}, relation)
    member.set_scores(np.where(sums["touched"] > 0, sums["scores"], np.nan))


def _count_later(log: RelationalLog, columns: tuple[str, ...]) -> str:
    """Return the SQL of merged interactions with `n_later`, how many are newer than each."""
    listed = ", ".join(columns)
    merged = f"(SELECT {listed}, position AS newest FROM {log.merged} AS merged)"
    placed = place_rows(
        merged,
        columns,
        stretch=f"CAST(floor(newest / {ROWS_PER_STRETCH}e0) AS BIGINT)",
        order="newest",
    )
    return f"SELECT *, {log.n_interactions - 1} - position AS n_later FROM ({placed}) AS placed"
