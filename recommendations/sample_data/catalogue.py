"""The products of the sample shop, made from the assortment and a seed."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from faker import Faker
from numpy.typing import NDArray

from recommendations.sample_data.assortment import (
    CATEGORIES,
    LOOKS,
    WORDS,
    Brand,
    Category,
    ProductType,
)
from recommendations.sample_data.drawings import draw_picture

TYPES: tuple[ProductType, ...] = tuple(kind for category in CATEGORIES for kind in category.types)
CATEGORY_OF_TYPE = np.repeat(
    np.arange(len(CATEGORIES)), [len(category.types) for category in CATEGORIES]
)
BRANDS: tuple[Brand, ...] = tuple(brand for category in CATEGORIES for brand in category.brands)
CHARACTER_NAMES = tuple(LOOKS.characters)

OLDEST_DAYS = 730.0
NEW_ARRIVAL_DAYS = 14.0
SHARE_OF_NEW_ARRIVALS = 0.05
SHARE_OUT_OF_STOCK = 0.03
SHARE_INACTIVE = 0.02
POPULARITY_SKEW = 0.35


@dataclass(frozen=True, slots=True)
class SampleProduct:
    """One product as the shop's table wants it; `age_days` counts back from the shop's end."""

    number: int
    name: str
    description: str
    category: str
    brand: str
    price: Decimal
    stock: int
    is_active: bool
    is_repeatable: bool
    attributes: dict[str, str]
    age_days: float
    kind: ProductType
    wall: str
    pattern: str
    accent: str

    def picture(self) -> str:
        """Return the product's picture as SVG."""
        return self._drawn(variant=self.number * 7 % 84)

    def further_pictures(self) -> list[str]:
        """Return what a closer look shows: two pictures, one, or none, by turns."""
        if self.number % 3 == 0:
            return [self._drawn(variant=self.number * 7 % 84 + 13), self._drawn(near=True)]
        return [self._drawn(near=True)] if self.number % 3 == 1 else []

    def _drawn(self, *, variant: int = 0, near: bool = False) -> str:
        return draw_picture(
            drawing=self.kind.drawing,
            colour=LOOKS.colours[self.attributes["colour"]],
            accent=self.accent,
            wall=self.wall,
            pattern=self.pattern if self.kind.is_patterned else "plain",
            variant=variant,
            is_close_up=near,
        )


@dataclass(frozen=True)
class SampleCatalogue:
    """All products, and as columns what tastes are about: row i is `products[i]`.

    `types`, `brands` and `characters` are places in `TYPES`, `BRANDS` and `CHARACTER_NAMES`;
    `price_levels` say how dear a product is for its type, about -2 to 2; `popularity` is how much
    everybody looks at it, whatever the taste.
    """

    products: tuple[SampleProduct, ...]
    types: NDArray[np.int64]
    brands: NDArray[np.int64]
    characters: NDArray[np.int64]
    price_levels: NDArray[np.float64]
    popularity: NDArray[np.float64]
    ages_days: NDArray[np.float64]
    repeatable: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.products)

    def by_type(self) -> NDArray[np.int64]:
        """Return the rows of each type, shape (types, longest), padded with -1."""
        order = np.argsort(self.types, kind="stable")
        sizes = np.bincount(self.types, minlength=len(TYPES))
        rows = np.full((len(TYPES), sizes.max()), -1)
        rows[np.arange(sizes.max()) < sizes[:, None]] = order
        return rows


def make_catalogue(count: int, seed: int) -> SampleCatalogue:
    """Return `count` products, at least one of every type; the same for the same arguments."""
    chance = random.Random(f"catalogue {seed}")
    columns = np.random.default_rng([seed, 1])
    cities = _cities(seed)
    types = _shares_of_types(count, columns)
    first_brand = np.cumsum([0, *(len(category.brands) for category in CATEGORIES)])
    products: list[SampleProduct] = []
    brands, characters, levels = [], [], []
    taken: set[str] = set()
    for number, type_row in enumerate(types):
        category_row = CATEGORY_OF_TYPE[type_row]
        category, kind = CATEGORIES[category_row], TYPES[type_row]
        brand_row = chance.randrange(len(category.brands))
        brand = category.brands[brand_row]
        character = (
            brand.character if chance.random() < 0.65 else chance.choice(list(category.styles))
        )
        position = min(max(chance.gauss(0.5 + 0.22 * brand.price_level, 0.16), 0.0), 1.0)
        products.append(
            _product(number, category, kind, brand, character, position, chance, cities, taken)
        )
        brands.append(first_brand[category_row] + brand_row)
        characters.append(CHARACTER_NAMES.index(character))
        levels.append((position - 0.5) * 4)
    ranks = columns.permutation(count) + 1
    return SampleCatalogue(
        products=tuple(products),
        types=types,
        brands=np.array(brands),
        characters=np.array(characters),
        price_levels=np.array(levels),
        popularity=ranks.astype(np.float64) ** -POPULARITY_SKEW,
        ages_days=np.array([product.age_days for product in products]),
        repeatable=np.array([product.is_repeatable for product in products]),
    )


