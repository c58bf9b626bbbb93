import pytest

from recommendations.models import AttributeValue, Product, ProductAttribute
from recommendations.services.shop.attributes import derive_attributes
from recommendations.tests.builders import make_product, make_variant

pytestmark = pytest.mark.django_db


def list_values(product: Product) -> list[str]:
    rows = ProductAttribute.objects.filter(product=product)
    rows = rows.order_by("value__name_key", "value__value_key")
    return [str(row.value) for row in rows.select_related("value")]


def test_a_product_has_the_values_of_its_attributes_and_of_its_active_variants() -> None:
    hoodie = make_product(attributes={"Material": "Fleece", "Tags": ["warm", "soft"]})
    make_variant(hoodie, options={"Size": "S", "Colour": "Blue"})
    make_variant(hoodie, options={"Size": "M", "Colour": "Blue"})
    make_variant(hoodie, options={"Size": "L", "Colour": "Red"}, is_active=False)

    assert list_values(hoodie) == [
        "Colour: Blue",
        "Material: Fleece",
        "Size: M",
        "Size: S",
        "Tags: soft",
        "Tags: warm",
    ]


def test_spellings_that_differ_by_case_and_spaces_are_one_value() -> None:
    first = make_product(attributes={"Größe": "Extra  Large"})
    second = make_product(attributes={" GRÖSSE ": "extra large"})

    assert list_values(first) == list_values(second) == ["Größe: Extra Large"]
    assert AttributeValue.objects.count() == 1


@pytest.mark.parametrize(
    ("attributes", "values"),
    [
        ({"USB": True, "Watts": 60, "Weight": 1.5}, ["USB: true", "Watts: 60", "Weight: 1.5"]),
        ({"Care:Washing": "30 °C"}, ["Care Washing: 30 °C"]),
        ({"Text": "x" * 60}, ["Text: " + "x" * 60]),
        ({"Text": "x" * 61, "": "empty", "Blank": " ", "None": None}, []),
        ({"Nested": {"a": "b"}, "Lists": [["a"]]}, []),
        ({"ΐ" * 60: "ΐ" * 60}, ["ΐ" * 60 + ": " + "ΐ" * 60]),
    ],
)
def test_single_short_values_can_be_filtered_by(
    attributes: dict[str, object], values: list[str]
) -> None:
    assert list_values(make_product(attributes=attributes)) == values


def test_values_that_a_product_lost_are_taken_from_it() -> None:
    lamp = make_product(attributes={"Colour": "Blue", "Watts": "60"})

    Product.objects.filter(pk=lamp.pk).update(attributes={"Colour": "Red", "Watts": "60"})
    derive_attributes([lamp.pk])

    assert list_values(lamp) == ["Colour: Red", "Watts: 60"]


def test_a_product_has_a_hundred_values_at_most() -> None:
    lamp = make_product(attributes={"Tags": [f"tag {number}" for number in range(150)]})

    assert ProductAttribute.objects.filter(product=lamp).count() == 100
