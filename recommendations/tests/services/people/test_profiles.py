from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import ModelVersion, UserProfile
from recommendations.services.people.profiles import refresh_active, refresh_profile
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tasks import keep_profiles_current
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_two_taste_shop,
    switch_personalization_off,
)

pytestmark = pytest.mark.django_db


def test_a_profile_has_affinities_and_a_price_band() -> None:
    shopper = make_shopper()
    now = timezone.now()
    tent = make_product(category="Tents", brand="Norden", price=Decimal(100))
    lamp = make_product(category="Lamps", price=Decimal(20))
    make_interactions(shopper, [tent], interaction_type=InteractionType.CART, at=now)
    make_interactions(shopper, [lamp], interaction_type=InteractionType.VIEW, at=now)

    preferences = refresh_profile(shopper.user_id or 0).preferences

    assert preferences["categories"] == {"Tents": 0.75, "Lamps": 0.25}
    assert preferences["brands"] == {"Norden": 1.0}
    assert preferences["price_band"] == {"low": 28.0, "middle": 60.0, "high": 92.0}


def test_the_embedding_is_of_the_live_model() -> None:
    shop = make_two_taste_shop()
    train()
    live_model.refresh()
    shopper = make_shopper()
    assert refresh_profile(shopper.user_id or 0).embedding is None

    make_interactions(shopper, shop["Tents"][:3])
    embedding = refresh_profile(shopper.user_id or 0).embedding

    assert embedding is not None
    assert embedding["model_version"] == ModelVersion.objects.get().name
    assert any(embedding["vector"])


def test_only_active_shoppers_are_refreshed() -> None:
    active, away = make_shopper(), make_shopper()
    product = make_product()
    make_interactions(active, [product])
    make_interactions(away, [product], at=timezone.now() - timedelta(hours=1))

    keep_profiles_current()

    assert [profile.user_id for profile in UserProfile.objects.all()] == [active.user_id]


def test_without_personalization_the_profile_is_empty_and_the_switch_stays_off() -> None:
    shopper = make_shopper()
    make_interactions(shopper, [make_product()])
    refresh_profile(shopper.user_id or 0)
    UserProfile.objects.all().delete()
    switch_personalization_off(shopper)

    profile = refresh_profile(shopper.user_id or 0)

    assert (profile.preferences, profile.embedding) == ({}, None)
    assert not profile.personalization_enabled


def test_the_profiles_of_the_most_recently_active_are_refreshed_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = make_shopper(), make_shopper(), make_shopper()
    product, now = make_product(), timezone.now()
    for shopper, minutes in ((first, 2), (second, 0), (third, 1)):
        make_interactions(shopper, [product], at=now - timedelta(minutes=minutes))
    monkeypatch.setattr("recommendations.services.people.profiles.MAX_REFRESHED", 2)

    assert refresh_active(active_within=timedelta(minutes=5)) == 2

    assert {profile.user_id for profile in UserProfile.objects.all()} == {
        second.user_id,
        third.user_id,
    }