def _shares_of_types(count: int, columns: np.random.Generator) -> NDArray[np.int64]:
    # Departments differ in depth, but no type is missing.
    wanted = columns.uniform(0.7, 1.3, len(TYPES))
    extra = columns.choice(len(TYPES), count - len(TYPES), p=wanted / wanted.sum())
    return columns.permutation(np.concatenate([np.arange(len(TYPES)), extra]))


def _cities(seed: int) -> tuple[str, ...]:
    faker = Faker("en_US")
    faker.seed_instance(seed)
    return tuple(faker.city() for _ in range(60))


def _product(
    number: int,
    category: Category,
    kind: ProductType,
    brand: Brand,
    character: str,
    position: float,
    chance: random.Random,
    cities: Sequence[str],
    taken: set[str],
) -> SampleProduct:
    material = chance.choice(kind.materials)
    colour = chance.choice(LOOKS.palettes[kind.palette])
    stock = 0 if chance.random() < SHARE_OUT_OF_STOCK else 1 + int(chance.lognormvariate(3, 0.9))
    new = chance.random() < SHARE_OF_NEW_ARRIVALS
    youngest, oldest = (0.2, NEW_ARRIVAL_DAYS) if new else (NEW_ARRIVAL_DAYS, OLDEST_DAYS)
    accents = [
        value for name, value in LOOKS.colours.items() if name not in {colour, "Ivory", "Espresso"}
    ]
    return SampleProduct(
        number=number,
        name=_name(category, kind, character, material, colour, chance, taken),
        description=_description(category, kind, brand, character, material, chance, cities),
        category=category.name,
        brand=brand.name,
        price=_price(kind.lowest_price * (kind.highest_price / kind.lowest_price) ** position),
        stock=stock,
        is_active=chance.random() >= SHARE_INACTIVE,
        is_repeatable=kind.is_repeatable,
        attributes={
            "type": kind.noun,
            "style": category.styles[character],
            "colour": colour,
            kind.material_label: material,
        },
        age_days=round(chance.uniform(youngest, oldest), 2),
        kind=kind,
        wall=category.wall,
        pattern=LOOKS.characters[character].pattern,
        accent=chance.choice(accents),
    )


def _name(
    category: Category,
    kind: ProductType,
    character: str,
    material: str,
    colour: str,
    chance: random.Random,
    taken: set[str],
) -> str:
    for name in _proposals(category, kind, character, material, colour, chance):
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError("Proposals never end.")


def _proposals(
    category: Category,
    kind: ProductType,
    character: str,
    material: str,
    colour: str,
    chance: random.Random,
) -> Iterator[str]:
    name = ""
    for _ in range(12):
        name = _with_article(
            chance.choice(kind.names).format(
                model=chance.choice(category.models),
                material=material,
                style=category.styles[character],
                noun=kind.noun,
                first=chance.choice(WORDS.title_first),
                second=chance.choice(WORDS.title_second),
            )
        )
        yield name
    name = f"{name}, {colour}"
    yield name
    edition = 2
    while True:
        yield f"{name} No. {edition}"
        edition += 1


def _description(
    category: Category,
    kind: ProductType,
    brand: Brand,
    character: str,
    material: str,
    chance: random.Random,
    cities: Sequence[str],
) -> str:
    spoken = " ".join(
        word if word in WORDS.proper_names or any(sign.isdigit() for sign in word) else word.lower()
        for word in material.split()
    )
    pitch = chance.choice(kind.pitches).format(
        material=spoken, Material=spoken[0].upper() + spoken[1:]
    )
    sentences = [_with_article(pitch)]
    if chance.random() < 0.75:
        sentences.append(chance.choice(LOOKS.characters[character].sentences))
    if chance.random() < 0.6:
        city = chance.choice(cities)
        sentences.append(
            chance.choice(
                (
                    f"{brand.name} makes it in {city}.",
                    f"Designed by {brand.name} in {city}.",
                    f"From the {city} workshop of {brand.name}.",
                )
            )
        )
    if len(sentences) == 1 or chance.random() < 0.6:
        sentences.append(chance.choice(category.closings))
    return " ".join(sentences)


def _with_article(sentence: str) -> str:
    return re.sub(
        r"\b([Aa])n? (?=(\w))",
        lambda found: found[1] + ("n " if found[2] in "aeiouAEIOU" else " "),
        sentence,
    )


def _price(amount: float) -> Decimal:
    """Return the nearest price that shops write: 8.49, 24.99, 129.00."""
    if amount < 20:
        return Decimal(max(round(amount * 2), 2)) / 2 - Decimal("0.01")
    if amount < 100:
        return Decimal(round(amount)) - Decimal("0.01")
    return Decimal(round(amount / 10) * 10 - 1)
