"""Accounts: registration and password reset."""

from django.contrib.auth import login
from django.utils.translation import get_language_from_request
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictCharField, StrictSerializer
from recommendations.api.identity import SECRET, MeSerializer, describe_caller, take_over_visitor
from recommendations.api.origin import build_origin
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.infra.costly_work import RESET_REQUEST
from recommendations.services.people import accounts

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
RESET_PAGE = "/reset-password"


class RegistrationSerializer(StrictSerializer):
    """A user name, an e-mail address for password resets, and a password."""

    username = StrictCharField(max_length=150)
    email = serializers.EmailField(max_length=254)
    password = StrictCharField(max_length=128, trim_whitespace=False, style=SECRET)


class ResetRequestSerializer(StrictSerializer):
    """The e-mail address of the account."""

    email = serializers.EmailField(max_length=254)


class ResetSerializer(StrictSerializer):
    """The two parts of the mailed link, and the new password."""

    uid = StrictCharField(max_length=64)
    token = StrictCharField(max_length=128)
    password = StrictCharField(max_length=128, trim_whitespace=False, style=SECRET)


class RegisterRoute(Route):
    """Registering an account."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(
        operation_id="register",
        tags=["identity"],
        request=RegistrationSerializer,
        responses={201: MeSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make an account, sign in to it and move the visitor's data into it."""
        user = accounts.register_shopper(**self.validate_body(RegistrationSerializer))
        visitor = self.caller.visitor
        login(request._request, user, backend=MODEL_BACKEND)
        take_over_visitor(user, visitor)
        return Response(describe_caller(user, visitor), status=status.HTTP_201_CREATED)


class PasswordResetRoute(Route):
    """Requesting a new password."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(
        operation_id="request_password_reset",
        tags=["identity"],
        request=ResetRequestSerializer,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Mail a link for a new password; the answer is the same for every address.

        The mail is in German if `Accept-Language` prefers German, else in English.
        """
        email = self.validate_body(ResetRequestSerializer)["email"]
        RESET_REQUEST.count()
        accounts.mail_reset_links(
            email=email,
            page=build_origin(request._request) + RESET_PAGE,
            language=get_language_from_request(request._request),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetConfirmRoute(Route):
    """Setting a new password."""

    policy = Policy(Access.OWN)
    csrf_for_everyone = True

    @extend_schema(
        operation_id="confirm_password_reset",
        tags=["identity"],
        request=ResetSerializer,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Set the new password and end every session of the account."""
        accounts.reset_password(**self.validate_body(ResetSerializer))
        return Response(status=status.HTTP_204_NO_CONTENT)
