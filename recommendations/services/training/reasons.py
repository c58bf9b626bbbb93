"""Why a version is not live: stored in English, told in the language of the page."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

ROLLED_BACK = gettext_noop("Rolled back to {}.")
SUCCEEDED = gettext_noop("Succeeded by {}.")


def describe_reason(reason: str) -> str:
    """Return a stored reason in the language of the page; a reason it does not know stays as is."""
    for sentence in (ROLLED_BACK, SUCCEEDED):
        before, after = sentence.split("{}")
        if reason.startswith(before) and reason.endswith(after):
            return _(sentence).format(reason[len(before) : -len(after)])
    return _(reason) if reason else ""
