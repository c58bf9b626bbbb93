"""What a drawing is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One product type drawn on a field of 400 × 400, y downwards.

    `body` is the path data of what carries the product's colour and its pattern; `behind` and
    `front` are SVG markup around it. Colours in markup are `$` names, all of them listed in
    `drawing.py`. The shadow is an ellipse on the floor; `tilt` turns the whole object, in degrees.
    """

    body: str
    behind: str = ""
    front: str = ""
    shadow_x: int = 200
    shadow_y: int = 322
    shadow_width: int = 110
    tilt: int = 0


def line(path: str, colour: str, width: float, extra: str = "") -> str:
    """Return an open stroke with round ends."""
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
        f' stroke-linecap="round" stroke-linejoin="round"{extra}/>'
    )


def area(path: str, colour: str, opacity: float = 1) -> str:
    """Return a filled path."""
    return f'<path d="{path}" fill="{colour}"{_faint(opacity)}/>'


def box(
    x: float, y: float, width: float, height: float, radius: float, colour: str, opacity: float = 1
) -> str:
    """Return a rectangle with rounded corners."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}"'
        f' fill="{colour}"{_faint(opacity)}/>'
    )


def oval(x: float, y: float, rx: float, ry: float, colour: str, opacity: float = 1) -> str:
    """Return an ellipse."""
    return (
        f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{colour}"{_faint(opacity)}/>'
    )


def turned(degrees: float, x: float, y: float, markup: str) -> str:
    """Return the markup turned about a point."""
    return f'<g transform="rotate({degrees:g} {x:g} {y:g})">{markup}</g>'


def _faint(opacity: float) -> str:
    return "" if opacity == 1 else f' opacity="{opacity:g}"'
