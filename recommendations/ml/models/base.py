"""The interface of all recommenders."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Annotated, Any, ClassVar, Self, get_type_hints

from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.numerics.scoring_kernels import weigh_history
from recommendations.ml.numerics.topk import Scored
from recommendations.progress import Progress

State = dict[str, NDArray[Any]]

ParamGrid = Mapping[str, tuple[float, ...]]
"""The values that tuning may try, ascending, by parameter."""

Folded = Any
"""What `fold_in` makes of a history; each recommender has a type of its own."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Annotates a parameter with the values that tuning may try.

    `refit` is False if a fitted recommender can change the parameter without another fit.
    """

    values: tuple[float, ...]
    refit: bool = True


class Recommender(ABC):
    """A model that is fitted on interactions and scores items for a history.

    It follows scikit-learn's conventions: parameters are keyword arguments of the constructor and
    attributes of the same names, the seed among them; `fit` returns the recommender and forgets
    what was learnt before; fitted names end in `_`. Requests do not change a fitted recommender:
    `fold_in` returns what a request computes from the history, for the methods that follow.

    NaN means "no opinion". `score`, `candidates` and `score_items` agree with each other. The
    engine, not the recommender, filters, arranges and explains a list.
    """

    name: ClassVar[str]
    """Set by `register`."""
    ranks_history: ClassVar[bool] = False
    """Whether scores tell in which order products of the history are wanted, and new ones among
    them. Of other recommenders, an ensemble heeds only which products of the history score more
    than the best new one."""
    knows_new_items: ClassVar[bool] = False
    """Whether scores come from the descriptions of items, so that an item without interactions is
    judged as well as any other."""
    learns_with_torch: ClassVar[bool] = False
    """Whether `fit` needs PyTorch; nothing else does."""

    @property
    def n_fit_steps(self) -> int:
        """How many steps a fit reports; a fit may end after fewer."""
        return 1

    @abstractmethod
    def fit(self, interactions: Interactions) -> Self:
        """Learn from all interactions and the catalogue that comes with them."""

    def fit_in_steps(self, interactions: Interactions, progress: Progress) -> Self:
        """Fit, and report each step if there is more than one."""
        return self.fit(interactions)

    @abstractmethod
    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); for evaluation."""

    def fold_in(self, history: History) -> Folded:
        """Return what the methods below need of a history, computed once for each request."""
        return history

    @abstractmethod
    def candidates(self, folded: Folded, k: int) -> Scored:
        """Return the k items with the best scores, those in the history included."""

    @abstractmethod
    def score_items(self, folded: Folded, items: RowArray) -> FloatArray:
        """Return the scores of these items only, without a pass over the catalogue."""

    @abstractmethod
    def contributions(self, folded: Folded, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history)).

        The contributions of a linear recommender sum to the score less the item's bias. A
        recommender that ignores the history returns zeros.
        """

    def get_params(self) -> dict[str, Any]:
        """Return the arguments of the constructor, ready for JSON."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def param_grid(self) -> ParamGrid:
        """Return the values that tuning may try, each with another fit."""
        return _collect_grids(type(self), refit=True)

    def inference_param_grid(self) -> ParamGrid:
        """Return the values that tuning may try on this fitted recommender without another fit."""
        return _collect_grids(type(self), refit=False)

    @abstractmethod
    def state(self) -> State:
        """Return what was learnt as named arrays, none of them of object type."""

    @abstractmethod
    def set_state(self, state: State) -> None:
        """Restore what `state` returned; raises ValueError if the arrays do not fit each other."""

    @classmethod
    def from_state(cls, params: Mapping[str, Any], state: State) -> Self:
        """Return the fitted recommender with these parameters and this state."""
        recommender = cls(**params)
        recommender.set_state(state)
        return recommender


def _collect_grids(recommender: type[Recommender], *, refit: bool) -> ParamGrid:
    return {
        parameter: grid.values
        for parameter, hint in get_type_hints(recommender, include_extras=True).items()
        for grid in getattr(hint, "__metadata__", ())
        if grid.refit is refit
    }


PositionDecay = Annotated[float, Grid((0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), refit=False)]
NonsequentialPositionDecay = Annotated[float, Grid((0.8, 0.9, 0.95, 0.98, 1.0), refit=False)]
DECAYS_PER_DAY = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3)


@dataclass(eq=False, kw_only=True)
class HistoryRecommender(Recommender):
    """A recommender whose scores are sums over the entries of a history.

    Args:
        position_decay: Factor on an entry's weight for each other item touched since.
        position_decay_nonsequential: The same for data whose timestamps do not order interactions.
        decay_per_day: Rate of the exponential decay of an entry's weight, by its days before the
            newest entry.
    """

    position_decay: PositionDecay = 0.7
    position_decay_nonsequential: NonsequentialPositionDecay = 0.95
    decay_per_day: Annotated[float, Grid(DECAYS_PER_DAY, refit=False)] = 0.1
    is_sequential_: bool = field(init=False, repr=False)
    """Whether most pairs of consecutive interactions of a shopper have different times."""

    @property
    def history_decay(self) -> float:
        """The position decay for the data of the last fit."""
        return self.position_decay if self.is_sequential_ else self.position_decay_nonsequential

    def weigh_entries(self, history: History) -> FloatArray:
        """Return the weight of each history entry; the weights sum to 1."""
        entry_weights: FloatArray = weigh_history(
            history.items,
            history.weights,
            history.ages_in_days,
            history.interaction_types,
            self.history_decay,
            self.decay_per_day,
        )
        return entry_weights

    def inference_param_grid(self) -> ParamGrid:
        """Return the decays of a history but the position decay that this data does not use."""
        grid = dict(super().inference_param_grid())
        unused = "position_decay_nonsequential" if self.is_sequential_ else "position_decay"
        grid.pop(unused, None)
        return grid
