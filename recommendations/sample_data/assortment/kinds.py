"""What the sample shop's assortment is described with."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProductType:
    """One kind of product: how it is called, drawn, priced and described.

    `shape` names the drawing. `low` and `high` are dollars. `materials` are varieties, scents or
    genres where that is what sets such products apart; `material_label` says which. `names` are
    format strings over model, material, style, noun, first and second (two words of a title);
    `pitches` are sentences over material and noun, both in small letters.
    """

    noun: str
    shape: str
    low: float
    high: float
    materials: tuple[str, ...]
    pitches: tuple[str, ...]
    material_label: str = "material"
    names: tuple[str, ...] = ("{model} {material} {noun}", "{model} {style} {noun}")
    colours: tuple[str, ...] = ()
    patterned: bool = True
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Brand:
    """A maker: most of what it makes has its character, at its level of prices (-1 to 1)."""

    name: str
    character: str
    level: float


@dataclass(frozen=True, slots=True)
class Category:
    """A department. `styles` gives a character the word that this department has for it."""

    name: str
    wall: str
    models: tuple[str, ...]
    styles: Mapping[str, str]
    brands: tuple[Brand, ...]
    closings: tuple[str, ...]
    types: tuple[ProductType, ...]


@dataclass(frozen=True, slots=True)
class Character:
    """A look that runs through all departments: its pattern and what is said about it."""

    pattern: str
    sentences: tuple[str, ...]


CHARACTERS: dict[str, Character] = {
    "minimal": Character(
        "plain",
        (
            "Clean lines and nothing superfluous.",
            "The look is quiet, so it goes with what you already have.",
            "Reduced to what matters and finished with care.",
        ),
    ),
    "classic": Character(
        "pinstripes",
        (
            "A classic that will look right in ten years as well.",
            "The fine stripe is a nod to old tailoring.",
            "Timeless in its proportions and easy to live with.",
        ),
    ),
    "nordic": Character(
        "chevron",
        (
            "The woven zigzag comes from northern winters.",
            "Calm and warm in the Nordic manner.",
            "Inspired by cabins, long winters and good light.",
        ),
    ),
    "retro": Character(
        "stripes",
        (
            "Bold bands of colour bring back the seventies.",
            "A little nostalgia, made with what we know today.",
            "The stripes were found in an archive of 1974.",
        ),
    ),
    "rustic": Character(
        "speckle",
        (
            "Small speckles make each piece one of a kind.",
            "Earthy, sturdy and a little imperfect, as it should be.",
            "It has the honest look of things made by hand.",
        ),
    ),
    "playful": Character(
        "dots",
        (
            "The dots are there for no reason but joy.",
            "Cheerful enough to brighten a grey Monday.",
            "A playful pattern for people who smile easily.",
        ),
    ),
    "heritage": Character(
        "check",
        (
            "The check is taken from an old family cloth.",
            "Heritage looks with modern comfort.",
            "A pattern with a history, woven into everyday life.",
        ),
    ),
}

COLOURS: dict[str, str] = {
    "Sage": "#8fa58a",
    "Terracotta": "#c8694a",
    "Midnight": "#2f4668",
    "Charcoal": "#4a4f58",
    "Sand": "#d9c3a0",
    "Ivory": "#efe6d5",
    "Forest": "#2f5d4a",
    "Sky": "#7fb2d6",
    "Rose": "#d98a94",
    "Mustard": "#d9a441",
    "Plum": "#6d3f5f",
    "Coral": "#ea7a65",
    "Slate": "#66788a",
    "Teal": "#2b7f86",
    "Cherry": "#b5303f",
    "Lavender": "#a99ccf",
    "Mint": "#8fcbb3",
    "Caramel": "#b98654",
    "Espresso": "#5c4033",
    "Amber": "#c98a2e",
    "Moss": "#6b7a3f",
}

EARTH = ("Sage", "Terracotta", "Sand", "Ivory", "Mustard", "Slate", "Forest", "Caramel")
BRIGHT = ("Sky", "Coral", "Mustard", "Teal", "Cherry", "Mint", "Lavender", "Rose")
TRAIL = ("Forest", "Terracotta", "Mustard", "Slate", "Teal", "Midnight", "Moss", "Cherry")
DARK = ("Charcoal", "Midnight", "Forest", "Plum", "Slate", "Ivory", "Teal", "Cherry")
LEATHER = ("Espresso", "Caramel", "Charcoal", "Cherry", "Midnight", "Forest")
WOOD = ("Caramel", "Espresso", "Sand", "Amber")
SOFT = ("Rose", "Lavender", "Mint", "Sand", "Ivory", "Sage", "Sky", "Coral")
EVERYDAY = ("Midnight", "Sage", "Terracotta", "Charcoal", "Mustard", "Rose", "Sky", "Plum", "Teal")

TITLE_FIRST = (
    "Glass", "Quiet", "Copper", "Hidden", "Salt", "Paper", "Winter", "Golden", "Midnight", "Silver",
    "Wild", "Velvet", "Distant", "Amber", "Northern", "Crimson", "Secret", "Summer", "Lost", "Blue",
    "Last", "Ivory", "Wandering", "Burning", "Gentle", "Hollow",
)  # fmt: skip
TITLE_SECOND = (
    "Orchard", "Harbour", "Lantern", "Garden", "River", "Atlas", "Letters", "Island", "Compass",
    "Meadow", "Tide", "Clockmaker", "Library", "Mountain", "Sparrow", "Voyage", "Forest", "Market",
    "Bridge", "Archive", "Kingdom", "Moon", "Cartographer", "Bakery", "Station", "Fox",
)  # fmt: skip
