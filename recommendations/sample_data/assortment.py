"""What the sample shop sells: departments, brands and product types, read from `data/`.

Each file in `data/departments/` is a department (a `Category`), in the order of the file names.
"""

from dataclasses import dataclass

from recommendations.sample_data.tables import DATA, check_names, read_table


@dataclass(frozen=True, slots=True)
class ProductType:
    """A type of product: its name (`noun`), drawing, prices in dollars and texts.

    `drawing` names a file in `pictures/products/`. `materials` are the values of the attribute
    `material_label`, which may also be a variety, scent or genre. `names` are format strings with
    the fields model, material, style, noun, first and second (two words of a title). `pitches` are
    sentences with the fields material (lower case) and Material (capitalized). A type with `sizes`
    is bought in one of them, and in a colour.
    """

    noun: str
    drawing: str
    lowest_price: float
    highest_price: float
    materials: tuple[str, ...]
    pitches: tuple[str, ...]
    material_label: str = "material"
    names: tuple[str, ...] = ("{model} {material} {noun}", "{model} {style} {noun}")
    palette: str = "everyday"
    sizes: tuple[str, ...] = ()
    is_patterned: bool = True
    is_repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand. Most of its products have its character; `price_level` (-1 to 1) shifts prices."""

    name: str
    character: str
    price_level: float


@dataclass(frozen=True, slots=True)
class Category:
    """A department. `wall` is the colour behind its products; `styles` names its characters.

    `models` are the model names in its product names, `closings` last sentences of descriptions.
    """

    name: str
    wall: str
    models: tuple[str, ...]
    brands: tuple[Brand, ...]
    closings: tuple[str, ...]
    styles: dict[str, str]
    types: tuple[ProductType, ...]


@dataclass(frozen=True, slots=True)
class Character:
    """A look, such as minimal or rustic, of products in all departments: its pattern and texts."""

    pattern: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looks:
    """Characters, colours as `#rrggbb`, and palettes of colours, each by name."""

    characters: dict[str, Character]
    colours: dict[str, str]
    palettes: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of titles, proper names that keep their capitals, and sentences about the origin."""

    title_first: tuple[str, ...]
    title_second: tuple[str, ...]
    proper_names: tuple[str, ...]
    origins: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]


def _read_category(file: str) -> Category:
    category = read_table(file, Category)
    check_names(category.styles, LOOKS.characters, f"{file}, styles")
    check_names((brand.character for brand in category.brands), category.styles, file)
    check_names((one.palette for one in category.types), LOOKS.palettes, file)
    return category


LOOKS = read_table("looks.toml", Looks)
WORDS = read_table("words.toml", Words)
CATEGORIES = tuple(
    _read_category(f"departments/{path.name}")
    for path in sorted((DATA / "departments").glob("*.toml"))
)
for _colours in LOOKS.palettes.values():
    check_names(_colours, LOOKS.colours, "looks.toml, palettes")
