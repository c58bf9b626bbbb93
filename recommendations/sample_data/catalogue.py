"""The products of the sample shop, drawn from the assortment with a seed."""

import random
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.assortment import CATEGORIES, LOOKS, Brand, Category, ProductType
from recommendations.sample_data.drawings import draw_picture
from recommendations.sample_data.texts import ProductWriter
from recommendations.sample_data.variants import SampleVariant, make_variants

TYPES = tuple(product_type for category in CATEGORIES for product_type in category.types)
NOUNS = tuple(product_type.noun for product_type in TYPES)
CATEGORY_OF_TYPE = np.repeat(
    np.arange(len(CATEGORIES)), [len(category.types) for category in CATEGORIES]
)
BRANDS = tuple(brand for category in CATEGORIES for brand in category.brands)
CHARACTER_NAMES = tuple(LOOKS.characters)

OLDEST_DAYS = 730.0
NEW_ARRIVAL_DAYS = 14.0
SHARE_OF_NEW_ARRIVALS = 0.05
SHARE_OUT_OF_STOCK = 0.03
SHARE_INACTIVE = 0.02
SHARE_IN_CHARACTER_OF_BRAND = 0.65
ZIPF_EXPONENT = 0.35


@dataclass(frozen=True, slots=True)
class SampleProduct:
    """A product before it is stored; `age_days` is its age at the end of the shop's data."""

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
    product_type: ProductType
    wall: str
    pattern: str
    accent: str
    variants: tuple[SampleVariant, ...] = ()

    def draw_picture(self) -> str:
        """Return the product's first picture as SVG."""
        return self._draw(variant=self.number * 7 % 84)

    def draw_in_colour(self, colour: str) -> str:
        """Return the product's first picture in the colour of some of its variants."""
        return self._draw(variant=self.number * 7 % 84, colour=colour)

    def draw_further_pictures(self) -> list[str]:
        """Return the product's other pictures: two, one or none, depending on its number."""
        if self.number % 3 == 0:
            return [self._draw(variant=self.number * 7 % 84 + 13), self._draw(is_close_up=True)]
        return [self._draw(is_close_up=True)] if self.number % 3 == 1 else []

    def _draw(self, *, variant: int = 0, is_close_up: bool = False, colour: str = "") -> str:
        return draw_picture(
            drawing=self.product_type.drawing,
            colour=LOOKS.colours[colour or self.attributes["colour"]],
            accent=self.accent,
            wall=self.wall,
            pattern=self.pattern if self.product_type.is_patterned else "plain",
            variant=variant,
            is_close_up=is_close_up,
        )


