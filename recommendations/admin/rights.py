"""Who may change whose account: nobody gains rights by editing accounts."""

from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import Q, QuerySet

GIVE_ROLES = "recommendations.give_roles"


def may_edit(actor: User | AnonymousUser, account: User) -> bool:
    """Return whether the account has no right that the actor lacks.

    Whoever edits an account can set its password or mail address, and so can sign in as it. An
    account that is switched off counts with all its rights, because it can be switched on.
    """
    if actor.is_superuser:
        return True
    if account.is_superuser:
        return False
    held = Permission.objects.filter(Q(user=account) | Q(group__user=account))
    names = {
        f"{app}.{code}" for app, code in held.values_list("content_type__app_label", "codename")
    }
    return names <= actor.get_all_permissions()


def find_grantable_groups(actor: User | AnonymousUser) -> QuerySet[Group]:
    """Return the groups that the actor may put an account into: those without a further right."""
    groups = Group.objects.all()
    if actor.is_superuser:
        return groups
    held = actor.get_all_permissions()
    wider = {
        group_id
        for group_id, app, code in Permission.objects.filter(group__isnull=False).values_list(
            "group", "content_type__app_label", "codename"
        )
        if f"{app}.{code}" not in held
    }
    return groups.exclude(pk__in=wider)
