"""Rules of search: synonyms, redirects, pins and words to ignore."""

from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import unquote

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, QueryDict
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations.admin.base import ModelAdmin, TabularInline
from recommendations.admin.queries import PERMISSION, queries_page
from recommendations.admin.rule_preview import PreviewsRule
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.errors import InvalidInputError
from recommendations.models import (
    IgnoredWord,
    PinnedProduct,
    PinnedSearch,
    SearchRedirect,
    SearchSynonym,
)
from recommendations.services.search.curation import note_change
from recommendations.services.search.rule_inputs import (
    find_same,
    parse_page_address,
    require_words,
)
from recommendations.views.pages import find_page


class RuleForm(ShownValuesForm):
    """A form that tells of another rule for the same query."""

    same_fields: ClassVar[Sequence[str]]
    """The fields in which two rules may not say the same."""

    def clean(self) -> Any:
        """Refuse texts without words, and a second rule for the same."""
        for name in self.same_fields:
            try:
                require_words(self.cleaned_data.get(name, ""))
            except InvalidInputError as problem:
                if name in self.cleaned_data:
                    self.add_error(name, str(problem))
        if not self.errors:
            self._refuse_same(*(self.cleaned_data[name] for name in self.same_fields))
        return super().clean()

    def _refuse_same(self, *texts: str) -> None:
        given = dict(zip(self.same_fields, texts, strict=True))
        rule = self._meta.model(pk=self.instance.pk, **given)
        if other := find_same(rule, fields=self.same_fields):
            told = (
                _("There is a rule for this already: “%(rule)s”.")
                if other.is_active
                else _("There is a rule for this already: “%(rule)s”, which is switched off.")
            )
            raise ValidationError(told % {"rule": other})


class SynonymForm(RuleForm):
    same_fields = ("phrase", "means")

    def clean(self) -> Any:
        """Refuse a rule that says the same from its other end."""
        cleaned = super().clean()
        if not self.errors and self.cleaned_data["is_two_way"]:
            self._refuse_same(self.cleaned_data["means"], self.cleaned_data["phrase"])
        return cleaned


class RedirectForm(RuleForm):
    same_fields = ("query",)

    def clean_path(self) -> str:
        """Return the path of the address, if there is a page."""
        try:
            path = parse_page_address(self.cleaned_data["path"])
        except InvalidInputError as problem:
            raise ValidationError(str(problem)) from problem
        if not find_page(unquote(path.partition("?")[0]), QueryDict()).is_found:
            raise ValidationError(_("The shop has no page %(path)s.") % {"path": path})
        return path


class PinnedSearchForm(RuleForm):
    same_fields = ("query",)


class IgnoredWordForm(RuleForm):
    same_fields = ("word",)


class SearchRuleAdmin(PreviewsRule, ModelAdmin):
    """The page of one kind of rule; each write is followed by all processes."""

    list_before_template = "recommendations/admin/queries_link.html"
    list_filter = ["is_active"]
    actions = ["switch_on", "switch_off"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the rules, and to those who may see queries the way there."""
        context = {"may_see_queries": request.user.has_perm(PERMISSION)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, rules: QuerySet[Any]) -> None:
        self._switch(request, rules, on=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, rules: QuerySet[Any]) -> None:
        self._switch(request, rules, on=False)

    def _switch(self, request: HttpRequest, rules: QuerySet[Any], *, on: bool) -> None:
        changed = rules.update(is_active=on)
        note_change()
        told = (
            ngettext("%(count)s rule is on now.", "%(count)s rules are on now.", changed)
            if on
            else ngettext("%(count)s rule is off now.", "%(count)s rules are off now.", changed)
        )
        self.message_user(request, told % {"count": changed}, messages.SUCCESS)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        note_change()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        note_change()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        note_change()


@admin.register(SearchSynonym)
class SearchSynonymAdmin(SearchRuleAdmin):
    form = SynonymForm
    query_field = "phrase"
    list_display = ["phrase", "means", "is_two_way", "is_active"]
    list_filter = ["is_active", "is_two_way"]
    search_fields = ["phrase", "means"]

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with that of the queries."""
        page = self.admin_site.admin_view(queries_page)
        return [path("queries/", page, name="recommendations_queries"), *super().get_urls()]


@admin.register(SearchRedirect)
class SearchRedirectAdmin(SearchRuleAdmin):
    form = RedirectForm
    query_field = "query"
    list_display = ["query", "path", "is_active"]
    search_fields = ["query", "path"]


class PinFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def get_form_error(self) -> str:
        return str(_("This product is pinned twice."))

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return str(_("A product is pinned twice."))


class PinnedProductInline(TabularInline):
    model = PinnedProduct
    formset = PinFormSet
    autocomplete_fields = ["product"]
    extra = 0
    min_num = 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset, which requires a product."""
        formset = super().get_formset(request, obj, validate_min=True, **kwargs)
        # A table has no label beside a field.
        position = formset.form.base_fields["position"]
        position.widget.attrs["aria-label"] = position.label
        return formset


@admin.register(PinnedSearch)
class PinnedSearchAdmin(SearchRuleAdmin):
    form = PinnedSearchForm
    query_field = "query"
    inlines = [PinnedProductInline]
    list_display = ["query", "products", "is_active"]
    search_fields = ["query"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PinnedSearch]:
        searches: QuerySet[PinnedSearch] = super().get_queryset(request)
        return searches.annotate(pin_count=Count("pins"))

    @admin.display(description=_("Products"), ordering="pin_count")
    def products(self, search: Any) -> int:
        count: int = search.pin_count
        return count

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the pins; warn of products that cannot be bought."""
        super().save_related(request, form, formsets, change)
        for pin in form.instance.pins.select_related("product"):
            if not (pin.product.is_active and pin.product.stock):
                warning = _(
                    "%(product)s is not for sale now: searches leave it out until it is."
                ) % {"product": pin.product}
                self.message_user(request, warning, messages.WARNING)


@admin.register(IgnoredWord)
class IgnoredWordAdmin(SearchRuleAdmin):
    form = IgnoredWordForm
    query_field = "word"
    list_display = ["word", "is_active"]
    search_fields = ["word"]
