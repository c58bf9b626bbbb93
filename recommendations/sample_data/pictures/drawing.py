"""Product pictures: one drawn shape, tinted, patterned and set before a calm wall.

The picture of a product follows from its facts alone, so the same product always looks the same.
Colours are presentation attributes, never a style sheet, so that any content policy shows them.
"""

from string import Template

from recommendations.sample_data.pictures.garments import GARMENTS
from recommendations.sample_data.pictures.household import HOUSEHOLD
from recommendations.sample_data.pictures.kitchenware import KITCHENWARE
from recommendations.sample_data.pictures.leisure import LEISURE
from recommendations.sample_data.pictures.outdoors import OUTDOORS
from recommendations.sample_data.pictures.shape import Shape
from recommendations.sample_data.pictures.toiletries import TOILETRIES

SHAPES: dict[str, Shape] = {
    **GARMENTS,
    **OUTDOORS,
    **KITCHENWARE,
    **HOUSEHOLD,
    **TOILETRIES,
    **LEISURE,
}

# Drawn over the body in the colour `ink`; each repeats seamlessly.
PATTERNS: dict[str, str] = {
    "plain": "",
    "stripes": '<pattern id="p" width="400" height="44" patternUnits="userSpaceOnUse">'
    '<path d="M0 0h400v15H0z" fill="$ink" opacity=".42"/></pattern>',
    "pinstripes": '<pattern id="p" width="18" height="18" patternUnits="userSpaceOnUse">'
    '<path d="M4 0v18" stroke="$ink" stroke-width="2.5" opacity=".35"/></pattern>',
    "dots": '<pattern id="p" width="36" height="36" patternUnits="userSpaceOnUse">'
    '<g fill="$ink" opacity=".55"><circle cx="9" cy="9" r="5"/><circle cx="27" cy="27" r="5"/>'
    "</g></pattern>",
    "speckle": '<pattern id="p" width="52" height="48" patternUnits="userSpaceOnUse">'
    '<g fill="$ink" opacity=".5"><circle cx="7" cy="9" r="2.2"/><circle cx="31" cy="5" r="1.4"/>'
    '<circle cx="20" cy="23" r="1.7"/><circle cx="44" cy="28" r="2.4"/>'
    '<circle cx="11" cy="39" r="1.5"/><circle cx="33" cy="42" r="2"/></g></pattern>',
    "check": '<pattern id="p" width="48" height="48" patternUnits="userSpaceOnUse">'
    '<path d="M0 0h20v48H0zM0 0h48v20H0z" fill="$ink" opacity=".2"/></pattern>',
    "chevron": '<pattern id="p" width="44" height="30" patternUnits="userSpaceOnUse">'
    '<path d="M-4 24 22 6 48 24" fill="none" stroke="$ink" stroke-width="6" opacity=".4"/>'
    "</pattern>",
}

# Light behind the product; the coordinates differ so that a shelf of one category is not a wall
# of equal tiles.
_BACKDROPS = (
    '<circle cx="200" cy="196" r="148" fill="$glow" opacity=".55"/>',
    '<path d="M76 400V196a124 124 0 0 1 248 0v204z" fill="$glow" opacity=".5"/>',
    '<path d="M0 292h400v108H0z" fill="$floor" opacity=".55"/>',
    '<circle cx="252" cy="156" r="120" fill="$glow" opacity=".55"/>'
    '<path d="M0 300h400v100H0z" fill="$floor" opacity=".4"/>',
)

_SCALE = 1.07

_PICTURE = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="$view" width="800" height="800">'
    "<defs>"
    '<linearGradient id="w" x2=".3" y2="1"><stop stop-color="$wall"/>'
    '<stop offset="1" stop-color="$floor"/></linearGradient>'
    '<linearGradient id="m" gradientUnits="userSpaceOnUse" x1="90" y1="70" x2="300" y2="340">'
    '<stop stop-color="$lit"/><stop offset=".45" stop-color="$main"/>'
    '<stop offset="1" stop-color="$shade"/></linearGradient>'
    '<radialGradient id="s"><stop stop-color="$dusk" stop-opacity=".5"/>'
    '<stop offset=".55" stop-color="$dusk" stop-opacity=".2"/>'
    '<stop offset="1" stop-color="$dusk" stop-opacity="0"/></radialGradient>$defs</defs>'
    '<path d="M0 0h400v400H0z" fill="url(#w)"/>$backdrop'
    '<ellipse cx="$shadow_x" cy="$shadow_y" rx="$shadow_width" ry="17" fill="url(#s)"/>'
    '<g transform="$pose">$object</g></svg>'
)

