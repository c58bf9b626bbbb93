"""Recommended products: personal, similar to a product, trending, popular."""

from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.conditions import ListQuerySerializer, WishQuerySerializer, take_wish
from recommendations.api.fields import (
    StrictCharField,
    StrictIntegerField,
)
from recommendations.api.ids import ME, ProductIdField
from recommendations.api.list_responses import render_list
from recommendations.api.list_serializers import (
    EXAMPLE,
    PageSerializer,
    PersonalListSerializer,
    RecommendationListSerializer,
)
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.choices import Likeness, Placement, TokenScope
from recommendations.errors import InvalidInputError
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services import lists
from recommendations.services.experiments.exposure_log import (
    note_exposures,
    note_list,
    note_request,
)
from recommendations.services.experiments.treatments import NO_TREATMENT
from recommendations.services.lists.list_request import describe_request
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject

MAX_TEXT = 200


class PageQuerySerializer(WishQuerySerializer):
    """The page, and the largest length of its lists.

    Only a product page has a `product_id`, and only the page of a search its text, `q`. Every
    product of the lists meets `filter`; those that meet `boost` stand higher.
    """

    placement = serializers.ChoiceField(choices=[place.value for place in lists.PAGES])
    product_id = ProductIdField(required=False)
    q = StrictCharField(max_length=MAX_TEXT, required=False)
    count = StrictIntegerField(min_value=1, max_value=100, default=12)


class SimilarQuerySerializer(ListQuerySerializer):
    """The largest number of products, a filter and a boost, and the way in which they are similar.

    Without `by`, products are similar in all ways that the shop knows, and where there are too few,
    others of the category follow. With it, the list has only what is similar in this way: in words
    and their meaning (`text`), in looks (`picture`), or because shoppers look at both in one
    session (`behaviour`).
    """

    by = serializers.ChoiceField(choices=[each.value for each in Likeness], required=False)


class CategoryQuerySerializer(ListQuerySerializer):
    """The largest number of products to return, their category, a filter and a boost."""

    category = StrictCharField(max_length=LONGEST_CATEGORY, required=False)


class ListRoute(Route):
    """A route whose lists may have a filter and a boost of the request."""

    context: lists.ListContext | None = None
    """The context of the request's lists, once it is built."""
    started_at = 0.0

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Note when the request began, then do what every route does first."""
        self.started_at = perf_counter()
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Count the request for the arms that answered it."""
        if self.context is not None:
            note_request(
                self.context.subject,
                # What was not asked for did not answer.
                vars(self.context).get("treatment", NO_TREATMENT),
                has_failed=response.status_code >= status.HTTP_500_INTERNAL_SERVER_ERROR,
                seconds=perf_counter() - self.started_at,
            )
        finished: Response = super().finalize_response(request, response, *args, **kwargs)
        return finished

    def build_context(self, subject: Subject | None) -> lists.ListContext:
        """Return the context of a subject's lists, with what the request asks of them."""
        self.context = self.caller.build_list_context(subject)
        self.context.wish = take_wish(self.query)
        return self.context

    def render(
        self,
        found: RecommendationList,
        context: lists.ListContext,
        subject: Subject | None,
        placement: Placement,
        name: str,
        page_id: UUID | None = None,
    ) -> dict[str, Any]:
        """Return a list as the answer has it; the log keeps what it was asked for.

        The subject has then seen the arms that made the list.
        """
        note_exposures(subject, context.treatment)
        if not self._is_narrowed(context):
            note_list(subject, context.treatment, is_empty=not found.entries)
        asked = describe_request(
            context,
            placement=placement,
            subject=subject,
            count=self.query["count"],
            category=self.query.get("category"),
            page_id=page_id,
        )
        return render_list(found, subject, placement, name, asked)

    def _is_narrowed(self, context: lists.ListContext) -> bool:
        """Return whether the request itself may be why a list is empty, and not the arms."""
        wanted = None if context.wish is None else context.wish.wanted
        return wanted is not None or "category" in self.query or "by" in self.query


class PersonalListRoute(ListRoute):
    """What the shop recommends to one shopper."""

    policy = Policy(Access.NAMED, scope=TokenScope.RECOMMENDATIONS_READ)
    is_list = True
    query_serializer = ListQuerySerializer

    @extend_schema(
        operation_id="get_recommendations",
        tags=["recommendations"],
        responses=PersonalListSerializer,
        examples=[EXAMPLE],
    )
    def get(self, request: Request, user_id: str) -> Response:
        """Recommend products to a shopper; an unknown shopper gets popular products."""
        reference = self.parse_shopper(user_id)
        subject = self.find_history_subject(reference)
        context = self.build_context(subject)
        found = lists.recommend(context=context, **self.query)
        answer = self.render(found, context, subject, Placement.HOME, "for-you")
        return Response({**self.describe_subject(reference, subject), **answer})


