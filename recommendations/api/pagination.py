"""Pagination of the catalogue."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 24, 100


class ProductPagination(PageNumberPagination):
    """Numbered pages of 24 products, or of `page_size` up to 100."""

    page_size = DEFAULT_PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """Return one page; NotFound for a page after the last."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound:
            raise NotFound("This page does not exist.") from None


class SearchPagination(ProductPagination):
    """Numbered pages of ten products, or of `count` up to 100."""

    page_size = 10
    page_size_query_param = "count"
