"""What goes with what in the sample shop: products that the same people buy in one go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.catalogue import (
    CHARACTER_NAMES,
    TYPES,
    SampleCatalogue,
)
from recommendations.sample_data.tastes import THEMES, Tastes

TAKEN = 1e-3
"""What a product's chance to be in a set is multiplied by once it is in one."""
YOUNGEST_DAYS = 60.0
"""What is newer has not found its companions yet."""


@dataclass(frozen=True)
class ProductSets:
    """Row i of `items` is set i, padded with -1; `themes` are places in `THEMES`."""

    items: NDArray[np.int64]
    themes: NDArray[np.int64]

    def holds(self, sets: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return of each pair whether the item is in the set; the set -1 holds nothing."""
        within: NDArray[np.bool_] = (self.items[sets] == items[:, None]).any(axis=1)
        return within & (sets >= 0)

    def chosen(
        self,
        catalogue: SampleCatalogue,
        tastes: Tastes,
        subjects: NDArray[np.int64],
        themes: NDArray[np.int64],
        chance: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return the set that each of these subjects would buy under a theme, by its looks.

        -1 where the theme has none.
        """
        weight = np.zeros((len(subjects), len(self.items)))
        for number, row in enumerate(self.items):
            of_theme = np.flatnonzero(themes == self.themes[number])
            members = np.tile(row[row >= 0], (len(of_theme), 1))
            looks = tastes.look_appeal(catalogue, subjects[of_theme], members)
            weight[of_theme, number] = np.exp(looks.mean(axis=1))
        limits = np.cumsum(weight, axis=1)
        picked = np.argmax(limits > chance.random((len(limits), 1)) * limits[:, -1:], axis=1)
        return np.where(limits[:, -1] > 0, picked, -1)


def make_sets(catalogue: SampleCatalogue) -> ProductSets:
    """Return the sets of a catalogue: of each type what suits the set's character and sells best.

    Each comes in the characters that its theme tends to, in the first of them twice. Products
    that cannot be bought or are new are in none, and none is in two as long as its type has
    others.
    """
    nouns = [kind.noun for kind in TYPES]
    sellable = np.array([one.is_active and one.stock > 0 for one in catalogue.products])
    wanted = catalogue.popularity * (sellable & (catalogue.ages_days > YOUNGEST_DAYS))
    sets: list[list[int]] = []
    themes: list[int] = []
    for place, theme in enumerate(THEMES.values()):
        for types in theme.sets:
            for character in (*theme.characters, theme.characters[0]):
                suits = 0.1 + (catalogue.characters == CHARACTER_NAMES.index(character))
                of_types = [
                    wanted * suits * (catalogue.types == nouns.index(noun)) for noun in types
                ]
                row = [int(np.argmax(fitting)) for fitting in of_types if fitting.any()]
                if len(row) < 2:
                    # A small catalogue has too few of these types to go together.
                    continue
                wanted[row] *= TAKEN
                sets.append(row)
                themes.append(place)
    longest = max((len(row) for row in sets), default=0)
    return ProductSets(
        items=np.array([row + [-1] * (longest - len(row)) for row in sets], dtype=np.int64),
        themes=np.array(themes),
    )
