"""What staff may write into the rules of search."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http.request import validate_host
from django.utils.translation import gettext as _

from recommendations.conf import configuration
from recommendations.errors import InvalidInputError
from recommendations.models import SearchRule
from recommendations.retrieval.curation import make_keys
from recommendations.retrieval.tokens import Tokenizer, split_words

_UNSAFE = re.compile(r"[\\\x00-\x20\x7f]")
"""What browsers drop from an address or take for a slash."""


def find_same(rule: SearchRule, *, fields: Sequence[str]) -> SearchRule | None:
    """Return another rule of the same kind that says the same in these fields, if there is one.

    Texts are compared as search compares them.
    """
    tokenizer = Tokenizer(configuration().search_languages)
    keys = [set(make_keys(getattr(rule, field), tokenizer)) for field in fields]
    for other in type(rule)._default_manager.exclude(pk=rule.pk):
        theirs = [make_keys(getattr(other, field), tokenizer) for field in fields]
        if all(not mine.isdisjoint(same) for mine, same in zip(keys, theirs, strict=True)):
            return other
    return None


def require_words(text: str) -> None:
    """Require a letter or a digit: other texts are no query.

    Raises:
        InvalidInputError: The text has none.
    """
    if not split_words(text):
        raise InvalidInputError(_("Write at least one letter or digit."))


def parse_page_address(address: str) -> str:
    """Return the path of an address of this shop, with its parameters.

    The host of an https address must be one of the shop's own (`ALLOWED_HOSTS`). Only the path is
    kept, so that a redirect never leaves the shop.

    Raises:
        InvalidInputError: The address is none of this shop's.
    """
    address = address.strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError as problem:
        raise InvalidInputError(_("This is not an address.")) from problem
    is_own = (
        parts.scheme == "https" and validate_host(host, settings.ALLOWED_HOSTS)
        if parts.scheme or parts.netloc
        else True
    )
    path = urlunsplit(("", "", parts.path, parts.query, ""))
    if not is_own or not path.startswith("/") or path.startswith("//") or _UNSAFE.search(path):
        raise InvalidInputError(
            _(
                "Give the address of a page of this shop: a path that begins with /, or an https "
                "address of the shop."
            )
        )
    return path
