"""The demo's front door: seeded shoppers that anyone may be. Off unless a setting says otherwise.

Signing in as a demo shopper does not bring the visitor's history along: their taste is what
the demo shows, and the visitor finds their own again after signing out.
"""

from typing import Any

from django.contrib.auth import login
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictIntegerField, StrictSerializer
from recommendations.api.identity import MeSerializer, describe
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.people.demo import (
    DemoShopper,
    get_demo_account,
    list_demo_shoppers,
)


class DemoShopperSerializer(serializers.Serializer[DemoShopper]):
    """A seeded shopper and what they like."""

    user_id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    taste = serializers.CharField()


class DemoShoppersSerializer(serializers.Serializer[Any]):
    """Who can be tried; empty where the demo is off."""

    shoppers = DemoShopperSerializer(many=True)


class DemoSignInSerializer(StrictSerializer):
    """Whom to be."""

    user_id = StrictIntegerField()


class DemoShoppersRoute(Route):
    """Whom the demo offers."""

    policy = Policy(Access.PUBLIC)

    @extend_schema(
        operation_id="list_demo_shoppers", tags=["demo"], responses=DemoShoppersSerializer
    )
    def get(self, request: Request) -> Response:
        """List the demo's shoppers."""
        return Response(DemoShoppersSerializer({"shoppers": list_demo_shoppers()}).data)


class DemoSignInRoute(Route):
    """Being one of them."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(
        operation_id="sign_in_as_demo_shopper",
        tags=["demo"],
        request=DemoSignInSerializer,
        responses=MeSerializer,
    )
    def post(self, request: Request) -> Response:
        """Sign in as a demo shopper; 404 for every other account and where the demo is off."""
        account = get_demo_account(self.body(DemoSignInSerializer)["user_id"])
        login(request._request, account, backend="django.contrib.auth.backends.ModelBackend")
        return Response(describe(account, self.caller.visitor))
