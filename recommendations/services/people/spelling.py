"""Spellings of names and addresses that count as one."""

import unicodedata

from django.utils.crypto import salted_hmac

MAX_LENGTH = 255


def fold_spelling(text: str) -> str:
    """Return the text without spaces and differences of case, for counting what is typed.

    Different names may fold to the same text, so it identifies no account.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.split())[:MAX_LENGTH]


def digest_spelling(text: str) -> str:
    """Return a keyed digest that all spellings of a text share, for storing it unreadably."""
    return salted_hmac("spelling", fold_spelling(text), algorithm="sha256").hexdigest()
