"""What the shoppers of the sample shop like: known here, never told to a recommender.

A shopper has one or two *themes* (trail running, coffee, a home studio), each a handful of product
types that may lie in several departments, and within them a favourite character, favourite brands
and a level of prices. The generator draws every interaction from that; tests ask `affinity`
whether recommendations found it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.assortment import CATEGORIES, LOOKS
from recommendations.sample_data.catalogue import (
    CATEGORY_OF_TYPE,
    CHARACTER_NAMES,
    TYPES,
    SampleCatalogue,
)
from recommendations.sample_data.tables import read_table, require_known


@dataclass(frozen=True, slots=True)
class Theme:
    """What the same people like: product types by weight, and characters, the strongest first.

    The types of a set complete each other, across departments as well as within one.
    """

    characters: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    types: dict[str, float]


@dataclass(frozen=True, slots=True)
class DemoShopper:
    """A shopper that the demo offers to sign in as; `label` says the one strong taste in words."""

    first_name: str
    label: str
    theme: str
    character: str
    price_level: float


@dataclass(frozen=True, slots=True)
class DemoShoppers:
    """The table of the demo shoppers."""

    shoppers: tuple[DemoShopper, ...]


def _read_themes() -> dict[str, Theme]:
    themes = read_table("themes.toml", dict[str, Theme])
    for name, theme in themes.items():
        require_known(theme.characters, LOOKS.characters, f"themes.toml, {name}")
        require_known(theme.types, [one.noun for one in TYPES], f"themes.toml, {name}")
        for types in theme.sets:
            require_known(types, theme.types, f"themes.toml, {name}, sets")
    return themes


def _read_demo_shoppers() -> tuple[DemoShopper, ...]:
    demos = read_table("demo_shoppers.toml", DemoShoppers).shoppers
    for demo in demos:
        require_known([demo.theme], THEMES, f"demo_shoppers.toml, {demo.first_name}")
        require_known([demo.character], LOOKS.characters, f"demo_shoppers.toml, {demo.first_name}")
    return demos


THEMES = _read_themes()
DEMO_SHOPPERS = _read_demo_shoppers()

SHARE_WITH_TWO_TASTES = 0.35
FAVOURITE_CHARACTER, SECOND_CHARACTER, FAVOURITE_BRAND = 1.4, 0.6, 0.9
PRICE_TOLERANCE = 1.2


@dataclass(frozen=True)
class Tastes:
    """Columns over subjects: shoppers first (demo shoppers before the rest), then visitors.

    `themes` (n, 2) are places in `THEMES`, `shares` (n, 2) how often each rules a visit,
    `type_weights` (n, 2, types) what a visit under it looks at, rows summing to 1. Favourites are
    places in `CHARACTER_NAMES` and `BRANDS`, brands one per department (n, categories).
    """

    themes: NDArray[np.int64]
    shares: NDArray[np.float64]
    type_weights: NDArray[np.float32]
    favourite_characters: NDArray[np.int64]
    second_characters: NDArray[np.int64]
    favourite_brands: NDArray[np.int64]
    price_levels: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.themes)

    def look_appeal(
        self, catalogue: SampleCatalogue, subjects: NDArray[np.int64], items: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return how well items suit subjects within their type, as a logarithm, at most 0.

        `subjects` (n,) and `items` (n, m) give (n, m).
        """
        who = subjects[:, None]
        characters = catalogue.characters[items]
        departments = CATEGORY_OF_TYPE[catalogue.types[items]]
        appeal = FAVOURITE_CHARACTER * (characters == self.favourite_characters[who])
        appeal += SECOND_CHARACTER * (characters == self.second_characters[who])
        appeal += FAVOURITE_BRAND * (
            catalogue.brands[items] == self.favourite_brands[who, departments]
        )
        distance = (catalogue.price_levels[items] - self.price_levels[who]) / PRICE_TOLERANCE
        best = FAVOURITE_CHARACTER + FAVOURITE_BRAND
        result: NDArray[np.float64] = appeal - 0.5 * distance**2 - best
        return result

    def affinity(
        self, catalogue: SampleCatalogue, subjects: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return how much each subject likes each product, shape (subjects, products), 0 to 1.

        1 is a product of the favourite type, character, brand and price at once; 0 one of a type
        that the subject has no interest in.
        """
        interest = np.einsum(
            "st,stk->sk", self.shares[subjects], self.type_weights[subjects], dtype=np.float64
        )
        interest /= interest.max(axis=1, keepdims=True)
        everything = np.broadcast_to(np.arange(len(catalogue)), (len(subjects), len(catalogue)))
        looks = np.exp(self.look_appeal(catalogue, subjects, everything))
        liked: NDArray[np.float64] = interest[:, catalogue.types] * looks
        return liked


def make_tastes(count: int, seed: int) -> Tastes:
    """Return the tastes of `count` subjects, the demo shoppers first."""
    chance = np.random.default_rng([seed, 2])
    names = list(THEMES)
    demos = DEMO_SHOPPERS[:count]

    base = np.zeros((len(names), len(TYPES)))
    tends_to = np.zeros((len(names), len(CHARACTER_NAMES)))
    nouns = [kind.noun for kind in TYPES]
    for row, theme in enumerate(THEMES.values()):
        for noun, weight in theme.types.items():
            base[row, nouns.index(noun)] = weight
        for character, weight in zip(theme.characters, (6, 3, 1.5), strict=True):
            tends_to[row, CHARACTER_NAMES.index(character)] = weight
    tends_to += 0.15

    first = chance.integers(len(names), size=count)
    second = (first + chance.integers(1, len(names), size=count)) % len(names)
    share = np.where(
        chance.random(count) < SHARE_WITH_TWO_TASTES, chance.uniform(0.5, 0.8, count), 1.0
    )
    first[: len(demos)] = [names.index(demo.theme) for demo in demos]
    share[: len(demos)] = 1.0
    themes = np.stack([first, second], axis=1)

    # Nobody likes a theme's types in exactly its proportions, but demo shoppers do: their label
    # promises the whole theme.
    personal = base[themes] * chance.gamma(2.0, size=(count, 2, len(TYPES)))
    personal[: len(demos)] = base[themes[: len(demos)]]
    personal /= personal.sum(axis=2, keepdims=True)

    favourite = _drawn(tends_to[first], chance)
    others = tends_to[first]
    others[np.arange(count), favourite] = 0
    runner_up = _drawn(others, chance)
    favourite[: len(demos)] = [CHARACTER_NAMES.index(demo.character) for demo in demos]
    price_levels = chance.normal(0, 0.8, count)
    price_levels[: len(demos)] = [demo.price_level for demo in demos]
    return Tastes(
        themes=themes,
        shares=np.stack([share, 1 - share], axis=1),
        type_weights=personal.astype(np.float32),
        favourite_characters=favourite,
        second_characters=runner_up,
        favourite_brands=_favourite_brands(favourite, price_levels, chance),
        price_levels=price_levels,
    )


def _favourite_brands(
    characters: NDArray[np.int64], price_levels: NDArray[np.float64], chance: np.random.Generator
) -> NDArray[np.int64]:
    # People tend to brands of their character and their level of prices.
    chosen = np.empty((len(characters), len(CATEGORIES)), dtype=np.int64)
    first = 0
    for department, category in enumerate(CATEGORIES):
        of_brand = np.array([CHARACTER_NAMES.index(brand.character) for brand in category.brands])
        level = np.array([brand.price_level for brand in category.brands])
        appeal = 2.0 * (of_brand == characters[:, None]) - (level - price_levels[:, None]) ** 2
        chosen[:, department] = first + _drawn(np.exp(appeal), chance)
        first += len(category.brands)
    return chosen


def _drawn(weights: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.int64]:
    """Return for each row a column, drawn by the row's weights."""
    limits = np.cumsum(weights, axis=1)
    target = chance.random((len(weights), 1)) * limits[:, -1:]
    drawn: NDArray[np.int64] = np.argmax(limits > target, axis=1)
    return drawn
