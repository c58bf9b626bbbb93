"""Photographs of products for tests: things of two shapes, each on a wall of its own."""

from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from recommendations.models import Product

SIDE = 256


def draw(shape: str, colour: str, wall: str, *, size: int = 90) -> bytes:
    """Return the JPEG of a ball or of a fence."""
    picture = Image.new("RGB", (SIDE, SIDE), wall)
    brush = ImageDraw.Draw(picture)
    middle = SIDE // 2
    if shape == "ball":
        brush.ellipse((middle - size, middle - size, middle + size, middle + size), fill=colour)
    else:
        for left in range(10, SIDE, 40):
            brush.rectangle((left, 20, left + size // 5, SIDE - 20), fill=colour)
        brush.rectangle((0, middle - 10, SIDE, middle + 10), fill=colour)
    content = BytesIO()
    picture.save(content, "JPEG", quality=90)
    return content.getvalue()


def give_photograph(product: Product, content: bytes, name: str = "") -> None:
    """Store a photograph as the first picture of a product."""
    product.image.save(name or f"{product.pk}.jpg", ContentFile(content))
