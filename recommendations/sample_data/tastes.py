"""What the shoppers of the sample shop like: known here, never told to a recommender.

A shopper has one or two *themes* (trail running, coffee, a home studio), each a handful of product
types that may lie in several departments, and within them a favourite character, favourite brands
and a level of prices. The generator draws every interaction from that; tests ask `affinity`
whether recommendations found it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.assortment import CATEGORIES
from recommendations.sample_data.catalogue import (
    CATEGORY_OF_TYPE,
    CHARACTER_NAMES,
    TYPES,
    SampleCatalogue,
)


@dataclass(frozen=True, slots=True)
class Theme:
    """Product types that the same people like, with the characters they tend to."""

    types: dict[str, float]
    characters: tuple[str, ...]


THEMES: dict[str, Theme] = {
    "trail": Theme(
        {"Hiking Boot": 3, "Running Shoe": 3, "Tent": 2, "Backpack": 3, "Sleeping Bag": 2,
         "Camp Lantern": 2, "Water Bottle": 2, "Camp Chair": 1, "Rain Jacket": 2},
        ("rustic", "minimal", "heritage"),
    ),
    "coffee": Theme(
        {"Coffee Beans": 4, "Mug": 3, "Kettle": 2, "French Press": 3, "Chocolate Bar": 2},
        ("minimal", "rustic", "classic"),
    ),
    "cooking": Theme(
        {"Frying Pan": 3, "Casserole": 3, "Chef's Knife": 2, "Cutting Board": 2, "Olive Oil": 3,
         "Cookbook": 2},
        ("rustic", "classic", "retro"),
    ),
    "plants": Theme(
        {"Houseplant": 4, "Plant Pot": 4, "Watering Can": 2, "Trowel": 2, "Birdhouse": 1,
         "Vase": 1},
        ("nordic", "rustic", "minimal"),
    ),
    "interior": Theme(
        {"Table Lamp": 3, "Pendant Lamp": 2, "Cushion": 3, "Vase": 2, "Armchair": 2,
         "Wall Clock": 2, "Scented Candle": 2},
        ("nordic", "minimal", "retro"),
    ),
    "sound": Theme(
        {"Headphones": 4, "Speaker": 3, "Earbuds": 3, "Smartwatch": 1, "Keyboard": 2},
        ("classic", "minimal", "retro"),
    ),
    "desk": Theme(
        {"Keyboard": 3, "Notebook": 3, "Fountain Pen": 3, "Table Lamp": 2, "Mug": 1},
        ("minimal", "classic", "heritage"),
    ),
    "skincare": Theme(
        {"Face Serum": 4, "Face Cream": 4, "Soap Bar": 2, "Shampoo": 2, "Scented Candle": 1},
        ("rustic", "nordic", "minimal"),
    ),
    "glamour": Theme(
        {"Lipstick": 3, "Eau de Parfum": 3, "Dress": 3, "Chelsea Boot": 1, "Loafer": 1},
        ("classic", "playful", "minimal"),
    ),
    "reading": Theme(
        {"Novel": 5, "Notebook": 1, "Loose-Leaf Tea": 2, "Scented Candle": 1, "Armchair": 1},
        ("heritage", "classic", "playful"),
    ),
    "family": Theme(
        {"Building Blocks": 3, "Teddy Bear": 3, "Wooden Train": 3, "Jigsaw Puzzle": 1,
         "Colour Pencils": 2},
        ("playful", "nordic", "rustic"),
    ),
    "games": Theme(
        {"Board Game": 5, "Jigsaw Puzzle": 3, "Novel": 2, "Chocolate Bar": 1},
        ("retro", "playful", "minimal"),
    ),
    "training": Theme(
        {"Dumbbell": 3, "Kettlebell": 3, "Yoga Mat": 3, "Water Bottle": 1, "T-Shirt": 1,
         "Smartwatch": 2},
        ("minimal", "classic", "heritage"),
    ),
    "cycling": Theme(
        {"City Bike": 3, "Bike Helmet": 4, "Rain Jacket": 2, "Backpack": 1, "Water Bottle": 1},
        ("retro", "minimal", "heritage"),
    ),
    "street": Theme(
        {"Hoodie": 3, "T-Shirt": 3, "Beanie": 2, "Socks": 2, "Running Shoe": 2, "Earbuds": 1},
        ("retro", "minimal", "playful"),
    ),
    "tailored": Theme(
        {"Loafer": 3, "Chelsea Boot": 3, "Fountain Pen": 1, "Eau de Parfum": 1, "Wall Clock": 1,
         "Sandal": 1},
        ("classic", "heritage", "minimal"),
    ),
    "tea": Theme(
        {"Loose-Leaf Tea": 4, "Honey": 4, "Chocolate Bar": 2, "Mug": 2, "Kettle": 1},
        ("playful", "heritage", "rustic"),
    ),
    "images": Theme(
        {"Camera": 5, "Backpack": 1, "Colour Pencils": 2, "Notebook": 1},
        ("retro", "classic", "nordic"),
    ),
    "tennis": Theme(
        {"Tennis Racket": 5, "T-Shirt": 2, "Socks": 2, "Running Shoe": 1, "Water Bottle": 1},
        ("classic", "heritage", "playful"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoShopper:
    """A shopper that the demo offers to sign in as: one strong taste, said in words."""

    first_name: str
    label: str
    theme: str
    character: str
    price_level: float


DEMO_SHOPPERS: tuple[DemoShopper, ...] = (
    DemoShopper("Maya", "Trail running & camping", "trail", "rustic", 0.3),
    DemoShopper("Jonas", "Coffee & slow mornings", "coffee", "minimal", 0.2),
    DemoShopper("Aiko", "Houseplants & gardening", "plants", "nordic", 0.1),
    DemoShopper("Leo", "Music & sound", "sound", "classic", 0.8),
    DemoShopper("Clara", "Skincare & calm evenings", "skincare", "rustic", 0.0),
    DemoShopper("Omar", "Board games & puzzles", "games", "retro", -0.2),
)

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
        level = np.array([brand.level for brand in category.brands])
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
