"""The position-based click model: P(click) = examination of the place × attraction of the product.

Richardson, Dominowska, Ragno (2007), https://doi.org/10.1145/1242572.1242643. Only the products of
both are identified, so examination is relative to the place with the most clicks.

A *place* is a position in a list of one name, because lists lower down a page are seen less: place
p of list l is number l × n_positions + p.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_ITERATIONS = 200
TOLERANCE = 1e-6
PLACE_PRIOR, LIST_PRIOR = 5.0, 20.0
"""So many clicks weigh as much as the prior of a place, and of the level of a list.

Without a prior, a place whose clicks are all on products that stand nowhere else is unbounded."""
SMALLEST_SPREAD = 0.1
"""The attraction of products differs at least by this share of its mean, whatever the log says."""


@dataclass(frozen=True, slots=True)
class ClickLog:
    """Products at places of lists, one column for each time that a product was shown.

    Places and items may have no column; `n_names` lists have `n_positions` places each.
    """

    lists: Ints
    """The list, counted from 0."""
    places: Ints
    items: Ints
    clicked: NDArray[np.bool_]
    n_names: int
    n_positions: int
    n_items: int

    def count_telling_clicks(self) -> int:
        """Return the clicks on products that stood at several places.

        Only they tell how much of a click is due to the place, and how much to the product.
        """
        pairs = np.unique(self.places * self.n_items + self.items)
        n_places = np.bincount(pairs % self.n_items, minlength=self.n_items)
        return int(np.count_nonzero(n_places[self.items[self.clicked]] > 1))


@dataclass(frozen=True, slots=True)
class ClickModel:
    """Examination of each place, and the attraction of each product with its uncertainty.

    The attraction of a product is gamma distributed with `shape` and `rate`: its clicks and
    examinations, and those of the prior, which is fitted to all products. A product that was never
    shown has the prior's mean.
    """

    examination: Floats
    shape: Floats
    rate: Floats

    @property
    def attraction(self) -> Floats:
        """The mean attraction of each product."""
        return self.shape / self.rate

    def draw_attraction(self, rng: np.random.Generator) -> Floats:
        """Return attractions drawn from what is known of each product."""
        return rng.gamma(self.shape) / self.rate


def fit_click_model(log: ClickLog) -> ClickModel:
    """Fit the model; a log without clicks gives nothing that could be examined."""
    return _describe_products(log, _fit_examination(_Cells.count(log)))


def iter_resampled_models(
    log: ClickLog, model: ClickModel, list_weights: Iterator[Floats]
) -> Iterator[ClickModel]:
    """Yield the model of each resampling of the lists, given as a weight for each.

    The weights say how sure the examination is. How sure an attraction is says its distribution,
    which keeps the clicks of the whole log: resampling cannot, where a product has none.
    """
    cells = _Cells.count(log)
    for weights in list_weights:
        resampled = cells.reweigh(weights[log.lists])
        yield _describe_products(log, _fit_examination(resampled, start=model.examination))


@dataclass(frozen=True, slots=True)
class _Cells:
    """How often each product was shown and clicked at each place where it stood."""

    places: Ints
    items: Ints
    shown: Floats
    clicks: Floats
    rows: Ints
    """The cell of each column of the log."""
    log: ClickLog

    @classmethod
    def count(cls, log: ClickLog) -> "_Cells":
        keys, rows = np.unique(log.places * log.n_items + log.items, return_inverse=True)
        places, items = keys // log.n_items, keys % log.n_items
        empty = cls(places, items, np.empty(0), np.empty(0), rows, log)
        return empty.reweigh(np.ones(len(rows)))

    def reweigh(self, weights: Floats) -> "_Cells":
        n_cells = len(self.places)
        return _Cells(
            places=self.places,
            items=self.items,
            shown=_add_up(self.rows, weights, n_cells),
            clicks=_add_up(self.rows, weights * self.log.clicked, n_cells),
            rows=self.rows,
            log=self.log,
        )


def _fit_examination(cells: _Cells, start: Floats | None = None) -> Floats:
    """Return the examination of each place, by alternating with the attraction of each product.

    At the fixed point, but for the prior, each place and each product has as many clicks as
    expected. This maximizes the likelihood of Poisson clicks given each product's clicks, in which
    attractions do not occur: however few clicks a product has, the examination is consistent.
    The prior of a place is the level of its list times the discount of DCG.
    """
    log = cells.log
    shape = (log.n_names, log.n_positions)
    n_places = log.n_names * log.n_positions
    discount = 1 / np.log2(np.arange(log.n_positions) + 2)
    place_clicks = _add_up(cells.places, cells.clicks, n_places)
    item_clicks = _add_up(cells.items, cells.clicks, log.n_items)
    # Products without a click say nothing about places.
    used = (item_clicks[cells.items] > 0) & (cells.shown > 0)
    places, items, shown = cells.places[used], cells.items[used], cells.shown[used]
    list_clicks = place_clicks.reshape(shape).sum(axis=1)
    most_clicked = int(np.argmax(place_clicks))
    examination = np.tile(discount, log.n_names) if start is None else start
    for _ in range(MAX_ITERATIONS if len(places) else 0):
        examined = _add_up(items, examination[places] * shown, log.n_items)
        attraction = _divide(item_clicks, examined)
        expected = _add_up(places, attraction[items] * shown, n_places)
        list_expected = (expected.reshape(shape) * discount).sum(axis=1)
        level = list_clicks.sum() / list_expected.sum()
        levels = (list_clicks + LIST_PRIOR * level) / (list_expected + LIST_PRIOR)
        prior = np.outer(levels, discount).ravel()
        fitted = (place_clicks + PLACE_PRIOR * prior) / (expected + PLACE_PRIOR)
        fitted /= fitted[most_clicked]
        change = float(np.abs(fitted - examination).max())
        examination = fitted
        if change < TOLERANCE:
            break
    return examination


def _add_up(rows: Ints, weights: Floats, count: int) -> Floats:
    return np.bincount(rows, weights, count).astype(np.float64)


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, 0 where nothing is divided by nothing."""
    return np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator > 0)


def _describe_products(log: ClickLog, examination: Floats) -> ClickModel:
    """Return the model with the attractions that the whole log gives for an examination.

    The prior has the mean and the variance of the attractions, by the method of moments.
    """
    clicks = _add_up(log.items, log.clicked.astype(np.float64), log.n_items)
    examined = _add_up(log.items, examination[log.places], log.n_items)
    mean = clicks.sum() / max(examined.sum(), TOLERANCE)
    noise = mean * examined
    excess = float(np.sum((clicks - noise) ** 2 - noise))
    variance = max(excess / max(float(np.sum(examined**2)), TOLERANCE), 0.0)
    spread = max(variance, (SMALLEST_SPREAD * mean) ** 2, TOLERANCE**2)
    return ClickModel(
        examination=examination,
        shape=mean**2 / spread + clicks,
        rate=mean / spread + examined,
    )
