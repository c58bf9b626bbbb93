"""What staff ask of lists: from whose history, for which page, and with which model and rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models import Product, UserBehavior
from recommendations.services.lists.given_history import GivenEvent
from recommendations.services.people.shopper_ids import find_shopper_ids
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.own_ids import choose_source

MAX_EVENTS = 30
"""The longest history that staff may type."""
MAX_SUGGESTED = 5
LARGEST_ID = 2**63 - 1


class Page(StrEnum):
    """A page whose lists are explained."""

    HOME = "home"
    PRODUCT = "product"
    CART = "cart"
    SEARCH = "search"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Question:
    """A page, and the history that its lists are made from.

    Without a subject and without events, the lists are those of somebody new.
    """

    page: Page
    subject: Subject | None = None
    events: tuple[GivenEvent, ...] = ()
    in_cart: tuple[int, ...] = ()
    """The cart of a typed history."""
    product_id: int | None = None
    category: str | None = None
    count: int = 12


def find_shopper(text: str) -> Subject:
    """Return the shopper with this id, or with this id of the shop's own systems.

    Raises:
        NotFoundError: There is no such shopper.
    """
    text = text.strip()
    if text.isdecimal() and int(text) <= LARGEST_ID and User.objects.filter(pk=int(text)).exists():
        return Subject(user_id=int(text))
    own_id = text.removeprefix("ext:")
    found = find_shopper_ids(choose_source(), [own_id])
    if own_id not in found:
        raise NotFoundError(_("There is no shopper with the id {}.").format(text))
    return Subject(user_id=found[own_id])


def find_visitor(text: str) -> Subject:
    """Return the visitor with this session id.

    Raises:
        NotFoundError: No interaction has this session id.
    """
    session_id = text.strip()
    if not UserBehavior.objects.filter(user__isnull=True, session_id=session_id).exists():
        raise NotFoundError(_("No visitor with the session {} did anything.").format(session_id))
    return Subject(session_id=session_id)


def parse_history(text: str) -> tuple[GivenEvent, ...]:
    """Return the interactions of a typed history: one a line, oldest first.

    A line is an interaction type and a product, such as `cart 17`; without a type it is a view. A
    product is an id, an id of the shop's own systems, or a name.

    Raises:
        InvalidInputError: The history is too long, or a product is unknown or not the only one.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_EVENTS:
        raise InvalidInputError(
            _("A typed history has at most {} lines.").format(MAX_EVENTS), field="history"
        )
    kinds = {kind.value: kind for kind in InteractionType}
    parsed = []
    for line in lines:
        word, _space, rest = line.partition(" ")
        kind = kinds.get(word.rstrip(":").lower())
        parsed.append((kind or InteractionType.VIEW, rest.strip() if kind and rest else line))
    ids = find_products([name for _kind, name in parsed], field="history")
    now = timezone.now()
    return tuple(
        GivenEvent(product_id, kind, None, now - timedelta(minutes=len(parsed) - number))
        for number, ((kind, _name), product_id) in enumerate(zip(parsed, ids, strict=True))
    )


def find_products(texts: Sequence[str], *, field: str) -> list[int]:
    """Return the products that these texts name, in their order.

    Raises:
        InvalidInputError: A text names no product, or several.
    """
    if not texts:
        return []
    own_ids = {text.removeprefix("ext:") for text in texts}
    numbers = {int(text) for text in texts if text.isdecimal() and int(text) <= LARGEST_ID}
    of_names = Q()
    for text in set(texts):
        of_names |= Q(name__iexact=text)
    rows = Product.objects.filter(
        Q(pk__in=numbers) | Q(external_id__in=own_ids) | of_names
    ).values_list("pk", "external_id", "name")[: 20 * len(texts)]
    by_id, by_own_id = {}, {}
    by_name: dict[str, list[int]] = {}
    for pk, external_id, name in rows:
        by_id[str(pk)] = pk
        if external_id:
            by_own_id[external_id] = pk
        by_name.setdefault(name.casefold(), []).append(pk)
    found = []
    for text in texts:
        own_id = text.removeprefix("ext:")
        named = by_name.get(text.casefold(), [])
        if text in by_id:
            found.append(by_id[text])
        elif own_id in by_own_id:
            found.append(by_own_id[own_id])
        elif len(named) == 1:
            found.append(named[0])
        else:
            raise InvalidInputError(_describe_unknown(text, named), field=field)
    return found


def _describe_unknown(text: str, named: Sequence[int]) -> str:
    if named:
        ids = ", ".join(map(str, sorted(named)[:MAX_SUGGESTED]))
        return _("Several products are called “{}”; give the id of one: {}.").format(text, ids)
    similar = Product.objects.filter(name__icontains=text).order_by("name", "pk")
    suggested = [f"{name} ({pk})" for pk, name in similar.values_list("pk", "name")[:MAX_SUGGESTED]]
    if not suggested:
        return _("There is no product “{}”.").format(text)
    return _("There is no product “{}”. Products with these words: {}.").format(
        text, ", ".join(suggested)
    )
