"""Sets of the sample shop: products of different types that shoppers buy together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.catalogue import CHARACTER_NAMES, NOUNS, SampleCatalogue
from recommendations.sample_data.sampling import draw_columns
from recommendations.sample_data.tastes import THEMES, Tastes

REUSE_FACTOR = 1e-3
"""Factor on the weight of a product that is in a set already."""
MIN_AGE_DAYS = 60.0
"""Products younger than this are in no set."""


@dataclass(frozen=True)
class ProductSets:
    """Row i of `items` is set i, padded with -1; `themes` are indexes into `THEMES`."""

    items: NDArray[np.int64]
    themes: NDArray[np.int64]

    def contains(self, sets: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each set contains the item of the same row; the set -1 is empty."""
        is_member: NDArray[np.bool_] = (self.items[sets] == items[:, None]).any(axis=1)
        return is_member & (sets >= 0)

    def choose(
        self,
        catalogue: SampleCatalogue,
        tastes: Tastes,
        subjects: NDArray[np.int64],
        themes: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Draw a set of the theme for each subject by its fit; -1 if the theme has no set."""
        weights = np.zeros((len(subjects), len(self.items)))
        for column, row in enumerate(self.items):
            of_theme = np.flatnonzero(themes == self.themes[column])
            members = np.tile(row[row >= 0], (len(of_theme), 1))
            log_fit = tastes.compute_log_fit(catalogue, subjects[of_theme], members)
            weights[of_theme, column] = np.exp(log_fit.mean(axis=1))
        return draw_columns(weights, rng)


def make_sets(catalogue: SampleCatalogue) -> ProductSets:
    """Return the sets of a catalogue.

    Each entry of `Theme.sets` gives one set for each character of the theme, and two for the first
    character. A set has the most popular products that suit its character, but none that is new or
    cannot be bought. Two sets share a product only if its type has no other.
    """
    is_sellable = np.array([one.is_active and one.stock > 0 for one in catalogue.products])
    weights = catalogue.popularity * (is_sellable & (catalogue.ages_days > MIN_AGE_DAYS))
    sets: list[list[int]] = []
    themes: list[int] = []
    for theme_row, theme in enumerate(THEMES.values()):
        for types in theme.sets:
            for character in (*theme.characters, theme.characters[0]):
                suits = 0.1 + (catalogue.characters == CHARACTER_NAMES.index(character))
                of_types = [
                    weights * suits * (catalogue.types == NOUNS.index(noun)) for noun in types
                ]
                row = [int(np.argmax(fitting)) for fitting in of_types if fitting.any()]
                if len(row) < 2:
                    # A small catalogue may lack products of these types.
                    continue
                weights[row] *= REUSE_FACTOR
                sets.append(row)
                themes.append(theme_row)
    longest = max((len(row) for row in sets), default=0)
    return ProductSets(
        items=np.array([row + [-1] * (longest - len(row)) for row in sets], dtype=np.int64),
        themes=np.array(themes),
    )
