"""Feeds by address, with a button that fetches one now; and what became of each fetch."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import linebreaksbr
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget

from recommendations.admin.base import ModelAdmin
from recommendations.admin.formats import write_number
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.sending import Sent, send
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.choices import FeedRunState
from recommendations.models import Feed, FeedRun
from recommendations.services.data_import import AUTO, FORMAT_NAMES
from recommendations.services.feeds.setup import find_problems, find_secret_problem
from recommendations.services.feeds.status import (
    FeedStatus,
    annotate_status,
    describe_problems,
    get_status,
    is_leased,
)
from recommendations.services.infra.translation import tell
from recommendations.tasks import fetch_feed

STATE_COLOURS = {
    "running": "info",
    "imported": "success",
    "unchanged": "success",
    "refused": "warning",
    "failed": "danger",
    "interrupted": "danger",
    "not fetched yet": "",
}
STATES = {
    "running": _("running"),
    "imported": _("imported"),
    "unchanged": _("unchanged"),
    "refused": _("refused"),
    "failed": _("failed"),
    "interrupted": _("interrupted"),
    "not fetched yet": _("not fetched yet"),
}
COUNTS = ["held", "added", "changed", "unchanged", "refused", "taken_down"]


class FeedForm(ShownValuesForm):
    format = forms.ChoiceField(
        choices=[(AUTO, _("Auto: the columns of the file tell")), *((n, n) for n in FORMAT_NAMES)],
        initial=AUTO,
        widget=UnfoldAdminSelectWidget,
    )
    new_secret = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=500,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new_secret" in self.fields:
            self.fields["new_secret"].help_text = (
                _(
                    "Of the user, or else the value of the header. One is stored, and never shown. "
                    "Leave this empty to keep it."
                )
                if self.instance.secret
                else _(
                    "Of the user, or else the value of the header. It is stored, and never shown "
                    "again."
                )
            )

    def clean(self) -> dict[str, Any]:
        """Check the feed as a whole; store the password, or drop the one that is not needed."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        columns = {each.name for each in Feed._meta.concrete_fields}
        feed = Feed(**{name: value for name, value in said.items() if name in columns})
        for field, sentence in find_problems(feed).items():
            if field in self.fields and field not in self.errors:
                self.add_error(field, tell(sentence))
        typed = said.get("new_secret", "")
        if problem := find_secret_problem(feed, typed, before=self.instance):
            self.add_error("new_secret", tell(problem))
        elif typed or not (feed.user_name or feed.header_name):
            self.instance.secret = typed
        return said


