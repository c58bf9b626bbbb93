"""The names of tables and columns in the language of staff.

They follow from the names in the models, here for all tables at once, because a name that is
written as a translation in a model would need a migration. Migrations compare what was written.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Field, Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


def translate_names() -> None:
    """Let the names of all tables and columns of the shop follow the language of each request."""
    for model in _get_models():
        options = model._meta
        options.verbose_name = _make_lazy(options.verbose_name)
        options.verbose_name_plural = _make_lazy(options.verbose_name_plural)
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


def _get_models() -> list[type[Model]]:
    """Return the tables that staff see: those with a permission."""
    models = apps.get_app_config("recommendations").get_models()
    return [model for model in models if model._meta.default_permissions]


def _get_fields(model: type[Model]) -> "list[Field[Any, Any]]":
    fields = [field for field in model._meta.get_fields() if isinstance(field, Field)]
    return [field for field in fields if field.editable or not field.primary_key]


def _make_lazy(text: Any) -> Any:
    return text if isinstance(text, Promise) or not text else gettext_lazy(text)
