"""The one interface of all recommenders."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray

State = dict[str, NDArray[Any]]

ParamGrid = Mapping[str, tuple[float, ...]]
"""Values worth trying of each parameter, ascending."""
POSITION_DECAYS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
POSITION_DECAYS_NONSEQUENTIAL = (0.8, 0.9, 0.95, 0.98, 1.0)
DECAYS_PER_DAY = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3)


def history_param_grid(*, ordered: bool) -> ParamGrid:
    """Return how fast a history may fade for a model that adds up its entries."""
    if ordered:
        return {"position_decay": POSITION_DECAYS, "decay_per_day": DECAYS_PER_DAY}
    return {
        "position_decay_nonsequential": POSITION_DECAYS_NONSEQUENTIAL,
        "decay_per_day": DECAYS_PER_DAY,
    }


@dataclass(frozen=True, slots=True)
class Scored:
    """Item rows with their scores, best first; ties go to the lower row."""

    items: RowArray
    scores: FloatArray


class Recommender(ABC):
    """One model family, in scikit-learn's manners.

    Parameters are constructor arguments kept under their own names, a seed among them where
    chance plays a part; `fit` forgets what was learnt before; fitted names end in `_`. A
    recommender does not choose what a list shows, filter or explain: the engine does.

    NaN means "no opinion". `score`, `candidates` and `score_items` agree with each other.
    """

    name: ClassVar[str]
    scores_new_items: ClassVar[bool] = False
    """Whether items without interactions can have a score."""
    uses_order: ClassVar[bool] = False
    """Whether the order of a history changes the scores beyond its ages."""
    param_grid: ClassVar[ParamGrid] = {}
    """Parameters that tuning may try, each with another fit."""

    @abstractmethod
    def fit(self, interactions: Interactions) -> Self:
        """Learn from all interactions and the catalogue that comes with them."""

    @abstractmethod
    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""

    @abstractmethod
    def score_items(self, history: History, items: RowArray) -> FloatArray:
        """Return the scores of just these items; touches nothing of catalogue size."""

    @abstractmethod
    def candidates(self, history: History, k: int) -> Scored:
        """Return the k items with the best scores, those in the history included."""

    @abstractmethod
    def similar_items(self, item: int, k: int) -> Scored:
        """Return the k items most like this one, itself left out."""

    def contributions(self, history: History, item: int) -> FloatArray:
        """Return what each history entry adds to the item's score, shape (len(history),)."""
        of_item: FloatArray = self.all_contributions(history, np.array([item], dtype=np.int32))[0]
        return of_item

    def all_contributions(self, history: History, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history)).

        Of linear recommenders the parts add up to the score less what every shopper gets; 0 where
        the history plays no part.
        """
        return np.zeros((len(items), len(history)), dtype=np.float32)

    def inference_param_grid(self) -> ParamGrid:
        """Return the parameters that tuning may try on this fitted recommender, as it is."""
        return {}

    @abstractmethod
    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments, as JSON can hold them."""

    @abstractmethod
    def state(self) -> State:
        """Return what was learnt as named arrays, none of them of object type."""

    @classmethod
    @abstractmethod
    def from_state(cls, parameters: Mapping[str, Any], state: State) -> Self:
        """Return the recommender whose `parameters()` and `state()` these are."""


def top_k(scores: FloatArray, k: int) -> Scored:
    """Return the k best of a row of scores, best first.

    Ties go to the lower row, so equal scores always give the same list. Rows without an opinion
    (NaN) are left out: the result may be shorter than k.
    """
    opinions = np.flatnonzero(~np.isnan(scores))
    if k < 1:
        opinions = opinions[:0]
    elif k < len(opinions):
        # Everything above the k-th best score, then the lowest rows among those equal to it.
        threshold = -np.partition(-scores[opinions], k - 1)[k - 1]
        above = opinions[scores[opinions] > threshold]
        equal = opinions[scores[opinions] == threshold][: k - len(above)]
        opinions = np.concatenate([above, equal])
    order = np.lexsort((opinions, -scores[opinions]))
    best = opinions[order].astype(np.int32)
    return Scored(items=best, scores=scores[best].astype(np.float32))
