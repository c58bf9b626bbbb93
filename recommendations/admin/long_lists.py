"""Lists of tables with millions of rows: no page and no search reads the whole table."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from unfold.paginator import InfinitePaginator

from recommendations.models import Product

MAX_PRODUCTS_FOUND = 1_000
"""A text that more products have is hardly a search; it finds what was done with the first ones."""


class LongListPaginator(InfinitePaginator):
    """Pages that are found in the index of the order, and are not counted.

    Only the rows of the page are read from the table and joined: without that, page 9,000 would
    join all rows of the pages before it.
    """

    def page(self, number: int | str) -> Any:
        """Return a page with its rows in the order of the list."""
        number = int(self.validate_number(number))
        first = (number - 1) * self.per_page
        rows: QuerySet[Any] = self.object_list
        ids = list(rows.values_list("pk", flat=True)[first : first + self.per_page])
        # Without the conditions of the list: the ids fulfil them.
        of_page = rows.model._default_manager.filter(pk__in=ids).order_by(*rows.query.order_by)
        of_page.query.select_related = rows.query.select_related
        return self._get_page(of_page, number, self)


def search_interactions(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Return what this shopper or visitor did, or was done with products whose name has the text.

    The rows are interactions, likes or dismissals.

    Accounts and products are looked up first, so that each part of the condition has its index.
    """
    named = Product.objects.filter(name__icontains=text).order_by("pk")
    products = list(named.values_list("pk", flat=True)[:MAX_PRODUCTS_FOUND])
    condition = _is_of_subject(text)
    if products:
        condition |= Q(product_id__in=products)
    return rows.filter(condition)


def search_served_lists(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Return the list of this id, or the lists of this shopper or visitor."""
    condition = _is_of_subject(text)
    with suppress(ValueError):
        condition |= Q(pk=UUID(text))
    return rows.filter(condition)


def _is_of_subject(text: str) -> Q:
    users = list(User.objects.filter(username=text).values_list("pk", flat=True))
    is_of_visitor = Q(session_id=text, user__isnull=True)
    return is_of_visitor | Q(user_id__in=users) if users else is_of_visitor
