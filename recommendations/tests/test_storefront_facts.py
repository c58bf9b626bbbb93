"""What the storefront states by itself is what the shop does."""

import re

from django.conf import settings

from recommendations.choices import DeliveryMethod
from recommendations.countries import COUNTRIES

SOURCES = settings.BASE_DIR / "frontend" / "src"


def test_the_storefront_offers_the_countries_that_the_shop_delivers_to() -> None:
    source = (SOURCES / "services" / "countries.ts").read_text(encoding="utf-8")
    table = source[source.index("const codes =") : source.index(";", source.index("const codes ="))]

    assert tuple(re.findall(r"\b[A-Z]{2}\b", table)) == COUNTRIES


def test_the_storefront_promises_the_days_of_delivery_that_orders_get() -> None:
    source = (SOURCES / "components" / "checkout" / "delivery-step.tsx").read_text(encoding="utf-8")
    table = re.search(r"const deliveryDays = \{(.*?)\}", source)

    assert table is not None
    assert {name: int(days) for name, days in re.findall(r"(\w+): (\d+)", table[1])} == {
        method.value: method.days for method in DeliveryMethod
    }
