"""The forms of an experiment and of its arms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as told
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from recommendations.admin.json_objects import JSONObjectField
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.choices import Guardrail
from recommendations.models import ExperimentArm, ModelVersion, RuleVersion
from recommendations.models.experiment import HOLD_OUT_LAYER, list_default_guardrails
from recommendations.services.experiments.checks import (
    INTERLEAVED_PLACEMENTS,
    find_kind_problem,
    find_weight_problem,
)
from recommendations.services.shop.rule_versions import read_draft
from recommendations.services.training.registry import find_present

GUARDRAILS = {
    Guardrail.ERRORS: _("Failed requests"),
    Guardrail.LATENCY: _("Slow requests"),
    Guardrail.EMPTY_LISTS: _("Empty lists"),
    Guardrail.REVENUE: _("Revenue per subject"),
}
OFFERED_VERSIONS = 20
LARGEST_WEIGHT = 1000
AS_THE_SHOP, NO_RULES, DRAFT, KEPT = "", "none", "draft", "kept"


class ExperimentForm(ShownValuesForm):
    guardrails = forms.MultipleChoiceField(
        label=_("Guardrails"),
        choices=[(each.value, name) for each, name in GUARDRAILS.items()],
        initial=list_default_guardrails,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("The experiment pauses if an arm does worse than the control in one of them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "placement" in self.fields:
            offered = {"", *(each.value for each in INTERLEAVED_PLACEMENTS)}
            field: Any = self.fields["placement"]
            field.choices = [one for one in field.choices if one[0] in offered]

    def clean(self) -> Any:
        """Refuse what does not go together with the kind of the experiment."""
        cleaned: Any = super().clean() or self.cleaned_data
        columns = [cleaned.get(name) for name in ("kind", "placement", "primary_metric")]
        if None not in columns and (problem := find_kind_problem(*columns)):
            raise ValidationError(problem)
        return cleaned

    def clean_layer(self) -> str:
        """Return the layer; that of the hold-out is taken."""
        layer: str = self.cleaned_data["layer"].strip()
        if layer == HOLD_OUT_LAYER:
            raise ValidationError(_("This layer belongs to the hold-out. Choose another name."))
        return layer


class WeightsField(JSONObjectField):
    """Weights of a blend; an empty field stands for those of the model."""

    def prepare_value(self, value: Any) -> Any:
        """Return the text to show: none for no weights."""
        return super().prepare_value(value) if value else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the weights differ."""
        return super().has_changed(initial or {}, data)


class ArmForm(ShownValuesForm):
    weights = WeightsField(
        label=_("Weights"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_('Weights of the blend by the name of the member: {"collaborative": 1}'),
    )
    model_version = forms.ChoiceField(
        label=_("Model version"), required=False, widget=UnfoldAdminSelectWidget
    )
    rules_choice = forms.ChoiceField(
        label=_("Rules"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("They are copied: later changes of the draft do not change the arm."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "model_version" in self.fields:
            versions = list_model_choices(self.instance.model_version)
            self.fields["model_version"].choices = versions  # type: ignore[attr-defined]
        if "rules_choice" in self.fields:
            kept = self.instance.rules is not None
            choices = list_rule_choices(self.instance.rules_from if kept else "")
            self.fields["rules_choice"].choices = choices  # type: ignore[attr-defined]
            self.initial["rules_choice"] = KEPT if kept else AS_THE_SHOP

    def clean_weight(self) -> float:
        """Return the weight of the arm; the sum of all weights has to stay a number."""
        weight: float = self.cleaned_data["weight"]
        if weight > LARGEST_WEIGHT:
            raise ValidationError(
                _("The weight is at most %(most)d: only the ratio of the weights counts."),
                params={"most": LARGEST_WEIGHT},
            )
        return weight

    def clean_weights(self) -> Any:
        """Return the weights of the blend, None for those of the model."""
        weights = self.cleaned_data["weights"] or None
        if weights is not None and (problem := find_weight_problem(weights)):
            raise ValidationError(problem)
        return weights

    def clean(self) -> Any:
        """Copy the chosen rules into the arm."""
        cleaned: Any = super().clean() or self.cleaned_data
        match cleaned.get("rules_choice"):
            case None | "kept":
                pass
            case "":
                self.instance.rules, self.instance.rules_from = None, ""
            case "none":
                self.instance.rules, self.instance.rules_from = [], told("no rules")
            case "draft":
                self.instance.rules, self.instance.rules_from = read_draft(), told("the draft")
            case number:
                version = RuleVersion.objects.get(pk=int(number))
                self.instance.rules = version.rules
                self.instance.rules_from = told("version %d") % version.pk
        return cleaned


class ArmFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The arms of a draft: exactly one is the control, and arms may swap their names."""

    def clean(self) -> None:
        """Require exactly one control."""
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form not in self.deleted_forms]
        if sum(form.instance.is_control for form in kept) != 1:
            raise ValidationError(_("One of the arms must be the control."))

    def save(self, commit: bool = True) -> Any:
        """Save the arms, whatever they take over from each other."""
        # Rows are written one by one, and the database looks at each for the name and the control
        # that another one still has. So those that will lose theirs give them up before.
        for form in self.initial_forms:
            row = ExperimentArm.objects.filter(pk=form.instance.pk)
            if form in self.deleted_forms:
                row.update(name=f"-{form.instance.pk}", is_control=False)
                continue
            columns = form.list_columns_to_write()  # type: ignore[attr-defined]
            if "name" in columns:
                row.update(name=f"-{form.instance.pk}")
            if "is_control" in columns:
                row.update(is_control=False)
        return super().save(commit)


def list_model_choices(kept: str) -> list[tuple[str, Any]]:
    """Return the model versions that can be loaded, newest first, and the one that is `kept`."""
    names = ModelVersion.objects.order_by("-created_at").values_list("name", flat=True)
    newest = list(names[:OFFERED_VERSIONS])
    present = find_present(newest)
    offered = [name for name in newest if name in present]
    if kept and kept not in offered:
        offered.append(kept)
    return [("", _("the live one")), *((name, name) for name in offered)]


def list_rule_choices(kept: str) -> list[tuple[str, Any]]:
    """Return what rules an arm may follow; `kept` says where those come from that it has."""
    versions = RuleVersion.objects.order_by("-pk").values_list("pk", flat=True)[:OFFERED_VERSIONS]
    return [
        (AS_THE_SHOP, _("the published ones")),
        *([(KEPT, _("as they are: %s") % kept)] if kept else []),
        (NO_RULES, _("none")),
        (DRAFT, _("the draft as it is now")),
        *((str(pk), _("version %d") % pk) for pk in versions),
    ]
