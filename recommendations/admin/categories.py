"""Categories, attributes, and the ids by which a shop knows products, variants and shoppers."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanWidget

from recommendations.admin.base import ModelAdmin
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.errors import InvalidInputError
from recommendations.models import (
    AttributeValue,
    Category,
    ProductAttribute,
    ProductCategory,
    ShopperId,
    Variant,
)
from recommendations.services.shop.category_changes import (
    check_move,
    count_affected,
    move_category,
    set_repeatable,
)
from recommendations.services.shop.repurchases import get_repurchases


class CategoryForm(ShownValuesForm):
    confirms_move = forms.BooleanField(
        label=_("Yes, move it"), required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an impossible move; ask before a category moves with all that belongs to it."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors or not {"name", "parent"} & set(self.changed_data):
            return cleaned
        parent = cleaned.get("parent")
        try:
            check_move(
                self.instance.pk, name=cleaned["name"], parent_id=parent.pk if parent else None
            )
        except InvalidInputError as problem:
            raise forms.ValidationError({problem.field or "name": str(problem)}) from None
        if not cleaned.get("confirms_move"):
            below, products, rules = count_affected(self.instance.pk)
            self.fields["confirms_move"].widget = UnfoldBooleanWidget()
            raise forms.ValidationError(
                _(
                    "This moves along: categories below: %(below)s; products: %(products)s; rules: "
                    "%(rules)s. The category gets another address. A file or feed that names the "
                    "old path makes it again. Tick “Yes, move it” and save."
                )
                % {"below": below, "products": products, "rules": rules}
            )
        return cleaned


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    form = CategoryForm
    list_display = ["path", "is_repeatable", "bought_again"]
    list_filter = ["is_repeatable"]
    search_fields = ["path"]
    fields = ["name", "parent", "is_repeatable", "bought_again", "confirms_move"]
    readonly_fields = ["bought_again"]
    autocomplete_fields = ["parent"]
    actions = ["make_repeatable"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Categories are made by the products that lie in them."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        """Products would lose their place: move them, and the empty category is not shown."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Say why a change was refused; nothing was changed or logged then."""
        try:
            page: HttpResponse = super().changeform_view(request, *args, **options)
        except InvalidInputError as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return page

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """Return the categories; read once for the page how often their products repeat."""
        is_page = not request.path.endswith("/autocomplete/")
        self.repurchases = get_repurchases() if is_page else {}
        categories: QuerySet[Category] = super().get_queryset(request)
        return categories

    @display(description=_("Bought again"))
    def bought_again(self, category: Category) -> str:
        found = self.repurchases.get(category.pk)
        if found is None:
            return "–"
        told = ngettext(
            "by %(share)s of %(buyers)s buyer", "by %(share)s of %(buyers)s buyers", found.buyers
        )
        text = told % {
            "share": f"{found.again / found.buyers:.0%}",
            "buyers": found.buyers,
        }
        if category.is_repeatable is None and category.repeats_learnt:
            text += _(": repeatable while nobody says otherwise")
        return text

    @admin.action(description=_("Make repeatable"), permissions=["change"])
    def make_repeatable(self, request: HttpRequest, categories: QuerySet[Category]) -> None:
        ids = list(categories.values_list("pk", flat=True))
        changed = sum(set_repeatable(category_id, repeatable=True) for category_id in ids)
        told = ngettext(
            "%(count)s product may be recommended again now.",
            "%(count)s products may be recommended again now.",
            changed,
        ) % {"count": changed}
        self.message_user(request, told)

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        """Let the service change the category, its products and its rules."""
        if {"name", "parent"} & set(form.changed_data):
            obj.path = move_category(obj.pk, name=obj.name, parent_id=obj.parent_id)
        if "is_repeatable" in form.changed_data:
            changed = set_repeatable(obj.pk, repeatable=obj.is_repeatable)
            told = ngettext(
                "%(count)s product follows the category.",
                "%(count)s products follow the category.",
                changed,
            ) % {"count": changed}
            self.message_user(request, told)


@admin.register(ProductCategory)
class ProductCategoryAdmin(ReadOnly, ModelAdmin):
    list_display = ["product", "category", "is_given"]
    search_fields = ["product__name", "category__path"]
    list_select_related = ["product", "category"]


@admin.register(AttributeValue)
class AttributeValueAdmin(ReadOnly, ModelAdmin):
    list_display = ["name", "value"]
    search_fields = ["name", "value"]
    fields = ["name", "value"]


@admin.register(ProductAttribute)
class ProductAttributeAdmin(ReadOnly, ModelAdmin):
    list_display = ["product", "value"]
    search_fields = ["product__name", "value__name", "value__value"]
    list_select_related = ["product", "value"]


@admin.register(Variant)
class VariantAdmin(ReadOnly, ModelAdmin):
    list_display = ["product", "title", "sku", "price", "stock", "is_active"]
    search_fields = ["product__name", "sku", "external_id"]
    list_select_related = ["product"]


@admin.register(ShopperId)
class ShopperIdAdmin(ReadOnly, ModelAdmin):
    list_display = ["source", "external_id", "user"]
    search_fields = ["=external_id", "=user__username"]
    list_select_related = ["user"]
