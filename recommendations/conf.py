"""The engine's settings: one validated, immutable object with its defaults documented here.

Read it through `configuration()`. A deployment overrides values in `settings.RECOMMENDATIONS`;
an unknown name or an impossible value is refused with a sentence that says which.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from recommendations.choices import InteractionType

PRESETS = ("default", "fast", "full")


def _default_weights() -> dict[InteractionType, float]:
    return {
        InteractionType.VIEW: 1.0,
        InteractionType.LIKE: 2.0,
        InteractionType.CART: 3.0,
        InteractionType.PURCHASE: 5.0,
    }


@dataclass(frozen=True)
class Configuration:
    """Everything about recommending that a shop may set."""

    artifacts_dir: Path
    """Folder of trained models."""

    interaction_weights: Mapping[InteractionType, float] = field(default_factory=_default_weights)
    """How much an interaction of each type says about taste."""

    decay_per_day: float = 0.1
    """Rate of the exponential ageing of interactions, measured from the newest one."""

    collaborative_weight: float = 0.7
    """Share of collaborative filtering in the ensemble."""

    factorization_weight: float = 0.3
    """Share of matrix factorization in the ensemble."""

    preset: str = "default"
    """Which recommenders are trained: `default` is the pair above with its weights; `fast` and
    `full` add others, and training finds the weights of all on held-out interactions."""

    history_length: int = 50
    """How many of a subject's latest interactions a list is made from."""

    cache_seconds: int = 1800
    """Longest life of a cached list."""

    trending_half_life_days: float = 3.0
    """Age at which an interaction counts half for trending."""

    retrain_after_interactions: int = 500
    """New interactions that make a retraining due."""

    retrain_after_hours: float = 24.0
    """Age of the live model at which a retraining is due whenever anything is new."""

    keep_model_versions: int = 3
    """Model versions whose artifacts stay on disk."""

    served_log_keep_days: float = 90.0
    """How long it is kept which lists were shown."""

    served_log_flush_seconds: float = 1.0
    """How long notes of shown lists gather in a process before they are written together."""

    currency: str = "USD"
    """ISO 4217 code of every price."""

    demo_sign_in: bool = False
    """Whether visitors may sign in as a seeded shopper without a password."""

    @cached_property
    def text(self) -> str:
        """All values, for the keys of what depends on them; put together once."""
        return repr(self)

    def __post_init__(self) -> None:
        unweighted = set(InteractionType) - set(self.interaction_weights)
        if unweighted:
            raise ImproperlyConfigured(
                f"interaction_weights says nothing about {', '.join(sorted(unweighted))}."
            )
        for name in (
            "history_length",
            "cache_seconds",
            "trending_half_life_days",
            "retrain_after_interactions",
            "retrain_after_hours",
            "keep_model_versions",
            "served_log_keep_days",
            "served_log_flush_seconds",
        ):
            if getattr(self, name) <= 0:
                raise ImproperlyConfigured(f"{name} is {getattr(self, name)} and must be positive.")
        if self.preset not in PRESETS:
            raise ImproperlyConfigured(
                f"There is no preset {self.preset}; there are {', '.join(PRESETS)}."
            )
        if self.decay_per_day < 0:
            raise ImproperlyConfigured(f"decay_per_day is {self.decay_per_day}, below zero.")
        if self.collaborative_weight < 0 or self.factorization_weight < 0:
            raise ImproperlyConfigured("The ensemble's weights must not be negative.")
        if self.collaborative_weight + self.factorization_weight == 0:
            raise ImproperlyConfigured("One of the ensemble's weights must be above zero.")


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    """Return the settings in force."""
    overrides: dict[str, Any] = dict(settings.RECOMMENDATIONS)
    unknown = set(overrides) - {known.name for known in fields(Configuration)}
    if unknown:
        raise ImproperlyConfigured(f"RECOMMENDATIONS has no setting {', '.join(sorted(unknown))}.")
    if "interaction_weights" in overrides:
        overrides["interaction_weights"] = {
            InteractionType(kind): float(weight)
            for kind, weight in overrides["interaction_weights"].items()
        }
    return Configuration(**overrides)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "RECOMMENDATIONS":
        configuration.cache_clear()


# Only `override_settings` in tests sends this.
setting_changed.connect(_forget)
