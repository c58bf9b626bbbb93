"""Product pictures: SVG templates, filled with the colours and the pattern of a product.

`pictures/products/` has a drawing for each product type, 400 × 400 units large. The first line of
a file places the shadow (`data-shadow`: centre x, floor y, half the width) and turns the object
(`data-tilt`, in degrees). The other lines are elements in the colours that `_mix_palette` names.
The elements in the group `$body` have the product's colour; `$pattern` draws them once more, in the
pattern of the product's character. `frame.svg` puts the drawing in front of a wall. Each element
must be on one line, because the lines are joined without a space. Colours are presentation
attributes, because a strict content security policy blocks style sheets.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

PICTURES = Path(__file__).parent / "pictures"


def _list_names(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (PICTURES / folder).glob("*.svg")))


DRAWINGS, BACKDROPS, MATERIALS = (
    _list_names("products"),
    _list_names("backdrops"),
    _list_names("materials"),
)
PATTERNS = ("plain", *_list_names("patterns"))

SCALE = 1.07
PALE_LUMA = 0.72

_ROOT = re.compile(
    r'<svg [^>]*data-shadow="(?P<x>\d+) (?P<y>\d+) (?P<width>\d+)" data-tilt="(?P<tilt>-?\d+)">'
    r"(?P<markup>.*)</svg>"
)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A file of `pictures/products/`, taken apart."""

    markup: str
    shadow_x: int
    shadow_y: int
    shadow_width: int
    tilt: int


def draw_picture(
    *,
    drawing: str,
    colour: str,
    accent: str,
    wall: str,
    pattern: str = "plain",
    variant: int = 0,
    is_close_up: bool = False,
) -> str:
    """Return the picture of a product as SVG; equal arguments give equal bytes.

    Colours are `#rrggbb`; `wall` is the wall's colour. `variant`, any whole number, turns the
    product by up to 3 degrees and picks the backdrop. A close-up shows the middle twice as large.
    """
    parts = _read_drawing(drawing)
    palette = _mix_palette(colour, accent, wall)
    has_pattern = pattern != "plain" and "$pattern" in parts.markup
    definitions = [f"materials/{name}" for name in MATERIALS if f"${name}" in parts.markup]
    if has_pattern:
        definitions.append(f"patterns/{pattern}")
    x, y, angle = parts.shadow_x, parts.shadow_y, parts.tilt + variant // 4 % 7 - 3
    return _fill(
        _read("frame"),
        palette,
        definitions="".join(_fill(_read(name), palette) for name in definitions),
        backdrop=_fill(_read(f"backdrops/{BACKDROPS[variant % len(BACKDROPS)]}"), palette),
        product=_fill(
            parts.markup, palette, pattern='<use href="#b" fill="url(#p)"/>' if has_pattern else ""
        ),
        pose=f"translate(200 {y}) scale({SCALE}) translate(-200 -{y}) rotate({angle} 200 210)",
        view="100 110 200 200" if is_close_up else "0 0 400 400",
        shadow_x=str(x),
        shadow_y=str(y),
        shadow_width=str(parts.shadow_width),
    )


@cache
def _read(name: str) -> str:
    text = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    return "".join(line.strip() for line in text.splitlines())


@cache
def _read_drawing(name: str) -> _Drawing:
    found = _ROOT.fullmatch(_read(f"products/{name}"))
    if not found:
        raise ValueError(f"pictures/products/{name}.svg has no data-shadow and data-tilt.")
    x, y, width, tilt = (int(found[part]) for part in ("x", "y", "width", "tilt"))
    return _Drawing(found["markup"], x, y, width, tilt)


def _fill(template: str, palette: dict[str, str], **parts: str) -> str:
    return Template(template).substitute(palette, **parts)


def _mix_palette(colour: str, accent: str, wall: str) -> dict[str, str]:
    is_pale = _compute_luma(colour) > PALE_LUMA
    return {
        # Gradients: the product's colour, metal and wood.
        "body": "url(#m)",
        "metal": "url(#g)",
        "wood": "url(#t)",
        # The product's colour, and its tones from pale to dark.
        "pale": _mix(colour, "#ffffff", 0.72),
        "light": _mix(colour, "#ffffff", 0.35),
        "colour": colour,
        "dark": _mix(colour, "#1d1b2e", 0.2),
        "darkest": _mix(colour, "#1d1b2e", 0.5),
        "accent": accent,
        "accent_dark": _mix(accent, "#1d1b2e", 0.25),
        # The same for every product.
        "cream": "#fdfaf4",
        "paper": "#e9e2d4",
        "steel": "#8b9098",
        "graphite": "#3b3f48",
        "brown": "#9c6f44",
        "leaf": "#7ba56c",
        "leaf_dark": "#4f7a4c",
        # The wall, the light on it and the shadow before it.
        "wall": _mix(wall, "#ffffff", 0.35),
        "floor": _mix(wall, "#5b5470", 0.1),
        "glow": _mix(wall, "#ffffff", 0.8),
        "dusk": _mix(wall, "#1d1b2e", 0.72),
        # The ends of the body's gradient, and the pattern's colour.
        "lit": _mix(colour, "#ffffff", 0.3),
        "shade": _mix(colour, "#2a2140", 0.16 if is_pale else 0.26),
        "ink": _mix(colour, "#2a2140", 0.4) if is_pale else _mix(colour, "#ffffff", 0.75),
    }


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(_parse_channels(colour), _parse_channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _compute_luma(colour: str) -> float:
    red, green, blue = _parse_channels(colour)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _parse_channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