_METAL = (
    '<linearGradient id="g" gradientUnits="userSpaceOnUse" x1="90" y1="70" x2="300" y2="340">'
    '<stop stop-color="#f4f5f6"/><stop offset=".5" stop-color="#c6cad0"/>'
    '<stop offset="1" stop-color="#8d939c"/></linearGradient>'
)
_WOOD = (
    '<linearGradient id="t" gradientUnits="userSpaceOnUse" x1="90" y1="70" x2="300" y2="340">'
    '<stop stop-color="#e3bd8c"/><stop offset="1" stop-color="#b98654"/></linearGradient>'
)


def picture(
    *,
    shape: str,
    colour: str,
    accent: str,
    wall: str,
    pattern: str = "plain",
    variant: int = 0,
    near: bool = False,
) -> str:
    """Return one product's picture as SVG.

    Colours are `#rrggbb`; `wall` is the tint of the category. `variant` is any number: it turns
    the product slightly and picks what stands behind it. `near` shows the middle of the product
    twice as large, for its material.
    """
    drawn = SHAPES[shape]
    pale = _lightness(colour) > 0.72
    palette = {
        "M": "url(#m)",
        "G": "url(#g)",
        "T": "url(#t)",
        "m": colour,
        "l": _mixed(colour, "#ffffff", 0.35),
        "h": _mixed(colour, "#ffffff", 0.72),
        "d": _mixed(colour, "#1d1b2e", 0.2),
        "k": _mixed(colour, "#1d1b2e", 0.5),
        "a": accent,
        "b": _mixed(accent, "#1d1b2e", 0.25),
        "w": "#fdfaf4",
        "p": "#e9e2d4",
        "s": "#8b9098",
        "n": "#3b3f48",
        "u": "#9c6f44",
        "f": "#7ba56c",
        "e": "#4f7a4c",
        "wall": _mixed(wall, "#ffffff", 0.35),
        "floor": _mixed(wall, "#5b5470", 0.1),
        "glow": _mixed(wall, "#ffffff", 0.8),
        "dusk": _mixed(wall, "#1d1b2e", 0.72),
        "lit": _mixed(colour, "#ffffff", 0.3),
        "main": colour,
        "shade": _mixed(colour, "#2a2140", 0.16 if pale else 0.26),
        "ink": _mixed(colour, "#2a2140", 0.4) if pale else _mixed(colour, "#ffffff", 0.75),
    }
    body = ""
    if drawn.body:
        body = f'<g fill="url(#m)"><path id="b" d="{drawn.body}"/></g>'
        if PATTERNS[pattern]:
            body += '<use href="#b" fill="url(#p)"/>'
    markup = drawn.behind + body + drawn.front
    gradients = (_METAL if "$G" in markup else "") + (_WOOD if "$T" in markup else "")
    pose = (
        f"translate(200 {drawn.shadow_y}) scale({_SCALE})"
        f" translate(-200 -{drawn.shadow_y}) rotate({drawn.tilt + (variant // 4) % 7 - 3} 200 210)"
    )
    return _PICTURE.substitute(
        palette,
        defs=gradients + (Template(PATTERNS[pattern]).substitute(palette) if body else ""),
        backdrop=Template(_BACKDROPS[variant % len(_BACKDROPS)]).substitute(palette),
        object=Template(markup).substitute(palette),
        pose=pose,
        view="100 110 200 200" if near else "0 0 400 400",
        shadow_x=drawn.shadow_x,
        shadow_y=drawn.shadow_y,
        shadow_width=drawn.shadow_width,
    )


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _lightness(colour: str) -> float:
    red, green, blue = _channels(colour)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
