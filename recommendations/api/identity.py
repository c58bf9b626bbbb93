"""Who is asking; signing in and out."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import AbstractUser, AnonymousUser
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictSerializer, TextField
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.shoppers import merge_visitor, personalization_enabled


class MeSerializer(serializers.Serializer[Any]):
    """Who is asking; the ids are null for a visitor."""

    user_id = serializers.IntegerField(allow_null=True)
    username = serializers.CharField(allow_null=True)
    is_authenticated = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    personalization_enabled = serializers.BooleanField()


class CredentialsSerializer(StrictSerializer):
    """A name and its password."""

    username = TextField(max_length=150)
    password = TextField(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class MeRoute(Route):
    """Who is asking."""

    policy = Policy(Access.OWN)

    @extend_schema(operation_id="get_me", tags=["identity"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Return who is asking."""
        self.query(StrictSerializer)
        return Response(describe(request.user))


class LoginRoute(Route):
    """Signing in."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(
        operation_id="log_in",
        tags=["identity"],
        request=CredentialsSerializer,
        responses=MeSerializer,
    )
    def post(self, request: Request) -> Response:
        """Sign in; what the visitor did and put in the cart moves into the account, once."""
        user = authenticate(request._request, **self.body(CredentialsSerializer))
        if user is None:
            raise AuthenticationFailed("No active account has this name and password.")
        visitor = self.visitor()
        login(request._request, user)
        if visitor.id is not None:
            merge_visitor(user_id=user.pk, session_id=visitor.id)
            visitor.forget()
        return Response(describe(user))


class LogoutRoute(Route):
    """Signing out."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(operation_id="log_out", tags=["identity"], request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out; no error for who was not signed in."""
        self.body(StrictSerializer)
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


def describe(user: AbstractUser | AnonymousUser) -> Any:
    """Return what the API says about a user, or about a visitor."""
    return MeSerializer(
        {
            "user_id": user.pk,
            "username": user.get_username() or None,
            "is_authenticated": user.is_authenticated,
            "is_staff": user.is_staff,
            "personalization_enabled": user.pk is None or personalization_enabled(user.pk),
        }
    ).data
