"""The names of tables and columns in the language of staff.

They follow from the names in the models, here for all tables at once, because a name that is
written as a translation in a model would need a migration. Migrations compare what was written.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy, gettext_noop

DEEDS = {
    "view": gettext_lazy("View"),
    "add": gettext_lazy("Add"),
    "change": gettext_lazy("Change"),
    "delete": gettext_lazy("Delete"),
}
"""What everybody may do with rows of a table who has the permission of this name."""

LEFT_BY_OTHERS = (
    gettext_noop(
        "Whether the user will be able to authenticate using a password or not. If disabled, they "
        "may still be able to authenticate using other backends, such as Single Sign-On or LDAP."
    ),
    gettext_noop('Cron Months (1-12) Of The Year to Run. Use "*" for "all". (Example: "1,12")'),
    gettext_noop(
        'Cron Days Of The Week to Run. Use "*" for "all", Sunday is 0 or 7, Monday is 1. (Example: '
        '"0,5")'
    ),
)
"""Texts of Django and of the tables of schedules that these do not translate themselves."""


def translate_names() -> None:
    """Let the names of all tables and columns of the shop follow the language of each request."""
    for model in _get_models():
        options = model._meta
        options.verbose_name = _make_lazy(options.verbose_name)
        # Django puts the plural of a name without one together, and would not translate it.
        options.verbose_name_plural = gettext_lazy(str(options.verbose_name_plural))
        for field in _get_fields(model):
            field.verbose_name = _make_lazy(field.verbose_name)
            field.help_text = _make_lazy(field.help_text)
            if field.choices:
                field.choices = [(value, _make_lazy(label)) for value, label in field.flatchoices]


def list_names() -> Iterator[str]:
    """Yield the texts that `translate_names` lets be translated, in English."""
    for model in _get_models():
        options = model._meta
        yield from (str(options.verbose_name), str(options.verbose_name_plural))
        for field in _get_fields(model):
            yield from (str(field.verbose_name), str(field.help_text))
            yield from (str(label) for _, label in field.flatchoices or ())
    for model in apps.get_app_config("recommendations").get_models():
        yield from (str(name) for _, name in model._meta.permissions)


def name_permission(permission: Permission) -> str:
    """Return the table of a permission and what it allows, in the language of the page.

    The database keeps names of permissions in English.
    """
    table = permission.content_type
    deed, _, model = permission.codename.partition("_")
    allowed = DEEDS[deed] if deed in DEEDS and model == table.model else gettext(permission.name)
    return f"{capfirst(table.name)} | {allowed}"


def _get_models() -> list[type[Model]]:
    """Return the tables that staff see: those with a permission, and pins within their forms."""
    models = apps.get_app_config("recommendations").get_models()
    return [
        model
        for model in models
        if model._meta.default_permissions or model.__name__ in {"PinnedProduct", "CategoryPin"}
    ]


def _get_fields(model: type[Model]) -> "list[Field[Any, Any]]":
    fields = [field for field in model._meta.get_fields() if isinstance(field, Field)]
    return [field for field in fields if field.editable or not field.primary_key]


def _make_lazy(text: Any) -> Any:
    return text if isinstance(text, Promise) or not text else gettext_lazy(text)