@admin.register(Feed)
class FeedAdmin(ModelAdmin):
    form = FeedForm
    list_display = ["name", "content", "state_label", "last_fetch", "outcome", "next_fetch"]
    list_filter = ["is_active", "content"]
    search_fields = ["name", "source", "address"]
    list_before_template = "recommendations/admin/feed_problems.html"
    change_form_outer_before_template = "recommendations/admin/feed_buttons.html"
    change_form_outer_after_template = "recommendations/admin/feed_runs.html"
    fieldsets = [
        (None, {"fields": ["name", "address", "content", "source"]}),
        (_("Reading the file"), {"fields": ["format", "options", "is_complete"]}),
        (_("Schedule"), {"fields": ["is_active", "interval", "starts_at"]}),
        (
            _("Access"),
            {
                "fields": ["user_name", "header_name", "new_secret"],
                "description": _(
                    "Only if the server asks for a user name and a password, or for a header. "
                    "They are sent to the server of the address, and to no other."
                ),
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feed]:
        """Return the feeds with their latest runs."""
        return annotate_status(super().get_queryset(request))

    @display(description=_("State"), label=STATE_COLOURS)
    def state_label(self, feed: Feed) -> tuple[str, Any]:
        return _name_state(_describe_state(get_status(feed)))

    @display(description=_("Last fetch"))
    def last_fetch(self, feed: Feed) -> Any:
        last = get_status(feed).last
        return last.started_at if last else None

    @display(description=_("Outcome"))
    def outcome(self, feed: Feed) -> str:
        last = get_status(feed).last
        if last is None:
            return ""
        return _("%(new)s new, %(changed)s changed") % {
            "new": write_number(last.added),
            "changed": write_number(last.changed),
        }

    @display(description=_("Next fetch"))
    def next_fetch(self, feed: Feed) -> Any:
        return get_status(feed).next_run_at or (
            _("running") if feed.is_active else _("switched off")
        )

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with that of the button."""
        fetch = self.admin_site.admin_view(require_POST(self.fetch_now))
        name = "recommendations_feed_fetch"
        return [path("<int:feed_id>/fetch/", fetch, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the feeds; tell of those that were not imported."""
        context = {"feed_problems": describe_problems(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> HttpResponse:
        """Show a stored feed with its latest runs, and to those who may change it the button."""
        feed = options.get("obj")
        if feed is not None:
            status = get_status(feed)
            is_refused = status.last is not None and status.last.state == FeedRunState.REFUSED.value
            context |= {
                "status": status,
                "problem": status.describe_problem(),
                "may_fetch": self.has_change_permission(request, feed),
                "is_refused": is_refused,
                "run_table": _build_run_table(status),
            }
        page: HttpResponse = super().render_change_form(request, context, **options)
        return page

    def fetch_now(self, request: HttpRequest, feed_id: int) -> HttpResponse:
        """Hand the fetch to the queue, and say what became of that."""
        feed = Feed.objects.filter(pk=feed_id).first()
        if feed is None:
            raise Http404
        if not self.has_change_permission(request, feed):
            raise PermissionDenied
        is_confirmed = "confirm" in request.POST
        sent = send(fetch_feed, [feed.pk], {"is_confirmed": is_confirmed})
        levels = {Sent.TAKEN: messages.SUCCESS, Sent.WAITING: messages.WARNING}
        told = _("The fetch of %(feed)s %(outcome)s.") % {"feed": feed.name, "outcome": _(sent)}
        self.message_user(request, told, levels.get(sent, messages.ERROR))
        said = (
            gettext_noop("Had the feed fetched, however small it is.")
            if is_confirmed
            else gettext_noop("Had the feed fetched.")
        )
        self.log_change(request, feed, said)
        return HttpResponseRedirect(reverse("admin:recommendations_feed_change", args=[feed.pk]))


@admin.register(FeedRun)
class FeedRunAdmin(ReadOnly, ModelAdmin):
    list_display = ["feed", "state_label", "started_at", *COUNTS]
    list_display_links = ["feed", "started_at"]
    list_filter = ["state", "feed", "started_at"]
    search_fields = ["feed__name", "problem"]
    list_select_related = ["feed"]
    fieldsets = [
        (None, {"fields": ["feed", "state_name", "started_at", "ended_at", "told_problem"]}),
        (_("Rows"), {"fields": [*COUNTS, "is_confirmed"]}),
        (_("Summary"), {"fields": ["whole_summary"]}),
    ]
    readonly_fields = ["state_name", "told_problem", "whole_summary"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedRun]:
        """Return the runs, and whether a process is fetching their feeds."""
        runs: QuerySet[FeedRun] = super().get_queryset(request)
        return runs.annotate(is_leased=is_leased("feed_id"))

    @display(description=_("State"), ordering="state", label=STATE_COLOURS)
    def state_label(self, run: FeedRun) -> tuple[str, Any]:
        if run.state == FeedRunState.RUNNING.value and not run.is_leased:  # type: ignore[attr-defined]
            return _name_state(FeedRunState.INTERRUPTED.value)
        return _name_state(run.state)

    @display(description=_("State"))
    def state_name(self, run: FeedRun) -> str:
        _state, name = self.state_label(run)
        return str(name)

    @display(description="")
    def whole_summary(self, run: FeedRun) -> str:
        return linebreaksbr(tell(run.summary))

    @display(description=_("Problem"))
    def told_problem(self, run: FeedRun) -> str:
        return tell(run.problem) or "–"


def tell_of_feeds(request: HttpRequest) -> None:
    """Tell those who may see feeds, on the first page, of those that were not imported."""
    if request.user.has_perm("recommendations.view_feed"):
        for sentence in describe_problems():
            messages.warning(request, sentence)


def _describe_state(status: FeedStatus) -> str:
    if status.is_running:
        return FeedRunState.RUNNING.value
    return status.last.state if status.last else "not fetched yet"


def _name_state(state: str) -> tuple[str, Any]:
    """Return the state, which decides on the colour, and its name."""
    return state, STATES[state]


def _build_run_table(status: FeedStatus) -> dict[str, Any]:
    names = [label_for_field(name, FeedRun) for name in COUNTS]
    return {
        "headers": [_("Fetched at"), _("State"), *names],
        "rows": [
            [
                format_html(
                    '<a class="underline" href="{}">{}</a>',
                    reverse("admin:recommendations_feedrun_change", args=[run.pk]),
                    f"{timezone.localtime(run.started_at):%Y-%m-%d %H:%M}",
                ),
                STATES[run.state],
                *(write_number(getattr(run, name)) for name in COUNTS),
            ]
            for run in status.runs
        ],
    }
