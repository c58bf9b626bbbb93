"""The caller: identity, signing in and out, export and erasure of their data."""

from typing import Any

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import AbstractUser, AnonymousUser
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictBooleanField, StrictCharField, StrictSerializer
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.api.visitor import Visitor
from recommendations.services.infra.costly_work import EXPORT, PASSWORD_HASH
from recommendations.services.live.announcements import announce_identity_changed
from recommendations.services.people import privacy
from recommendations.services.people.accounts import find_username
from recommendations.services.people.demo import is_demo_account
from recommendations.services.people.shoppers import (
    is_personalization_enabled,
    merge_visitor,
    switch_personalization,
)
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import feedback

SECRET = {"input_type": "password"}


class MeSerializer(serializers.Serializer[Any]):
    """The caller; id and names are null for a visitor."""

    user_id = serializers.IntegerField(allow_null=True)
    username = serializers.CharField(allow_null=True)
    first_name = serializers.CharField(allow_null=True)
    is_authenticated = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    personalization_enabled = serializers.BooleanField()


class CredentialsSerializer(StrictSerializer):
    """The user name or the e-mail address of an account, and its password."""

    username = StrictCharField(max_length=254)
    password = StrictCharField(max_length=128, trim_whitespace=False, style=SECRET)


class ChangeSerializer(StrictSerializer):
    """The settings to change; a missing field stays as it is."""

    personalization_enabled = StrictBooleanField(required=False)


class ErasureSerializer(StrictSerializer):
    """The password of the account; visitors need none."""

    password = StrictCharField(max_length=128, trim_whitespace=False, required=False, style=SECRET)


class DataCountsSerializer(serializers.Serializer[Any]):
    """How many rows of each kind are stored about the caller."""

    interactions = serializers.IntegerField()
    likes = serializers.IntegerField()
    not_interested = serializers.IntegerField()
    orders = serializers.IntegerField()


class ExportSerializer(serializers.Serializer[Any]):
    """All data of the caller; account and profile are null for a visitor."""

    account = serializers.DictField(allow_null=True)
    own_ids = serializers.ListField(child=serializers.DictField())
    profile = serializers.DictField(allow_null=True)
    visitor_ids = serializers.ListField(child=serializers.CharField())
    interactions = serializers.ListField(child=serializers.DictField())
    orders = serializers.ListField(child=serializers.DictField())
    cart = serializers.ListField(child=serializers.DictField())
    served_lists = serializers.ListField(child=serializers.DictField())
    likes = serializers.ListField(child=serializers.DictField())
    not_interested = serializers.ListField(child=serializers.DictField())
    experiments = serializers.ListField(child=serializers.DictField())
    looked_into_by_staff = serializers.ListField(child=serializers.DictField())


class MeRoute(Route):
    """The caller."""

    policy = Policy(Access.OWN)

    @extend_schema(operation_id="get_me", tags=["identity"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Return the caller."""
        return Response(describe_caller(request.user, self.caller.visitor))

    @extend_schema(
        operation_id="change_me",
        tags=["identity"],
        request=ChangeSerializer,
        responses=MeSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Turn personalization on or off; off also deletes the visitor's cookie."""
        enabled = self.validate_body(ChangeSerializer).get("personalization_enabled")
        if enabled is not None and request.user.is_authenticated:
            switch_personalization(request.user.pk, enabled=enabled)
        elif enabled is not None:
            self._switch_visitor(enabled=enabled)
        return Response(describe_caller(request.user, self.caller.visitor))

    @extend_schema(
        operation_id="erase_me",
        tags=["privacy"],
        request=ErasureSerializer,
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        """Erase all data of the caller; a shopper confirms it with the password."""
        password = self.validate_body(ErasureSerializer).get("password", "")
        subject = self.caller.get_subject()
        user = request.user
        if user.is_authenticated and not is_demo_account(user.pk):
            confirmed = authenticate(
                request._request, username=user.get_username(), password=password
            )
            if confirmed != user:
                raise PermissionDenied("The password is wrong.")
        if subject is not None:
            privacy.erase(subject)
        logout(request._request)
        visitor = self.caller.visitor
        visitor.forget()
        visitor.unhide(*visitor.hidden)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _switch_visitor(self, *, enabled: bool) -> None:
        """Switch a visitor's personalization, and move dismissals into the browser or out of it."""
        visitor = self.caller.visitor
        if enabled:
            visitor.switch_personalization(enabled=True)
            store_dismissals(self.caller.ensure_subject() if visitor.hidden else None, visitor)
        elif visitor.is_personalized:
            dismissed = feedback.get_dismissed_products(self.caller.get_subject())
            visitor.switch_personalization(enabled=False)
            visitor.hide(*(product.pk for product in dismissed))


class ExportRoute(Route):
    """The data of the caller."""

    policy = Policy(Access.OWN)

    @extend_schema(operation_id="export_me", tags=["privacy"], responses=ExportSerializer)
    def get(self, request: Request) -> Response:
        """Return all data of the caller."""
        with EXPORT.perform():
            return Response(
                ExportSerializer(privacy.export_data(self.caller.get_subject())).data,
                headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
            )


class DataCountsRoute(Route):
    """How much data of the caller there is."""

    policy = Policy(Access.OWN)

    @extend_schema(operation_id="count_my_data", tags=["privacy"], responses=DataCountsSerializer)
    def get(self, request: Request) -> Response:
        """Return how many interactions, likes, hidden products and orders the caller has."""
        return Response(privacy.count_data(self.caller.get_subject()))


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
        """Sign in and move the visitor's data and cart into the account, once.

        An e-mail address serves as `username` if exactly one active account has it.
        """
        given = self.validate_body(CredentialsSerializer)
        with PASSWORD_HASH.perform():
            user = authenticate(
                request._request,
                username=find_username(given["username"]),
                password=given["password"],
            )
        if user is None:
            raise AuthenticationFailed("No active account has this name and password.")
        visitor = self.caller.visitor
        login(request._request, user)
        take_over_visitor(user, visitor)
        return Response(describe_caller(user, visitor))


class LogoutRoute(Route):
    """Signing out."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(operation_id="log_out", tags=["identity"], request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Sign out; no error if the caller is not signed in."""
        self.validate_body(StrictSerializer)
        subject = self.caller.get_subject()
        logout(request._request)
        if subject is not None:
            announce_identity_changed(subject)
        return Response(status=status.HTTP_204_NO_CONTENT)


def take_over_visitor(user: AbstractUser, visitor: Visitor) -> None:
    """Move the visitor's data and cart into the account that the visitor signed in to."""
    if visitor.id is not None:
        merge_visitor(user_id=user.pk, session_id=visitor.id)
        visitor.forget()
    store_dismissals(Subject(user_id=user.pk), visitor)


def store_dismissals(subject: Subject | None, visitor: Visitor) -> None:
    """Move the dismissals in the browser's cookie into the subject's rows."""
    if subject is not None:
        feedback.dismiss_all(subject=subject, product_ids=visitor.hidden)
    visitor.unhide(*visitor.hidden)


def describe_caller(user: AbstractUser | AnonymousUser, visitor: Visitor) -> Any:
    """Return the answer of `/api/me/` for a user or a visitor."""
    return MeSerializer(
        {
            "user_id": user.pk,
            "username": user.get_username() or None,
            "first_name": user.first_name if isinstance(user, AbstractUser) else None,
            "is_authenticated": user.is_authenticated,
            "is_staff": user.is_staff,
            "personalization_enabled": (
                visitor.is_personalized if user.pk is None else is_personalization_enabled(user.pk)
            ),
        }
    ).data
