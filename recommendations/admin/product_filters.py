"""Filters of the list of products: what staff look for when they tidy up the catalogue."""

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from recommendations.models import Product, UserBehavior

FEW = 5
"""A stock of at most so many pieces is low."""


class _Choice(SimpleListFilter):
    conditions: dict[str, tuple[Any, Any]]
    """The name and the condition of each choice."""

    def lookups(
        self, request: HttpRequest, model_admin: "ModelAdmin[Any]"
    ) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [(value, name) for value, (name, _condition) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Return the products of the choice."""
        chosen = self.conditions.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class StockFilter(_Choice):
    title = _("stock")
    parameter_name = "in_stock"
    conditions = {
        "none": (_("Sold out"), Q(stock=0)),
        "low": (_("1 to 5 pieces"), Q(stock__range=(1, FEW))),
        "some": (_("More than 5 pieces"), Q(stock__gt=FEW)),
    }


class MissingFilter(_Choice):
    title = _("what is missing")
    parameter_name = "missing"
    conditions = {
        "picture": (_("No picture"), Q(image="")),
        "description": (_("No description"), Q(description="")),
        "brand": (_("No brand"), Q(brand="")),
    }


class InteractionFilter(_Choice):
    title = _("interactions")
    parameter_name = "interactions"
    conditions = {
        "none": (
            _("Nobody has looked at it"),
            ~Exists(UserBehavior.objects.filter(product=OuterRef("pk"))),
        ),
    }
