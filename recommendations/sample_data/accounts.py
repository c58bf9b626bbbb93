"""Which rows belong to the sample shop, and the accounts that everybody knows."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import QuerySet

from recommendations.models import Product, UserProfile

SOURCE = "sample"
"""`Product.source` of everything the generator made."""

EMAIL_DOMAIN = "sample-shop.example"
"""Marks the generator's accounts. `.example` is reserved: nobody real has such an address."""

VISITOR_PREFIX = "sample-"
"""Begins the session ids of the generator's visitors."""

DEMO_PASSWORD = "demo-shop-2026"  # noqa: S105
"""Of the demo shoppers, where demo sign-in is on; public, so it opens nothing elsewhere."""


def sample_products() -> QuerySet[Product]:
    """Return the products that the generator made."""
    return Product.objects.filter(source=SOURCE)


def sample_users() -> QuerySet[User]:
    """Return the accounts that the generator made."""
    return get_user_model().objects.filter(email__endswith=f"@{EMAIL_DOMAIN}")


def is_populated() -> bool:
    """Return whether the sample shop is there, whole.

    Its demo shoppers get their labels in the last transaction, so an interrupted run has none.
    """
    return UserProfile.objects.exclude(demo_label="").filter(user__in=sample_users()).exists()


def is_unfinished() -> bool:
    """Return whether a run was interrupted: parts of a sample shop are there, but not all."""
    return not is_populated() and (sample_products().exists() or sample_users().exists())
