"""The state of the shop on the admin's first page: whether its parts work, and what lists need."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from recommendations.admin.dashboard_words import DashboardWords
from recommendations.admin.dimension_names import name_value
from recommendations.admin.formats import Format
from recommendations.conf import configuration
from recommendations.services.infra.background import check_background
from recommendations.services.infra.health import PartStatus, check_readiness
from recommendations.services.insight.readiness import PlacementReadiness
from recommendations.services.insight.report import Dimension


def build_health(
    words: DashboardWords, shown: Format, counted_at: datetime | None
) -> Iterable[dict[str, str]]:
    """Yield each part of the shop, with how it is; the worker by when it counted last."""
    readiness, background = check_readiness(), check_background(counted_at)
    told: Mapping[PartStatus, str] = {
        PartStatus.OK: words.ok,
        PartStatus.FAILING: words.failing,
        PartStatus.MISSING: words.missing,
    }
    counted = background.counted_at
    waiting = background.waiting
    parts = [
        (words.database, readiness.database, ""),
        (words.cache, readiness.cache, ""),
        (words.model, readiness.model, ""),
        (words.training, readiness.training, ""),
        (
            words.worker,
            background.worker,
            words.counted.format(shown.ago(counted)) if counted else words.never,
        ),
        (
            words.queue,
            background.queue,
            words.unreachable if waiting is None else words.waiting.format(shown.count(waiting)),
        ),
        (str(_("Feeds")), readiness.feeds, ""),
    ]
    if configuration().picture_vectors:
        share = readiness.picture_share
        note = (
            ""
            if share is None
            else _("{} of the products with a photograph").format(shown.share(share))
        )
        parts.append((str(_("Vectors of pictures")), readiness.pictures, note))
    for name, status, note in parts:
        yield {"name": name, "status": status.value, "text": told[status], "note": note}


def build_readiness(
    placement: PlacementReadiness, words: DashboardWords, shown: Format
) -> dict[str, Any]:
    """Return what a placement has, and what it still needs to be personal."""
    return {
        "placement": name_value(Dimension.PLACEMENT, placement.placement.value),
        "is_ready": placement.is_ready,
        "status": words.is_ready if placement.is_ready else words.is_not_ready,
        "lists": words.from_the_model.format(
            shown.count(placement.model_lists), shown.count(placement.lists)
        ),
        "needs": [
            {
                "text": words.need.format(
                    shown.count(need.has),
                    shown.count(need.needs),
                    getattr(need.title, shown.language),
                ),
                "until_then": getattr(need.until_then, shown.language),
                "to_do": getattr(need.to_do, shown.language),
            }
            for need in placement.needs
            if not need.is_met
        ],
    }
