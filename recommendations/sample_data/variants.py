"""Sizes and colours of the sample shop's clothing and shoes."""

import random
from dataclasses import dataclass
from decimal import Decimal

MOST_COLOURS = 3
SHARE_WITH_DEARER_LARGEST = 0.25
SHARE_WITHOUT_AN_END = 0.4
"""Of products in three sizes or more: the smallest or the largest is sold out in every colour."""
DEARER = Decimal("1.1")


@dataclass(frozen=True, slots=True)
class SampleVariant:
    """A size of a product in a colour; a small share of the largest sizes costs more."""

    size: str
    colour: str
    price: Decimal
    stock: int

    @property
    def options(self) -> dict[str, str]:
        """What a shopper chooses."""
        return {"Size": self.size, "Colour": self.colour}


def make_variants(
    *,
    number: int,
    seed: int,
    sizes: tuple[str, ...],
    colour: str,
    palette: tuple[str, ...],
    price: Decimal,
    stock: int,
) -> tuple[SampleVariant, ...]:
    """Return the variants of a product, by colour and then by size; none for a type without sizes.

    Together they have the product's stock, and the lowest price of those in stock is the product's.
    Their draws are the product's own, so the rest of the shop does not depend on them.
    """
    if not sizes:
        return ()
    rng = random.Random(f"variants {seed} {number}")
    others = [other for other in palette if other != colour]
    colours = [colour, *rng.sample(others, rng.randrange(MOST_COLOURS))]
    made = [(size, each) for each in colours for size in sizes]
    # Most pieces are of the middle sizes, so the outer ones are the first to be sold out.
    middle = (len(sizes) - 1) / 2
    weights = [len(sizes) - abs(sizes.index(size) - middle) for size, _ in made]
    if len(sizes) > 2 and rng.random() < SHARE_WITHOUT_AN_END:
        gone = rng.choice((sizes[0], sizes[-1]))
        weights = [
            0 if size == gone else weight for weight, (size, _) in zip(weights, made, strict=True)
        ]
    stocks = [0] * len(made)
    for row in rng.choices(range(len(made)), weights, k=stock):
        stocks[row] += 1
    is_dearer = rng.random() < SHARE_WITH_DEARER_LARGEST
    largest = (price * DEARER).quantize(Decimal(1)) + price % 1
    others_in_stock = any(
        left for left, (size, _) in zip(stocks, made, strict=True) if size != sizes[-1]
    )
    return tuple(
        SampleVariant(
            size=size,
            colour=each,
            price=largest if is_dearer and others_in_stock and size == sizes[-1] else price,
            stock=left,
        )
        for left, (size, each) in zip(stocks, made, strict=True)
    )
