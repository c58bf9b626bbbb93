from datetime import UTC, datetime, timedelta

import pytest

from recommendations.choices import InteractionType
from recommendations.errors import EventConflictError, InvalidInputError, NotFoundError
from recommendations.models import UserBehavior
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.interactions import record_interaction, resolve_timestamp
from recommendations.tests.builders import make_product, make_user

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
VISITOR = Subject(session_id="visitor")
VIEW = InteractionType.VIEW


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (None, NOW),
        (NOW, NOW),
        (NOW - timedelta(days=31), NOW - timedelta(days=31)),
        (NOW + timedelta(minutes=5), NOW),
    ],
)
def test_a_server_may_backdate_within_31_days(given: datetime | None, taken: datetime) -> None:
    assert resolve_timestamp(given, now=NOW, may_backdate=True) == taken


@pytest.mark.parametrize(
    ("given", "may_backdate"),
    [
        (NOW + timedelta(minutes=5, seconds=1), True),
        (NOW - timedelta(days=31, seconds=1), True),
        (NOW - timedelta(minutes=5, seconds=1), False),
    ],
)
def test_a_timestamp_outside_the_limits_is_refused(given: datetime, may_backdate: bool) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        resolve_timestamp(given, now=NOW, may_backdate=may_backdate)

    assert refusal.value.field == "timestamp"


@pytest.mark.django_db
def test_an_event_is_recorded_once_and_a_retry_returns_it() -> None:
    product = make_product()
    event = {"subject": VISITOR, "product_id": product.pk, "interaction_type": VIEW}

    first, is_new = record_interaction(**event, event_id="e-1", rating=4)  # type: ignore[arg-type]
    again, is_new_again = record_interaction(**event, event_id="e-1", rating=4.0)  # type: ignore[arg-type]

    assert (is_new, is_new_again, again.pk) == (True, False, first.pk)
    assert UserBehavior.objects.count() == 1


@pytest.mark.django_db
def test_a_retry_after_signing_in_adds_nothing() -> None:
    shopper, product = make_user(), make_product()
    record_interaction(
        subject=VISITOR, product_id=product.pk, interaction_type=VIEW, event_id="e-1"
    )
    UserBehavior.objects.update(user=shopper)

    _, is_new = record_interaction(
        subject=Subject(user_id=shopper.pk),
        product_id=product.pk,
        interaction_type=VIEW,
        event_id="e-1",
    )

    assert is_new is False


@pytest.mark.django_db
def test_the_same_event_id_with_another_timestamp_is_a_conflict() -> None:
    product, given = make_product(), datetime.now(UTC)
    first, _ = record_interaction(
        subject=VISITOR,
        product_id=product.pk,
        interaction_type=VIEW,
        event_id="e-1",
        timestamp=given - timedelta(seconds=10),
    )

    with pytest.raises(EventConflictError, match="e-1"):
        record_interaction(
            subject=VISITOR,
            product_id=product.pk,
            interaction_type=VIEW,
            event_id="e-1",
            timestamp=given,
        )

    assert UserBehavior.objects.get() == first


@pytest.mark.django_db
def test_an_unknown_product_or_shopper_is_refused_before_anything_is_written() -> None:
    with pytest.raises(NotFoundError, match="no product 404"):
        record_interaction(subject=VISITOR, product_id=404, interaction_type=VIEW)
    with pytest.raises(InvalidInputError, match="no shopper 404"):
        record_interaction(
            subject=Subject(user_id=404), product_id=make_product().pk, interaction_type=VIEW
        )

    assert UserBehavior.objects.count() == 0
