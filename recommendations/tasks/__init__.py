"""Background tasks; Celery finds them here."""

from recommendations.tasks.experiments import keep_experiments
from recommendations.tasks.feeds import fetch_due_feeds, fetch_feed
from recommendations.tasks.housekeeping import (
    make_partitions_ahead,
    prune_idempotency_keys,
    prune_served_lists,
    prune_traces,
    send_order_confirmations,
)
from recommendations.tasks.imports import check_import, run_import
from recommendations.tasks.insight import keep_figures
from recommendations.tasks.pictures import encode_pictures_when_due, fetch_pictures
from recommendations.tasks.sales import begin_and_end_sales
from recommendations.tasks.search import (
    count_queries,
    learn_from_searches,
    prune_search_log,
    rebuild_search_when_due,
)
from recommendations.tasks.shared_values import keep_shared_values_fresh
from recommendations.tasks.shoppers import keep_profiles_current, prepare_lists
from recommendations.tasks.training import retrain, retrain_when_due
from recommendations.tasks.what_if import try_what_if

__all__ = [
    "begin_and_end_sales",
    "check_import",
    "count_queries",
    "encode_pictures_when_due",
    "fetch_due_feeds",
    "fetch_feed",
    "fetch_pictures",
    "keep_experiments",
    "keep_figures",
    "keep_profiles_current",
    "keep_shared_values_fresh",
    "learn_from_searches",
    "make_partitions_ahead",
    "prepare_lists",
    "prune_idempotency_keys",
    "prune_search_log",
    "prune_served_lists",
    "prune_traces",
    "rebuild_search_when_due",
    "retrain",
    "retrain_when_due",
    "run_import",
    "send_order_confirmations",
    "try_what_if",
]
