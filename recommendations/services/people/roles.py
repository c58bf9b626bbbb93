"""The roles of staff: groups that each have the least rights that their work needs.

After each migration, a role gets those of its rights that it never got before: also rights of
tables that came later. What an administrator takes from a group, or a group that is deleted, stays
away.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from recommendations.models import RoleRight


class Role(StrEnum):
    """A role, as its group is called."""

    CATALOGUE_MANAGER = "Catalogue manager"
    MERCHANDISER = "Merchandiser"
    ANALYST = "Analyst"
    SUPPORT = "Support"
    ADMINISTRATOR = "Administrator"


SEARCH_RULES = ("searchsynonym", "searchredirect", "pinnedsearch", "pinnedproduct", "ignoredword")

RIGHTS: Mapping[Role, tuple[str, ...]] = {
    Role.CATALOGUE_MANAGER: (
        *("recommendations.view_product", "recommendations.add_product"),
        *("recommendations.change_product", "recommendations.import_data"),
        *("recommendations.*_variant", "recommendations.*_productimage"),
        *("recommendations.*_productcategory", "recommendations.*_feed"),
        *("recommendations.view_category", "recommendations.change_category"),
        *("recommendations.view_pictureaddress", "recommendations.delete_pictureaddress"),
        *("recommendations.view_attributevalue", "recommendations.view_productattribute"),
        "recommendations.view_feedrun",
    ),
    Role.MERCHANDISER: (
        *("recommendations.view_product", "recommendations.view_variant"),
        *("recommendations.view_category", "recommendations.view_insight"),
        *("recommendations.explain_lists", "recommendations.run_what_if"),
        *("recommendations.*_merchandisingrule", "recommendations.publish_rules"),
        *("recommendations.*_experiment", "recommendations.*_experimentarm"),
        *("recommendations.run_experiments", "recommendations.*_randomslot"),
        *("recommendations.*_categorypin", "recommendations.view_categorypage"),
        *("recommendations.change_categorypage", "recommendations.view_queryday"),
        *(f"recommendations.*_{table}" for table in SEARCH_RULES),
    ),
    Role.ANALYST: (
        *("recommendations.view_insight", "recommendations.view_queryday"),
        *("recommendations.view_modelversion", "recommendations.view_product"),
        *("recommendations.view_category", "recommendations.view_experiment"),
        *("recommendations.view_experimentarm", "recommendations.view_randomslot"),
        "recommendations.run_what_if",
    ),
    Role.SUPPORT: (
        *("recommendations.view_order", "recommendations.change_order"),
        *("recommendations.view_orderline", "recommendations.view_cartitem"),
        *("recommendations.view_product", "recommendations.view_variant"),
        *("recommendations.view_shopper", "recommendations.explain_lists", "auth.view_user"),
    ),
    Role.ADMINISTRATOR: ("recommendations.*", "auth.*", "django_celery_beat.*"),
}
"""The rights of each role; `*` stands for any text."""


@transaction.atomic
def give_rights() -> int:
    """Give each role the rights that exist and that it never got; return how many those were."""
    given = set(RoleRight.objects.values_list("role", "right"))
    existing = {
        f"{app}.{code}": pk
        for app, code, pk in Permission.objects.values_list(
            "content_type__app_label", "codename", "pk"
        )
    }
    new: list[RoleRight] = []
    for role, patterns in RIGHTS.items():
        rights = [right for right in _match(existing, patterns) if (role.value, right) not in given]
        if (role.value, "") not in given:
            Group.objects.get_or_create(name=role.value)
            new.append(RoleRight(role=role.value))
        if not rights:
            continue
        group = Group.objects.filter(name=role.value).first()
        if group is not None:
            group.permissions.add(*(existing[right] for right in rights))
        new += [RoleRight(role=role.value, right=right) for right in rights]
    RoleRight.objects.bulk_create(new, ignore_conflicts=True)
    return sum(1 for each in new if each.right)


def _match(rights: Iterable[str], patterns: Iterable[str]) -> list[str]:
    return sorted(
        right for right in rights if any(fnmatchcase(right, pattern) for pattern in patterns)
    )
