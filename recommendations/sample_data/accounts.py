"""The marks by which rows of the sample shop are known, and the demo shoppers' password."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import QuerySet

from recommendations.models import Product, UserProfile
from recommendations.models.product import SAMPLE_SOURCE

EMAIL_DOMAIN = "sample-shop.example"
"""Domain of the sample accounts. `.example` is reserved: no real person has such an address."""

VISITOR_PREFIX = "sample-"
"""The session ids of sample visitors begin with this prefix."""

DEMO_PASSWORD = "demo-shop-2026"  # noqa: S105
"""Password of the demo shoppers if demo sign-in is on. It is public."""


def get_sample_products() -> QuerySet[Product]:
    """Return the products of the sample shop."""
    return Product.objects.filter(source=SAMPLE_SOURCE)


def get_sample_users() -> QuerySet[User]:
    """Return the accounts of the sample shop."""
    return get_user_model().objects.filter(email__endswith=f"@{EMAIL_DOMAIN}")


def is_populated() -> bool:
    """Return whether the sample shop is complete.

    `populate` labels the demo shoppers last, so without a label the run was interrupted.
    """
    return UserProfile.objects.exclude(demo_label="").filter(user__in=get_sample_users()).exists()


def is_unfinished() -> bool:
    """Return whether an interrupted run of `populate` left a part of the sample shop."""
    has_rows = get_sample_products().exists() or get_sample_users().exists()
    return has_rows and not is_populated()
