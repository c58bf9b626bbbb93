"""How good the models that went live were when they were measured, and how old the live one is."""

from dataclasses import dataclass
from datetime import datetime

from recommendations.choices import ModelState
from recommendations.models import ModelVersion
from recommendations.services.training import gate

MOST_VERSIONS = 30


@dataclass(frozen=True, slots=True)
class ModelQuality:
    """A version that went live, with its NDCG@10 and that of popularity; None if not measured."""

    name: str
    trained_at: datetime
    promoted_at: datetime
    is_live: bool
    ndcg: float | None
    popularity_ndcg: float | None


def read_model_quality() -> list[ModelQuality]:
    """Return the latest versions that went live, oldest first."""
    versions = ModelVersion.objects.exclude(promoted_at=None).order_by("-promoted_at", "-id")
    found = []
    for version in versions[:MOST_VERSIONS]:
        ndcg = gate.get_measured(version.metrics).get("ndcg", {})
        found.append(
            ModelQuality(
                name=version.name,
                trained_at=version.created_at,
                promoted_at=version.promoted_at or version.created_at,
                is_live=version.state == ModelState.LIVE.value,
                ndcg=ndcg.get("ensemble"),
                popularity_ndcg=ndcg.get("popularity"),
            )
        )
    return found[::-1]
