"""Shoppers and anonymous visitors of a shop's own, for its servers."""

from datetime import UTC
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictSerializer
from recommendations.api.ids import OwnId, SessionName, SessionNameField, ShopperReference
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.services.people import privacy
from recommendations.services.people.shoppers import merge_visitor, summarize
from recommendations.services.people.subjects import Subject


class OwnShopperSerializer(serializers.Serializer[Any]):
    """A shopper or a visitor by all ids, and what the shop knows of them."""

    user_id = serializers.IntegerField(allow_null=True)
    external_id = serializers.CharField(allow_null=True)
    session_id = serializers.CharField(allow_null=True)
    interactions = serializers.IntegerField()
    last_interaction_at = serializers.DateTimeField(default_timezone=UTC, allow_null=True)
    personalization_enabled = serializers.BooleanField()


class MergeSerializer(StrictSerializer):
    """The visitor who signed in, by the shop's own name."""

    session_id = SessionNameField()


class MergedSerializer(serializers.Serializer[Any]):
    """The shopper who now has the visitor's history, and how many interactions were moved."""

    user_id = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    interactions_moved = serializers.IntegerField()


class OwnShoppersRoute(Route):
    """A route about the shoppers whom the caller's source knows."""

    policy = Policy(Access.SERVER, scope=TokenScope.SHOPPERS_WRITE)

    def find_own_subject(self, reference: ShopperReference) -> Subject:
        """Return a shopper whom the caller's source knows, or its visitor; else NotFoundError."""
        if isinstance(reference, OwnId | SessionName):
            subject = self.own_ids.find_subject(reference)
        else:
            subject = None if isinstance(reference, str) else Subject(user_id=reference)
            if self.own_ids.find_external_id(subject) is None:
                subject = None
        if subject is None:
            name = reference.text if isinstance(reference, OwnId) else reference
            raise NotFoundError(f"The source {self.own_ids.source} knows no shopper {name}.")
        return subject


class OwnShopperRoute(OwnShoppersRoute):
    """One of a shop's own shoppers or visitors: whom its events have made."""

    @extend_schema(operation_id="get_shopper", tags=["shoppers"], responses=OwnShopperSerializer)
    def get(self, request: Request, user_id: str) -> Response:
        """Return what the shop knows of a shopper; 404 for one whom the source does not know."""
        reference = self.parse_shopper(user_id)
        subject = self.find_own_subject(reference)
        return Response(
            OwnShopperSerializer(
                {**self.describe_subject(reference, subject), **summarize(subject)}
            ).data
        )

    @extend_schema(operation_id="erase_shopper", tags=["shoppers"], responses={204: None})
    def delete(self, request: Request, user_id: str) -> Response:
        """Erase everything that is stored about a shopper or a visitor, and the account."""
        self.validate_body(StrictSerializer)
        privacy.erase_for_server(self.find_own_subject(self.parse_shopper(user_id)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MergeRoute(OwnShoppersRoute):
    """Signing in, in the shop's own system."""

    @extend_schema(
        operation_id="merge_session",
        tags=["shoppers"],
        request=MergeSerializer,
        responses=MergedSerializer,
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Move a visitor's history to a shopper; an unknown own id makes the shopper.

        Sent again, it moves what has come since. A visitor is merged into the first shopper who is
        named, and later interactions into whoever is named then.
        """
        reference = self.parse_shopper(user_id)
        session = self.validate_body(MergeSerializer)["session_id"]
        if isinstance(reference, SessionName | str):
            raise InvalidInputError("Name a shopper; a visitor takes in no other.", field="user_id")
        with transaction.atomic():
            if isinstance(reference, OwnId):
                shopper_id = self.own_ids.ensure_shopper(reference)
            else:
                self.find_own_subject(reference)
                shopper_id = reference
            session_id = self.own_ids.build_session_id(session)
            moved = merge_visitor(user_id=shopper_id, session_id=session_id)
        return Response(
            {
                "user_id": shopper_id,
                "external_id": self.own_ids.find_external_id(Subject(user_id=shopper_id)),
                "interactions_moved": moved,
            }
        )
