"""The demo: if the setting `demo_sign_in` is on, anyone may sign in as one of its shoppers.

Signing in as a demo shopper does not merge the visitor's history into the account, so that the
demo's histories stay as they are. The visitor has their own history again after signing out.
"""

from typing import Any

from django.contrib.auth import login
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictIntegerField, StrictSerializer
from recommendations.api.identity import MeSerializer, describe_caller
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.people.demo import (
    DemoShopper,
    get_demo_account,
    list_demo_shoppers,
)


class DemoShopperSerializer(serializers.Serializer[DemoShopper]):
    """A shopper of the demo and a description of their taste."""

    user_id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    taste = serializers.CharField()


class DemoShoppersSerializer(serializers.Serializer[Any]):
    """The shoppers of the demo; none where the demo is off."""

    shoppers = DemoShopperSerializer(many=True)


class DemoSignInSerializer(StrictSerializer):
    """The demo shopper to sign in as."""

    user_id = StrictIntegerField()


class DemoShoppersRoute(Route):
    """The shoppers of the demo."""

    policy = Policy(Access.PUBLIC)

    @extend_schema(
        operation_id="list_demo_shoppers", tags=["demo"], responses=DemoShoppersSerializer
    )
    def get(self, request: Request) -> Response:
        """List the shoppers of the demo."""
        return Response(DemoShoppersSerializer({"shoppers": list_demo_shoppers()}).data)


class DemoSignInRoute(Route):
    """Signing in as a shopper of the demo."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(
        operation_id="sign_in_as_demo_shopper",
        tags=["demo"],
        request=DemoSignInSerializer,
        responses=MeSerializer,
    )
    def post(self, request: Request) -> Response:
        """Sign in as a shopper of the demo; 404 for other accounts and where the demo is off."""
        account = get_demo_account(self.validate_body(DemoSignInSerializer)["user_id"])
        login(request._request, account, backend="django.contrib.auth.backends.ModelBackend")
        return Response(describe_caller(account, self.caller.visitor))
