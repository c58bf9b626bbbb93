import pytest
from django.contrib.auth.models import User

from recommendations.errors import NotAllowedError
from recommendations.models import UserBehavior, UserProfile
from recommendations.services.people.privacy import erase, export_data
from recommendations.services.people.shoppers import merge_visitor
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_visitor,
)

pytestmark = pytest.mark.django_db


def test_the_export_of_an_account_includes_its_rows_as_a_visitor() -> None:
    visitor, shopper, product = make_visitor(), make_shopper(), make_product()
    make_interactions(visitor, [product])
    merge_visitor(user_id=shopper.user_id or 0, session_id=visitor.session_id or "")

    exported = export_data(shopper)

    assert [row["product_id"] for row in exported["interactions"]] == [product.pk]
    assert exported["visitor_ids"] == [visitor.session_id]
    assert export_data(visitor)["interactions"] == []


def test_the_export_without_a_subject_is_empty() -> None:
    make_interactions(make_shopper(), [make_product()])

    exported = export_data(None)

    assert {name: value for name, value in exported.items() if value} == {}


def test_erasing_a_shopper_erases_their_rows_as_a_visitor() -> None:
    visitor, shopper = make_visitor(), make_shopper()
    make_interactions(visitor, [make_product()])
    merge_visitor(user_id=shopper.user_id or 0, session_id=visitor.session_id or "")

    erase(shopper)

    assert not UserBehavior.objects.exists()
    assert not User.objects.exists()


def test_a_demo_account_is_not_erased_and_keeps_everything() -> None:
    shopper = make_shopper()
    UserProfile.objects.create(user_id=shopper.user_id or 0, demo_label="Loves lamps")
    make_interactions(shopper, [make_product()])

    with pytest.raises(NotAllowedError, match="belongs to the demo"):
        erase(shopper)

    assert UserBehavior.objects.get().user_id == shopper.user_id


def test_erasing_a_visitor_leaves_the_account_that_once_signed_in_with_the_cookie() -> None:
    visitor, shopper, product = make_visitor(), make_shopper(), make_product()
    make_interactions(visitor, [product])
    merge_visitor(user_id=shopper.user_id or 0, session_id=visitor.session_id or "")

    erase(Subject(session_id=visitor.session_id))

    assert UserBehavior.objects.get().user_id == shopper.user_id
