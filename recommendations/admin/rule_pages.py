"""The pages of the rules' draft: publish, history with a way back, preview, and choices."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.admin.condition_words import name_products
from recommendations.admin.rule_words import describe_changes, describe_findings, name_rule
from recommendations.api.fields import MAX_ID
from recommendations.choices import Placement
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models import RuleVersion
from recommendations.models.merchandising import PLACEMENT_LABELS
from recommendations.services.lists.rule_comparison import compare_rules, find_samples
from recommendations.services.shop.condition_choices import find_choices
from recommendations.services.shop.merchandising import (
    CurrentRules,
    compile_rules,
    get_current_rules,
)
from recommendations.services.shop.rule_checks import CONFLICTS, find_problems
from recommendations.services.shop.rule_versions import (
    compute_digest,
    discard_draft,
    find_changes,
    publish_rules,
    read_draft,
    read_published,
    revert_rules,
)

VIEW, PUBLISH = "recommendations.view_merchandisingrule", "recommendations.publish_rules"
CHANGE = "recommendations.change_merchandisingrule"
LONGEST_NOTE = 200
LONGEST_CHOICE = 100
VERSIONS_PER_PAGE = 20


def publish_page(request: HttpRequest) -> HttpResponse:
    """Show what would change, with what is wrong; publish it, or give the draft up."""
    _require(request, VIEW)
    if request.method == "POST":
        return _publish(request)
    draft, published = read_draft(), read_published()
    names = name_products([*draft, *published])
    rows = {row["id"]: row for row in draft}
    problems = find_problems(draft)
    context = {
        **_build_context(request, _("Publish the rules")),
        "changes": describe_changes(find_changes(published, draft), names),
        "digest": compute_digest(draft),
        "conflicts": [
            (name_rule(rows[rule_id], names), describe_findings(serious, rows, names))
            for rule_id, found in problems.items()
            if (serious := [one for one in found if one.problem in CONFLICTS])
        ],
        "may_discard": request.user.has_perm(CHANGE),
        "longest_note": LONGEST_NOTE,
    }
    return TemplateResponse(request, "recommendations/admin/rule_publish.html", context)


def history_page(request: HttpRequest) -> HttpResponse:
    """Show who published what and when; let lists follow an earlier version again."""
    _require(request, VIEW)
    if request.method == "POST":
        _require(request, PUBLISH)
        return _revert(request)
    rows = RuleVersion.objects.select_related("author")
    if before := _read_number(request.GET.get("before")):
        rows = rows.filter(pk__lt=before)
    versions = list(rows[: VERSIONS_PER_PAGE + 1])
    shown = versions[:VERSIONS_PER_PAGE]
    names = name_products([row for version in versions for row in version.rules])
    older = [*(version.rules for version in versions[1:]), []]
    context = {
        **_build_context(request, _("Published rules")),
        "versions": [
            {
                "version": version,
                "count": len(version.rules),
                "changes": describe_changes(find_changes(past, version.rules), names),
                "is_newest": number == 0 and not before,
            }
            for number, (version, past) in enumerate(zip(shown, older, strict=False))
        ],
        "older": shown[-1].pk if len(versions) > len(shown) else None,
    }
    return TemplateResponse(request, "recommendations/admin/rule_history.html", context)


def preview_page(request: HttpRequest) -> HttpResponse:
    """Show the lists of sample shoppers under the published rules and under the draft."""
    _require(request, VIEW)
    version_id = _read_number(request.GET.get("version"))
    version = RuleVersion.objects.filter(pk=version_id).first() if version_id else None
    if version_id and version is None:
        raise Http404
    return build_comparison(
        request,
        after=compile_rules(version.rules if version else read_draft()),
        placement={one.value: one for one in Placement}.get(
            request.GET.get("placement", ""), Placement.HOME
        ),
        title=_("The rules of version %d") % version.pk if version else _("The draft"),
        has_form=True,
    )


def choices_page(request: HttpRequest) -> HttpResponse:
    """Return values of a field as JSON, for the rows of a condition."""
    _require(request, VIEW)
    field, text = (request.GET.get(name, "")[:LONGEST_CHOICE] for name in ("field", "q"))
    if "\0" in field + text:
        return JsonResponse({"choices": []})
    return JsonResponse({"choices": find_choices(field=field, text=text)})


def build_comparison(
    request: HttpRequest,
    *,
    after: CurrentRules,
    placement: Placement,
    title: str,
    has_form: bool = False,
) -> HttpResponse:
    """Return the page with lists under the published rules and under others."""
    product_id = _read_number(request.GET.get("product"))
    query = request.GET.get("query", "").replace("\0", "")[:LONGEST_CHOICE].strip() or None
    problem, compared = "", []
    try:
        compared = compare_rules(
            before=get_current_rules(),
            after=after,
            placement=placement,
            user_ids=find_samples(),
            product_id=product_id,
            query=query if placement is Placement.SEARCH else None,
        )
    except NotFoundError as error:
        problem = str(error)
    context = {
        **_build_context(request, _("Preview of the rules")),
        "after_title": title,
        "lists": [
            {
                "title": _("Sample shopper %d") % number if number else _("A new visitor"),
                "is_changed": one.is_changed,
                "sides": [
                    _mark(one.before.product_ids, one.before, one.after.product_ids, "gone"),
                    _mark(one.after.product_ids, one.after, one.before.product_ids, "new"),
                ],
            }
            for number, one in enumerate(compared)
        ],
        "changed": sum(one.is_changed for one in compared),
        "problem": problem,
        "has_form": has_form,
        "placements": [
            (each.value, PLACEMENT_LABELS[each], each is placement) for each in Placement
        ],
        "placement": placement.value,
        "chosen": {name: request.GET.get(name, "") for name in ("product", "query", "version")},
    }
    return TemplateResponse(request, "recommendations/admin/rule_comparison.html", context)


def _mark(product_ids: Any, side: Any, others: Any, mark: str) -> list[dict[str, Any]]:
    """Return the products of one side, with what tells them from the other side."""
    places = {product_id: place for place, product_id in enumerate(others)}
    words = {"gone": _("leaves"), "new": _("comes in")}
    shown = []
    for place, (product_id, name) in enumerate(zip(product_ids, side.names, strict=True)):
        told = []
        if product_id in side.pinned:
            told.append(_("pinned"))
        if product_id not in places:
            told.append(words[mark])
        elif mark == "new" and places[product_id] != place:
            told.append(_("was %d") % (places[product_id] + 1))
        shown.append({"name": name, "told": told})
    return shown


def _publish(request: HttpRequest) -> HttpResponse:
    address = reverse("admin:recommendations_merchandisingrule_changelist")
    if "discard" in request.POST:
        _require(request, CHANGE)
        count = discard_draft()
        told = ngettext("%d change was given up.", "%d changes were given up.", count)
        messages.success(request, told % count)
        return HttpResponseRedirect(address)
    _require(request, PUBLISH)
    note = request.POST.get("note", "").replace("\0", "").strip()[:LONGEST_NOTE]
    author: Any = request.user
    try:
        version = publish_rules(author=author, note=note, digest=request.POST.get("digest", ""))
    except InvalidInputError:
        messages.error(
            request,
            _("Somebody has changed the rules meanwhile. Look at the changes again, then publish."),
        )
        return HttpResponseRedirect(request.path)
    if version is None:
        messages.info(request, _("Nothing has changed: the rules are published as they are."))
    else:
        told = _("Version %d is published: lists follow it within %d seconds.")
        messages.success(request, told % (version.pk, 10))
    return HttpResponseRedirect(address)


def _revert(request: HttpRequest) -> HttpResponse:
    author: Any = request.user
    try:
        version_id = _read_number(request.POST.get("version")) or 0
        version, left_out = revert_rules(version_id=version_id, author=author)
    except NotFoundError as problem:
        raise Http404 from problem
    told = _("The rules of version %(old)d are published again, as version %(new)d.")
    messages.success(request, told % {"old": version_id, "new": version.pk})
    if left_out:
        gone = ngettext(
            "%d rule was left out: its product is gone.",
            "%d rules were left out: their products are gone.",
            left_out,
        )
        messages.warning(request, gone % left_out)
    return HttpResponseRedirect(request.path)


def _build_context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": title,
        "may_publish": request.user.has_perm(PUBLISH),
    }


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _read_number(text: str | None) -> int | None:
    """Return the id that a text is, None if it is none."""
    is_id = text and text.isascii() and text.isdecimal() and 0 < int(text[:20]) <= MAX_ID
    return int(text or 0) if is_id else None
