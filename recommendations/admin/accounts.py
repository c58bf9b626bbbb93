"""Accounts, groups, profiles and tokens."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from recommendations.admin.base import ModelAdmin
from recommendations.admin.names import name_permission
from recommendations.admin.rights import GIVE_ROLES, find_grantable_groups, may_edit
from recommendations.admin.shoppers import list_addresses
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.choices import TokenScope, build_choices
from recommendations.models import ApiToken, UserProfile
from recommendations.services.people.privacy import erase_by_staff
from recommendations.services.people.subjects import Subject
from recommendations.services.people.tokens import issue_token, revoke_tokens
from recommendations.services.shop.own_ids import SOURCE_NAME, SOURCE_RULE

admin.site.unregister(User)
admin.site.unregister(Group)


class AccountForm(ShownValuesForm, UserChangeForm):
    """The form of an account that exists."""


class PasswordForm(AdminPasswordChangeForm):
    """The form of a new password; it leaves the rest of the account alone."""

    def save(self, commit: bool = True) -> User:
        """Set the password, or switch signing in with a password off."""
        user: User = super().save(commit=False)
        if commit:
            user.save(update_fields=["password"])
        return user


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = AccountForm
    add_form = UserCreationForm
    change_password_form = PasswordForm
    list_display = ["username", "first_name", "last_name", "is_active", "is_staff", "date_joined"]
    # Django's two boxes side by side are wider than the page.
    filter_horizontal = []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that give rights: all but roles to who may give them."""
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        fields = [*fields, "is_superuser", "named_permissions"]
        return fields if request.user.has_perm(GIVE_ROLES) else [*fields, "is_staff", "groups"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets; who may not change permissions reads their names."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return [
            (title, {**options, "fields": _name_fields(options["fields"], "user_permissions")})
            for title, options in fieldsets
        ]

    @display(description=_("permissions"))
    def named_permissions(self, account: User) -> str:
        return _list_permissions(account.user_permissions)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer the groups that the person may put an account into."""
        if db_field.name == "groups":
            options["queryset"] = find_grantable_groups(request.user)
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name == "user_permissions":
            field.label_from_instance = name_permission
        return field

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse accounts with more rights than those of who asks."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or may_edit(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse accounts with more rights than those of who asks."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or may_edit(request.user, obj))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Erase everything that is stored about the account."""
        erase_by_staff(Subject(user_id=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Erase everything that is stored about the accounts."""
        for account in queryset:
            self.delete_model(request, account)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    form = ShownValuesForm
    filter_horizontal = []

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **options: Any) -> Any:
        """Offer the permissions by their names in the language of the page."""
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        if db_field.name == "permissions":
            field.label_from_instance = name_permission
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the permissions, unless a superuser asks: who asks may be in the group."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else [*fields, "named_permissions"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields; who may not change permissions reads their names."""
        fields = super().get_fields(request, obj)
        return fields if request.user.is_superuser else _name_fields(fields, "permissions")

    @display(description=_("permissions"))
    def named_permissions(self, group: Group) -> str:
        return _list_permissions(group.permissions)


def _name_fields(fields: Iterable[Any], permissions: str) -> list[Any]:
    """Return the fields with the names of permissions in place of the permissions."""
    kept = [field for field in fields if field != "named_permissions"]
    return ["named_permissions" if field == permissions else field for field in kept]


def _list_permissions(permissions: Any) -> str:
    named = [name_permission(each) for each in permissions.select_related("content_type")]
    return format_html_join(mark_safe("<br>"), "{}", [[name] for name in sorted(named)]) or "–"


@admin.register(UserProfile)
class UserProfileAdmin(ModelAdmin):
    list_display = ["user", "demo_label", "personalization_enabled", "last_updated"]
    list_filter = ["personalization_enabled", ("demo_label", admin.EmptyFieldListFilter)]
    search_fields = ["user__username", "demo_label"]
    list_select_related = ["user"]
    raw_id_fields = ["user"]
    readonly_fields = ["preferences", "embedding", "last_updated"]

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with those of what shoppers did."""
        return [*list_addresses(), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what the program writes, whose profile it is, and the label of demo shoppers.

        The label lets anyone in as this shopper, so no profile is moved to another account either.
        """
        fields = [*super().get_readonly_fields(request, obj), *(["user"] if obj else [])]
        return fields if request.user.is_superuser else [*fields, "demo_label"]


class ApiTokenForm(ShownValuesForm):
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=build_choices(TokenScope),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = ApiToken
        fields = ["name", "scopes", "source", "expires_at"]

    def clean_source(self) -> str:
        """Refuse a name that no source can have."""
        source: str = self.cleaned_data["source"]
        if source and SOURCE_NAME.fullmatch(source) is None:
            raise forms.ValidationError(SOURCE_RULE)
        return source

    def clean_expires_at(self) -> datetime | None:
        """Refuse a new token that has expired already."""
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if self.instance.pk is None and expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError(_("The expiry must be in the future."))
        return expires_at


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    form = ApiTokenForm
    list_display = [
        "name", "list_scopes", "source", "created_at", "expires_at", "revoked_at", "last_used_at",
    ]  # fmt: skip
    list_filter = ["created_at", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name"]
    fields = ["name", "scopes", "source", "expires_at"]
    actions = ["revoke"]

    @display(description=_("Scopes"))
    def list_scopes(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Issue a new token and show its secret once, or save the changes of an existing token."""
        if change:
            super().save_model(request, obj, form, change)
            return
        token, secret = issue_token(
            name=obj.name,
            scopes=[TokenScope(scope) for scope in obj.scopes],
            expires_at=obj.expires_at,
            source=obj.source,
        )
        obj.pk = token.pk
        obj.refresh_from_db()
        self.message_user(
            request,
            _("Copy the token now, it is not shown again: %(secret)s") % {"secret": secret},
            messages.WARNING,
        )

    @admin.action(description=_("Revoke now, for good"), permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        revoked = revoke_tokens(list(tokens.values_list("pk", flat=True)))
        told = ngettext("%(count)s token is revoked.", "%(count)s tokens are revoked.", revoked) % {
            "count": revoked
        }
        self.message_user(request, told, messages.SUCCESS)
