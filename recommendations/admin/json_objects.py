"""The form field of a column that holds a JSON object."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.utils.translation import gettext_lazy as _

from recommendations.api.fields import read_json


class JSONObjectField(forms.JSONField):
    """A JSON object that every database can store, read as strictly as the API reads a body.

    An empty field is an empty object.
    """

    def to_python(self, value: Any) -> Any:
        """Return the object; ValidationError says why a text is none."""
        if value in self.empty_values:
            return {}
        try:
            found = value if isinstance(value, dict) else read_json(str(value).encode())
        except ValueError as error:
            raise ValidationError(_("This is not JSON: %(problem)s") % {"problem": error}) from None
        if not isinstance(found, dict):
            raise ValidationError(_('Write a JSON object, such as {"colour": "blue"}.'))
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the object to show again, or the text that is none."""
        try:
            return self.to_python(data)
        except ValidationError:
            return InvalidJSONInput(data)
