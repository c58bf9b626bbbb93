"""The menu of the admin: what staff do, in groups; each entry needs a permission.

Tables that no group names are records of the program. They follow in a group of their own, so that
each page has an entry.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that staff with `permission` may open.

    `view` is the page's name in the admin's addresses; `sentence` says what is done there.
    """

    title: Any
    view: str
    permission: str
    icon: str
    sentence: Any = ""

    @property
    def link(self) -> str:
        """The address of the page."""
        return reverse(f"admin:{self.view}")


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind of work."""

    title: Any
    entries: Sequence[Entry]


def _of_table(title: Any, model: str, icon: str, sentence: Any = "") -> Entry:
    """Return the entry of the list of a table."""
    app, _dot, name = model.partition(".")
    return Entry(title, f"{app}_{name}_changelist", f"{app}.view_{name}", icon, sentence)


GROUPS: Sequence[Group] = (
    Group(
        _("The shop"),
        [
            Entry(
                _("What the shop earns"), "index", "recommendations.view_insight", "monitoring",
                _("Revenue, orders, and what followed recommendations."),
            ),
            Entry(
                _("What shoppers search for"), "recommendations_queries",
                "recommendations.view_queryday", "manage_search",
                _("Top queries, and those that find nothing."),
            ),
            _of_table(
                _("Orders"), "recommendations.order", "receipt_long",
                _("Pack, send and cancel what was ordered."),
            ),
            _of_table(_("Carts"), "recommendations.cartitem", "shopping_cart"),
            Entry(
                _("Shoppers"), "recommendations_shoppers", "recommendations.view_shopper",
                "person_search", _("Orders, likes, history and lists of one shopper."),
            ),
        ],
    ),
    Group(
        _("Catalogue"),
        [
            _of_table(
                _("Products"), "recommendations.product", "inventory_2",
                _("Stock, prices, pictures, and what is shown."),
            ),
            _of_table(
                _("Categories"), "recommendations.category", "category",
                _("Names, levels, and what is bought again."),
            ),
            Entry(
                _("Import"), "recommendations_import", "recommendations.import_data", "upload",
                _("Products and interactions from a file, with a dry run."),
            ),
            Entry(
                _("Export"), "recommendations_export", "recommendations.export_data", "download",
                _("Products, interactions, orders and lists as a file."),
            ),
            _of_table(
                _("Feeds"), "recommendations.feed", "sync",
                _("Files that are fetched on a schedule."),
            ),
        ],
    ),
    Group(
        _("Lists"),
        [
            _of_table(
                _("Rules of lists"), "recommendations.merchandisingrule", "rule",
                _("Pin, boost, bury or hide products."),
            ),
            Entry(
                _("Why is it shown?"), "recommendations_why", "recommendations.explain_lists",
                "help", _("What made a list, and why a product is not in it."),
            ),
            Entry(
                _("What if?"), "recommendations_what_if", "recommendations.run_what_if",
                "replay", _("Try rules or a model on the lists that were served last."),
            ),
            _of_table(
                _("Experiments"), "recommendations.experiment", "science",
                _("Compare two ways of serving, and tell what recommendations earn."),
            ),
            _of_table(
                _("Random slots"), "recommendations.randomslot", "casino",
                _("A place that is drawn at random, so its clicks can judge a change."),
            ),
            _of_table(
                _("Category pages"), "recommendations.categorypage", "view_list",
                _("The order of their products, and which are pinned."),
            ),
            _of_table(
                _("Model versions"), "recommendations.modelversion", "model_training",
                _("What was trained, how good it is, and what is live."),
            ),
        ],
    ),
    Group(
        _("Search"),
        [
            _of_table(
                _("Synonyms"), "recommendations.searchsynonym", "compare_arrows",
                _("Words that mean the same."),
            ),
            _of_table(
                _("Redirects"), "recommendations.searchredirect", "directions",
                _("Queries that lead to a page."),
            ),
            _of_table(
                _("Pinned products"), "recommendations.pinnedsearch", "push_pin",
                _("Products that stand first for a query."),
            ),
            _of_table(_("Ignored words"), "recommendations.ignoredword", "block"),
        ],
    ),
    Group(
        _("Access"),
        [
            _of_table(
                _("Accounts"), "auth.user", "group", _("Shoppers and staff who can sign in."),
            ),
            _of_table(
                _("Roles"), "auth.group", "badge", _("What staff of a role may do."),
            ),
            _of_table(
                _("Tokens"), "recommendations.apitoken", "key",
                _("Keys of servers that use the API."),
            ),
            _of_table(_("Schedules"), "django_celery_beat.periodictask", "schedule"),
        ],
    ),
)  # fmt: skip
RECORDS = _("Records")


def build_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu as the theme wants it, with what the person may open."""
    groups = [
        {"title": group.title, "items": [_describe(entry) for entry in entries]}
        for group, entries in list_groups(request)
    ]
    if records := [_describe(entry) for entry in _list_records(request)]:
        groups.append({"title": RECORDS, "items": records, "collapsible": True})
    links = [item["link"] for group in groups for item in group["items"]]
    # The page itself, or else the one above it.
    inside = [link for link in links if request.path.startswith(link)]
    here = max(inside, key=len, default="")
    index = reverse("admin:index")
    for group in groups:
        for item in group["items"]:
            item["active"] = item["link"] == here and (here != index or request.path == index)
    return groups


def list_groups(request: HttpRequest) -> Iterator[tuple[Group, list[Entry]]]:
    """Yield the groups with the entries that the person may open; none without an entry."""
    for group in GROUPS:
        entries = [
            entry
            for entry in group.entries
            if request.user.has_perm(entry.permission) and _find_link(entry)
        ]
        if entries:
            yield group, entries


def _list_records(request: HttpRequest) -> list[Entry]:
    named = {entry.view for group in GROUPS for entry in group.entries}
    entries = [
        _of_table(page.opts.verbose_name_plural, page.opts.label_lower, "table_rows")
        for model, page in admin.site._registry.items()
        if page.has_view_permission(request)
    ]
    unnamed = [entry for entry in entries if entry.view not in named]
    return sorted(unnamed, key=lambda entry: str(entry.title).casefold())


def _describe(entry: Entry) -> dict[str, Any]:
    return {
        "title": _capitalize(str(entry.title)),
        "link": entry.link,
        "icon": entry.icon,
    }


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _find_link(entry: Entry) -> str:
    try:
        return entry.link
    except NoReverseMatch:
        return ""
