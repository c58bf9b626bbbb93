"""What recommenders that learn by a network have in common."""

from typing import ClassVar, Self

from recommendations.ml.data import Interactions
from recommendations.ml.models.base import Recommender
from recommendations.ml.neural.windows import Windows
from recommendations.progress import report_nothing

MAX_ITEMS = 100_000
"""Larger catalogues are not learnt: each step of the optimizer moves the vectors of all items."""


class NetworkRecommender(Recommender):
    """A recommender that trains a network on windows of the users' histories, epoch by epoch."""

    learns_with_torch: ClassVar[bool] = True

    n_epochs: int

    @property
    def n_fit_steps(self) -> int:
        """The number of epochs, fewer of which are enough for a large log."""
        return self.n_epochs

    def fit(self, interactions: Interactions) -> Self:
        """Learn from the newest items of each user, in random order if times give none."""
        return self.fit_in_steps(interactions, report_nothing)

    def count_epochs(self, windows: Windows, n_items: int) -> int:
        """Return for how many epochs the network is trained; 0 for too large a catalogue."""
        return windows.count_epochs(self.n_epochs) if n_items <= MAX_ITEMS else 0
