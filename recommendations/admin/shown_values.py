"""Forms that save only what a person changed, and tell what others changed meanwhile.

Each form carries, signed, the values that it showed. What a person changed is the difference
between these and what the person sends; what others changed is the difference between these and
the row as it is when the form comes back.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import display_for_field
from django.core import serializers, signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import BooleanField, FileField
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

SHOWN = "shown"
MAX_CHARS = 200
"""How much of what others wrote a message quotes."""


class ShownValuesField(forms.CharField):
    """The hidden field with the values that the form showed; it is no part of the row."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, label="")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return False."""
        return False


class ShownValuesForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of one row that leaves alone what the person did not change.

    If others have changed a field that the person changed too, the form is refused once, with what
    the others wrote; what the person typed stays in the form. `counted_fields` are numbers that
    others change by adding and subtracting: the person's difference is added to the present number.
    `notes` tells what others changed besides. A form that comes back without the values that it
    showed is compared with the present row.
    """

    shown = ShownValuesField()
    counted_fields: ClassVar[Sequence[str]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: list[str] = []
        self._loaded = self._read_columns()
        self._set_by_clean: set[str] = set()
        self._is_comparable = True
        self._is_change = not self.instance._state.adding
        if not self._is_change:
            return
        self._present_initial = dict(self.initial)
        self._present = self._read_values()
        self._seen = self._present
        if not self.is_bound:
            self.initial[SHOWN] = self._sign(self._present)
        elif token := self.data.get(self.add_prefix(SHOWN)):
            self._recall(token)

    def list_columns_to_write(self) -> list[str]:
        """Return the columns whose values differ from those that were loaded.

        This includes columns that a `clean` or a `save_model` has set, and with any of them the
        columns that note the time of each change.
        """
        present = self._read_columns()
        names = {name for name, value in present.items() if value != self._loaded[name]}
        names.update(name for name in self.changed_data if name in present)
        if names:
            columns = self.instance._meta.concrete_fields
            names.update(each.name for each in columns if getattr(each, "auto_now", False))
        return sorted(names)

    def save(self, commit: bool = True) -> Any:
        """Save the columns that have changed, or a new row whole."""
        if not (commit and self._is_change):
            return super().save(commit)
        instance = super().save(commit=False)
        instance.save(update_fields=self.list_columns_to_write())
        self._save_m2m()  # type: ignore[attr-defined]
        return instance

    def _clean_form(self) -> None:
        before = dict(self.cleaned_data)
        super()._clean_form()  # type: ignore[misc]
        self._set_by_clean = {
            name
            for name, value in self.cleaned_data.items()
            if name not in before or before[name] != value
        }

    def _post_clean(self) -> None:
        if self._is_change:
            self._merge()
        super()._post_clean()  # type: ignore[misc]

    def _merge(self) -> None:
        """Refuse conflicts, add differences, and drop what the person did not change."""
        if not self._is_comparable:
            self.add_error(
                None, _("Nobody can tell any more what you changed: check and save again.")
            )
            self._show_again(self._present)
            return
        changed = set(self.changed_data)
        conflicts = []
        for name in [each for each in self._seen if self._seen[each] != self._present[each]]:
            theirs = self._describe_present(name)
            if name not in changed:
                self.notes.append(f"{self[name].label}: {theirs}")
            elif name not in self.counted_fields and self._differs_from_present(name):
                conflicts.append(name)
                self.add_error(
                    name,
                    _(
                        "While this form was open, someone else changed this to %(value)s. "
                        "Save again to replace it by your value."
                    )
                    % {"value": theirs},
                )
        counted = changed.intersection(self.counted_fields, self.cleaned_data)
        conflicts += [name for name in counted if not self._add_difference(name)]
        if conflicts:
            self._show_again(conflicts)
        for name in set(self.cleaned_data) - changed - self._set_by_clean:
            del self.cleaned_data[name]

    def _add_difference(self, name: str) -> bool:
        """Add the person's difference to the present number, unless the sum is less than 0."""
        seen, present = self.initial[name], self._present_initial[name]
        wanted = self.cleaned_data[name]
        total = present + wanted - seen
        if total < 0:
            self.add_error(
                name,
                _(
                    "While this form was open, this went from %(seen)s to %(present)s, so it "
                    "cannot be lowered by %(difference)s. Save again to set it to your value."
                )
                % {"seen": seen, "present": present, "difference": seen - wanted},
            )
            return False
        self.cleaned_data[name] = total
        if present != seen:
            self.notes.append(
                _(
                    "%(label)s: from %(seen)s to %(present)s; your change of %(difference)s makes "
                    "it %(total)s"
                )
                % {
                    "label": self[name].label,
                    "seen": seen,
                    "present": present,
                    "difference": f"{wanted - seen:+d}",
                    "total": total,
                }
            )
        return True

    def _differs_from_present(self, name: str) -> bool:
        return self.fields[name].has_changed(self._present_initial.get(name), self[name].data)

    def _describe_present(self, name: str) -> str:
        column = self.instance._meta.get_field(name)
        if column.many_to_many:
            text = ", ".join(str(each) for each in self._present_initial[name])
        elif column.is_relation:
            text = str(getattr(self.instance, name) or "")
        elif isinstance(column, BooleanField):
            text = str(_("on") if getattr(self.instance, name) else _("off"))
        else:
            text = str(display_for_field(getattr(self.instance, name), column, ""))
        return f"“{Truncator(text).chars(MAX_CHARS)}”" if text else str(_("nothing"))

    def _recall(self, token: str) -> None:
        """Take the values of the token as the initial ones."""
        try:
            seen = signing.loads(token, salt=self._make_salt())
        except signing.BadSignature:
            # Signed for another row, or before the secret key changed.
            self._is_comparable = False
            return
        self._seen = {name: value for name, value in seen.items() if name in self._present}
        label = self.instance._meta.label_lower
        row = {"model": label, "pk": self.instance.pk, "fields": self._seen}
        [restored] = serializers.deserialize("python", [row])
        for name in self._seen:
            column = self.instance._meta.get_field(name)
            if column.many_to_many:
                self.initial[name] = (restored.m2m_data or {})[name]
            elif not isinstance(column, FileField):
                self.initial[name] = column.value_from_object(restored.object)

    def _show_again(self, names: Iterable[str]) -> None:
        """Note in the form that the person is told of the present values of these fields."""
        told = {**self._seen, **{name: self._present[name] for name in names}}
        data: Any = self.data
        self.data = data.copy()
        self.data[self.add_prefix(SHOWN)] = self._sign(told)  # type: ignore[index]

    def _read_columns(self) -> dict[str, Any]:
        return {
            each.name: getattr(self.instance, each.attname)
            for each in self.instance._meta.concrete_fields
        }

    def _read_values(self) -> dict[str, Any]:
        """Return the present values of the form's fields, as they are after a trip through JSON."""
        names = [name for name, field in self.fields.items() if not field.disabled]
        [row] = serializers.serialize("python", [self.instance], fields=names)
        values: dict[str, Any] = json.loads(json.dumps(row["fields"], cls=DjangoJSONEncoder))
        return values

    def _sign(self, values: dict[str, Any]) -> str:
        return signing.dumps(values, salt=self._make_salt(), compress=True)

    def _make_salt(self) -> str:
        return f"shown:{self.instance._meta.label_lower}:{self.instance.pk}"
