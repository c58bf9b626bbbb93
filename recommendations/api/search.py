"""Search by words, suggestions and facets."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.facets import FacetsSerializer, render_facets
from recommendations.api.fields import StrictCharField, StrictIntegerField, StrictSerializer
from recommendations.api.ids import OwnIdField, ShopperIdField
from recommendations.api.pagination import MAX_PAGE_SIZE, SearchPagination
from recommendations.api.policy import Access, Policy
from recommendations.api.product_filters import ProductFilterSerializer, read_filter
from recommendations.api.products import ProductCardSerializer
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.services.experiments.exposure_log import note_exposures
from recommendations.services.infra.costly_work import SEARCH
from recommendations.services.search import browsing
from recommendations.services.search.curation import find_redirect
from recommendations.services.search.query import AnsweredBy, Correction
from recommendations.services.search.ranking import FoundProduct, rank_matches
from recommendations.services.search.search_log import log_search
from recommendations.services.search.suggestions import Suggestion, SuggestionKind, suggest
from recommendations.services.shop.product_filters import ProductFilter

LONGEST_TEXT = 2_000
"""A longer text is refused; of a shorter one, the first words count."""


class SearchQuerySerializer(ProductFilterSerializer):
    """The words of a search, what its products have to match, their order and the page.

    `user_id` is the shopper to rank for, and defaults to the caller. With `as_typed`, no word is
    corrected. A page has `count` products.
    """

    q = StrictCharField(max_length=LONGEST_TEXT)
    as_typed = serializers.ChoiceField(choices=["true", "false"], default="false")
    user_id = ShopperIdField(required=False)
    ordering = serializers.ChoiceField(
        choices=list(browsing.SEARCH_ORDERINGS), default=browsing.BY_RELEVANCE
    )
    page = StrictIntegerField(min_value=1, max_value=1_000_000, default=1)
    count = StrictIntegerField(min_value=1, max_value=MAX_PAGE_SIZE, default=10)


class FacetsQuerySerializer(ProductFilterSerializer):
    """The products to count, of a category or of a search, and what is chosen of them."""

    q = StrictCharField(max_length=LONGEST_TEXT, required=False)
    as_typed = serializers.ChoiceField(choices=["true", "false"], default="false")


class SuggestionsQuerySerializer(StrictSerializer):
    """The text that was typed so far."""

    q = StrictCharField(max_length=LONGEST_TEXT)


class SuggestionSerializer(serializers.Serializer[Suggestion]):
    """A suggestion; `product_id`, `external_id` and `product` are null except for products.

    A `query` is a longer text to search for.
    """

    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in SuggestionKind])
    product_id = serializers.IntegerField(allow_null=True)
    external_id = OwnIdField()
    product = ProductCardSerializer(allow_null=True)


class SuggestionsSerializer(serializers.Serializer[Any]):
    """Up to eight suggestions: longer texts, categories, brands, products."""

    suggestions = SuggestionSerializer(many=True)


class FoundProductSerializer(serializers.Serializer[FoundProduct]):
    """A product that matches, and how well it suits the shopper, in [0, 1]."""

    id = serializers.IntegerField(source="product.id")
    external_id = OwnIdField(source="product.external_id")
    name = serializers.CharField(source="product.name")
    category = serializers.CharField(source="product.category")
    price = serializers.FloatField(source="product.price")
    description = serializers.CharField(source="product.description")
    personalization_score = serializers.FloatField(min_value=0, max_value=1)
    product = ProductCardSerializer()


class CorrectionSerializer(serializers.Serializer[Correction]):
    """What was searched instead of what was typed."""

    original = serializers.CharField()
    searched = serializers.CharField()


class SearchResultSerializer(serializers.Serializer[Any]):
    """One page of the products that a search found; `count` counts those of all pages.

    `correction` is null where the search was for the words as they were typed. `terms` are the
    forms of the words that matched, in lower case. `answered_by` is what compared them. `redirect`
    is the path of the page of the storefront to which staff lead this query instead of to products;
    null for nearly all queries. Send `list_id` with the interactions that the products lead to.
    """

    products = FoundProductSerializer(many=True)
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    correction = CorrectionSerializer(allow_null=True)
    terms = serializers.ListField(child=serializers.CharField())
    answered_by = serializers.ChoiceField(choices=[one.value for one in AnsweredBy])
    redirect = serializers.CharField(allow_null=True)
    list_id = serializers.UUIDField()


class SearchRoute(Route):
    """Search, ordered by relevance and then by taste."""

    policy = Policy(Access.NAMED, scope=TokenScope.RECOMMENDATIONS_READ)
    query_serializer = SearchQuerySerializer

    @extend_schema(
        operation_id="search_products",
        tags=["catalogue"],
        responses=SearchResultSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return products that match `q`: best matches first, equal matches by taste."""
        query = self.query
        subject = self.find_history_subject(query.get("user_id"))
        context = self.caller.build_list_context(subject)
        pages = SearchPagination()
        chosen = read_filter(query)
        with SEARCH.perform(is_limited=not self.caller.is_server):
            matches = rank_matches(
                text=query["q"], context=context, as_typed=query["as_typed"] == "true"
            )
            in_order = browsing.list_matches(
                matches,
                category=query.get("category"),
                chosen=chosen,
                ordering=query["ordering"],
            )
            note_exposures(subject, context.treatment)
            redirect = find_redirect(text=query["q"])
            shown = pages.paginate_queryset(in_order, request, self)
            scores = matches.personalization_scores
            answer = {
                "products": [FoundProduct(one, scores.get(one.pk, 0.0)) for one in shown],
                "count": pages.page.paginator.count,  # type: ignore[union-attr]
                "next": pages.get_next_link(),
                "previous": pages.get_previous_link(),
                "correction": matches.found.correction,
                "terms": matches.found.terms,
                "answered_by": matches.found.answered_by,
                "redirect": redirect,
                "list_id": log_search(
                    text=query["q"],
                    found=matches.found,
                    is_redirected=redirect is not None,
                    is_first=_is_first(query, chosen),
                ),
            }
            return Response(SearchResultSerializer(answer).data)


