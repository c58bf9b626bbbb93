"""How rows of the sample shop are told from others, and the password of its demo shoppers."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import QuerySet

from recommendations.models import Product, UserProfile

SOURCE = "sample"
"""`Product.source` of the sample products."""

EMAIL_DOMAIN = "sample-shop.example"
"""Domain of the sample accounts. `.example` is reserved: no real person has such an address."""

VISITOR_PREFIX = "sample-"
"""The session ids of sample visitors begin with it."""

DEMO_PASSWORD = "demo-shop-2026"  # noqa: S105
"""Password of the demo shoppers where demo sign-in is on. It is public."""


def get_sample_products() -> QuerySet[Product]:
    """Return the products of the sample shop."""
    return Product.objects.filter(source=SOURCE)


def get_sample_users() -> QuerySet[User]:
    """Return the accounts of the sample shop."""
    return get_user_model().objects.filter(email__endswith=f"@{EMAIL_DOMAIN}")


def is_populated() -> bool:
    """Return whether the sample shop is complete.

    The last transaction of a run labels the demo shoppers, so an interrupted run has no labels.
    """
    return UserProfile.objects.exclude(demo_label="").filter(user__in=get_sample_users()).exists()


def is_unfinished() -> bool:
    """Return whether an interrupted run left a part of the sample shop."""
    has_rows = get_sample_products().exists() or get_sample_users().exists()
    return has_rows and not is_populated()
