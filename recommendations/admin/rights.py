"""Who may change whose account: nobody gains rights by editing accounts."""

from django.contrib.auth.models import AnonymousUser, Permission, User
from django.db.models import Q


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
