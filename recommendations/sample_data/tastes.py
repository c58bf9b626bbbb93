"""The tastes of the sample shop's shoppers, from which every interaction is drawn.

A shopper has one or two *themes* (trail running, coffee, a home studio), which are a few product
types each, of one or more departments; and a favourite character, favourite brands and a price
level. Recommenders see only the interactions; tests compare their lists with `score_affinity`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.assortment import CATEGORIES, LOOKS
from recommendations.sample_data.catalogue import (
    CATEGORY_OF_TYPE,
    CHARACTER_NAMES,
    NOUNS,
    TYPES,
    SampleCatalogue,
)
from recommendations.sample_data.sampling import draw_columns
from recommendations.sample_data.tables import check_names, read_table


@dataclass(frozen=True, slots=True)
class Theme:
    """Weights of product types, and characters (strongest first), that the same shoppers like.

    The product types of a set complete each other; they may be of several departments.
    """

    characters: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    types: dict[str, float]


@dataclass(frozen=True, slots=True)
class DemoShopper:
    """A shopper as whom visitors may sign in; `label` describes the taste in words."""

    first_name: str
    label: str
    theme: str
    character: str
    price_level: float


@dataclass(frozen=True, slots=True)
class DemoShoppers:
    """The file `demo_shoppers.toml`."""

    shoppers: tuple[DemoShopper, ...]


def _read_themes() -> dict[str, Theme]:
    themes = read_table("themes.toml", dict[str, Theme])
    for name, theme in themes.items():
        check_names(theme.characters, LOOKS.characters, f"themes.toml, {name}")
        check_names(theme.types, NOUNS, f"themes.toml, {name}")
        for types in theme.sets:
            check_names(types, theme.types, f"themes.toml, {name}, sets")
    return themes


def _read_demo_shoppers() -> tuple[DemoShopper, ...]:
    demos = read_table("demo_shoppers.toml", DemoShoppers).shoppers
    for demo in demos:
        check_names([demo.theme], THEMES, f"demo_shoppers.toml, {demo.first_name}")
        check_names([demo.character], LOOKS.characters, f"demo_shoppers.toml, {demo.first_name}")
    return demos


THEMES = _read_themes()
DEMO_SHOPPERS = _read_demo_shoppers()

SHARE_WITH_TWO_TASTES = 0.35
FAVOURITE_CHARACTER, SECOND_CHARACTER, FAVOURITE_BRAND = 1.4, 0.6, 0.9
PRICE_TOLERANCE = 1.2
THEME_CHARACTERS, OTHER_CHARACTERS = (6, 3, 1.5), 0.15


@dataclass(frozen=True)
class Tastes:
    """Columns over n subjects: demo shoppers first, then other shoppers, then visitors.

    `themes` (n, 2) are indexes into `THEMES`, `shares` (n, 2) the probability of each theme in a
    session, and `type_weights` (n, 2, types) the probability of each type in a session of the
    theme. Favourite and second characters (n,) are indexes into `CHARACTER_NAMES`, favourite brands
    (n, categories) into `BRANDS`, one for each department.
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

    def compute_log_fit(
        self, catalogue: SampleCatalogue, subjects: NDArray[np.int64], items: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return log fit ≤ 0: how well items suit subjects in character, brand and price.

        `subjects` (n,) and `items` (n, m) give (n, m).
        """
        rows = subjects[:, None]
        characters = catalogue.characters[items]
        departments = CATEGORY_OF_TYPE[catalogue.types[items]]
        score = FAVOURITE_CHARACTER * (characters == self.favourite_characters[rows])
        score += SECOND_CHARACTER * (characters == self.second_characters[rows])
        score += FAVOURITE_BRAND * (
            catalogue.brands[items] == self.favourite_brands[rows, departments]
        )
        distance = (catalogue.price_levels[items] - self.price_levels[rows]) / PRICE_TOLERANCE
        best = FAVOURITE_CHARACTER + FAVOURITE_BRAND
        result: NDArray[np.float64] = score - 0.5 * distance**2 - best
        return result

    def score_affinity(
        self, catalogue: SampleCatalogue, subjects: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return how much each subject likes each product, 0 to 1; shape (subjects, products).

        1 is a product of the favourite type, character, brand and price level; 0 is a product of a
        type that the subject has no interest in.
        """
        interest = np.einsum(
            "st,stk->sk", self.shares[subjects], self.type_weights[subjects], dtype=np.float64
        )
        interest /= interest.max(axis=1, keepdims=True)
        all_items = np.broadcast_to(np.arange(len(catalogue)), (len(subjects), len(catalogue)))
        fit = np.exp(self.compute_log_fit(catalogue, subjects, all_items))
        affinity: NDArray[np.float64] = interest[:, catalogue.types] * fit
        return affinity


def make_tastes(count: int, seed: int) -> Tastes:
    """Return the tastes of `count` subjects, the demo shoppers first."""
    rng = np.random.default_rng([seed, 2])
    names = list(THEMES)
    demos = DEMO_SHOPPERS[:count]
    base_weights, character_weights = _weigh_themes()

    first = rng.integers(len(names), size=count)
    second = (first + rng.integers(1, len(names), size=count)) % len(names)
    share = np.where(rng.random(count) < SHARE_WITH_TWO_TASTES, rng.uniform(0.5, 0.8, count), 1.0)
    first[: len(demos)] = [names.index(demo.theme) for demo in demos]
    share[: len(demos)] = 1.0
    themes = np.stack([first, second], axis=1)

    # Most shoppers like some types of a theme more than others. Demo shoppers like all types,
    # because their label promises the whole theme.
    type_weights = base_weights[themes] * rng.gamma(2.0, size=(count, 2, len(TYPES)))
    type_weights[: len(demos)] = base_weights[themes[: len(demos)]]
    type_weights /= type_weights.sum(axis=2, keepdims=True)

    favourite = draw_columns(character_weights[first], rng)
    other_weights = character_weights[first]
    other_weights[np.arange(count), favourite] = 0
    runner_up = draw_columns(other_weights, rng)
    favourite[: len(demos)] = [CHARACTER_NAMES.index(demo.character) for demo in demos]
    price_levels = rng.normal(0, 0.8, count)
    price_levels[: len(demos)] = [demo.price_level for demo in demos]
    return Tastes(
        themes=themes,
        shares=np.stack([share, 1 - share], axis=1),
        type_weights=type_weights.astype(np.float32),
        favourite_characters=favourite,
        second_characters=runner_up,
        favourite_brands=_draw_favourite_brands(favourite, price_levels, rng),
        price_levels=price_levels,
    )


def _weigh_themes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights of the types and those of the characters; each row is a theme."""
    types = np.zeros((len(THEMES), len(TYPES)))
    characters = np.full((len(THEMES), len(CHARACTER_NAMES)), OTHER_CHARACTERS)
    for row, theme in enumerate(THEMES.values()):
        for noun, weight in theme.types.items():
            types[row, NOUNS.index(noun)] = weight
        for character, weight in zip(theme.characters, THEME_CHARACTERS, strict=True):
            characters[row, CHARACTER_NAMES.index(character)] += weight
    return types, characters


def _draw_favourite_brands(
    characters: NDArray[np.int64], price_levels: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw a brand for each subject and department, by the brand's character and price level."""
    brands = np.empty((len(characters), len(CATEGORIES)), dtype=np.int64)
    first = 0
    for department, category in enumerate(CATEGORIES):
        of_brand = np.array([CHARACTER_NAMES.index(brand.character) for brand in category.brands])
        level = np.array([brand.price_level for brand in category.brands])
        score = 2.0 * (of_brand == characters[:, None]) - (level - price_levels[:, None]) ** 2
        brands[:, department] = first + draw_columns(np.exp(score), rng)
        first += len(category.brands)
    return brands