@dataclass(frozen=True)
class SampleCatalogue:
    """All products, and columns of the properties that tastes depend on: row i is `products[i]`.

    `types`, `brands` and `characters` are indexes into `TYPES`, `BRANDS` and `CHARACTER_NAMES`.
    `price_levels`, from -2 to 2, place a product in the price range of its type. `popularity` is
    the weight with which a product is drawn whatever the taste.
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

    def group_by_type(self) -> NDArray[np.int64]:
        """Return the rows of each type, shape (types, longest), padded with -1."""
        order = np.argsort(self.types, kind="stable")
        sizes = np.bincount(self.types, minlength=len(TYPES))
        rows = np.full((len(TYPES), sizes.max()), -1)
        rows[np.arange(sizes.max()) < sizes[:, None]] = order
        return rows


def make_catalogue(count: int, seed: int) -> SampleCatalogue:
    """Return `count` products, at least one of every type; equal arguments give equal products."""
    rng = random.Random(f"catalogue {seed}")
    columns_rng = np.random.default_rng([seed, 1])
    writer = ProductWriter(rng, seed)
    types = _draw_types(count, columns_rng)
    first_brand = np.cumsum([0, *(len(category.brands) for category in CATEGORIES)])
    products: list[SampleProduct] = []
    brands, characters, levels = [], [], []
    for number, type_row in enumerate(types):
        category_row = CATEGORY_OF_TYPE[type_row]
        category = CATEGORIES[category_row]
        brand_row = rng.randrange(len(category.brands))
        brand = category.brands[brand_row]
        character = (
            brand.character
            if rng.random() < SHARE_IN_CHARACTER_OF_BRAND
            else rng.choice(list(category.styles))
        )
        price_position = min(max(rng.gauss(0.5 + 0.22 * brand.price_level, 0.16), 0.0), 1.0)
        products.append(
            _make_product(
                number,
                category,
                TYPES[type_row],
                brand,
                character,
                price_position,
                rng,
                writer,
                seed,
            )
        )
        brands.append(first_brand[category_row] + brand_row)
        characters.append(CHARACTER_NAMES.index(character))
        levels.append((price_position - 0.5) * 4)
    ranks = columns_rng.permutation(count) + 1
    return SampleCatalogue(
        products=tuple(products),
        types=types,
        brands=np.array(brands),
        characters=np.array(characters),
        price_levels=np.array(levels),
        popularity=ranks.astype(np.float64) ** -ZIPF_EXPONENT,
        ages_days=np.array([product.age_days for product in products]),
        repeatable=np.array([product.is_repeatable for product in products]),
    )


def _draw_types(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    # The weights make some types frequent and others rare; no type is missing.
    weights = rng.uniform(0.7, 1.3, len(TYPES))
    extra = rng.choice(len(TYPES), count - len(TYPES), p=weights / weights.sum())
    return rng.permutation(np.concatenate([np.arange(len(TYPES)), extra]))


def _make_product(
    number: int,
    category: Category,
    product_type: ProductType,
    brand: Brand,
    character: str,
    price_position: float,
    rng: random.Random,
    writer: ProductWriter,
    seed: int,
) -> SampleProduct:
    """Return a product; `price_position` is 0 at the lowest price of the type, 1 at the highest."""
    material = rng.choice(product_type.materials)
    colour = rng.choice(LOOKS.palettes[product_type.palette])
    stock = 0 if rng.random() < SHARE_OUT_OF_STOCK else 1 + int(rng.lognormvariate(3, 0.9))
    is_new = rng.random() < SHARE_OF_NEW_ARRIVALS
    youngest, oldest = (0.2, NEW_ARRIVAL_DAYS) if is_new else (NEW_ARRIVAL_DAYS, OLDEST_DAYS)
    accents = [
        value for name, value in LOOKS.colours.items() if name not in {colour, "Ivory", "Espresso"}
    ]
    low, high = product_type.lowest_price, product_type.highest_price
    price = _round_price(low * (high / low) ** price_position)
    return SampleProduct(
        number=number,
        name=writer.write_name(category, product_type, character, material, colour),
        description=writer.write_description(category, product_type, brand, character, material),
        category=category.name,
        brand=brand.name,
        price=price,
        stock=stock,
        is_active=rng.random() >= SHARE_INACTIVE,
        is_repeatable=product_type.is_repeatable,
        attributes={
            "type": product_type.noun,
            "style": category.styles[character],
            "colour": colour,
            product_type.material_label: material,
        },
        age_days=round(rng.uniform(youngest, oldest), 2),
        product_type=product_type,
        wall=category.wall,
        pattern=LOOKS.characters[character].pattern,
        accent=rng.choice(accents),
        variants=make_variants(
            number=number,
            seed=seed,
            sizes=product_type.sizes,
            colour=colour,
            palette=LOOKS.palettes[product_type.palette],
            price=price,
            stock=stock,
        ),
    )


def _round_price(amount: float) -> Decimal:
    """Return the nearest price as shops write it: 8.49, 24.99, 129.00."""
    if amount < 20:
        return Decimal(max(round(amount * 2), 2)) / 2 - Decimal("0.01")
    if amount < 100:
        return Decimal(round(amount)) - Decimal("0.01")
    return Decimal(round(amount / 10) * 10 - 1)