class PageRoute(ListRoute):
    """All lists of a page."""

    policy = Policy(Access.OWN)
    is_list = True
    query_serializer = PageQuerySerializer

    @extend_schema(
        operation_id="get_page",
        tags=["recommendations"],
        responses=PageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the lists of a page at once."""
        placement = Placement(self.query.pop("placement"))
        if placement is not Placement.PRODUCT and "product_id" in self.query:
            raise InvalidInputError("Only a product page has a product.", field="product_id")
        if placement is not Placement.SEARCH and "q" in self.query:
            raise InvalidInputError("Only the page of a search has a text.", field="q")
        if "product_id" in self.query:
            self.query["product_id"] = self.own_ids.find_product(self.query["product_id"])
        subject = self.caller.get_history_subject(ME)
        text = self.query.pop("q", None)
        context = self.build_context(subject)
        context.query = text
        found = lists.build_page(context=context, placement=placement, **self.query)
        page_id = uuid4()
        answers = [
            {"name": name, **self.render(one, context, subject, placement, name, page_id)}
            for name, one in found.items()
        ]
        return Response({"placement": placement.value, "lists": answers})


class SimilarProductsRoute(ListRoute):
    """Products similar to one product."""

    policy = Policy(Access.PUBLIC)
    query_serializer = SimilarQuerySerializer

    @extend_schema(
        operation_id="list_similar_products",
        tags=["recommendations"],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request, product_id: str) -> Response:
        """List products similar to this one."""
        product = self.find_product(product_id)
        subject = self.caller.get_history_subject()
        context = self.build_context(subject)
        by = Likeness(self.query["by"]) if "by" in self.query else None
        found = lists.recommend_similar(
            context=context, product_id=product, count=self.query["count"], by=by
        )
        name = "similar" if by is None else by.list_name
        return Response(self.render(found, context, subject, Placement.PRODUCT, name))


class BoughtTogetherRoute(ListRoute):
    """Products bought together with one product."""

    policy = Policy(Access.PUBLIC)
    query_serializer = ListQuerySerializer

    @extend_schema(
        operation_id="list_bought_together",
        tags=["recommendations"],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request, product_id: str) -> Response:
        """List what at least five shoppers bought with this product or next, then others."""
        product = self.find_product(product_id)
        subject = self.caller.get_history_subject()
        context = self.build_context(subject)
        found = lists.recommend_bought_together(context=context, product_id=product, **self.query)
        return Response(self.render(found, context, subject, Placement.PRODUCT, "bought-together"))


class ComplementsRoute(ListRoute):
    """Products that complement the cart."""

    policy = Policy(Access.OWN)
    is_list = True
    query_serializer = ListQuerySerializer

    @extend_schema(
        operation_id="list_complements",
        tags=["recommendations"],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List products that complement the caller's cart."""
        # The list uses the cart of a visitor who opted out, but the log does not name the visitor.
        context = self.build_context(self.caller.get_subject())
        found = lists.recommend_complements(context=context, **self.query)
        subject = self.caller.get_history_subject()
        return Response(self.render(found, context, subject, Placement.CART, "complements"))


class TrendingRoute(ListRoute):
    """Products that are in demand now."""

    policy = Policy(Access.PUBLIC)
    query_serializer = CategoryQuerySerializer

    @extend_schema(
        operation_id="list_trending",
        tags=["recommendations"],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List trending products of the shop or of a category."""
        subject = self.caller.get_history_subject()
        context = self.build_context(subject)
        found = lists.get_trending(context=context, **self.query)
        placement = _get_placement(self.query)
        return Response(self.render(found, context, subject, placement, "trending"))


class PopularRoute(ListRoute):
    """Products that have been in demand for weeks."""

    policy = Policy(Access.PUBLIC)
    query_serializer = CategoryQuerySerializer

    @extend_schema(
        operation_id="list_popular",
        tags=["recommendations"],
        responses=RecommendationListSerializer,
    )
    def get(self, request: Request) -> Response:
        """List popular products of the shop or of a category."""
        subject = self.caller.get_history_subject()
        context = self.build_context(subject)
        found = lists.get_popular(context=context, **self.query)
        placement = _get_placement(self.query)
        return Response(self.render(found, context, subject, placement, "popular"))


def _get_placement(query: dict[str, Any]) -> Placement:
    return Placement.SEARCH if "category" in query else Placement.HOME
