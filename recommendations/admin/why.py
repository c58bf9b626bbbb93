"""The page on which staff ask why a list shows a product, and why not another.

It needs the permission `explain_lists`, because a list says what its shopper did. Each look is
noted in the audit log.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from recommendations.admin.category_fields import CategoryPathInput
from recommendations.admin.why_answers import Rights, build_answers
from recommendations.choices import InspectedHistory
from recommendations.errors import InvalidInputError, ShopError
from recommendations.models import RuleVersion
from recommendations.sentences import get_sentence
from recommendations.services.infra.translation import tell
from recommendations.services.insight.explain import Variation, list_model_names, load_model
from recommendations.services.insight.inspections import note_inspection
from recommendations.services.insight.questions import (
    Page,
    Question,
    find_products,
    find_shopper,
    find_visitor,
    parse_history,
)
from recommendations.services.lists import GivenEvent
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.merchandising import (
    NO_CURRENT_RULES,
    CurrentRules,
    compile_rules,
)
from recommendations.services.shop.rule_versions import read_draft
from recommendations.services.training import live_model

PERMISSION = "recommendations.explain_lists"
MOST_PRODUCTS = 50
PREFILLED = ("page", "product", "category", "why_not", "rules", "history_of")
"""What a link to the page may fill in; whose list it is, staff always type."""

PAGE_LABELS = {
    Page.HOME: gettext_lazy("Home page"),
    Page.PRODUCT: gettext_lazy("Page of a product"),
    Page.CART: gettext_lazy("Cart"),
    Page.SEARCH: gettext_lazy("Beside a search"),
    Page.CATEGORY: gettext_lazy("Category"),
}
HISTORY_LABELS = {
    InspectedHistory.TYPED: gettext_lazy("A history that I type"),
    InspectedHistory.SHOPPER: gettext_lazy("A shopper"),
    InspectedHistory.VISITOR: gettext_lazy("A visitor"),
}
NO_RULES, DRAFT = "none", "draft"
MOST_VERSIONS = 10
"""So many published versions of the rules can be chosen."""


class WhyForm(forms.Form):
    """Whose list, of which page; which product is missed; and what to compare with."""

    page = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[*PAGE_LABELS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    product = forms.CharField(
        label=gettext_lazy("Product of the page"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For the page of a product: id, own id or name."),
        widget=UnfoldAdminTextInputWidget,
    )
    category = forms.CharField(
        label=gettext_lazy("Category"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("For a category: its path."),
        widget=CategoryPathInput,
    )
    count = forms.IntegerField(
        label=gettext_lazy("Length of the lists"),
        min_value=1,
        max_value=MOST_PRODUCTS,
        initial=12,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    history_of = forms.ChoiceField(
        label=gettext_lazy("Whose history"),
        choices=[*HISTORY_LABELS.items()],
        widget=UnfoldAdminSelectWidget,
    )
    who = forms.CharField(
        label=gettext_lazy("Id of the shopper or visitor"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("A shopper's id or own id, or the session of a visitor."),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    history = forms.CharField(
        label=gettext_lazy("Typed history"),
        required=False,
        max_length=10_000,
        help_text=gettext_lazy(
            "One interaction a line, oldest first: view, like, cart or purchase, then a product by "
            "id, own id or name. Empty: somebody new."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    cart = forms.CharField(
        label=gettext_lazy("Typed cart"),
        required=False,
        max_length=10_000,
        help_text=gettext_lazy("One product a line."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    why_not = forms.CharField(
        label=gettext_lazy("Why not this product?"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Id, own id or name of a product that you miss."),
        widget=UnfoldAdminTextInputWidget,
    )
    rules = forms.ChoiceField(
        label=gettext_lazy("Compare with rules"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    model = forms.ChoiceField(
        label=gettext_lazy("Compare with model"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, may_see_rules: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules: Any = self.fields["rules"]
        rules.choices = [("", _("as they are")), (NO_RULES, _("none"))]
        if may_see_rules:
            rules.choices += [(DRAFT, _("as the draft has them")), *_list_rule_versions()]
        # No right on models is asked for: of a version, the choice tells the name alone, as every
        # list tells that of the live one.
        live = live_model.get_current()
        names = [name for name in list_model_names() if live is None or name != live.version]
        model: Any = self.fields["model"]
        model.choices = [("", _("the live one")), *((name, name) for name in names)]

    def clean(self) -> dict[str, Any]:
        """Find what the texts name, and check that the page has what it needs."""
        said = super().clean() or self.cleaned_data
        if self.errors:
            return said
        page = Page(said["page"])
        if page is Page.PRODUCT and not said["product"]:
            self.add_error("product", _("Which product's page?"))
        if page is Page.CATEGORY and not said["category"]:
            self.add_error("category", _("Which category?"))
        said["question"] = said["missed"] = None
        if not self.errors:
            try:
                said["question"] = self._read_question(page)
                if said["why_not"]:
                    (said["missed"],) = find_products([said["why_not"]], field="why_not")
            except InvalidInputError as refused:
                self.add_error(refused.field or "who", tell(get_sentence(refused)))
            except ShopError as refused:
                self.add_error("who", tell(get_sentence(refused)))
        return said

    def _read_question(self, page: Page) -> Question:
        said = self.cleaned_data
        kind = InspectedHistory(said["history_of"])
        subject: Subject | None = None
        events: tuple[GivenEvent, ...] = ()
        in_cart: tuple[int, ...] = ()
        if kind is InspectedHistory.TYPED:
            events = parse_history(said["history"])
            lines = [line.strip() for line in said["cart"].splitlines() if line.strip()]
            in_cart = tuple(find_products(lines[:MOST_PRODUCTS], field="cart"))
        elif not said["who"]:
            raise InvalidInputError(_("Whose history? Give an id."), field="who")
        else:
            find = find_shopper if kind is InspectedHistory.SHOPPER else find_visitor
            subject = find(said["who"])
        product_id = None
        if page is Page.PRODUCT:
            (product_id,) = find_products([said["product"]], field="product")
        return Question(
            page=page,
            subject=subject,
            events=events,
            in_cart=in_cart,
            product_id=product_id,
            category=said["category"] if page is Page.CATEGORY else None,
            count=said["count"],
        )


def why_page(request: HttpRequest) -> HttpResponse:
    """Show the form; answer it with the lists of the page and what made them."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    asked = request.method == "POST"
    given = {name: request.GET[name] for name in PREFILLED if name in request.GET}
    may_see_rules = request.user.has_perm("recommendations.view_merchandisingrule")
    form = WhyForm(
        request.POST if asked else None,
        initial=given,
        may_see_rules=may_see_rules,
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Why is it shown, why is it not?"),
        "form": form,
    }
    if asked and form.is_valid():
        said = form.cleaned_data
        note_inspection(
            staff_id=request.user.pk,
            subject=said["question"].subject,
            placement=said["question"].page.value,
            product_id=said["missed"],
        )
        try:
            context["answers"] = build_answers(
                said["question"],
                _read_variation(said),
                list_name=request.POST.get("list", ""),
                missed=said["missed"],
                rights=Rights(
                    rules=may_see_rules,
                    products=request.user.has_perm("recommendations.view_product"),
                ),
            )
        except ShopError as refused:
            form.add_error(None, tell(get_sentence(refused)))
    return TemplateResponse(request, "recommendations/admin/why.html", context)


def _read_variation(said: dict[str, Any]) -> Variation | None:
    """Return what to compare with; None if nothing was chosen."""
    model = said["model"]
    if not said["rules"] and not model:
        return None
    return Variation(
        model=load_model(model) if model else None,
        rules=_read_rules(said["rules"]) if said["rules"] else None,
    )


def _list_rule_versions() -> list[tuple[str, str]]:
    """Return the published rules that can be chosen, newest first; lists follow the newest."""
    published = RuleVersion.objects.values_list("pk", "created_at")[1 : MOST_VERSIONS + 1]
    return [
        (
            f"{pk}",
            _("as published on {}").format(
                date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")
            ),
        )
        for pk, moment in published
    ]


def _read_rules(chosen: str) -> CurrentRules:
    if chosen == NO_RULES:
        return NO_CURRENT_RULES
    if chosen == DRAFT:
        return compile_rules(read_draft())
    return compile_rules(RuleVersion.objects.get(pk=int(chosen)).rules)