def _is_first(query: Mapping[str, Any], chosen: ProductFilter) -> bool:
    """Return whether this is what a search shows before anything is narrowed down or turned."""
    is_as_found = query["page"] == 1 and query["ordering"] == browsing.BY_RELEVANCE
    return is_as_found and "category" not in query and chosen == ProductFilter()


class SuggestionsRoute(Route):
    """Suggestions for a search."""

    policy = Policy(Access.PUBLIC)
    query_serializer = SuggestionsQuerySerializer

    @extend_schema(
        operation_id="suggest",
        tags=["catalogue"],
        responses=SuggestionsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Suggest longer texts, categories, brands and products for a text that is being typed."""
        with SEARCH.perform(is_limited=not self.caller.is_server):
            found = suggest(text=self.query["q"])
            return Response(SuggestionsSerializer({"suggestions": found}).data)


class FacetsRoute(Route):
    """The facets of products."""

    policy = Policy(Access.PUBLIC)
    query_serializer = FacetsQuerySerializer

    @extend_schema(
        operation_id="get_facets",
        tags=["catalogue"],
        responses=FacetsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the values by which these products can be narrowed down, and their counts.

        The counts of a facet ignore what is chosen in it. Those of a search leave out what the
        caller dismissed, as the results do.
        """
        query = self.query
        context = self.caller.build_list_context(self.find_history_subject(None))
        with SEARCH.perform(is_limited=not self.caller.is_server):
            answer = render_facets(
                text=query.get("q"),
                as_typed=query["as_typed"] == "true",
                category=query.get("category"),
                chosen=read_filter(query),
                context=context,
            )
            return Response(answer)
