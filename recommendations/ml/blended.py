"""How an ensemble blends, and what it returns."""

from dataclasses import dataclass

from recommendations.ml.data import FloatArray, History, RowArray
from recommendations.ml.models.base import Folded


@dataclass(frozen=True, slots=True)
class BlendShape:
    """How an ensemble brings its members' scores together; see `weigh_items` for the last two.

    A power below 1 makes the differences between a member's best items smaller.
    """

    power: float = 0.5
    abstention: float = 0.0
    trend_exponent: float = 0.0


UNTUNED = BlendShape()


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """A history folded in by each active member."""

    history: History
    members: list[Folded]
    normalizers: FloatArray
    """The score of each active member that becomes 1."""
    scale: float = 1.0
    """What all blended scores are multiplied with, so that the trend leaves the best as it was."""


@dataclass(frozen=True, slots=True)
class BlendedRanking:
    """Item rows, best first; ties go to the lower row.

    Scores are in [0, 1] and descend; the `member_scores` of an item sum to its score. `folded` is
    the history that was scored, for `Ensemble.contributions`.
    """

    items: RowArray
    scores: FloatArray
    member_scores: dict[str, FloatArray]
    folded: FoldedHistory


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Where blended scores come from.

    `scores` are the active members' own scores, NaN where a member has no opinion; `parts` are what
    they add to the blended scores. Both have the shape (n_members, n_items). `contributions` is
    that of `Ensemble.contributions`; an item's parts less its contributions are the biases.
    """

    scores: FloatArray
    parts: FloatArray
    contributions: FloatArray
